"""The trajectory of a circuit of the general class, and how far it may be off."""

import numpy as np

from ...circuit import Circuit
from ...errors import SolveError
from ..accuracy import Times
from ..stopping import StopSignal
from ..trajectory import SolveStatus, Trajectory
from .energy import energy_balance
from .expressed import without_value
from .local import chunks, values_of
from .overdriven import overdriven
from .problem import NodalProblem
from .samples import (
    NodalSamples,
    capacitor_currents,
    device_currents,
    left_over,
    sampled,
    source_currents,
    terminal_currents,
)
from .sizes import OF_STEPS, noise
from .softened import runs_away, solvable
from .transient import NUDGE, Control, NodalCourse, march

COARSE, FINE, FINEST = 1e-5, 1e-7, 1e-9
"""Relative tolerances of the solves that have to agree."""

TOLERANCE, AGREEMENT = 1e-3, 5e-4
"""Share of the largest voltage by which an answer may be off, and by which two solves may differ
a hundredfold apart in tolerance."""

UNLIKE_IDEAL = (
    "The loop of these ideal sources has positive feedback, so that they decide nothing: put the "
    "resistances in series with them that they have."
)


def shown(
    problem: NodalProblem, course: NodalCourse, times: Times, samples: NodalSamples
) -> Trajectory:
    """Voltages of all nodes, currents of all devices and sources, and what is left over."""
    equations, circuit = problem.equations, problem.circuit
    broken, guilty = without_value(problem, samples.atoms)
    samples = samples if broken < 0 else samples.until(broken)
    count = len(samples.x)
    columns = np.concatenate([samples.x, samples.sources[0]], axis=1)
    voltages = columns[:, [equations.nodes[node.id] for node in circuit.nodes]]
    currents = device_currents(problem, samples)
    left = left_over(problem, samples)
    largest = np.abs(currents).max(initial=0.0)
    nodes = [row for row, unknown in enumerate(equations.unknowns) if unknown.unit == "V"]
    residual = np.abs(left[:, nodes]).max(axis=1, initial=0.0)
    status = SolveStatus()
    if broken >= 0:
        words = f"The expression of '{guilty}' has no finite value at t = {times.t[broken]:.6g} s."
        status = SolveStatus(False, words, None, float(times.t[broken]))
    if course.message:
        name = None
        if course.unknown is not None:
            name = equations.unknowns[course.unknown].name
        status = SolveStatus(False, course.message, name, course.time)
    elif status.ok and runs_away(problem, [tape.states for tape in course.tapes]):
        status = SolveStatus(False, UNLIKE_IDEAL, state="inaccurate")
    elif status.ok and (beyond := overdriven(problem, columns)):
        words, time = beyond.sentence, float(times.t[beyond.row])
        words = f"{words[:1].upper()}{words[1:]}."
        status = SolveStatus(False, words, None, time, "inaccurate")
    pieces = zip(problem.pieces, course.tapes, strict=False)
    ends = [piece.start + tape.times[1:] for piece, tape in pieces]
    return Trajectory(
        t=times.t[:count],
        voltages=np.ascontiguousarray(voltages),
        currents=currents,
        node_ids=circuit.node_ids,
        device_ids=circuit.device_ids,
        status=status,
        stats=course.stats,
        step_times=np.concatenate(ends) if ends else np.zeros(0),
        kcl_residual=residual / largest if largest else residual,
        driven_ids=circuit.driven,
        source_currents=source_currents(problem, samples),
        terminals=tuple((equations.devices[k].id, name) for k, name in equations.terminals),
        terminal_currents=terminal_currents(problem, samples),
        capacitor_currents=capacitor_currents(problem, samples),
        energy=energy_balance(problem, course, times, samples) if times.energy else None,
        added=dict(problem.added),
    )


