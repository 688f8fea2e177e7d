"""Trajectory and adjoint circuit of one solve, by the compiled kernels."""

from dataclasses import dataclass, replace

import numpy as np

from ..engine.circuit.scalar_show import show_adjoint, show_pulled
from ..errors import SolveError
from ..solvers.auto import Auto
from .accuracy import FACTOR, FINEST, Converged
from .back import Back, by_level, gather, march_back, transpose_steps
from .compiled import CompiledSimulation, Solved, measured, uncertain
from .plain import PlainSimulation
from .trajectory import AdjointTrajectory, SolveStatus, Trajectory

AGREEMENT = 5e-5
"""Adjoints of two tolerances a hundredfold apart must agree to this share of the largest."""

CERTAIN = 1e-4
"""Beyond this share the lanes are said to be uncertain."""

LOOSER = 10.0
"""Tolerance of the adjoint over that of the course."""

FIRST = 1e-7
"""The tolerance of the first course that may carry the adjoint."""


@dataclass(frozen=True)
class Loss:
    """A loss of the voltages at the end.

    Args:
        rows: places of its nodes in the circuit's order.
        goals: targets [V] of 1/2 sum (v - target)^2; ``None`` for the sum of the voltages.
    """

    rows: np.ndarray
    goals: np.ndarray | None

    def value(self, v: np.ndarray) -> float:
        """L at the voltages (N,)."""
        if self.goals is None:
            return float(v[self.rows].sum())
        return float(0.5 * ((v[self.rows] - self.goals) ** 2).sum())

    def cotangent(self, v: np.ndarray) -> np.ndarray:
        """dL/dv (N,)."""
        out = np.zeros_like(v)
        np.add.at(out, self.rows, 1.0 if self.goals is None else v[self.rows] - self.goals)
        return out


def compiled_adjoint(
    run: CompiledSimulation, loss: Loss, gradient: str
) -> tuple[Trajectory, AdjointTrajectory | None]:
    """Solve forward and back; the adjoint is ``None`` where the solve did not reach its end.

    An adjoint that cannot be followed to the start makes the trajectory's status ``inaccurate``.

    Args:
        run: circuit, solver and times.
        loss: at the end.
        gradient: ``continuous``, or which way the steps of the solver are transposed.
    """
    witness = run.converged(keep=True, rtol=FIRST)
    run.__dict__["witness"] = witness
    if isinstance(run.solver, Auto):
        solved = Solved(run.shown(witness.course, witness.samples), witness.course.end)
        status = solved.trajectory.status
        if status.ok:
            sure = SolveStatus(error=witness.error)
            status = sure if witness.sure else uncertain(run, witness)
    else:
        solved = run.solve(keep=gradient == "discrete")
        status = measured(run, solved)
    trajectory = solved.trajectory.with_status(status)
    if not status.reached:
        return trajectory, None
    if witness.course.trouble is not None:
        return trajectory, None
    try:
        back = _Lane(run, loss).solve(witness)
    except SolveError as error:
        if trajectory.status.ok:
            words = f"{error}; shorten the duration."
            trajectory = trajectory.with_status(SolveStatus(False, words, state="inaccurate"))
        return trajectory, None
    result = back.trajectory(run, loss, solved)
    if back.error > CERTAIN and trajectory.status.ok:
        trajectory = trajectory.with_status(back.status(run))
    return trajectory, _with_steps(run, loss, gradient, solved, result)


def _with_steps(
    run: CompiledSimulation, loss: Loss, gradient: str, solved: Solved, result: AdjointTrajectory
) -> AdjointTrajectory:
    """The gradient of the solver's own steps in the place of the circuit's, and their distance."""
    if gradient == "continuous":
        return result
    if gradient == "discrete":
        assert solved.course is not None
        totals, start, levels = transpose_steps(
            run.problem, run.plan, solved.course, _state(run, loss, solved.final)
        )
        start = start[run.problem.rows]
    else:
        plain = PlainSimulation(run.circuit, run.solver, replace(run.times, energy=False))
        trajectory = plain.trajectory()
        import torch

        cotangent = torch.from_numpy(loss.cotangent(plain.final())).unsqueeze(-1)
        stepped = plain.adjoint(cotangent, result.loss, gradient, trajectory)
        totals, start, levels = stepped.gradient, stepped.gradient_voltage, stepped.gradient_drive
    gap = _gap({**totals, " ": start}, {**result.gradient, " ": result.gradient_voltage})
    return replace(result, gradient=totals, gradient_voltage=start, gap=gap, gradient_drive=levels)


def _gap(steps: dict[str, np.ndarray], circuit: dict[str, np.ndarray]) -> float:
    """The largest difference of two gradients, in every parameter over its largest entry."""
    worst = 0.0
    for name, exact in circuit.items():
        scale = float(np.nanmax(np.abs(exact), initial=0.0))
        apart = float(np.nanmax(np.abs(steps[name] - exact), initial=0.0))
        if scale > 0:
            worst = max(worst, apart / scale)
    return worst


