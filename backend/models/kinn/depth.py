"""The depth form: potentials that the stack of layers carries, charged by currents of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, softplus

from .cells import Cells

FIRST_STEP = 0.5
"""Step over time constant of an untrained cell."""


class DepthCell(nn.Module):
    """One step of n cells in series, for every channel on its own.

    v_m <- a_m v_m + (1 - a_m) v_{m-1},  a_m = exp(-step / tau_m),  v_0 the injected current:
    the exact step of C dv/dt = -G v + I for a current that is held, cell after cell (rule gs). As
    0 < a < 1, the potentials stay within the range of the currents and of their beginning, whatever
    the parameters.

    Args:
        channels: of every potential.
        order: cells n.
    """

    def __init__(self, channels: int, order: int) -> None:
        super().__init__()
        first = torch.full((order, channels), FIRST_STEP)
        self.raw = nn.Parameter(first.expm1().log())

    def forward(self, potentials: Sequence[Tensor], current: Tensor) -> list[Tensor]:
        """The potentials (..., channels) of the n cells after a step."""
        share = -torch.expm1(-softplus(self.raw))
        found, before = [], current
        for v, weight in zip(potentials, share, strict=True):
            before = torch.lerp(v, before, weight)
            found.append(before)
        return found


class DepthLayer(nn.Module):
    """A step of cells under the current W_2 GELU(K v_n + W_z [z; v_n] + b) of their last potential.

    K is a convolution of neighbouring points, channel by channel; z are the components of lanes
    that bring what is far away. K acts on points, not on lengths: an answer on another grid than
    that of the training differs.

    Args:
        channels: of every potential.
        order: cells in series.
        cells: the lanes; ``None`` for neighbours only.
        axes: of the field, 1 or 2.
        periodic: whether the axes close on themselves.
    """

    def __init__(
        self, channels: int, order: int, cells: Cells | None, axes: int, periodic: bool
    ) -> None:
        super().__init__()
        self.cell = DepthCell(channels, order)
        kind = nn.Conv1d if axes == 1 else nn.Conv2d
        self.near = kind(channels, channels, 3, padding=1, groups=channels, bias=cells is None,
                         padding_mode="circular" if periodic else "zeros")  # fmt: skip
        self.cells = cells
        if cells is not None:
            self.inward = nn.Linear(channels, cells.lanes)
            self.outward = nn.Linear(cells.lanes * cells.components + channels, channels)
        self.last = nn.Linear(channels, channels)

    def forward(self, potentials: Sequence[Tensor]) -> list[Tensor]:
        """Potentials, each (points..., B, channels), after the step."""
        v = potentials[-1]
        hidden = self.near(v.movedim((-2, -1), (0, 1))).movedim((0, 1), (-2, -1))
        if self.cells is not None:
            hidden = hidden + self.cells.mixed(v, self.inward, self.outward)
        return self.cell(potentials, self.last(gelu(hidden)))


class DepthStage(nn.Module):
    """Layers of the depth form one after the other; all cells begin at what comes in.

    Args:
        layers: of equal channels and order.
        rounds: how often all layers are gone through.
    """

    def __init__(self, layers: Sequence[DepthLayer], rounds: int = 1) -> None:
        super().__init__()
        self.layers, self.rounds = nn.ModuleList(layers), rounds
        self.order = len(layers[0].cell.raw)

    def forward(self, field: Tensor) -> Tensor:
        """The last potential (points..., B, channels) after all layers."""
        potentials = [field] * self.order
        for _ in range(self.rounds):
            for layer in self.layers:
                potentials = layer(potentials)
        return potentials[-1]
