"""A solve by the compiled kernels: the trajectory a solver gives, and how far it may be off."""

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ..circuit import Circuit
from ..engine.circuit import scalar_march as kernel
from ..engine.circuit.scalar_show import show_currents
from ..errors import SolveError
from ..solvers import Solver
from ..solvers.adaptive import AdaptiveSolver
from ..solvers.auto import Auto
from ..solvers.dopri5 import Dopri5
from ..solvers.rodas4 import Rodas4
from ..solvers.runge_kutta import FixedStepSolver
from .accuracy import TOLERANCE, Converged, Difference, Times, converge, difference
from .course import Course, Plan, automatic, march
from .problem import Problem, explicit
from .sampling import Sampler
from .scalar import solve_quickly
from .stopping import StopSignal
from .trajectory import SolveStatus, Trajectory

CERTAIN = 0.95
"""Share of the tolerance within which a measured difference counts as inside it."""


@dataclass
class Solved:
    """One solver's answer.

    Args:
        trajectory: voltages and currents, with the solver's own word on how it ended.
        final: the last state (N + 1,) in rows of the problem [V].
        course: its tapes, where they were kept.
    """

    trajectory: Trajectory
    final: np.ndarray
    course: Course | None = None


def plan_of(solver: Solver) -> Plan | None:
    """How the kernels take a solver's steps; ``None`` for methods they do not know."""
    if isinstance(solver, Auto):
        return automatic(solver.rtol, solver.max_steps)
    if isinstance(solver, FixedStepSolver):
        return Plan(explicit(type(solver)), steps=solver.steps, max_steps=solver.steps)
    if isinstance(solver, Dopri5 | Rodas4):
        # The absolute tolerance follows circuits that never reach a volt.
        return Plan(
            implicit=isinstance(solver, Rodas4), rtol=solver.rtol, floor=solver.atol,
            max_steps=solver.max_steps,
        )  # fmt: skip
    return None


class CompiledSimulation:
    """One circuit, one solver, at given times.

    Args:
        problem: the circuit.
        solver: the method; the kernels know it.
        times: output times.
        stop: looked at between pieces of work.
    """

    def __init__(
        self, problem: Problem, solver: Solver, times: Times, stop: StopSignal | None = None
    ) -> None:
        plan = plan_of(solver)
        assert plan is not None
        self.problem, self.solver, self.times, self.stop = problem, solver, times, stop
        self.plan = plan

    @property
    def circuit(self) -> Circuit:
        """The description."""
        return self.problem.circuit

    def converged(self, keep: bool = False, rtol: float = 1e-7) -> Converged:
        """The circuit's own voltages, as well as float64 can tell."""
        if isinstance(self.solver, Auto):
            rtol = min(rtol, self.solver.rtol)
            return converge(
                self.problem, self.times, rtol=rtol, max_steps=self.solver.max_steps,
                keep=keep, stop=self.stop,
            )  # fmt: skip
        times = replace(self.times, energy=False)
        return converge(self.problem, times, rtol=rtol, keep=keep, stop=self.stop)

    @cached_property
    def witness(self) -> Converged:
        """What this solve is measured against."""
        return self.converged()

    def solve(self, keep: bool = False) -> Solved:
        """The solver's own answer, not yet measured against anything."""
        marched = keep or self.circuit.driven or self.times.energy
        if not (marched or isinstance(self.solver, Auto | Rodas4)):
            quick = solve_quickly(
                self.circuit, self.solver, self.times.t, self.times.starts, self.times.slice_of
            )
            if quick is not None:
                return Solved(quick, self._padded(quick.voltages[-1]))
        sampler = self.times.sampler(self.problem)
        course = march(self.problem, self.plan, reader=sampler, keep=keep, stop=self.stop)
        return Solved(self.shown(course, sampler), course.end, course if keep else None)

    def shown(self, course: Course, sampler: Sampler) -> Trajectory:
        """Voltages with their currents, up to where the course stopped."""
        count, devices = sampler.count, self.problem.devices
        voltages = np.ascontiguousarray(sampler.voltages[:count])
        currents, residual = np.full((count, devices), np.nan), np.zeros(count)
        sources, arrays = self.problem.sources, self.problem.arrays
        given = np.zeros((count, len(sources.places)))
        inverse = np.zeros(self.problem.nodes + 1)
        inverse[:-1] = self.problem.inverse[self.problem.rows]
        slice_of = self.times.slice_of[:count]
        for k in range(len(self.problem.durations)):
            part = slice(*np.searchsorted(slice_of, [k, k + 1]))
            if part.start < part.stop:
                local = self.times.of_slice(k)[: part.stop - part.start]
                voltages[part, sources.places] = sources.held(k, local)
                index = self.problem.pieces[k].slice
                field = (
                    arrays.runs, arrays.bounds[index], arrays.bounds[index + 1], arrays.source,
                    arrays.target, arrays.terms, inverse, arrays.leaves,
                )  # fmt: skip
                show_currents(field, arrays.place, voltages[part], currents[part], residual[part])
                given[part] = self._given(field, currents[part])
        return Trajectory(
            t=self.times.t[:count],
            voltages=voltages,
            currents=currents,
            node_ids=self.circuit.node_ids,
            device_ids=self.circuit.device_ids,
            status=self._ended(course),
            stats=course.stats,
            step_times=sampler.step_times,
            kcl_residual=residual,
            driven_ids=self.circuit.driven,
            source_currents=given,
            energy=sampler.meter.balance(voltages) if sampler.meter is not None else None,
        )

    def _given(self, field: tuple[Any, ...], currents: np.ndarray) -> np.ndarray:
        """What the sources give (T, M) [A]: what devices carry away from the driven nodes."""
        runs, first, last = field[:3]
        arrays, places = self.problem.arrays, self.problem.sources.places
        out = np.zeros((len(currents), len(places)))
        own = slice(runs[first, 0], runs[last - 1, 1]) if last > first else slice(0, 0)
        shown = currents[:, arrays.place[own]]
        for number, place in enumerate(places):
            leaves, enters = arrays.leaves[own] == place, arrays.target[own] == place
            out[:, number] = shown[:, leaves].sum(1) - shown[:, enters].sum(1)
        return out

    def _padded(self, voltages: np.ndarray) -> np.ndarray:
        """Voltages (N,) in the circuit's order as a state in rows of the problem."""
        state = np.zeros(self.problem.nodes + 1)
        state[:-1] = voltages[self.problem.order]
        return state

    def _ended(self, course: Course) -> SolveStatus:
        """The status of a course: where it stopped, if it did."""
        trouble = course.trouble
        if trouble is None:
            return SolveStatus()
        node = self.circuit.node_ids[self.problem.order[trouble.row]]
        time = float(self.times.starts[trouble.slice] + trouble.time)
        if trouble.code == kernel.NOT_FINITE:
            message = f"Node '{node}' stops being finite just after t = {time:.6g} s."
        elif trouble.code == kernel.UNDERFLOW:
            message = (
                f"The step size fell to nothing at t = {time:.6g} s: node '{node}' changes too "
                "abruptly for the tolerance."
            )
        else:
            explicit_only = isinstance(self.solver, AdaptiveSolver) and not isinstance(
                self.solver, Auto | Rodas4
            )
            remedy = "the circuit may be stiff, try the solver auto" if explicit_only else (
                "shorten the duration, or raise max_steps"
            )  # fmt: skip
            message = (
                f"Stopped at t = {time:.6g} s after {self.plan.max_steps:,} tried steps; {remedy}."
            )
        return SolveStatus(False, message, node, time)