def _state(run: CompiledSimulation, loss: Loss, end: np.ndarray) -> np.ndarray:
    """dL/dv (N + 1,) in rows of the problem, from the state there."""
    out = np.zeros_like(end)
    out[run.problem.rows] = loss.cotangent(end[run.problem.rows])
    return out


@dataclass
class _Found:
    """The adjoint circuit along the finest course, and how far a coarser one was."""

    back: Back
    lam: np.ndarray
    converged: Converged
    error: float
    node: int
    row: int

    def status(self, run: CompiledSimulation) -> SolveStatus:
        """Where two tolerances disagree on the adjoint."""
        node, time = run.circuit.node_ids[self.node], float(run.times.t[self.row])
        message = (
            f"The adjoint voltage of node '{node}' at t = {time:.4g} s is certain only to "
            f"{100 * min(self.error, 1.0):.2g} % of the largest; shorten the duration."
        )
        return SolveStatus(False, message, node, time, "inaccurate", None)

    def trajectory(self, run: CompiledSimulation, loss: Loss, solved: Solved) -> AdjointTrajectory:
        """Lanes, currents and gradients at the output times."""
        problem, times = run.problem, run.times
        count, devices = len(times.t), problem.devices
        leaving = np.full((count, devices), np.nan)
        entering = np.full((count, devices), np.nan)
        v = np.zeros((count, problem.nodes + 1))
        v[:, problem.rows] = self.converged.samples.voltages
        sources = problem.sources
        density = np.zeros((count, len(sources.rows)))
        for k in range(len(problem.durations)):
            part = slice(*np.searchsorted(times.slice_of, [k, k + 1]))
            show_adjoint(
                problem.field(k), problem.arrays.place, v[part], self.lam[part], leaving[part],
                entering[part],
            )  # fmt: skip
            if len(sources.rows):
                v[part, sources.rows] = sources.held(k, times.of_slice(k))
                pulled = np.zeros_like(v[part])
                show_pulled(problem.field(k), v[part], self.lam[part], pulled)
                density[part] = pulled[:, sources.rows]
        found = gather(problem, self.converged.course, self.back, times)
        return AdjointTrajectory(
            t=times.t,
            voltages=np.ascontiguousarray(problem.columns(self.lam)),
            currents=leaving,
            currents_target=entering,
            gradient=found.totals,
            gradient_path=found.paths,
            gradient_voltage=self.back.start[problem.rows],
            loss=loss.value(solved.final[problem.rows]),
            error=self.error,
            driven_ids=run.circuit.driven,
            drive_density=density,
            gradient_drive=by_level(problem, self.converged.course, self.back),
        )


class _Lane:
    """Looks for courses fine enough that the adjoint along them no longer changes."""

    def __init__(self, run: CompiledSimulation, loss: Loss) -> None:
        self.run, self.loss = run, loss

    def solve(self, fine: Converged) -> _Found:
        """The adjoint along ``fine``, or along a finer course where that one is too coarse.

        Raises:
            SolveError: the adjoint could not be followed to the start.
        """
        found = self._compare(fine)
        while found.error > AGREEMENT and fine.rtol > FINEST * 10.0:
            finer = self.run.converged(keep=True, rtol=fine.rtol / FACTOR)
            if finer.course.trouble is not None or finer.rtol >= fine.rtol:
                break
            try:
                found = self._compare(finer)
            except SolveError:  # what is known stays, with its error
                break
            fine = finer
        return found

    def _compare(self, fine: Converged) -> _Found:
        run, problem = self.run, self.run.problem
        back = self._back(fine.course, fine.rtol)
        lam = back.at(problem, run.times)
        if fine.coarse is None or fine.coarse.trouble is not None:
            return _Found(back, lam, fine, np.inf, 0, 0)
        try:
            other = self._back(fine.coarse, FACTOR * fine.rtol).at(problem, run.times)
        except SolveError:
            return _Found(back, lam, fine, np.inf, 0, 0)
        apart = np.abs(other - lam)[:, problem.rows]
        largest = float(np.abs(lam).max())
        row, node = divmod(int(apart.argmax()), problem.nodes)
        error = float(apart[row, node]) / largest if largest > 0 else 0.0
        return _Found(back, lam, fine, error if np.isfinite(error) else np.inf, node, row)

    def _back(self, course, rtol: float) -> Back:
        run = self.run
        # Below the error of the path it runs along there is nothing to be seen but its joints.
        rtol = max(LOOSER * rtol, FINEST)
        return march_back(run.problem, course, _state(run, self.loss, course.end), rtol, run.stop)
