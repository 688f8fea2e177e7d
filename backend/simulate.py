"""The one-call door: a circuit in, voltages, currents and gradients over time out."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .adjoint_path import AdjointPath
from .circuit import GROUND, Circuit
from .compile import CompiledCircuit, SliceField, compile_circuit
from .errors import CircuitError, SolveError, StudioError
from .params import check_params
from .registry import nearest
from .scalar import solve_quickly
from .solvers import ADJOINTS, SOLVERS, Solution, Solver
from .trajectory import AdjointTrajectory, SolveStatus, Trajectory

LOSSES = ("sum", "mse")


def make_solver(name: str, **options: Any) -> Solver:
    """The named solver with its options; ``None`` means the solver's default.

    Raises:
        StudioError: unknown name or option, or a value out of range.
    """
    kind = SOLVERS[name]
    given = {key: value for key, value in options.items() if value is not None}
    try:
        return kind(**check_params(kind.params, given))
    except ValueError as error:
        raise StudioError(f"solver {name}: {error}") from None


def simulate(
    circuit: Circuit,
    *,
    solver: str | Solver = "rk4",
    outputs: int = 201,
    voltages: Mapping[str, float] | None = None,
    throw: bool = True,
    **options: Any,
) -> Trajectory:
    """Voltages and currents of a circuit at equidistant times, in float64.

    Args:
        circuit: the description.
        solver: a name from ``SOLVERS`` or an instance.
        outputs: number of times from 0 to the total duration, both included.
        voltages: initial voltages [V] that replace those of the description.
        throw: raise when the solve fails; otherwise return what exists, with its status.
        options: the solver's own options, e.g. ``steps`` (per slice), ``rtol``, ``atol``.

    Raises:
        CircuitError: an unknown node in ``voltages``.
        SolveError: the solve failed and ``throw`` is set.
        StudioError: an unknown solver or option.
    """
    run = _Simulation(circuit, solver, outputs, voltages, options)
    quick = solve_quickly(run.circuit, run.solver, run.t, run.starts, run.slice_of)
    # A solve that fails is done again step by step, to say where and to keep what there is.
    return run.trajectory(throw) if quick is None else quick


def adjoint(
    circuit: Circuit,
    *,
    solver: str | Solver = "rk4",
    outputs: int = 201,
    voltages: Mapping[str, float] | None = None,
    loss: str = "sum",
    targets: Mapping[str, float] | None = None,
    gradient: str | None = None,
    throw: bool = True,
    **options: Any,
) -> tuple[Trajectory, AdjointTrajectory | None]:
    """The trajectory of a circuit and of its adjoint circuit.

    Args:
        circuit: the description.
        solver: a name from ``SOLVERS`` or an instance.
        outputs: number of times from 0 to the total duration, both included.
        voltages: initial voltages [V] that replace those of the description.
        loss: ``sum`` of the output voltages at the end, or ``mse`` = 1/2 sum (v - target)^2.
        targets: target voltages [V] by node, for ``mse``; without any, every output node
            has the target 0 V.
        gradient: ``discrete`` (of the steps taken, what training minimises) or ``continuous``
            (the adjoint circuit solved backwards); ``None`` for the solver's best.
        throw: raise when the solve fails; otherwise the adjoint is ``None``.
        options: the solver's own options.

    Raises:
        CircuitError: no output node, or an unknown node.
        SolveError: the solve failed and ``throw`` is set.
        StudioError: an unknown solver, option, loss or gradient.
    """
    run = _Simulation(circuit, solver, outputs, voltages, options)
    rows, goals = _loss_terms(run.compiled, loss, targets or {})
    trajectory = run.trajectory(throw)
    if not trajectory.status.ok:
        return trajectory, None
    final = run.solutions[-1].final[:, 0]
    cotangent = torch.zeros_like(final)
    if loss == "sum":
        value = final[rows].sum()
        cotangent[rows] = 1.0
    else:
        error = final[rows] - goals
        value = 0.5 * (error * error).sum()
        cotangent[rows] = error
    return trajectory, run.adjoint(cotangent.unsqueeze(-1), float(value), gradient, trajectory)


def _loss_terms(
    compiled: CompiledCircuit, loss: str, targets: Mapping[str, float]
) -> tuple[Tensor, Tensor]:
    """Rows of the nodes in the loss and their targets."""
    if loss not in LOSSES:
        raise StudioError(f"unknown loss {loss!r}: {nearest(loss, list(LOSSES))}")
    if targets and loss != "mse":
        raise StudioError("targets belong to the loss 'mse'; choose it or leave them out")
    for name in targets:
        if name not in compiled.rows:
            raise CircuitError(f"there is no node {name!r}; {nearest(name, list(compiled.rows))}")
    names = tuple(targets) or compiled.circuit.outputs
    if not names:
        raise CircuitError("the circuit has no output node; give one node the role 'output'")
    goals = torch.tensor([float(targets.get(name, 0.0)) for name in names], dtype=torch.float64)
    return compiled.rows_of(names), goals


class _Simulation:
    """One circuit solved slice after slice; keeps what the adjoint needs."""

    def __init__(
        self,
        circuit: Circuit,
        solver: str | Solver,
        outputs: int,
        voltages: Mapping[str, float] | None,
        options: Mapping[str, Any],
    ) -> None:
        if outputs < 2:
            raise StudioError(f"outputs must be at least 2 (start and end), got {outputs}")
        self.circuit = circuit.with_voltages(voltages) if voltages else circuit
        self.solver = make_solver(solver, **options) if isinstance(solver, str) else solver
        self.starts = np.concatenate([[0.0], np.cumsum([s.duration for s in circuit.slices])])
        self.t = np.linspace(0.0, self.starts[-1], outputs)
        self.slice_of = self._slice_of(self.t)
        self.solutions: list[Solution] = []

    @cached_property
    def compiled(self) -> CompiledCircuit:
        """The circuit's vector fields in torch."""
        return compile_circuit(self.circuit)

    def _slice_of(self, t: np.ndarray) -> np.ndarray:
        """The slice that conducts at each time; a boundary belongs to the later slice."""
        slack = 1e-12 * self.starts[-1]
        index = np.searchsorted(self.starts[1:-1], t + slack, side="right")
        return index.astype(int)

    def _times(self, index: int) -> np.ndarray:
        times = self.t[self.slice_of == index]
        return np.clip(times, self.starts[index], self.starts[index + 1])

    def trajectory(self, throw: bool) -> Trajectory:
        """Solve all slices, up to the first that fails."""
        state = self.compiled.v0.unsqueeze(-1)
        for index, field in enumerate(self.compiled.fields()):
            solution = self.solver.solve(
                field,
                state,
                self.starts[index],
                self.starts[index + 1],
                self._times(index).tolist(),
            )
            self.solutions.append(solution)
            if not solution.status.ok:
                break
            state = solution.final
        status = self._status()
        if throw and not status.ok:
            raise SolveError(status.message, status)
        return self._collect(status)

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
        residual = np.zeros(count)
        first = row = 0
        for index, field in zip(range(len(self.solutions)), self.compiled.fields(), strict=False):
            v = self.solutions[index].states[:, :, 0].T
            rows = slice(row, row + v.shape[1])
            if v.shape[1]:
                i = field.currents(v)
                currents[rows, first : first + field.device_count] = i.T.numpy()
                residual[rows] = _kcl_residual(self.compiled, index, field, v, i)
            row += v.shape[1]
            first += field.device_count
        return Trajectory(
            t=self.t[:count],
            voltages=voltages.numpy(),
            currents=currents,
            node_ids=self.circuit.node_ids,
            device_ids=self.circuit.device_ids,
            status=status,
            stats=self._stats(),
            kcl_residual=residual,
        )

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
        self, cotangent: Tensor, loss: float, gradient: str | None, trajectory: Trajectory
    ) -> AdjointTrajectory:
        """The adjoint circuit, slice after slice from the end."""
        pull = ADJOINTS[_check_gradient(self.solver, gradient)]
        count, devices = len(self.t), len(self.circuit.device_ids)
        capacitance = self.compiled.capacitance.numpy()
        lam = np.zeros((count, len(capacitance)))
        currents = np.full((2, count, devices), np.nan)
        paths: dict[str, np.ndarray] = {}
        last = devices
        for index in reversed(range(len(self.solutions))):
            field = self.compiled.slices[index]
            assert isinstance(field, SliceField)
            columns = slice(last - field.device_count, last)
            rows = self.slice_of == index
            times = self._times(index)
            tape = self.solutions[index].tape
            result = pull(self.solver, field, tape, cotangent)
            if not result.status.ok:
                raise SolveError(self._named(result.status.message, result.status.node))
            knots = AdjointPath(field, tape, result)
            lam[rows] = knots.lam_at(times)
            self._fill_currents(index, rows, columns, lam, currents, trajectory)
            for name, path in knots.gradients_at(times).items():
                whole = paths.setdefault(name, np.full((count, devices), np.nan))
                whole[:, columns] = _spread(path, self.slice_of, index)
            cotangent = result.states[0]
            last = columns.start
        return AdjointTrajectory(
            t=self.t,
            voltages=lam,
            currents=currents[0],
            currents_target=currents[1],
            gradient={name: path[0] for name, path in paths.items()},
            gradient_path=paths,
            gradient_voltage=cotangent[:, 0].numpy(),
            loss=loss,
        )

    def _fill_currents(
        self,
        index: int,
        rows: np.ndarray,
        columns: slice,
        lam: np.ndarray,
        currents: np.ndarray,
        trajectory: Trajectory,
    ) -> None:
        """g_s (mu_s - mu_d) and -g_d (mu_s - mu_d) for one slice."""
        field = self.compiled.slices[index]
        assert isinstance(field, SliceField)
        if not rows.any() or not field.device_count:
            return
        mu = lam[rows] / self.compiled.capacitance.numpy()
        mu = np.hstack([mu, np.zeros((len(mu), 1))])
        source, target = _ends(self.compiled, index)
        across = mu[:, source] - mu[:, target]
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


