"""Densities known up to a factor: p(z) = exp(-U(z)) / Z in the plane.

References:
    Rezende and Mohamed 2015, Variational inference with normalizing flows, table 1: the
    potentials U1 and U2, here with the constants of the KirchhoffNet experiments.
"""

import math
from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS, Dataset, Split
from ..preview import POINTS, Preview

if TYPE_CHECKING:
    from torch import Tensor

GRID = 1501
PREVIEW_GRID = 201


class Potential(Dataset):
    """An energy U(z) in the plane, to be matched by a model's own samples.

    Attributes:
        box: half the width and half the height of a rectangle around the origin [V], beyond
            which exp(-U) is negligible.
    """

    task = "match"
    input_count = 2
    box: tuple[float, float]

    @property
    def dimension(self) -> int:
        """Number of coordinates."""
        return self.input_count

    @abstractmethod
    def energy(self, z: "Tensor") -> "Tensor":
        """U (n,) of points (n, 2) [V], differentiable, in the type of `z`."""

    def split(self) -> Split:
        """Never: a potential has no examples.

        Raises:
            StudioError: always.
        """
        raise StudioError(f"'{self.title}' is a potential and has no examples; it can be matched")

    def preview(self) -> Preview:
        """Points of the box, drawn in proportion to exp(-U) on a grid."""
        import torch

        width, height = self.box
        axes = [torch.linspace(-half, half, PREVIEW_GRID) for half in (width, height)]
        grid = torch.cartesian_prod(*axes)
        weight = torch.softmax(-self.energy(grid), 0)
        chosen = torch.multinomial(weight, POINTS, generator=torch.Generator().manual_seed(0))
        return Preview(points=grid[chosen].numpy())

    @cached_property
    def log_normaliser(self) -> float:
        """log Z = log of the integral of exp(-U), by the trapezoidal rule on a grid over the box.

        With it a model q reaches KL(q||p) = E[log q(z) + U(z)] + log Z.
        """
        import torch

        width, height = self.box
        across = torch.linspace(-width, width, GRID, dtype=torch.float64)
        up = torch.linspace(-height, height, GRID, dtype=torch.float64)
        rows = [-self.energy(torch.stack([across, y.expand_as(across)], 1)) for y in up]
        cell = (across[1] - across[0]) * (up[1] - up[0])
        # What lies on the edge is negligible, so all weights are alike.
        return float(torch.logsumexp(torch.stack(rows).flatten(), 0) + cell.log())

    def log_density(self, z: "Tensor") -> "Tensor":
        """log p (n,) of points (n, 2) [V], in nats."""
        return -self.energy(z) - self.log_normaliser


@DATASETS.register("potential1")
class Potential1(Potential):
    """A ring of radius 2 with its mass to the left and to the right.

    U = ((|z| - 2) / .4)^2 / 2 - log(exp(-((z1 - 2) / .6)^2 / 2) + exp(-((z1 + 2) / .6)^2 / 2)),
    with Z = 6.53715.
    """

    title: ClassVar[str] = "Ring with two maxima (potential)"
    box = (6.0, 6.0)

    def energy(self, z: "Tensor") -> "Tensor":
        """U (n,) of points (n, 2) [V]."""
        import torch

        ring = ((z.norm(dim=-1) - 2) / 0.4).square() / 2
        sides = torch.stack([z[..., 0] - 2, z[..., 0] + 2], -1) / 0.6
        return ring - torch.logsumexp(-sides.square() / 2, -1)


@DATASETS.register("potential2")
class Potential2(Potential):
    """A wave along the abscissa, weakly held together at its ends.

    U = ((z2 - sin(pi z1 / 2)) / .4)^2 / 2 + confine z1^2 / 2. Without the second term, which the
    experiments leave out, the integral of exp(-U) has no bound and nothing can be normalised.
    With confine = 0.1 the wave fades out with a deviation of 3.2 V.
    """

    title: ClassVar[str] = "Wave (potential)"
    params: ClassVar[tuple[Param, ...]] = (
        Param("confine", 0.1, "1/V^2", low=0.0, slider=(0, 1), doc="Pull to z1 = 0; 0 for none."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.confine = float(self.options["confine"])
        self.box = (8 / math.sqrt(self.confine), 5.0) if self.confine else (8.0, 5.0)

    def energy(self, z: "Tensor") -> "Tensor":
        """U (n,) of points (n, 2) [V]."""
        import torch

        wave = (z[..., 1] - torch.sin(math.pi / 2 * z[..., 0])) / 0.4
        return wave.square() / 2 + self.confine / 2 * z[..., 0].square()

    @cached_property
    def log_normaliser(self) -> float:
        """log Z by quadrature.

        Raises:
            StudioError: without the confining term there is none.
        """
        if not self.confine:
            raise StudioError(
                f"'{self.title}' has no normaliser without a confining term; set confine above 0"
            )
        return Potential.log_normaliser.func(self)