def solve(
    problem: NodalProblem, times: Times, rtol: float, check: bool = True,
    stop: StopSignal | None = None,
) -> Trajectory:  # fmt: skip
    """The trajectory on which two tolerances a hundredfold apart agree.

    Raises:
        CircuitError, SolveError: no start was found.
        Stopped: ``stop`` was set.
    """
    # Currents through added resistances are small differences of voltages.
    fine = min(rtol, FINE) * (1e-2 if problem.series else 1.0)
    ends = [times.of_slice(k) for k in range(len(problem.durations))]
    course = march(problem, Control(fine), stop, outputs=ends)
    samples = sampled(problem, course, times)
    trajectory = shown(problem, course, times, samples)
    if course.message or not check or not trajectory.status.ok:
        return trajectory
    found, met = None, largest(problem, course)
    for coarse in (100.0 * fine, fine):
        if coarse == fine:  # they differ: a finer one decides
            finer = march(problem, Control(max(1e-2 * fine, FINEST * 1e-2)), stop, NUDGE, ends)
            if finer.message:
                break
            better = sampled(problem, finer, times)
            found = apart(problem, samples, better, times, largest(problem, finer))
            trajectory = shown(problem, finer, times, better)
        else:
            other = march(problem, Control(coarse), stop, NUDGE, ends)
            if other.message:
                continue
            found = apart(problem, sampled(problem, other, times), samples, times, met)
        if found.error is not None and found.error <= AGREEMENT:
            return trajectory.with_status(SolveStatus(error=found.error))
    return trajectory.with_status(found or _unsure())


def _unsure() -> SolveStatus:
    return SolveStatus(
        False, "These voltages cannot be confirmed: a second solve stopped before its end; "
        "shorten the duration.", state="inaccurate",
    )  # fmt: skip


def largest(problem: NodalProblem, course: NodalCourse) -> np.ndarray:
    """The largest voltage, current and charge of all steps (3,) [V, A, C], sources included.

    Between output times, too: a current that switches is large there and nothing at them.
    """
    r, out = problem.reduced, np.zeros(3)
    for k, tape in enumerate(course.tapes):
        table = problem.table(k)
        for part in chunks(len(tape.times), problem.size, problem.size):
            s = values_of(table, tape.times[part])
            x = tape.states[part] @ r.expanded.T + s[0] @ r.shifts[0].T + s[1] @ r.shifts[1].T
            np.maximum.at(out, problem.units, np.abs(x).max(axis=0, initial=0.0))
            out[0] = max(out[0], np.abs(s[0][:, problem.given]).max(initial=0.0))
    return out


def apart(
    problem: NodalProblem, one: NodalSamples, two: NodalSamples, times: Times, met: np.ndarray
) -> SolveStatus:
    """The largest difference of two solves as a share of the largest of its unit.

    What rounding leaves is no difference. One that stays at nothing where the other does not is
    no small one.

    Args:
        problem: the circuit.
        one: the coarser solve.
        two: the finer solve.
        times: output times.
        met: the largest voltage, current and charge (3,) of all steps of the finer one.
    """
    equations = problem.equations
    gap = np.abs(one.x - two.x)
    gap[gap <= OF_STEPS * noise(problem)] = 0.0
    size = np.zeros(3)
    np.maximum.at(size, problem.units, np.abs(one.x).max(axis=0, initial=0.0))
    size = np.where(met > 0, met, size)[problem.units]
    shares = gap / np.where(size > 0, size, np.inf)
    share = float(shares.max(initial=0.0))
    if share <= AGREEMENT:
        return SolveStatus(error=share)
    row, column = divmod(int(shares.argmax()), shares.shape[1])
    unknown, time = equations.unknowns[column], float(times.t[row])
    message = (
        f"'{unknown.name}' cannot be told: solves of tolerances a hundredfold apart differ by "
        f"{gap[row, column]:.3g} {unknown.unit} at t = {time:.4g} s; shorten the duration."
    )
    name = unknown.name if unknown.device < 0 else None
    return SolveStatus(False, message, name, time, "inaccurate", share)


class NodalRun:
    """One circuit of the general class, to be solved at given times.

    Args:
        circuit: the description.
        times: output times.
        rtol: relative tolerance that is asked for.

    Raises:
        CircuitError: the equations contradict each other or leave something open.
    """

    def __init__(self, circuit: Circuit, times: Times, rtol: float = 1e-6) -> None:
        self.circuit, self.times, self.rtol = circuit, times, rtol
        self.problem = solvable(circuit)

    def trajectory(self, check: bool = True, stop: StopSignal | None = None) -> Trajectory:
        """The answer; a start that was not found is a status.

        Raises:
            CircuitError: the equations leave something open.
            Stopped: ``stop`` was set.
        """
        try:
            return solve(self.problem, self.times, self.rtol, check, stop)
        except SolveError as error:
            text = str(error)
            empty = NodalCourse(message=f"{text[:1].upper()}{text[1:]}.")
            samples = sampled(self.problem, empty, self.times)
            return shown(self.problem, empty, self.times, samples)
