"""The course of a circuit of the general class over time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ...circuit import Circuit
from ...engine.nodal import laws
from ...engine.nodal import march as kernel
from ...engine.nodal.caching import announce
from ...errors import SolveError
from ..stopping import StopSignal
from .expressed import blamed, undefined_at
from .local import equations, finite_poles
from .problem import NodalProblem
from .rest import breached, carried, columns_of, consistent, impulse, resting
from .sizes import OF_STEPS, noise, typical
from .softened import solvable

CHUNK = 512
MOST_STEPS = 400_000
MEMORY = 768 * 2**20
"""Most bytes of a tape."""


@dataclass
class NodalTape:
    """The steps of one piece: local times (K + 1,), states (K + 1, n), polynomials (K, 3, n)."""

    times: np.ndarray
    states: np.ndarray
    bends: np.ndarray

    def at(self, local: np.ndarray) -> np.ndarray:
        """States (T, n) at local times [s]."""
        last = len(self.times) - 2
        k = np.clip(np.searchsorted(self.times, local, side="right") - 1, 0, last)
        theta = ((local - self.times[k]) / (self.times[k + 1] - self.times[k]))[:, None]
        b = self.bends[k]
        return self.states[k] + theta * (b[:, 0] + theta * (b[:, 1] + theta * b[:, 2]))


@dataclass
class NodalCourse:
    """What a march left.

    Args:
        tapes: of the pieces that were begun.
        message: why it stopped before its end, empty otherwise.
        time: when it stopped [s].
        unknown: number of the unknown that gave the trouble.
        stats: steps, rejected, evaluations, smallest_step and largest_step [s].
    """

    tapes: list[NodalTape] = field(default_factory=list)
    message: str = ""
    time: float = 0.0
    unknown: int | None = None
    stats: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Control:
    """Tolerances of a march; see ``engine.nodal.march``."""

    rtol: float = 1e-6
    share: float = 1e-2
    floor: float = 1e-4
    max_steps: int = MOST_STEPS

    def array(self, longest: float) -> np.ndarray:
        """As the kernel takes it."""
        return np.array(
            [self.rtol, self.share * self.rtol, self.floor * self.rtol, self.max_steps, longest]
        )


@dataclass
class First:
    """The state at 0 s.

    Args:
        z: consistent with all equations (n,).
        given: the x and s that it was made from, stated or at rest (N + S,).
        rest: whether the circuit starts at rest.
        before: x as stated (N,), where sources moved charges at once.
    """

    z: np.ndarray
    given: np.ndarray
    rest: bool
    before: np.ndarray | None = None


def first_state(problem: NodalProblem) -> First:
    """The state at 0 s: at rest, or with the charges of the stated voltages and currents.

    Raises:
        CircuitError: the circuit cannot rest.
        SolveError: no start was found.
    """
    rest = problem.circuit.start == "operating-point"
    x = resting(problem).x if rest else stated(problem)
    before = None
    if not rest and breached(problem, 0, x):
        before, x = x, impulse(problem, 0, x)
    given = np.concatenate([x, problem.table(0)[:, 0]])
    z = consistent(problem, 0, x[problem.reduced.kept], carried(problem, given))
    return First(z, given, rest, before)


def moves_at_once(circuit: Circuit) -> bool:
    """Whether sources force other voltages at 0 s than those that are stated.

    Raises:
        CircuitError: the equations contradict each other or leave something open.
    """
    problem = solvable(circuit)
    return breached(problem, 0, stated(problem))


def across(problem: NodalProblem, k: int, z: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """z at the start of piece ``k`` from that at the end of the one before.

    Also x (N,) in between, where a source that jumps moved charges at once.
    """
    x = columns_of(problem, k - 1, z, problem.durations[k - 1])
    between = None
    if breached(problem, k, x[: problem.size]):
        between = impulse(problem, k, x[: problem.size])
        x = np.concatenate([between, problem.table(k)[:, 0]])
        z = between[problem.reduced.kept]
    return consistent(problem, k, z, carried(problem, x)), between


def stated(problem: NodalProblem) -> np.ndarray:
    """The stated values of all unknowns, junctions charged as their voltages say (N,)."""
    out = problem.start.copy()
    x = np.concatenate([out, problem.table(0)[:, 0], [0.0]])
    for number, atom in enumerate(problem.equations.atoms):
        if atom.law == "charge":
            v = x[list((*atom.controls, -1, -1)[: laws.CONTROLS])]
            args = problem.field[1][number]
            room = np.zeros(laws.CONTROLS), np.zeros(len(args))
            out[atom.row] = laws.law(laws.CHARGE, args, problem.field[0], v, *room)
    return out


SEEN, SURE = 25.0, 20_000
"""What grows by less than exp(25) does not rise from rounding into sight; at most so many steps
are asked for to see it."""

NUDGE = 1e-13


def growth_limit(problem: NodalProblem, z: np.ndarray) -> float:
    """The longest step that sees what grows at the start [s]; infinite where nothing does.

    A long implicit step damps what grows as it damps what decays: a latch at rest would sleep.
    """
    r, table, span = problem.reduced, problem.table(0), problem.circuit.duration
    now = equations(problem.field, table, np.zeros(1), z[None])
    poles = finite_poles(now.jacobian[0, :, : len(z)], r.stored)
    largest = span * float(np.real(poles).max(initial=0.0))
    return span / largest if SEEN < largest < SURE else np.inf


def march(
    problem: NodalProblem, control: Control, stop: StopSignal | None = None, nudge: float = 0.0,
    outputs: Sequence[np.ndarray] = (),
) -> NodalCourse:  # fmt: skip
    """All pieces in turn, up to the first that fails.

    Args:
        problem: the circuit.
        control: tolerances.
        stop: looked at between stretches of work.
        nudge: the start is moved by this share of the largest voltage and current.
        outputs: for every piece local times at which steps end [s]: a polynomial between two ends
            knows little of a charge that follows a diode.

    Raises:
        SolveError, CircuitError: no start was found.
        Stopped: ``stop`` was set.
    """
    announce(kernel.march)
    return _March(problem, control, stop, nudge, outputs).course()


class _March:
    """The work of ``march``."""

    def __init__(
        self, problem: NodalProblem, control: Control, stop: StopSignal | None, nudge: float,
        outputs: Sequence[np.ndarray],
    ) -> None:  # fmt: skip
        self.problem, self.control, self.stop, self.outputs = problem, control, stop, outputs
        self.kept = problem.reduced.kept
        self.groups, self.most = problem.units[self.kept], typical(problem)
        self.least = OF_STEPS * noise(problem)[self.kept]
        start = first_state(problem).z
        signs = np.where(np.arange(len(start)) % 2, 1.0, -1.0)
        self.z = start + nudge * self.most[self.groups] * signs
        self.met = np.zeros(len(start))
        self.limit = growth_limit(problem, self.z)
        self.total = np.zeros(kernel.STATE_SIZE)
        self.total[kernel.SMALLEST] = np.inf
        self.room = MEMORY
        self.found = NodalCourse()

    def course(self) -> NodalCourse:
        """All pieces in turn, up to the first that fails."""
        problem, found = self.problem, self.found
        for k in range(len(problem.durations)):
            self._piece(k)
            if found.message:
                break
        else:
            last = len(problem.durations) - 1
            if name := undefined_at(problem, last, self.z, end=True):
                found.time = problem.pieces[-1].end
                found.message = _without_value(name, "at ", found.time)
        found.stats = _stats(self.total)
        return found

    def _piece(self, k: int) -> None:
        problem, found = self.problem, self.found
        if k:
            try:
                self.z, _ = across(problem, k, self.z)
            except SolveError as error:
                found.message, found.time = str(error), problem.pieces[k].start
                return
        if name := undefined_at(problem, k, self.z, end=False):
            found.time = problem.pieces[k].start
            found.message = _without_value(name, "at ", found.time)
            return
        state = np.zeros(kernel.STATE_SIZE)
        state[kernel.SMALLEST] = np.inf
        state[kernel.TRIED] = self.total[kernel.STEPS] + self.total[kernel.REJECTED]
        code = self._stretches(k, state)
        for place in (kernel.STEPS, kernel.REJECTED, kernel.EVALUATIONS):
            self.total[place] += state[place]
        self.total[kernel.SMALLEST] = min(self.total[kernel.SMALLEST], state[kernel.SMALLEST])
        self.total[kernel.LARGEST] = max(self.total[kernel.LARGEST], state[kernel.LARGEST])
        if code != kernel.REACHED:
            self._stopped(k, code, state)

    def _stretches(self, k: int, state: np.ndarray) -> int:
        """Steps through piece ``k`` in stretches that fill a tape; the code of the last."""
        problem, span, n = self.problem, self.problem.durations[k], len(self.z)
        longest = min(span, problem.pace, np.inf if k else self.limit)
        ends = np.append(self.outputs[k] if len(self.outputs) else np.empty(0), span)
        table, control = problem.table(k), self.control.array(longest)
        parts: list[NodalTape] = []
        code, count = kernel.FULL, 64
        while code == kernel.FULL:
            if self.stop is not None:
                self.stop.check()
            times, states = np.empty(count + 1), np.empty((count + 1, n))
            bends = np.empty((count, 3, n))
            code = kernel.march(
                problem.field, table, 0.0, span, ends, control, self.least, self.z, self.met,
                self.groups, self.most, state, times, states, bends,
            )  # fmt: skip
            made = int(state[kernel.COUNT])
            parts.append(NodalTape(times[: made + 1], states[: made + 1], bends[:made]))
            self.room -= bends.nbytes + states.nbytes
            if self.room < 0:
                code = kernel.EXHAUSTED
            count = min(2 * count, CHUNK * 16)
        self.found.tapes.append(_joined([part for part in parts if len(part.bends)] or parts[:1]))
        return code

    def _stopped(self, k: int, code: int, state: np.ndarray) -> None:
        """Say where and why piece ``k`` ended early."""
        found, local = self.found, float(state[kernel.AT])
        found.time = self.problem.pieces[k].start + local
        found.unknown = int(self.kept[int(state[kernel.WORST])])
        found.message = _said(self.problem, code, found.time, found.unknown)
        states = found.tapes[-1].states
        if name := blamed(self.problem, k, local, states[-1], states[max(len(states) - 2, 0)]):
            found.message = _without_value(name, "just after ", found.time)


def _without_value(name: str, when: str, time: float) -> str:
    return (
        f"The expression of '{name}' has no finite value {when}t = {time:.6g} s; limit "
        "what it divides by or takes a root of."
    )


def _joined(parts: list[NodalTape]) -> NodalTape:
    return NodalTape(
        np.concatenate([parts[0].times, *(part.times[1:] for part in parts[1:])]),
        np.concatenate([parts[0].states, *(part.states[1:] for part in parts[1:])]),
        np.concatenate([part.bends for part in parts]),
    )


def _said(problem: NodalProblem, code: int, time: float, unknown: int) -> str:
    name = problem.equations.unknowns[unknown].name
    if code == kernel.NOT_FINITE:
        return f"'{name}' stops being finite just after t = {time:.6g} s."
    if code == kernel.UNDERFLOW:
        return (
            f"The step size fell to nothing at t = {time:.6g} s: '{name}' changes too abruptly "
            "for the tolerance, or nothing sets it there."
        )
    return f"Stopped at t = {time:.6g} s after too many steps; shorten the duration."


def _stats(total: np.ndarray) -> dict[str, float]:
    smallest = float(total[kernel.SMALLEST])
    return {
        "steps": int(total[kernel.STEPS]),
        "rejected": int(total[kernel.REJECTED]),
        "evaluations": int(total[kernel.EVALUATIONS]),
        "smallest_step": smallest if np.isfinite(smallest) else 0.0,
        "largest_step": float(total[kernel.LARGEST]),
    }
