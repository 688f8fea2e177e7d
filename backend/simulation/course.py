"""The course of all voltages of a circuit through its slices, as polynomials between steps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from ..engine.circuit import scalar_march as kernel
from ..engine.circuit.scalar_show import show_path
from .problem import Explicit, Problem, explicit
from .stopping import StopSignal

MEMORY = 512 * 2**20
"""Most bytes of the tapes of one course that is kept whole."""

DENSE_MOST = 2500
"""Most nodes of a circuit that is handed over to the implicit method."""

CHUNK_WORK = 3e7
"""About so many device evaluations pass before a march looks whether it should stop."""


NOWHERE = np.empty(0)


class Tape(NamedTuple):
    """Steps of one slice: ends (K + 1,), states there (K + 1, N + 1), polynomials (K, 4, N + 1)."""

    times: np.ndarray
    states: np.ndarray
    bends: np.ndarray

    def at(self, t: np.ndarray) -> np.ndarray:
        """The states (T, N + 1) at times of the slice."""
        out = np.empty((len(t), self.states.shape[1]))
        show_path(*self, np.ascontiguousarray(t, np.float64), out)
        return out

    def slopes(self, t: np.ndarray) -> np.ndarray:
        """Their derivatives (T, N + 1) at times of the slice [1/s]."""
        left = np.clip(np.searchsorted(self.times, t, side="right") - 1, 0, len(self.times) - 2)
        h = (self.times[left + 1] - self.times[left])[:, None]
        x = np.clip((t[:, None] - self.times[left][:, None]) / h, 0.0, 1.0)
        b = self.bends[left]
        return (b[:, 0] + x * (2 * b[:, 1] + x * (3 * b[:, 2] + x * 4 * b[:, 3]))) / h

    def later(self, begin: float, end: float | None = None) -> "Tape":
        """The same steps from another time on; the last one ends at ``end`` where that is known."""
        if begin == 0.0:
            return self
        times = begin + self.times
        if end is not None:
            times[-1] = end
        return self._replace(times=times)


@dataclass(frozen=True)
class Plan:
    """How a march takes its steps.

    Args:
        method: an explicit method.
        implicit: by RODAS from the start.
        watch: hand over to RODAS where the explicit method proves to be the wrong one.
        steps: equal steps a slice; 0 where the error chooses them.
        rtol: relative tolerance.
        share: of the largest voltage a node has met, added to its tolerance.
        floor: of the largest voltage of all, added to every tolerance.
        cap: where the floor stops growing [V].
        max_steps: most tried steps of a slice.
    """

    method: Explicit = field(default_factory=explicit)
    implicit: bool = False
    watch: bool = False
    steps: int = 0
    rtol: float = 1e-6
    share: float = 0.0
    floor: float = 1e-8
    cap: float = 1.0
    max_steps: int = 20000

    @property
    def control(self) -> np.ndarray:
        """As the kernel takes it."""
        return np.array([self.rtol, self.share, self.floor, self.cap, self.max_steps])


def automatic(rtol: float, max_steps: int = 1_000_000) -> Plan:
    """Dormand and Prince, then RODAS where the circuit is stiff; tolerances follow every node."""
    return Plan(
        watch=True, rtol=rtol, share=1e-2 * rtol, floor=1e-8 * rtol, cap=np.inf,
        max_steps=max_steps,
    )  # fmt: skip


@dataclass
class Trouble:
    """Why a course stopped: the kernel's code, the row that gave the trouble, the local time."""

    code: int
    row: int
    slice: int
    time: float


@dataclass
class Course:
    """What a march left: tapes of the slices, or only what was read from them on the way.

    Args:
        tapes: one a slice, where they were kept.
        end: the last state (N + 1,).
        trouble: why it stopped before its end.
        stats: steps, rejected, evaluations, smallest_step and largest_step [s].
        stiff: whether the implicit method was needed.
        largest: the largest magnitude of any voltage met [V].
        landings: local times of every slice at which a step had to end [s].
    """

    tapes: list[Tape]
    end: np.ndarray
    trouble: Trouble | None
    stats: dict[str, float]
    stiff: bool
    largest: float
    landings: Sequence[np.ndarray] | None = None