def _ends(compiled: CompiledCircuit, index: int) -> tuple[np.ndarray, np.ndarray]:
    rows = {**compiled.rows, GROUND: compiled.node_count}
    devices = compiled.circuit.slices[index].devices
    source = np.array([rows[device.source] for device in devices], dtype=int)
    target = np.array([rows[device.target] for device in devices], dtype=int)
    return source, target


def _kcl_residual(
    compiled: CompiledCircuit, index: int, field: SliceField, v: Tensor, i: Tensor
) -> np.ndarray:
    """Largest |C dv/dt - (currents in - currents out)| over nodes and ground, over max |i|.

    The right-hand side is the one the solver used, the currents are the ones that are shown.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged end has no sensible residual
        return _residual(compiled, index, field, v, i)


def _residual(
    compiled: CompiledCircuit, index: int, field: SliceField, v: Tensor, i: Tensor
) -> np.ndarray:
    charge = compiled.capacitance.unsqueeze(-1) * field(0.0, v)
    net = np.zeros((compiled.node_count + 1, v.shape[1]))
    source, target = _ends(compiled, index)
    np.subtract.at(net, source, i.numpy())
    np.add.at(net, target, i.numpy())
    ground = charge.sum(0).numpy() + net[-1]
    worst = np.maximum(np.abs(charge.numpy() - net[:-1]).max(0), np.abs(ground))
    scale = float(i.abs().max()) if i.numel() else 0.0
    return worst / scale if scale > 0 else worst


def _check_gradient(solver: Solver, gradient: str | None) -> str:
    """The chosen gradient, or the solver's best.

    Raises:
        StudioError: the solver cannot form it.
    """
    chosen = gradient or solver.gradients[0]
    if chosen not in solver.gradients:
        raise StudioError(
            f"the gradient {chosen!r} is not available for {solver.title}: "
            f"choose {' or '.join(solver.gradients)}"
        )
    return chosen
