"""Cascades of buffered RC cells along the lines of a field with ends, by a scan."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ...engine.scan import cascade, components
from .cascade import LENGTHS, directions
from .cells import Cells, bounded, spread


class CascadeLines(Cells):
    """Lanes along one axis each, in one direction each, in turn +x, -x, +y, -y.

    The n cells of a lane share one time constant tau, a length here: an axis has the length 1,
    whatever its points. Components are the differences across taps

        z_k = (tau D)^k v_n = sum_j (k over j) (-1)^(k - j) v_{n-j},   k = 0..n,

    value, slope, curvature ... of what the last cell holds, without any differences in x.

    Args:
        lanes: how many.
        axes: of the field, 1 or 2.
        order: n.
        held: whether currents stand for a stretch each, such as a pixel, of which a lane sees the
            end; else for points, both ends included, and the mean of two is held in between, which
            is off by O(h^2) for a smooth field.
        matched: whether a lane has seen its first current forever; else it begins at 0 V.
        reach: of the first tau, shortest and longest.
    """

    sorted: Tensor
    back: Tensor

    def __init__(
        self,
        lanes: int,
        axes: int,
        order: int = 2,
        *,
        held: bool = False,
        matched: bool = False,
        reach: Sequence[float] = LENGTHS,
    ) -> None:
        super().__init__()
        self.lanes, self.components, self.order = lanes, 1 + order, order
        self.axes, self.held, self.matched = axes, held, matched
        self.log_tau = nn.Parameter(spread(reach[0], reach[1], lanes))
        signs = directions(lanes, axes)
        ways = [way for along in signs for way in ((along > 0).nonzero(), (along < 0).nonzero())]
        order_of_lanes = torch.cat(ways)[:, 0]
        self.counts = [len(way) for way in ways]
        self.register_buffer("sorted", order_of_lanes, persistent=False)
        self.register_buffer("back", order_of_lanes.argsort(), persistent=False)

    def forward(self, currents: Tensor) -> Tensor:
        """Components (points..., B, components x lanes) of currents (points..., B, lanes)."""
        ways = currents[..., self.sorted].split(self.counts, -1)
        taus = bounded(self.log_tau)[self.sorted].split(self.counts)
        parts = [
            self._run(ways[2 * axis : 2 * axis + 2], taus[2 * axis : 2 * axis + 2], axis)
            for axis in range(self.axes)
            if self.counts[2 * axis]
        ]
        return torch.cat(parts, -2)[..., self.back, :].mT.flatten(-2)

    def _run(self, ways: Sequence[Tensor], taus: Sequence[Tensor], axis: int) -> Tensor:
        """Components (points..., B, lanes, components) of the lanes of an axis.

        Args:
            ways: currents of those that run along it and of those that run against it.
            taus: their time constants.
            axis: which.
        """
        both = (ways[0], ways[1].flip(axis))
        moved = torch.cat(both, -1).movedim(axis, -2)  # (other points, B, L, lanes)
        u = moved.reshape(-1, *moved.shape[-2:])
        tau = torch.cat(list(taus)).expand(self.order, -1)
        # With one tau for all cells of a lane, components are plain differences across taps.
        z = components(u, self._taps(u, tau), tau.detach())
        z = z.reshape(*moved.shape, self.components).movedim(-3, axis)
        ahead, behind = z.split([way.shape[-1] for way in ways], -2)
        return torch.cat((ahead, behind.flip(axis)), -2)

    def _taps(self, u: Tensor, tau: Tensor) -> Tensor:
        """Voltages v_1 ... v_n (B, L, lanes, n) of currents (B, L, lanes)."""
        size = u.shape[1]
        if self.held:
            boundary = "replicate" if self.matched else "grounded"
            return cascade(u, tau, step=1.0 / size, boundary=boundary)
        start = u[:, 0] if self.matched else torch.zeros_like(u[:, 0])
        start = start.unsqueeze(-1).repeat(1, 1, self.order)
        mean = 0.5 * (u[:, 1:] + u[:, :-1])
        taps = cascade(mean, tau, step=1.0 / max(1, size - 1), initial=start)
        return torch.cat((start.unsqueeze(1), taps), 1)

    def lengths(self) -> Mapping[str, Tensor]:
        """``tau`` (lanes,)."""
        return {"tau": bounded(self.log_tau)}