Reader = Callable[[int, Tape, bool], None]
"""Takes a piece of slice ``k``, and whether the slice ends with it."""


def march(
    problem: Problem,
    plan: Plan,
    *,
    start: np.ndarray | None = None,
    reader: Reader | None = None,
    keep: bool = True,
    stop: StopSignal | None = None,
    landings: Sequence[np.ndarray] | None = None,
) -> Course:
    """All slices in turn, up to the first that fails.

    Args:
        problem: the circuit.
        plan: method and tolerances.
        start: state (N + 1,) in place of the circuit's own [V].
        reader: sees every piece of the tapes in the order of time.
        keep: hold the tapes for the adjoint.
        stop: looked at between pieces.
        landings: local times of every slice at which a step must end [s].

    Raises:
        Stopped: ``stop`` was set.
        MemoryError: the tapes to be kept are larger than ``MEMORY``.
    """
    y = (problem.v0 if start is None else start).copy()
    met = np.zeros(problem.nodes + 1)
    total = np.zeros(kernel.STATE_SIZE)
    total[kernel.SMALLEST] = np.inf
    tapes, trouble, stiff, room = [], None, False, MEMORY
    for k, span in enumerate(problem.durations):
        problem.sources.begin(k, y)
        pieces: list[Tape] = []
        ends = stretches(span, None if landings is None else landings[k])
        for begin, end in ends:
            leg = Leg(
                problem.field(k), plan, end - begin, y, met, stop, beyond=span - end,
                source=problem.sources.moving(k, begin),
            )  # fmt: skip
            for piece in leg.pieces():
                last = leg.code == kernel.REACHED and end == span
                piece = piece.later(begin, end if leg.code == kernel.REACHED else None)
                if reader is not None:
                    reader(k, piece, last)
                if keep:
                    room -= piece.bends.nbytes + piece.states.nbytes
                    if room < 0:
                        raise MemoryError
                    pieces.append(piece)
            stiff = stiff or leg.implicit
            _add(total, leg.state)
            if leg.code != kernel.REACHED:
                row = int(leg.state[kernel.WORST])
                trouble = Trouble(leg.code, row, k, begin + float(leg.state[kernel.TIME]))
                break
        if keep:
            tapes.append(joined(pieces))
        if trouble is not None:
            break
    return Course(tapes, y, trouble, _stats(total), stiff, float(met[-1]), landings)


FRESH = np.zeros(kernel.STATE_SIZE)
"""The state before the first step."""
FRESH[kernel.PREVIOUS_ERROR] = kernel.PREVIOUS
FRESH[[kernel.SMALLEST, kernel.LIMIT]] = np.inf
FRESH[kernel.SLACK] = 1.0
FRESH[kernel.SINCE_LOOK] = kernel.LOOK_EVERY


