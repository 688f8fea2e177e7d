"""Circuits in plain torch: laws that the kernels do not know, and solvers that are not ours."""

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ..circuit import Circuit
from ..circuit.compile import CompiledCircuit, SliceField, compile_circuit
from ..errors import SolveError
from ..solvers import ADJOINTS, Solution, Solver
from ..solvers.auto import Auto
from .accuracy import TOLERANCE, Times
from .adjoint_path import AdjointPath
from .current_law import ends_of, kcl_residual
from .energy.plain import plain_balance
from .stretches import Stretch, outputs_of, stretches_of
from .trajectory import AdjointTrajectory, SolveStatus, Trajectory

if TYPE_CHECKING:
    from .adjoint import Loss


class PlainSimulation:
    """One circuit solved stretch after stretch; keeps what the adjoint needs.

    Args:
        circuit: the description.
        solver: the method.
        times: output times.
    """

    def __init__(self, circuit: Circuit, solver: Solver, times: Times) -> None:
        self.circuit, self.solver, self.times = circuit, solver, times
        self.t, self.starts, self.slice_of = times.t, times.starts, times.slice_of
        self.solutions: list[Solution] = []
        self.driven = np.array([k for k, node in enumerate(circuit.nodes) if node.drive], int)

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The circuit's vector fields in torch."""
        return compile_circuit(self.circuit)

    @cached_property
    def stretches(self) -> list[Stretch]:
        """What is solved in one go."""
        return stretches_of(self.compiled, self.times)

    @cached_property
    def stretch_of(self) -> np.ndarray:
        """The stretch of every output time (T,)."""
        return outputs_of(self.stretches, self.times)

    def final(self) -> np.ndarray:
        """The last voltages (N,)."""
        return self.solutions[-1].final[:, 0].numpy()

    def _times(self, index: int) -> np.ndarray:
        times = self.t[self.stretch_of == index]
        return np.clip(times, self.stretches[index].start, self.stretches[index].end)

    def trajectory(self) -> Trajectory:
        """Solve all stretches, up to the first that fails."""
        state = self.compiled.v0.unsqueeze(-1)
        for index, stretch in enumerate(self.stretches):
            times = self._times(index).tolist()
            span = stretch.start, stretch.end
            solution = self.solver.solve(stretch.field, state, *span, times)
            stretch.hold(solution.times.tolist(), solution.states)
            stretch.hold(solution.tape.times.tolist(), solution.tape.states)
            self.solutions.append(solution)
            if not solution.status.ok:
                break
            state = solution.final
        return self._collect(self._status())

    def _status(self) -> SolveStatus:
        last = self.solutions[-1].status
        if last.ok:
            return SolveStatus()
        node = None if last.node is None else self.circuit.node_ids[last.node]
        return SolveStatus(False, self._named(last.message, last.node), node, last.time)

    def _named(self, message: str, component: int | None) -> str:
        """A solver's message with the node's id in the place of its row."""
        if component is None:
            return message
        node = self.circuit.node_ids[component]
        return message.replace(f"Component {component}", f"Node '{node}'").replace(
            f"component {component}", f"node '{node}'"
        )

    @torch.no_grad()
    def _collect(self, status: SolveStatus) -> Trajectory:
        voltages = torch.cat([solution.states[:, :, 0] for solution in self.solutions])
        count = len(voltages)
        currents = np.full((count, len(self.circuit.device_ids)), np.nan)
        residual, given = np.zeros(count), np.zeros((count, len(self.driven)))
        row = 0
        for solution, stretch in zip(self.solutions, self.stretches, strict=False):
            v = solution.states[:, :, 0].T
            rows = slice(row, row + v.shape[1])
            if v.shape[1]:
                i = stretch.base.currents(v)
                given[rows] = stretch.base.net(v)[self.driven].neg().T.numpy()
                currents[rows, self.columns(stretch.slice)] = i.T.numpy()
                sources = self.driven, given[rows].T
                residual[rows] = kcl_residual(self.compiled, stretch.base, v, i, sources)
            row += v.shape[1]
        return Trajectory(
            t=self.t[:count],
            voltages=voltages.numpy(),
            currents=currents,
            node_ids=self.circuit.node_ids,
            device_ids=self.circuit.device_ids,
            status=status,
            stats=self._stats(),
            step_times=np.concatenate([s.tape.times[1:].numpy() for s in self.solutions]),
            kcl_residual=residual,
            driven_ids=self.circuit.driven,
            source_currents=given,
            energy=plain_balance(self, voltages.numpy()) if self.times.energy else None,
        )

    def columns(self, index: int) -> slice:
        """The devices of a slice among all."""
        first = sum(len(part.devices) for part in self.circuit.slices[:index])
        return slice(first, first + len(self.circuit.slices[index].devices))

    def _stats(self) -> dict[str, float]:
        all_stats = [solution.stats for solution in self.solutions]
        return {
            "steps": sum(s.steps for s in all_stats),
            "rejected": sum(s.rejected for s in all_stats),
            "evaluations": sum(s.evaluations for s in all_stats),
            "smallest_step": min(s.smallest_step for s in all_stats),
            "largest_step": max(s.largest_step for s in all_stats),
        }

    @torch.no_grad()
    def adjoint(
        self, cotangent: Tensor, loss: float, gradient: str, trajectory: Trajectory
    ) -> AdjointTrajectory:
        """The adjoint of this solve, stretch after stretch from the end.

        Driven nodes are grounded in the adjoint circuit; what would flow into them there is
        dL/du(t).

        Args:
            cotangent: dL/dv at the end (N, 1).
            loss: its value.
            gradient: a name from ``ADJOINTS`` that the solver can form.
            trajectory: what ``trajectory`` returned.
        """
        pull = ADJOINTS[gradient]
        count, devices = len(self.t), len(self.circuit.device_ids)
        capacitance = self.compiled.capacitance.numpy()
        lam, density = np.zeros((count, len(capacitance))), np.zeros((count, len(self.driven)))
        currents = np.full((2, count, devices), np.nan)
        paths: dict[str, np.ndarray] = {}
        levels = [torch.zeros_like(values) for values in self.compiled.levels.tensors()]
        for index in reversed(range(len(self.solutions))):
            stretch, tape = self.stretches[index], self.solutions[index].tape
            field, columns = stretch.base, self.columns(stretch.slice)
            rows, times = self.stretch_of == index, self._times(index)
            result = pull(self.solver, stretch.field, tape, cotangent)
            if not result.status.ok:
                raise SolveError(self._named(result.status.message, result.status.node))
            knots = AdjointPath(field, tape, result)
            lam[rows] = knots.lam_at(times)
            lam[:, self.driven] = 0.0
            density[rows] = self._density(field, rows, lam, trajectory)
            self._fill_currents(field, rows, columns, lam, currents, trajectory)
            for name, path in knots.gradients_at(times).items():
                whole = paths.setdefault(name, np.full((count, devices), np.nan))
                block = _spread(path, self.stretch_of, index)
                before = whole[:, columns]
                whole[:, columns] = np.where(np.isnan(before), block, before + block)
            for total, part in zip(levels, result.gradients[-len(levels) :], strict=False):
                total += part
            cotangent = result.states[0]
        return AdjointTrajectory(
            t=self.t,
            voltages=lam,
            currents=currents[0],
            currents_target=currents[1],
            gradient={name: path[0] for name, path in paths.items()},
            gradient_path=paths,
            gradient_voltage=cotangent[:, 0].numpy(),
            loss=loss,
            driven_ids=self.circuit.driven,
            drive_density=density,
            gradient_drive=tuple(values[:, 0].numpy() for values in levels),
        )

    def _density(
        self, field: SliceField, rows: np.ndarray, lam: np.ndarray, trajectory: Trajectory
    ) -> np.ndarray:
        """dL/du (T, M) at the output times of one stretch."""
        if not (rows.any() and len(self.driven)):
            return np.zeros((int(rows.sum()), len(self.driven)))
        v, w = (torch.from_numpy(values[rows]).T for values in (trajectory.voltages, lam))
        return field.vjp(0.0, v, w)[0][self.driven].T.numpy()

    def _fill_currents(
        self,
        field: SliceField,
        rows: np.ndarray,
        columns: slice,
        lam: np.ndarray,
        currents: np.ndarray,
        trajectory: Trajectory,
    ) -> None:
        """g_s (mu_s - mu_d) and -g_d (mu_s - mu_d) for one stretch."""
        if not rows.any() or not field.device_count:
            return
        mu = lam[rows] / self.compiled.capacitance.numpy()
        mu = np.hstack([mu, np.zeros((len(mu), 1))])
        leaves, target = ends_of(field)
        across = mu[:, leaves] - mu[:, target]
        g_s, g_d = field.conductances(torch.from_numpy(trajectory.voltages[rows]).T)
        currents[0, rows, columns] = g_s.T.numpy() * across
        currents[1, rows, columns] = -g_d.T.numpy() * across


