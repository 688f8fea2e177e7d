"""A circuit as a continuous normalising flow: all voltages in, all voltages out.

The voltages v(0) = z of N nodes are drawn from N(0, I); Kirchhoff's current law carries them to
v(T) = x. Along the way the density obeys d log p(v(t))/dt = -tr J with J = d(dv/dt)/dv, so

    log p(x) = log N(z; 0, I) - integral_0^T tr J dt.

The trace is exact and costs one pass over the devices (``flow_trace``).

References:
    Gao, Sun, Rohrer, Boning 2023, KirchhoffNet, arXiv 2310.15872: generation and density matching.
    Chen et al. 2018, Neural ordinary differential equations, arXiv 1806.07366, section 4: the
    change of variables in continuous time.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate, pairwise

import torch
from torch import Tensor, nn

from ...circuit import Circuit
from ...circuit.compile import CompiledCircuit, SliceField
from ...devices import DEVICES
from ...errors import CircuitError, StudioError
from ...registry import nearest
from ...solvers import explicit_methods
from ...solvers.fused import plans_of
from .flow_trace import march_plain

LOG_2PI = math.log(2 * math.pi)
CHUNK = 16_384
"""Points of a picture that are solved together."""

Piece = tuple[int, int, float]
"""Slice, steps, duration [s]; backward in time when negative."""


class Flow(nn.Module):
    """The bijection v(0) -> v(T) of a circuit, with exact log-densities.

    Single precision marches in compiled kernels, with the exact gradient of the discrete steps;
    everything else takes plain torch operations and autograd.

    Args:
        compiled: the circuit as arrays; its parameters are what is trained.
        steps: equal steps of each slice.
        method: name of an explicit method of equal steps in ``SOLVERS``.

    Raises:
        CircuitError: a node that is not both input and output, or a device with a kink.
        StudioError: an unknown method, or no step.
    """

    def __init__(self, compiled: CompiledCircuit, steps: int = 6, method: str = "rk4") -> None:
        super().__init__()
        if method not in explicit_methods():
            known = list(explicit_methods())
            raise StudioError(f"unknown method {method!r}: {nearest(method, known)}")
        if steps < 1:
            raise StudioError(f"a slice needs at least one step, got {steps}")
        check_flow(compiled.circuit)
        self.compiled = compiled
        self.steps = steps
        self.method = method
        self.dimension = compiled.node_count
        self._ends = list(accumulate(part.duration for part in compiled.circuit.slices))

    @property
    def duration(self) -> float:
        """T, from the base density to the data [s]."""
        return self._ends[-1]

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        return self.compiled.to_circuit()

    def finer(self, factor: int = 4) -> "Flow":
        """The same circuit and parameters with so many times more steps.

        A trained flow is judged by it: an optimiser may find slopes too steep for the steps it
        was given, and then the likelihood of these steps is better than that of the circuit.
        """
        return Flow(self.compiled, factor * self.steps, self.method)

    def log_prob(self, x: Tensor, time: float | None = None) -> Tensor:
        """log p(x) in nats (B,), differentiable: slices in reverse order, time backward.

        Args:
            x: voltages (B, N) [V].
            time: whose density is meant [s]; the end T when not given, N(0, I) at 0.

        Raises:
            StudioError: a time outside 0..T.
        """
        z, log_det = self._march(x, self._pieces(self._inside(time), 0.0))
        # Backward in time the integral of the trace has already changed its sign.
        return log_normal(z[-1]) + log_det

    def matching_losses(self, z0: Tensor, energy: Callable[[Tensor], Tensor]) -> Tensor:
        """log q(x) + U(x) + N/2 (1 + log 2 pi) of the points x = v(T) of draws (B,), in nats.

        As E log N(z; 0, I) = -N/2 (1 + log 2 pi), their mean is the loss E[l(T) + U(v(T))] with
        l(T) = -integral_0^T tr J dt, and they hardly differ where q is nearly p = exp(-U) / Z. The
        loss lies as far above N/2 (1 + log 2 pi) - log Z as KL(q||p) says.

        Args:
            z0: draws from N(0, I) (B, N) [V].
            energy: U (B,) of voltages (B, N).
        """
        x, log_q = self.push(z0)
        return log_q + energy(x) + self.dimension / 2 * (1 + LOG_2PI)

    def push(self, z0: Tensor) -> tuple[Tensor, Tensor]:
        """Points v(T) (B, N) [V] of starts (B, N) [V], and their log p (B,), differentiable."""
        x, log_det = self._march(z0, self._pieces(0.0, self.duration))
        return x[-1].T, log_normal(z0.T.to(x)) - log_det

    @torch.no_grad()
    def sample(self, count: int, generator: torch.Generator | None = None) -> Tensor:
        """Independent points (count, N) [V]."""
        return self.sample_with_log_prob(count, generator)[0]

    @torch.no_grad()
    def sample_with_log_prob(
        self, count: int, generator: torch.Generator | None = None
    ) -> tuple[Tensor, Tensor]:
        """Independent points (count, N) [V] and their log p (count,).

        Args:
            count: how many.
            generator: of random numbers on the CPU.
        """
        return self.push(torch.randn(count, self.dimension, generator=generator))

    @torch.no_grad()
    def peak(self, points: Tensor, backward: bool = False) -> float:
        """The largest voltage [V] of any node after any step, start included.

        Args:
            points: draws from N(0, I) (B, N) [V], or data when `backward`.
            backward: whether the way is that from data to noise.
        """
        largest = (float(v.abs().max()) for _, v in self.path(points, backward=backward))
        return max(float(points.abs().max()), *largest)

    @torch.no_grad()
    def path(
        self, points: Tensor, factor: int = 1, backward: bool = False
    ) -> Iterator[tuple[float, Tensor]]:
        """Times [s] and voltages (N, B) [V] after every step.

        Args:
            points: draws from N(0, I) (B, N) [V], or data when `backward`.
            factor: steps in the place of one.
            backward: whether the way is that from data to noise.
        """
        ends = (self.duration, 0.0) if backward else (0.0, self.duration)
        steps = [
            (part, factor, duration / count)
            for part, count, duration in self._pieces(*ends)
            for _ in range(count)
        ]
        states, _ = self._march(points, steps)
        times = accumulate((duration for _, _, duration in steps), initial=ends[0])
        yield from zip(list(times)[1:], states, strict=True)

    @torch.no_grad()
    def transport(self, z: Tensor, outputs: int = 21) -> Tensor:
        """Voltages (outputs, B, N) [V] at equidistant times from 0 to T, both ends included.

        Args:
            z: start (B, N) [V].
            outputs: number of times, at least 2.
        """
        if outputs < 2:
            raise StudioError(f"a path needs at least 2 times, got {outputs}")
        times = [self.duration * k / (outputs - 1) for k in range(outputs)]
        pieces: list[Piece] = []
        rows = []
        for start, end in pairwise(times):
            pieces += self._pieces(start, end)
            rows.append(len(pieces) - 1)
        states, _ = self._march(z, pieces)
        start = z.to(states).unsqueeze(0)
        return torch.cat([start, states[rows].transpose(1, 2)])

    def log_probs(self, x: Tensor, times: Sequence[float]) -> Tensor:
        """log p(x) at several times, (T, B) in nats, with the way back shared by those of a slice.

        Fields do not age within a slice, so that the way back from x is the same for all of them.

        Args:
            x: voltages (B, N) [V].
            times: whose densities are meant [s], in any order.

        Raises:
            StudioError: a time outside 0..T.
        """
        inside = [self._inside(time) for time in times]
        found = x.new_empty(len(inside), len(x))
        begin = 0.0
        for part, stop in enumerate(self._ends):
            own = [k for k, t in enumerate(inside) if begin < t <= stop or (t == 0.0 and not part)]
            z, log_det, now, before = x, x.new_zeros(len(x)), begin, self._pieces(begin, 0.0)
            for k in sorted(own, key=inside.__getitem__):
                if (span := inside[k] - now) > 0:
                    steps = max(1, math.ceil(self.steps * span / (stop - begin) - 1e-6))
                    states, more = self._march(z, [(part, steps, -span)])
                    z, log_det, now = states[-1].T, log_det + more, inside[k]
                states, more = self._march(z, before)
                found[k] = log_normal(states[-1]) + log_det + more
            begin = stop
        return found

    @torch.no_grad()
    def densities_on(self, axes: Sequence[Tensor], times: Sequence[float]) -> Tensor:
        """The density p(v(t)) on a grid, as a picture has it: rows follow the second axis.

        Args:
            axes: coordinates [V] of every node in turn.
            times: of the densities [s].

        Returns:
            (len(times), len(axes[1]), len(axes[0])) for two nodes.
        """
        if len(axes) != self.dimension:
            raise StudioError(f"{self.dimension} nodes need as many axes, got {len(axes)}")
        grid = torch.meshgrid(*axes, indexing="xy")
        points = torch.stack([axis.flatten() for axis in grid], 1)
        parts = [self.log_probs(part, times) for part in points.split(CHUNK)]
        return torch.cat(parts, 1).exp().view(len(times), *grid[0].shape)

    def density_on(self, axes: Sequence[Tensor], time: float | None = None) -> Tensor:
        """One of ``densities_on``, (len(axes[1]), len(axes[0])); at the end when no time is given.

        Args:
            axes: coordinates [V] of every node in turn.
            time: of the density [s].
        """
        return self.densities_on(axes, [self.duration if time is None else time])[0]

    @torch.no_grad()
    def vector_field(self, points: Tensor, time: float) -> Tensor:
        """dv/dt (B, N) [V/s] at voltages (B, N); at a border the later slice speaks."""
        return self._fields()[self._part(self._inside(time))](0.0, self._columns(points)).T

    def _fields(self) -> list[SliceField]:
        return list(self.compiled.fields())

    def _columns(self, points: Tensor) -> Tensor:
        if points.ndim != 2 or points.shape[1] != self.dimension:
            found = tuple(points.shape)
            raise StudioError(f"points must have the shape (B, {self.dimension}), got {found}")
        return points.to(self.compiled.v0).T.contiguous()

    def _march(self, start: Tensor, pieces: Sequence[Piece]) -> tuple[Tensor, Tensor]:
        """States (S, N, B) after every piece and the integral of the trace (B,)."""
        fields, v0 = self._fields(), self._columns(start)
        if not pieces:
            return v0.unsqueeze(0), v0.new_zeros(v0.shape[1])
        plans, tableau = plans_of(fields, v0), explicit_methods()[self.method]
        if plans is None:
            return march_plain(fields, v0, tableau, pieces)
        from ...engine.circuit import op  # numba takes a while to import

        params = [value for field in fields for value in field.parameter_tensors()]
        segments = [op.Segment(*piece) for piece in pieces]
        return op.march(v0, plans, params, tableau, segments, trace=True)

    def _pieces(self, start: float, end: float) -> list[Piece]:
        """What lies between two times, in the order in which it is passed."""
        low, high = min(start, end), max(start, end)
        pieces: list[Piece] = []
        for part, stop in enumerate(self._ends):
            begin = stop - self.compiled.circuit.slices[part].duration
            # Rounding of sums of durations must not leave slivers.
            span = min(high, stop) - max(low, begin)
            share = span / (stop - begin)
            if share > 1e-9:
                pieces.append((part, max(1, math.ceil(self.steps * share - 1e-6)), span))
        if end >= start:
            return pieces
        return [(part, steps, -span) for part, steps, span in reversed(pieces)]

    def _part(self, time: float) -> int:
        return min(bisect_right(self._ends, time), len(self._ends) - 1)

    def _inside(self, time: float | None) -> float:
        time = self.duration if time is None else time
        if not 0 <= time <= self.duration * (1 + 1e-9):
            raise StudioError(f"the time must lie in 0..{self.duration:g} s, got {time:g} s")
        return min(time, self.duration)


def log_normal(z: Tensor) -> Tensor:
    """log N(z; 0, I) in nats (B,) of voltages (N, B)."""
    return -z.square().sum(0) / 2 - len(z) * LOG_2PI / 2


def even_normal(count: int, dimension: int, generator: torch.Generator | None = None) -> Tensor:
    """Points (count, dimension), float32, that fill N(0, I) evenly: Sobol's, shifted modulo 1.

    The shift is drawn from `generator`, so that each point is a draw from N(0, I). Together they
    have fewer gaps than independent draws, and the mean of a smooth function over them, and its
    gradient, is less noisy.
    """
    points = torch.quasirandom.SobolEngine(dimension).draw(count, dtype=torch.float64)
    shift = torch.rand(dimension, generator=generator, dtype=torch.float64)
    uniform = ((points + shift) % 1).clamp(1e-9, 1 - 1e-9)
    return torch.special.ndtri(uniform).float()


def check_flow(circuit: Circuit) -> None:
    """Whether a circuit can be a normalising flow.

    The gradient of the log-determinant needs the second derivative of every law. At a kink that is
    a spike which no sum over samples sees, and the gradient would be wrong without a sign of it.

    Raises:
        CircuitError: a node that is not both input and output, or a device with a kink.
    """
    for place, node in enumerate(circuit.nodes):
        if node.role != "both":
            raise CircuitError(
                f"in a flow every node is input and output, '{node.id}' is {node.role}; "
                "set its role to both",
                ("nodes", place, "role"),
            )
    for place, table in enumerate(circuit.tables()):
        for code, kind in enumerate(table.kinds):
            rows = table.places(code)
            if not DEVICES[kind].smooth and len(rows):
                first = int(rows[0])
                raise CircuitError(
                    f"'{kind}' has a kink, at which the density of a flow has no gradient; "
                    "take a smooth kind such as tanh",
                    ("slices", place, "devices", first),
                )
