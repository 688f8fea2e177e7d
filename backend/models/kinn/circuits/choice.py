"""Which lanes of a network become a circuit, and what reaches them from an example."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from ....errors import StudioError
from ....params import Param
from ..cells import Cells
from .scale import Scale

MOST_DEVICES = 12_000
"""Of a circuit that is drawn and that ngspice integrates within a minute or so."""

PARAMS = (
    Param("block", 1, low=1, high=1000, doc="Which block, the first one is 1."),
    Param("lane", 0, low=0, high=100_000, doc="Which lane, the first one is 1; 0 for all."),
    Param("axis", 1, low=1, high=2, doc="Along which axis of the field cascades are shown."),
    Param("line", 0, low=0, high=100_000, doc="Which line of points; 0 for the middle one."),
    Param("components", False, doc="Also nodes that read value, slope, curvature."),
    Param("refine", 1, low=1, high=64, doc="Nodes for every point of an axis, for rings."),
    Param("seconds", 1e-3, "s", low=1e-12, high=1e6, doc="What stands for a length of 1."),
    Param("farads", 1e-9, "F", low=1e-15, high=1e3, doc="The usual capacitor."),
)


@dataclass(frozen=True)
class Given:
    """What reaches the lanes of a block for one example, in float64.

    Args:
        field: in front of W_in (points..., channels).
        weight: W_in (lanes, channels).
        bias: (lanes,).
        lanes: which of them are asked for, from 0 on.
        axis: along which axis, from 0 on.
        line: which line of points, from 0 on; ``None`` for the middle one.
        components: whether nodes for them are asked for.
        refine: nodes for every point of a ring.
        scale: of the parts.
        name: of the circuit.
    """

    field: Tensor
    weight: Tensor
    bias: Tensor
    lanes: tuple[int, ...]
    axis: int
    line: int | None
    components: bool
    refine: int
    scale: Scale
    name: str

    @property
    def currents(self) -> Tensor:
        """What all lanes are given (points..., lanes)."""
        return self.field @ self.weight.T + self.bias

    def prefix(self, lane: int) -> str:
        """What stands in front of the names of a lane's nodes."""
        return "" if len(self.lanes) == 1 else f"lane{lane + 1} "

    def through(self, cells: Cells) -> Tensor:
        """What the model's own cells make of them (points..., components, lanes)."""
        like = next(cells.parameters())
        with torch.no_grad():
            found = cells(self.currents.to(like).unsqueeze(-2)).squeeze(-2).double().cpu()
        return found.unflatten(-1, (cells.components, cells.lanes))

    def on_line(self, points: Sequence[int]) -> tuple[Any, ...]:
        """The index of a line of points along the axis, and its place among all lines.

        Raises:
            StudioError: the field has no such axis or line.
        """
        if self.axis >= len(points):
            raise StudioError(
                f"the axis is {self.axis + 1}, and the field has {len(points)}; choose one of its "
                "axes"
            )
        others = [size for axis, size in enumerate(points) if axis != self.axis]
        index: list[Any] = []
        for axis, size in enumerate(points):
            if axis == self.axis:
                index.append(slice(None))
                continue
            place = size // 2 if self.line is None else self.line
            if place >= size:
                raise StudioError(f"the line is {place + 1}, and there are {others[0]}")
            index.append(place)
        return tuple(index)


def check_size(devices: int, lanes: int) -> None:
    """Refuse a circuit that could be neither drawn nor verified.

    Raises:
        StudioError: says what to choose.
    """
    if devices > MOST_DEVICES:
        choose = (
            f"choose one of its {lanes} lanes with lane" if lanes > 1 else "take a coarser grid"
        )
        raise StudioError(
            f"these lanes are a circuit of {devices:,} devices and at most {MOST_DEVICES:,} are "
            f"drawn; {choose}"
        )
