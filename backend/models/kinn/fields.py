"""KINN from fields to fields: which cells, how many, and what they look like inside."""

from dataclasses import replace
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from ...circuit import Circuit
from ...errors import StudioError
from ...params import Param
from ...shapes import Data, Shape
from ..base import Group, View
from ..decay import grouped
from ..excerpt import Excerpt
from ..operator import Operator, Standard
from .block import GatedBlock
from .cascade import CascadeRing
from .cells import Cells
from .circuits.choice import PARAMS
from .circuits.excerpts import excerpt_of
from .depth import DepthLayer, DepthStage
from .grid import GridCells
from .lines import CascadeLines
from .network import FieldNetwork
from .ring import RingCells
from .sheet import SheetCells

LEAST_POINTS = 3
"""Of every axis: two ends and one between them."""


class KinnFields(Operator):
    """Lift, blocks of Kirchhoff cells, projection, on a grid of any resolution.

    Args:
        data: what goes in and comes out.
        cell: ``ring`` (on a grid with ends: a sheet), ``cascade``, ``depth`` or ``grid``; ``auto``
            is ``ring``.
        channels: of a field between the blocks.
        lanes: of every block.
        blocks: with parameters of their own.
        rounds: how often all of them are gone through.
        order: cells of a cascade.
        modes: waves that pass a lane; 0 for all of a ring, for 20 of a sheet.
        boundary: from where the cascades of a grid with ends begin, ``grounded`` or ``replicate``.

    Raises:
        StudioError: no such cell fits the grid.
    """

    title = "KINN"
    axes = (1, 2)
    excerpts: ClassVar[tuple[Param, ...]] = PARAMS

    def __init__(
        self,
        data: Data,
        *,
        cell: str,
        channels: int,
        lanes: int,
        blocks: int,
        rounds: int,
        order: int,
        modes: int,
        boundary: str,
    ) -> None:
        super().__init__(data)
        grid = data.inputs
        self.cell = "ring" if cell == "auto" else cell
        axes, periodic = len(grid.points), grid.periodic
        if self.cell == "grid":
            # One scale for all points: what is a conductivity everywhere stays one.
            self.inputs, self.outputs = (
                Standard(replace(shape, periodic=True)) for shape in (data.inputs, data.outputs)
            )

        def cells() -> Cells:
            kind = "ring" if self.cell == "depth" else self.cell
            return make_cells(kind, grid, channels, lanes, order, modes, boundary == "replicate")

        made: list[nn.Module]
        if self.cell == "depth":
            layers = [DepthLayer(channels, order, cells(), axes, periodic) for _ in range(blocks)]
            made, rounds = [DepthStage(layers, rounds)], 1
        else:
            made = [GatedBlock(channels, cells()) for _ in range(blocks)]
        inputs, outputs = data.inputs.sizes[0], data.outputs.sizes[0]
        places = 0 if periodic else axes
        self.network = FieldNetwork(inputs, outputs, channels, made, rounds, places)
        self.width = 4 * (channels + lanes * (1 + max(axes, order)))

    @classmethod
    def unfit(cls, data: Data) -> str:
        """As of every operator; and that an axis has too few points."""
        sentence, points = super().unfit(data), data.inputs.points
        if sentence or min(points) >= LEAST_POINTS:
            return sentence
        return (
            f"a {cls.title} needs {LEAST_POINTS} points along every axis, and '{data.title}' has "
            f"{' x '.join(map(str, points))}; choose a finer grid"
        )

    def field(self, x: Tensor) -> Tensor:
        """Standardised outputs of standardised inputs."""
        return self.network(x)

    def groups(self) -> list[Group]:
        """Weights, and what shifts or is a length."""
        return grouped(self)

    def view(self, x: Tensor, size: int) -> View | None:
        """As of every operator, and the lanes of every block; ``models.kinn.portrait`` draws them.

        Their lengths by name (blocks, lanes, ...), such as ``sigma`` and ``tau`` in domain lengths;
        of a single axis ``kernels`` (blocks, components, lanes, points): what a unit pulse in the
        middle becomes, for as many blocks as the frame has room for. The header says the ``cell``,
        the ``order`` of cascades and the ``modes`` that pass.

        Args:
            x: a field (channels, points...).
            size: about how many numbers a frame may hold.
        """
        view = super().view(x, size)
        assert view is not None
        with torch.no_grad():
            lanes = self._lengths() | self._kernels(x.shape[1:], size)
        found = {name: value.cpu().numpy().astype(np.float32) for name, value in lanes.items()}
        bank = self._banks()[0]
        own = {name: getattr(bank, name) for name in ("order", "modes") if hasattr(bank, name)}
        return View(view.kind, {**view.arrays, **found}, {**view.header, "cell": self.cell, **own})

    def excerpt(self, x: Tensor | None = None, **options: Any) -> Excerpt:
        """Lanes of a block as a circuit that a field (channels, points...) drives."""
        if x is None:
            weight = self.network.lift.weight
            pulse = weight.new_zeros(self.grid.sizes)
            pulse[(slice(None), *(size // 2 for size in self.grid.points))] = 1.0
            return excerpt_of(self.network, lambda: self.network(pulse[None]), options)
        return excerpt_of(self.network, lambda: self(x[None]), options)

    def circuit(self) -> Circuit:
        """The lanes of the first block, driven by what a unit pulse becomes there."""
        return self.excerpt().circuit

    def _banks(self) -> list[Cells]:
        return [part for part in self.network.modules() if isinstance(part, Cells)]

    def _lengths(self) -> dict[str, Tensor]:
        each = [bank.lengths() for bank in self._banks()]
        return {name: torch.stack([found[name] for found in each]) for name in each[0]}

    def _kernels(self, points: torch.Size, size: int) -> dict[str, Tensor]:
        if len(points) > 1:
            return {}
        banks = self._banks()
        entries = points[0] * banks[0].lanes * banks[0].components
        banks = banks[: max(1, size // (2 * entries))]
        found = []
        for bank in banks:
            weight = next(bank.parameters())
            pulse = torch.zeros(points[0], 1, bank.lanes, dtype=weight.dtype, device=weight.device)
            pulse[points[0] // 2] = points[0]
            answer = bank(pulse)[:, 0].T
            found.append(answer.reshape(bank.components, bank.lanes, points[0]))
        return {"kernels": torch.stack(found)}


def make_cells(
    kind: str, grid: Shape, channels: int, lanes: int, order: int, modes: int, matched: bool
) -> Cells:
    """A bank of lanes that fits a grid.

    Raises:
        StudioError: meshes were asked for on a grid without ends.
    """
    axes = len(grid.points)
    if kind == "cascade":
        if grid.periodic:
            return CascadeRing(lanes, axes, order, modes)
        return CascadeLines(lanes, axes, order, matched=matched)
    if kind == "grid":
        if grid.periodic:
            raise StudioError(
                "the cell 'grid' is a mesh grounded at its border, and this grid is periodic and "
                "has none; choose the cell ring, cascade or depth"
            )
        return GridCells(lanes, axes, channels)
    return RingCells(lanes, axes, modes) if grid.periodic else SheetCells(lanes, axes, modes)
