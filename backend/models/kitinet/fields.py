"""The Fourier neural operator with collisions, from fields to fields."""

from typing import Any

from torch import Tensor, nn

from ...shapes import Data
from ..baselines.fno import PROJECTION, FourierNetwork
from ..operator import Operator
from .gas import Collisions, Gas


class GasOperator(FourierNetwork):
    """A Fourier neural operator: W x + b is where particles are, K x how fast they move.

    A particle is some sites of the field with all their channels.

    Args:
        collisions: of every layer.
        sizes: inputs, outputs and axes of ``FourierNetwork``.
        options: of ``FourierNetwork``.
    """

    def __init__(self, collisions: Collisions, *sizes: int, **options: int | bool) -> None:
        super().__init__(*sizes, **options)  # type: ignore[arg-type, misc]
        # The paper's networks for fields have its second version, which averages positions.
        self.steps = nn.ModuleList(collisions.of_maps(average=True) for _ in self.local)

    def joined(self, number: int, local: Tensor, spectral: Tensor) -> Tensor:
        """Their sum; while training after collisions."""
        return self.steps[number](local, spectral)


class KitiFields(Gas, Operator):
    """Fields from fields.

    Args:
        data: inputs and outputs are grids with the same points.
        collisions: of every layer.
        channels: numbers at a point.
        modes: waves of every axis.
        blocks: Fourier layers.
    """

    axes = (1, 2)

    def __init__(
        self, data: Data, *, collisions: Collisions, channels: int, modes: int, blocks: int
    ) -> None:
        super().__init__(data)
        self.collisions = collisions
        sizes = data.inputs.sizes[0], data.outputs.sizes[0], len(data.inputs.points)
        self.network = GasOperator(collisions, *sizes, width=channels, modes=modes, layers=blocks,
                                   periodic=data.inputs.periodic)  # fmt: skip
        self.width = 6 * channels + PROJECTION

    def about(self) -> dict[str, Any]:
        """Whether the fields close on themselves."""
        return {"periodic": self.grid.periodic}

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x)
