"""The one-call door: a circuit in, voltages, currents and gradients over time out."""

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..circuit import Circuit
from ..circuit.held_field import durations_of, pieces_of
from ..errors import CircuitError, StudioError
from ..params import check_params
from ..registry import nearest
from ..solvers import SOLVERS, Solver
from ..solvers.auto import Auto
from ..solvers.rodas4 import Rodas4
from .accuracy import Times
from .adjoint import Loss, compiled_adjoint
from .compiled import CompiledSimulation, measured, plan_of, refuse, solve_auto
from .nodal.adjoint import solve_adjoint
from .nodal.answer import NodalRun
from .plain import PlainSimulation, measured_plainly, plain_adjoint
from .problem import Problem
from .stopping import StopSignal
from .trajectory import AdjointTrajectory, Trajectory

LOSSES = ("sum", "mse")


class AccuracyWarning(UserWarning):
    """A solve reached its end, and its voltages are off by more than the tolerance."""


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


def default_solver(options: Mapping[str, Any]) -> str:
    """``auto``; whoever gives ``steps`` wants steps of equal size."""
    return "auto" if options.get("steps") is None else "rk4"


def simulate(
    circuit: Circuit,
    *,
    solver: str | Solver | None = None,
    outputs: int = 201,
    voltages: Mapping[str, float] | None = None,
    throw: bool = True,
    check: bool = True,
    energy: bool = False,
    stop: StopSignal | None = None,
    **options: Any,
) -> Trajectory:
    """Voltages and currents of a circuit at equidistant times, in float64.

    The answer of ``auto`` is one on which two tolerances agree. Any other solver's is measured
    against that; beyond 1e-3 of the largest voltage its status is ``inaccurate``.

    Args:
        circuit: the description.
        solver: a name from ``SOLVERS`` or an instance; ``None`` for ``auto``, or for ``rk4``
            where ``steps`` are given.
        outputs: number of times from 0 to the total duration, both included.
        voltages: initial voltages [V] that replace those of the description.
        throw: raise when the solve fails and warn when it is inaccurate; otherwise return what
            exists, with its status.
        check: measure the answer; without it a status says only whether the end was reached.
        energy: also the energies and their balance, from the steps of the solve.
        stop: ends the work from another thread.
        options: the solver's own options, e.g. ``steps`` (per slice), ``rtol``, ``atol``.

    Raises:
        CircuitError: an unknown node in ``voltages``.
        SolveError: the solve failed and ``throw`` is set.
        StudioError: an unknown solver or option.
        Stopped: ``stop`` was set.

    Warns:
        AccuracyWarning: the answer is inaccurate and ``throw`` is set.
    """
    if circuit.general:
        run = general_run(circuit, solver, outputs, voltages, options, energy)
        return _said(run.trajectory(check, stop), circuit, throw)
    run = _prepared(circuit, solver, outputs, voltages, stop, options, energy)
    if isinstance(run, PlainSimulation):
        trajectory = run.trajectory()
        status = measured_plainly(run, trajectory) if check else trajectory.status
        trajectory = trajectory.with_status(status)
    elif isinstance(run.solver, Auto) and check:
        trajectory, _ = solve_auto(run)
    else:
        solved = run.solve()
        status = measured(run, solved) if check else solved.trajectory.status
        trajectory = solved.trajectory.with_status(status)
    return _said(trajectory, circuit, throw)


def adjoint(
    circuit: Circuit,
    *,
    solver: str | Solver | None = None,
    outputs: int = 201,
    voltages: Mapping[str, float] | None = None,
    loss: str = "sum",
    targets: Mapping[str, float] | None = None,
    gradient: str | None = None,
    throw: bool = True,
    energy: bool = False,
    stop: StopSignal | None = None,
    **options: Any,
) -> tuple[Trajectory, AdjointTrajectory | None]:
    """The trajectory of a circuit and of its adjoint circuit.

    The adjoint voltages are those of the adjoint circuit, solved under error control of its own,
    whatever the solver. The gradients are those of the solver's steps where it has any.

    Args:
        circuit: the description.
        solver: a name from ``SOLVERS`` or an instance; ``None`` for ``auto``, or for ``rk4``
            where ``steps`` are given.
        outputs: number of times from 0 to the total duration, both included.
        voltages: initial voltages [V] that replace those of the description.
        loss: ``sum`` of the output voltages at the end, or ``mse`` = 1/2 sum (v - target)^2.
        targets: target voltages [V] by node, for ``mse``; without any, every output node
            has the target 0 V.
        gradient: ``discrete`` or ``backprop`` (of the steps taken, what training minimises) or
            ``continuous`` (of the adjoint circuit); ``None`` for the solver's best.
        throw: raise when the solve fails and warn when it is inaccurate; otherwise the adjoint of
            a failed solve is ``None``.
        energy: also the energies and their balance, from the steps of the solve.
        stop: ends the work from another thread.
        options: the solver's own options.

    Raises:
        CircuitError: no output node, or an unknown node.
        SolveError: the solve failed and ``throw`` is set.
        StudioError: an unknown solver, option, loss or gradient.
        Stopped: ``stop`` was set.

    Warns:
        AccuracyWarning: the answer is inaccurate and ``throw`` is set.
    """
    if circuit.general:
        if gradient not in (None, "continuous", "discrete"):
            raise StudioError(f"the gradient {gradient!r:.80} is not there for such circuits")
        nodal = general_run(circuit, solver, outputs, voltages, options, energy)
        wanted = loss_of(circuit, loss, targets or {})
        trajectory, back = solve_adjoint(nodal.problem, nodal.times, wanted, stop)
        return _said(trajectory, circuit, throw), back
    run = _prepared(circuit, solver, outputs, voltages, stop, options, energy)
    chosen = _check_gradient(run.solver, gradient)
    wanted = loss_of(run.circuit, loss, targets or {})
    if isinstance(run, PlainSimulation):
        trajectory, back = plain_adjoint(run, wanted, chosen)
    else:
        trajectory, back = compiled_adjoint(run, wanted, chosen)
    return _said(trajectory, circuit, throw), back


