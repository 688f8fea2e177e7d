"""The adjoint circuit along the course of a circuit, under its own error control.

dlambda/dt = -J(v(t))^T lambda from lambda(T) = dL/dv(T) back to 0, with v(t) from the tapes of an
accurate course (Gao et al. 2023, theorem 2.1). It is the gradient of the circuit; the transpose of
the steps some solver took is another number, which at the stability limit is no voltage at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..devices import DeviceLaw, FusedLaw
from ..engine.circuit import scalar_adjoint, scalar_march
from ..engine.circuit.plan import SLOTS
from ..engine.circuit.scalar_adjoint import GAUSS_AT, GAUSS_WEIGHT
from ..engine.circuit.scalar_show import show_pulled
from ..errors import SolveError
from .accuracy import ROUNDS, Times
from .course import Course, Leg, Plan, Tape, automatic, joined, stretches
from .problem import Explicit, Problem
from .stopping import StopSignal
from .windows import Switches, missed_backwards, switches, together

MOST_STEPS = 200_000
"""Most tried steps of the adjoint in a slice."""


@dataclass
class Back:
    """The adjoint circuit of one course.

    Args:
        tapes: of lambda, one a slice, in tau = T_k - t.
        start: lambda(0) (N + 1,).
    """

    tapes: list[Tape]
    start: np.ndarray

    def at(self, problem: Problem, times: Times) -> np.ndarray:
        """Lambda (T, N + 1) at the output times."""
        out = np.empty((len(times.t), problem.nodes + 1))
        for k, (tape, span) in enumerate(zip(self.tapes, problem.durations, strict=True)):
            out[times.slice_of == k] = tape.at(span - times.of_slice(k))
        out[:, problem.sources.rows] = 0.0  # what is gathered there is dL/du, not a voltage
        return out


def march_back(
    problem: Problem, course: Course, cotangent: np.ndarray, rtol: float,
    stop: StopSignal | None = None,
) -> Back:  # fmt: skip
    """Solve the adjoint circuit from the last slice to the first.

    Args:
        problem: the circuit.
        course: its tapes.
        cotangent: dL/dv at the end (N + 1,), 0 for ground.
        rtol: relative tolerance of lambda.
        stop: looked at between pieces.

    Raises:
        SolveError: lambda stops being finite, the steps were too many, or they pass over something
            again and again.
        Stopped: ``stop`` was set.
    """
    landings = course.landings or [np.empty(0) for _ in problem.durations]
    found = [switches(problem, k, tape) for k, tape in enumerate(course.tapes)]
    for _ in range(ROUNDS):
        back = _march_once(problem, course, cotangent, rtol, stop, landings, found)
        largest = max(float(np.abs(tape.states).max()) for tape in back.tapes)
        missed = [
            missed_backwards(problem, k, course.tapes[k], tape, largest, found[k])
            for k, tape in enumerate(back.tapes)
        ]
        if not any(len(each) for each in missed):
            return back
        landings = together(landings, missed)
    raise SolveError("The adjoint, running backwards, passes over what switches for too short")


def _march_once(
    problem: Problem, course: Course, cotangent: np.ndarray, rtol: float,
    stop: StopSignal | None, landings: Sequence[np.ndarray], found: Sequence[Switches],
) -> Back:  # fmt: skip
    lam, met = cotangent.copy(), np.zeros(problem.nodes + 1)
    tapes: list[Tape] = []
    plan = automatic(rtol, MOST_STEPS)
    for k in reversed(range(len(problem.durations))):
        path, span = course.tapes[k], problem.durations[k]
        lam[problem.sources.rows] = 0.0
        pieces: list[Tape] = []
        for begin, end in reversed(stretches(span, landings[k])):
            part = path._replace(times=path.times - begin)
            leg = Leg(
                problem.field(k), plan, end - begin, lam, met, stop, part, beyond=begin,
                jumps=found[k].jumps(begin, end),
            )  # fmt: skip
            pieces += [piece.later(span - end) for piece in leg.pieces()]
            if leg.code != scalar_march.REACHED:
                row = int(leg.state[scalar_march.WORST])
                node = problem.circuit.node_ids[problem.order[row]]
                raise SolveError(
                    f"The adjoint, running backwards, failed at node '{node}' in slice {k + 1}, "
                    f"{end - float(leg.state[scalar_march.TIME]):.6g} s after its start"
                )
            if begin == 0.0:
                pieces[-1].times[-1] = span
        tapes.append(joined(pieces))
    lam[problem.sources.rows] = 0.0
    return Back(tapes[::-1], lam)


@dataclass
class Gathered:
    """Gradients by parameter: (E,) in all, and gathered from the end back to each time (T, E)."""

    totals: dict[str, np.ndarray]
    paths: dict[str, np.ndarray]


def gather(problem: Problem, course: Course, back: Back, times: Times) -> Gathered:
    """The integral of (mu_d - mu_s) di/dparam, by Gauss quadrature on both tapes."""
    count, devices = len(times.t), problem.devices
    paths: dict[str, np.ndarray] = {}
    totals: dict[str, np.ndarray] = {}
    for k in range(len(problem.durations)):
        local = times.of_slice(k)
        knots, marks = _knots(course.tapes[k], back.tapes[k], local)
        out = np.zeros((len(local) + 1, 4, devices))
        scalar_adjoint.gather_along(
            problem.field(k), *course.tapes[k], *back.tapes[k], knots, marks, out
        )
        _enter(problem, k, out, times, totals, paths, count)
    return Gathered(totals, paths)


def by_level(problem: Problem, course: Course, back: Back) -> tuple[np.ndarray, ...]:
    """dL/dlevel (P,) of every driven node: the integral of w_j dL/du, by Gauss quadrature."""
    sources = problem.sources
    levels = tuple(np.zeros(len(wave.levels)) for wave in sources.waves)
    for k, span in enumerate(problem.durations if len(sources.rows) else ()):
        path, lam = course.tapes[k], back.tapes[k]
        knots = _knots(path, lam, np.empty(0))[0][::-1]
        gaps = np.diff(knots)
        for at, weight in zip(GAUSS_AT, GAUSS_WEIGHT, strict=True):
            local = knots[:-1] + at * gaps
            pulled = np.zeros((len(local), problem.nodes + 1))
            show_pulled(problem.field(k), path.at(local), lam.at(span - local), pulled)
            for number, row in enumerate(sources.rows):
                density = weight * gaps * pulled[:, row]
                levels[number][:] += density @ sources.shares(k, local, number)
    return levels


def _knots(path: Tape, back: Tape, local: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Times at which a polynomial changes or an output is wanted, descending, and their rows."""
    span = path.times[-1]
    wanted = np.concatenate([[0.0], local])
    at = np.clip(np.concatenate([path.times, span - back.times, wanted, [span]]), 0.0, span)
    knots = np.unique(at)
    marks = np.full(len(knots), -1)
    rows = np.searchsorted(knots, np.clip(wanted, 0.0, span))
    # Two outputs at one time share a knot; the later row is copied to the earlier.
    marks[rows] = np.arange(len(wanted))
    return knots[::-1].copy(), marks[::-1].copy()


