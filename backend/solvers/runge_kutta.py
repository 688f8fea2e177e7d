"""Explicit Runge-Kutta steps, and the methods that take them at a fixed size."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..engine.tableaus import EULER, HEUN, MIDPOINT, RK4, ButcherTableau, Terms
from ..params import Param
from .base import (
    March,
    Solver,
    Stats,
    Status,
    Tape,
    VectorField,
    first_non_finite,
    non_finite_status,
)
from .counting import Counted
from .dense import OnStep, Step
from .registry import SOLVERS


def combine(
    y: Tensor, h: float, terms: Terms, slopes: Sequence[Tensor], out: Tensor | None = None
) -> Tensor:
    """``y + h sum_j a_j k_j``, one fused operation per term; differentiable without ``out``."""
    if not terms:
        return y if out is None else out.copy_(y)
    (j, a), *rest = terms
    value = torch.add(y, slopes[j], alpha=h * a, out=out)
    for j, a in rest:
        value = value.add_(slopes[j], alpha=h * a)
    return value


def stage_slopes(
    tableau: ButcherTableau,
    field: VectorField,
    t: float,
    h: float,
    y: Tensor,
    first: Tensor | None = None,
) -> list[Tensor]:
    """``k_1 ... k_s`` of one step, those only the error needs left out unless ``first`` is given.

    Args:
        tableau: the method.
        field: the right-hand side.
        t: start of the step [s].
        h: length of the step [s].
        y: state at the start.
        first: ``k_1`` when the last step already had it (FSAL); then all stages are made.
    """
    count = tableau.stages if first is None else len(tableau.b)
    slopes = [field(t, y) if first is None else first]
    for c, row in zip(tableau.c[1:count], tableau.rows[1:count], strict=True):
        slopes.append(field(t + c * h, combine(y, h, row, slopes)))
    return slopes


def replay(
    tableau: ButcherTableau, field: VectorField, y0: Tensor, times: Sequence[float]
) -> Tensor:
    """The last state after steps between given times, in a graph torch can differentiate.

    The step sizes are constants, whoever chose them: a gradient through a step-size controller
    is a different and, with kinks in the field, badly wrong number.
    """
    y = y0
    for t, end in itertools.pairwise(times):
        y = combine(y, end - t, tableau.weights, stage_slopes(tableau, field, t, end - t, y))
    return y


@dataclass(frozen=True)
class FixedStepSolver(Solver):
    """Equal steps with an explicit Runge-Kutta method; output between steps is cubic Hermite."""

    steps: int = 200

    fixed_steps: ClassVar[bool] = True
    params: ClassVar[tuple[Param, ...]] = (
        Param("steps", 200, low=1, slider=(10, 1000), doc="Number of equal steps."),
    )
    tableau: ClassVar[ButcherTableau]

    def _march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None,
        check: bool,
    ) -> March:
        counted = Counted(field)
        tableau, h = self.tableau, (t1 - t0) / self.steps
        times = torch.linspace(t0, t1, self.steps + 1, dtype=torch.float64)
        states = y0.new_empty((self.steps + 1, *y0.shape))
        rows = states.unbind(0)
        rows[0].copy_(y0)
        for t, y, out in zip(times.tolist(), rows[:-1], rows[1:], strict=False):
            slopes = stage_slopes(tableau, counted, t, h, y)
            combine(y, h, tableau.weights, slopes, out=out)
        status, tape = Status(), Tape(times, states)
        if check:
            status, tape = _cut(tape)
        if on_step is not None:
            self._show(counted, tape, on_step)
        steps = len(tape.times) - 1
        size = h if steps else 0.0
        return March(tape, status, Stats(steps, 0, counted.evaluations, 0, size, size))

    def _show(self, field: VectorField, tape: Tape, on_step: OnStep) -> None:
        times, states = tape.times.tolist(), tape.states.unbind(0)
        for n in range(len(times) - 1):
            t, end, y, after = times[n], times[n + 1], states[n], states[n + 1]
            # Only steps with an output time inside pay for the two slopes of the cubic.
            made: list = []

            def interpolate(
                theta: float, span: tuple = (t, end, y, after), made: list = made
            ) -> Tensor:
                if not made:
                    made.append(self.interpolant(field, *span))
                return made[0](theta)

            on_step(Step(t, end, after, interpolate))

    def backprop(self, field: VectorField, y0: Tensor, t0: float, t1: float) -> Tensor:
        """``y(t1)`` with torch's own graph through every operation of every step."""
        times = torch.linspace(t0, t1, self.steps + 1, dtype=torch.float64)
        return replay(self.tableau, field, y0, times.tolist())


def _cut(tape: Tape) -> tuple[Status, Tape]:
    """The tape up to the last state in which every value is finite."""
    found = first_non_finite(tape.states)
    if found is None:
        return Status(), tape
    k, component = found
    keep = max(k, 1)
    time = float(tape.times[keep - 1])
    return non_finite_status(component, time), Tape(tape.times[:keep], tape.states[:keep])


@SOLVERS.register("euler")
@dataclass(frozen=True)
class Euler(FixedStepSolver):
    """Forward Euler, order 1: the tangent at the start of every step."""

    title: ClassVar[str] = "Euler"
    order: ClassVar[int] = 1
    tableau: ClassVar[ButcherTableau] = EULER


@SOLVERS.register("midpoint")
@dataclass(frozen=True)
class Midpoint(FixedStepSolver):
    """Explicit midpoint rule, order 2: the slope half way through the step."""

    title: ClassVar[str] = "Midpoint"
    order: ClassVar[int] = 2
    tableau: ClassVar[ButcherTableau] = MIDPOINT


@SOLVERS.register("heun")
@dataclass(frozen=True)
class Heun(FixedStepSolver):
    """Heun's method, order 2: the mean of the slopes at both ends."""

    title: ClassVar[str] = "Heun"
    order: ClassVar[int] = 2
    tableau: ClassVar[ButcherTableau] = HEUN


@SOLVERS.register("rk4")
@dataclass(frozen=True)
class ClassicalRungeKutta(FixedStepSolver):
    """The classical Runge-Kutta method of order 4: the sound default for trained networks."""

    title: ClassVar[str] = "Runge-Kutta 4"
    order: ClassVar[int] = 4
    tableau: ClassVar[ButcherTableau] = RK4
