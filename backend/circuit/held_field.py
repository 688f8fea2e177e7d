"""Driven nodes: vector fields in which some voltages are held by sources, over time.

A driven node takes no part in the integration. Its voltage u(t) = sum_j w_j(t) y_j stands in the
state wherever a device asks for it, its slope is 0, and its source gives what the devices at the
node carry away. With lambda the adjoint of the free nodes,

    dL/du(t) = (J^T lambda) in the row of the driven node,    dL/dy_j = integral of w_j dL/du dt.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn

from ..waveforms.base import Shares, Waveform
from .description import Circuit
from .expressed import bends_of

if TYPE_CHECKING:
    from .compile import SliceField

SLIVER = 2e-11
"""Breakpoints nearer to each other than this share of the whole duration are one."""


class Piece(NamedTuple):
    """A stretch of time in one slice over which every drive is smooth; times of the circuit [s]."""

    slice: int
    start: float
    end: float


def pieces_of(circuit: Circuit) -> list[Piece]:
    """The slices, cut where a drive bends or jumps."""
    ends = [0.0]
    for part in circuit.slices:
        ends.append(ends[-1] + part.duration)
    times = {t for wave in circuit.waves for t in wave.breaks(ends[-1])}
    if circuit.general:
        for device in circuit.devices:
            times.update(bends_of(device, ends[-1]) if device.expression else ())
    breaks = sorted(times)
    pieces: list[Piece] = []
    for index, (start, end) in enumerate(pairwise(ends)):
        cuts = [start]
        for t in breaks:
            if cuts[-1] + SLIVER * ends[-1] < t < end - SLIVER * ends[-1]:
                cuts.append(t)
        pieces += [Piece(index, *pair) for pair in pairwise([*cuts, end])]
    return pieces


def durations_of(circuit: Circuit, pieces: list[Piece]) -> list[float]:
    """How long every piece lasts [s]; an uncut slice as long as it says."""
    if len(pieces) == len(circuit.slices):
        return [float(part.duration) for part in circuit.slices]
    return [piece.end - piece.start for piece in pieces]


class Levels(nn.Module):
    """The levels of all drives, as tensors that may ask for gradients and hold a batch.

    Args:
        circuit: the description.
        dtype: of the tensors.

    Attributes:
        rows: state rows of the driven nodes (M,).
        waves: their waveforms.
    """

    def __init__(self, circuit: Circuit, dtype: torch.dtype) -> None:
        super().__init__()
        self.nodes = circuit.driven
        self.waves: list[Waveform] = [node.drive for node in circuit.nodes if node.drive]
        held = [row for row, node in enumerate(circuit.nodes) if node.drive]
        self.rows: Tensor
        self.register_buffer("rows", torch.tensor(held, dtype=torch.long), False)
        for number, wave in enumerate(self.waves):
            values = torch.tensor(wave.levels, dtype=dtype).unsqueeze(-1)
            self.register_buffer(f"level_{number}", values, False)

    def of(self, node: str) -> Tensor:
        """The levels of a driven node, (P, 1) for all samples or (P, B) for each its own [V]."""
        return self.get_buffer(f"level_{self.nodes.index(node)}")

    def put(self, node: str, values: Tensor) -> None:
        """Take other levels for a driven node, part of a graph or not.

        Args:
            node: id of the node.
            values: (P, 1), or (P, B) for a batch with a waveform for each sample [V].

        Raises:
            ValueError: another number of levels.
        """
        known = self.of(node)
        if values.ndim != 2 or len(values) != len(known):
            raise ValueError(
                f"the drive of '{node}' has {len(known)} levels: expected the shape "
                f"({len(known)}, B), got {tuple(values.shape)}"
            )
        # A view: a parameter of the caller's must not become one of this module.
        setattr(self, f"level_{self.nodes.index(node)}", values.to(known).view_as(values))

    def tensors(self) -> tuple[Tensor, ...]:
        """The levels of all driven nodes, in order."""
        return tuple(self.get_buffer(f"level_{k}") for k in range(len(self.waves)))


class HeldField:
    """dv/dt over one piece of a slice, with the driven nodes at the voltages of their sources.

    Args:
        base: the field of the slice, of which driven rows have slope 0.
        levels: of the drives.
        piece: where it lies.
        origin: the circuit's time at which this field's time is 0 [s].

    Attributes:
        autonomous: whether all drives stand still.
    """

    def __init__(
        self, base: "SliceField", levels: Levels, piece: Piece, origin: float = 0.0
    ) -> None:
        self.base, self.levels, self.origin = base, levels, origin
        self.duration = piece.end - piece.start
        span = piece.start, piece.end
        self._courses: list[Callable[[float], Shares]] = [w.between(*span) for w in levels.waves]
        self.autonomous = all(wave.steady(*span) for wave in levels.waves)

    def held(self, t: Any) -> Tensor:
        """The voltages of the driven nodes (M, B or 1) [V]."""
        time = float(t) + self.origin
        rows = [
            _mixed(course(time), values)
            for course, values in zip(self._courses, self.levels.tensors(), strict=True)
        ]
        return torch.stack(torch.broadcast_tensors(*rows))

    def filled(self, t: Any, v: Tensor) -> Tensor:
        """The state (N, B) with the driven voltages in their rows."""
        v = v.reshape(len(v), -1)
        return v.index_copy(0, self.levels.rows, self.held(t).expand(-1, v.shape[1]).to(v))

    def __call__(self, t: Any, v: Tensor) -> Tensor:
        """dv/dt [V/s] of the shape of ``v`` (N, B), 0 for driven nodes."""
        return self.base(t, self.filled(t, v))

    def parameter_tensors(self) -> tuple[Tensor, ...]:
        """The parameters of the devices, then the levels of the drives."""
        return (*self.base.parameter_tensors(), *self.levels.tensors())

    @torch.no_grad()
    def vjp(self, t: Any, v: Tensor, w: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """J^T w of the free nodes, and the gradients of parameters and levels."""
        pulled, gradients = self.base.vjp(t, self.filled(t, v), w)
        density = pulled[self.levels.rows]
        pulled = pulled.index_fill(0, self.levels.rows, 0.0)
        time = float(t) + self.origin
        found = []
        for course, values, row in zip(self._courses, self.levels.tensors(), density, strict=True):
            gradient = torch.zeros_like(values)
            for j, share in course(time).items():
                gradient[j] += share * (row if values.shape[1] > 1 else row.sum(-1, keepdim=True))
            found.append(gradient)
        return pulled, (*gradients, *found)

    def jacobian(self, t: Any, v: Tensor) -> Tensor:
        """J by the free nodes, (B, N, N), with empty rows and columns for driven nodes."""
        jacobian = self.base.jacobian(t, self.filled(t, v))
        return jacobian.index_fill(2, self.levels.rows, 0.0)

    def refresh(self) -> None:
        """Forget what the slice's field derived from its parameters."""
        self.base.refresh()


def _mixed(shares: Shares, levels: Tensor) -> Tensor:
    """sum_j w_j y_j (B,)."""
    rows = [share * levels[j] for j, share in shares.items()]
    return torch.stack(rows).sum(0) if len(rows) > 1 else rows[0]