def measured(run: CompiledSimulation, solved: Solved) -> SolveStatus:
    """The status of an answer after it was held against the circuit's own voltages."""
    status = solved.trajectory.status
    if not status.ok:
        return status
    witness = run.witness
    if not witness.sure or witness.course.trouble is not None:
        return uncertain(run, witness)
    found = _apart(solved.trajectory.voltages, witness)
    bound = max(CERTAIN * TOLERANCE - witness.error, 0.5 * TOLERANCE)
    if found.share <= bound:
        return SolveStatus(error=found.share)
    node = run.circuit.node_ids[found.node]
    message = (
        f"Node '{node}' is off by {found.volts:.3g} V ({_percent(found.share)} the largest "
        f"voltage) at t = {found.time:.4g} s; {_remedy(run.solver, found.share)}."
    )
    return SolveStatus(False, message, node, found.time, "inaccurate", found.share)


def _apart(voltages: np.ndarray, witness: Converged) -> Difference:
    other = witness.samples
    same = Sampler(other.problem, other.t, other.starts, other.slice_of)
    same.voltages = voltages
    return difference(same, other, len(voltages), witness.course.largest)


def _percent(share: float) -> str:
    return f"{100 * share:.2g} % of" if share < 10 else f"{share:.2g} times"


def _remedy(solver: Solver, share: float) -> str:
    if isinstance(solver, FixedStepSolver):
        if share < 0.1:
            wanted = solver.steps * (share / (0.2 * TOLERANCE)) ** (1 / solver.order)
            return f"use the solver auto, or about {_rounded(wanted):,} steps"
        return f"{solver.steps:,} steps are too few or unstable here, use the solver auto"
    if isinstance(solver, AdaptiveSolver):
        return "use the solver auto, or a smaller rtol and atol"
    return "use the solver auto"


def _rounded(number: float) -> int:
    """Up to two digits."""
    unit = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return math.ceil(number / unit) * unit


def uncertain(run: CompiledSimulation, witness: Converged) -> SolveStatus:
    """The status where no solve of ours can tell the circuit's voltages."""
    trouble = witness.course.trouble
    if trouble is not None:
        node = run.circuit.node_ids[run.problem.order[trouble.row]]
        time = float(run.times.starts[trouble.slice] + trouble.time)
        message = (
            f"These voltages cannot be confirmed: a solve with error control stopped at "
            f"t = {time:.4g} s, at node '{node}'; shorten the duration."
        )
        return SolveStatus(False, message, node, time, "inaccurate", None)
    found = witness.difference
    assert found is not None
    if witness.missed is not None:
        message = (
            f"These voltages cannot be confirmed: something switches at t = {witness.missed:.4g} s "
            "for too short a time for the steps; shorten the duration."
        )
        return SolveStatus(False, message, None, witness.missed, "inaccurate", None)
    node = run.circuit.node_ids[found.node]
    message = (
        f"Node '{node}' depends on the last digits of the start voltages: solves of rtol "
        f"{witness.rtol:.0e} and a hundred times that differ by {found.volts:.3g} V at "
        f"t = {found.time:.4g} s; shorten the duration."
    )
    return SolveStatus(False, message, node, found.time, "inaccurate", found.share)


def solve_auto(run: CompiledSimulation) -> tuple[Trajectory, Converged]:
    """The answer of ``auto``: the finest of the solves that had to agree."""
    witness = run.witness
    trajectory = run.shown(witness.course, witness.samples)
    if trajectory.status.ok:
        status = SolveStatus(error=witness.error) if witness.sure else uncertain(run, witness)
        trajectory = trajectory.with_status(status)
    return trajectory, witness


def refuse(status: SolveStatus) -> None:
    """Raise for a solve that stopped before its end.

    Raises:
        SolveError: see above.
    """
    if not status.reached:
        raise SolveError(status.message, status)