class Leg:
    """The march through one slice, in pieces of a bounded amount of work.

    Args:
        field: of the kernel.
        plan: method and tolerances.
        span: duration [s].
        y: the state, goes along.
        met: largest magnitudes, go along.
        stop: looked at between pieces.
        path: tape of the forward solve where this is the adjoint's march.
        beyond: how much longer the slice lasts [s].
        source: what holds the driven nodes where this is the forward march.
        jumps: when conductances jump where this is the adjoint's march, from its start on [s].
    """

    def __init__(
        self, field: tuple[Any, ...], plan: Plan, span: float, y: np.ndarray, met: np.ndarray,
        stop: StopSignal | None, path: Tape | None = None, beyond: float = 0.0,
        source: tuple[Any, ...] = (), jumps: np.ndarray = NOWHERE,
    ) -> None:  # fmt: skip
        self.beyond, self.source, self.jumps = beyond, source, jumps
        self.field, self.plan, self.span, self.y, self.met = field, plan, span, y, met
        self.stop, self.path = stop, path
        self.implicit, self.hand_over = plan.implicit, plan.watch
        self.state = FRESH.copy()
        self.code = kernel.FULL

    def pieces(self) -> Iterator[Tape]:
        """Pieces of the tape until the end or trouble; ``code`` says which."""
        rows, devices = len(self.y), len(self.field[3])
        work = 8.0 * (devices + 2 * rows)
        count = 96
        while True:
            if self.stop is not None:
                self.stop.check()
            cost = work + (rows**3 / 1.5 if self.implicit else 0.0)
            count = int(max(8, min(count, CHUNK_WORK / cost, 2**22 / rows + 8)))
            tape = self._march(count)
            made = int(self.state[kernel.COUNT])
            if made or self.code not in (kernel.LOOK, kernel.STIFF):
                yield Tape(tape.times[: made + 1], tape.states[: made + 1], tape.bends[:made])
            if self.code == kernel.STIFF:
                # Slow explicit steps are right, too; a dense matrix may not fit the memory.
                self.implicit = rows - 1 <= DENSE_MOST
                self.hand_over = self.implicit
            elif self.code == kernel.LOOK:
                self._look()
            elif self.code != kernel.FULL:
                return
            count *= 4

    def _march(self, count: int) -> Tape:
        rows = len(self.y)
        tape = Tape(np.empty(count + 1), np.empty((count + 1, rows)), np.empty((count, 4, rows)))
        plan, watch = self.plan, self.hand_over and not self.implicit
        if self.path is None:
            self.code = kernel.march(
                self.field, self.source, self.implicit, watch, tuple(plan.method), self.span,
                plan.steps, plan.control, self.y, self.met, self.state, *tape,
            )  # fmt: skip
        else:
            self.code = kernel.march_adjoint(
                self.field, *self.path, self.implicit, watch, tuple(plan.method), self.span,
                plan.control, self.y, self.met, self.state, *tape, self.jumps,
            )  # fmt: skip
        return tape

    def _look(self) -> None:
        """Keep the step short enough to see what grows.

        An L-stable step damps a growing mode that it does not resolve, and below the tolerance no
        error estimate would tell: a latch at rest would sleep for ever.
        """
        self.state[kernel.SINCE_LOOK] = 0.0
        size = len(self.y) - 1
        matrix = np.empty((size, size))
        v = self.y if self.path is None else self.path.at(
            np.array([self.span - self.state[kernel.TIME]])
        )[0]  # fmt: skip
        kernel.jacobian_at(self.field, v, matrix)
        limit = np.inf
        if np.isfinite(matrix).all():
            left = self.beyond + self.span - self.state[kernel.TIME]
            values = np.linalg.eigvals(matrix)
            growing = values[values.real * left > SEEN]
            if len(growing):
                limit = 1.0 / float(np.abs(growing).max())
        self.state[kernel.LIMIT] = limit


SEEN = 5.0
"""Growth by less than exp(5) cannot carry what is below the tolerance into sight."""


def stretches(span: float, landings: np.ndarray | None) -> list[tuple[float, float]]:
    """A slice in parts that end at the landings."""
    inside = [] if landings is None else [t for t in landings.tolist() if 0.0 < t < span]
    ends = [0.0, *inside, span]
    return list(pairwise(ends))


def _add(total: np.ndarray, state: np.ndarray) -> None:
    for place in (kernel.STEPS, kernel.REJECTED, kernel.EVALUATIONS, kernel.JACOBIANS):
        total[place] += state[place]
    total[kernel.SMALLEST] = min(total[kernel.SMALLEST], state[kernel.SMALLEST])
    total[kernel.LARGEST] = max(total[kernel.LARGEST], state[kernel.LARGEST])


def _stats(total: np.ndarray) -> dict[str, float]:
    smallest = float(total[kernel.SMALLEST])
    return {
        "steps": int(total[kernel.STEPS]),
        "rejected": int(total[kernel.REJECTED]),
        "evaluations": int(total[kernel.EVALUATIONS]),
        "jacobians": int(total[kernel.JACOBIANS]),
        "smallest_step": smallest if np.isfinite(smallest) else 0.0,
        "largest_step": float(total[kernel.LARGEST]),
    }


def joined(pieces: list[Tape]) -> Tape:
    """One tape of pieces that follow each other."""
    if len(pieces) == 1:
        return pieces[0]
    head, *rest = pieces
    return Tape(
        np.concatenate([head.times, *(piece.times[1:] for piece in rest)]),
        np.concatenate([head.states, *(piece.states[1:] for piece in rest)]),
        np.concatenate([piece.bends for piece in pieces]),
    )