def general_run(
    circuit: Circuit, solver: str | Solver | None, outputs: int,
    voltages: Mapping[str, float] | None, options: Mapping[str, Any], energy: bool = False,
) -> NodalRun:  # fmt: skip
    """A solve of a circuit of the general class, which RODAS alone can do.

    Raises:
        CircuitError: the circuit contradicts itself, or an unknown node in ``voltages``.
        StudioError: another solver.
    """
    _check_outputs(outputs)
    solver = solver or default_solver(options)
    chosen = make_solver(solver, **options) if isinstance(solver, str) else solver
    if not isinstance(chosen, Auto | Rodas4):
        raise StudioError(
            f"{chosen.title} does not solve this circuit, which has {circuit.general[0]}; choose "
            "the solver auto or rodas4"
        )
    described = circuit.with_voltages(voltages) if voltages else circuit
    times = replace(times_of(described, outputs), energy=energy)
    return NodalRun(described, times, chosen.rtol)


def _check_outputs(outputs: int) -> None:
    if isinstance(outputs, bool) or not isinstance(outputs, int) or outputs < 2:
        raise StudioError(f"outputs must be at least 2 (start and end), got {outputs!r:.80}")


def _prepared(
    circuit: Circuit, solver: str | Solver | None, outputs: int,
    voltages: Mapping[str, float] | None, stop: StopSignal | None, options: Mapping[str, Any],
    energy: bool,
) -> CompiledSimulation | PlainSimulation:  # fmt: skip
    _check_outputs(outputs)
    solver = solver or default_solver(options)
    described = circuit.with_voltages(voltages) if voltages else circuit
    chosen = make_solver(solver, **options) if isinstance(solver, str) else solver
    times = replace(times_of(described, outputs), energy=energy)
    problem = Problem.of(described) if plan_of(chosen) is not None else None
    if problem is None:
        if isinstance(chosen, Auto):  # in torch no second tolerance stands behind the answer
            chosen = replace(chosen, rtol=max(1e-2 * chosen.rtol, 1e-12), atol=1e-4 * chosen.atol)
        return PlainSimulation(described, chosen, times)
    return CompiledSimulation(problem, chosen, times, stop)


def times_of(circuit: Circuit, outputs: int) -> Times:
    """Equidistant times, each with the slice, or the part of one, to which it belongs."""
    times = Times.equidistant([part.duration for part in circuit.slices], outputs)
    if not circuit.waves and not circuit.general:
        return times
    return Times.equidistant(durations_of(circuit, pieces_of(circuit)), outputs)


def _said(trajectory: Trajectory, circuit: Circuit, throw: bool) -> Trajectory:
    """The trajectory, which knows its circuit, after what is to be said of its status."""
    if throw:
        refuse(trajectory.status)
        if not trajectory.status.ok:
            warnings.warn(trajectory.status.message, AccuracyWarning, stacklevel=3)
    return replace(trajectory, circuit=circuit)


def loss_of(circuit: Circuit, loss: str, targets: Mapping[str, float]) -> Loss:
    """The loss over rows of the circuit.

    Raises:
        StudioError: an unknown loss or node, or targets that say nothing.
    """
    if loss not in LOSSES:
        raise StudioError(f"unknown loss {loss!r:.80}: {nearest(loss, list(LOSSES))}")
    if targets and loss != "mse":
        raise StudioError("targets belong to the loss 'mse'; choose it or leave them out")
    rows = {name: row for row, name in enumerate(circuit.node_ids)}
    for name in targets:
        if name not in rows:
            raise CircuitError(f"there is no node {name!r:.80}; {nearest(name, list(rows))}")
        if name in circuit.driven:
            raise CircuitError(
                f"node {name!r:.80} is driven: its voltage is given, so a target says nothing; "
                "choose a free node"
            )
    names = tuple(targets) or circuit.outputs
    if not names:
        raise CircuitError("the circuit has no output node; give one node the role 'output'")
    goals = np.array([float(targets.get(name, 0.0)) for name in names])
    return Loss(np.array([rows[name] for name in names]), None if loss == "sum" else goals)


def _check_gradient(solver: Solver, gradient: str | None) -> str:
    """The chosen gradient, or the solver's best.

    Raises:
        StudioError: the solver cannot form it.
    """
    chosen = gradient or solver.gradients[0]
    if chosen not in solver.gradients:
        raise StudioError(
            f"the gradient {chosen!r:.80} is not available for {solver.title}: "
            f"choose {' or '.join(solver.gradients)}"
        )
    return chosen