def _spread(path: np.ndarray, slice_of: np.ndarray, index: int) -> np.ndarray:
    """One slice's running gradient at all times: all of it before the slice, none after."""
    absent = np.where(np.isnan(path[0]), np.nan, 0.0)
    block = np.broadcast_to(absent, (len(slice_of), path.shape[1])).copy()
    block[slice_of < index] = path[0]
    block[slice_of == index] = path[1:]
    return block


def _control(run: PlainSimulation, rtol: float) -> tuple[PlainSimulation, Trajectory]:
    times = replace(run.times, energy=False)
    control = PlainSimulation(run.circuit, Auto(rtol=rtol, atol=1e-2 * rtol), times)
    return control, control.trajectory()


def measured_plainly(run: PlainSimulation, trajectory: Trajectory) -> SolveStatus:
    """The status of an answer after it was held against two solves under error control."""
    if not trajectory.status.ok:
        return trajectory.status
    _, coarse = _control(run, 1e-6)
    _, fine = _control(run, 1e-8)
    if not (coarse.status.ok and fine.status.ok):
        message = "These voltages cannot be confirmed: a solve with error control stopped. "
        return SolveStatus(False, message + fine.status.message, state="inaccurate")
    largest = float(np.abs(fine.voltages).max(initial=0.0)) or 1.0
    sure = float(np.abs(coarse.voltages - fine.voltages).max(initial=0.0)) / largest
    apart = np.abs(trajectory.voltages - fine.voltages)
    row, column = divmod(int(apart.argmax()), apart.shape[1])
    share = float(apart[row, column]) / largest
    if max(sure, share) <= TOLERANCE:
        return SolveStatus(error=share)
    node, time = run.circuit.node_ids[column], float(run.t[row])
    message = (
        f"Node '{node}' is off by {apart[row, column]:.3g} V at t = {time:.4g} s; use the solver "
        "auto, or shorten the duration."
    )
    return SolveStatus(False, message, node, time, "inaccurate", share)


def plain_adjoint(
    run: PlainSimulation, loss: "Loss", gradient: str
) -> tuple[Trajectory, AdjointTrajectory | None]:
    """Forward by the run's solver; the lanes of the adjoint circuit by one with error control."""
    trajectory = run.trajectory()
    status = measured_plainly(run, trajectory)
    trajectory = trajectory.with_status(status)
    if not status.reached:
        return trajectory, None
    control, exact = _control(run, 1e-8)
    if not exact.status.ok:
        return trajectory, None

    def of(one: PlainSimulation, path: Trajectory, kind: str) -> AdjointTrajectory:
        cotangent = torch.from_numpy(loss.cotangent(one.final())).unsqueeze(-1)
        return one.adjoint(cotangent, loss.value(run.final()), kind, path)

    lanes = of(control, exact, "continuous")
    if gradient == "continuous":
        return trajectory, lanes
    steps = of(run, trajectory, gradient)
    return trajectory, replace(
        lanes, gradient=steps.gradient, gradient_voltage=steps.gradient_voltage
    )