def _enter(
    problem: Problem, k: int, out: np.ndarray, times: Times, totals: dict[str, np.ndarray],
    paths: dict[str, np.ndarray], count: int,
) -> None:  # fmt: skip
    """One slice's sums of slots as gradients of its devices' own parameters."""
    local = times.of_slice(k)
    if len(local) and local[0] == 0.0:
        out[0] = out[1]
    inside, before = times.slice_of == k, times.slice_of < k
    own = problem.pieces[k].slice
    again = any(piece.slice == own for piece in problem.pieces[:k])
    for law, lo, hi, params in problem.arrays.stretches[own]:
        columns = _columns(problem.arrays.place[lo:hi])
        for name, values in by_parameter(law, out[:, :, lo:hi], params).items():
            if name not in totals:
                totals[name] = np.full(problem.devices, np.nan)
                paths[name] = np.full((count, problem.devices), np.nan)
            block = values[1:]
            if len(block) < count:
                block = np.zeros((count, hi - lo))
                block[before] = values[0]
                block[inside] = values[1:]
            if again:
                totals[name][columns] += values[0]
                paths[name][:, columns] += block
            else:
                totals[name][columns] = values[0]
                paths[name][:, columns] = block


def _columns(places: np.ndarray) -> np.ndarray | slice:
    """Ascending places as a slice where they follow each other, which costs a tenth."""
    if len(places) and places[-1] - places[0] == len(places) - 1:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


def _add(array: np.ndarray, place: Any, values: np.ndarray) -> None:
    """Add to what is there; NaN says that nothing is."""
    before = array[place]
    array[place] = np.where(np.isnan(before), values, before + values)


def by_parameter(
    law: type[DeviceLaw], slots: np.ndarray, params: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Gradients of a law's own parameters from those of gain, a, b and c (..., 4, n)."""
    if issubclass(law, FusedLaw):
        return {name: _weighted(slots, entries) for name, entries in law.slots.items()}
    # The diode enters as gain = I_s, a = -b = 1 / (n V_T).
    a = params["a"]
    bent = (slots[..., 1, :] - slots[..., 2, :]) * a
    return {"saturation_current": slots[..., 0, :], "ideality": -bent / params["ideality"]}


def _weighted(slots: np.ndarray, entries: Mapping[str, float]) -> np.ndarray:
    """The sum of factor times slot (..., n)."""
    parts = [factor * slots[..., SLOTS.index(slot), :] for slot, factor in entries.items()]
    return sum(parts[1:], parts[0]) if parts else np.zeros_like(slots[..., 0, :])


def transpose_steps(
    problem: Problem, plan: Plan, course: Course, cotangent: np.ndarray
) -> tuple[dict[str, np.ndarray], np.ndarray, tuple[np.ndarray, ...]]:
    """The exact gradient of the explicit steps of a course.

    Returns:
        By parameter (E,), dL/dv(0) (N + 1,), and of every driven node by level (P,).
    """
    method: Explicit = plan.method
    w, sources = cotangent.copy(), problem.sources
    totals: dict[str, np.ndarray] = {}
    levels = tuple(np.zeros(len(wave.levels)) for wave in sources.waves)
    for k in reversed(range(len(problem.durations))):
        slots, moved = np.zeros((4, problem.devices)), np.zeros((len(sources.rows), 3))
        tape = course.tapes[k]
        w[sources.rows] = 0.0
        scalar_adjoint.pull_steps(
            problem.field(k), sources.moving(k), tuple(method), tape.times, tape.states, w, slots,
            moved,
        )  # fmt: skip
        for number, row in enumerate(sources.rows):
            levels[number][:] += sources.from_motion(k, number, float(w[row]), moved[number])
        for law, lo, hi, params in problem.arrays.stretches[problem.pieces[k].slice]:
            columns = problem.arrays.place[lo:hi]
            for name, values in by_parameter(law, slots[:, lo:hi], params).items():
                _add(totals.setdefault(name, np.full(problem.devices, np.nan)), columns, values)
    w[sources.rows] = 0.0
    return totals, w, levels
