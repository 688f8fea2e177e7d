"""The loop of every method that chooses its own steps."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import torch
from torch import Tensor

from ..engine.step_size import PREVIOUS, after_accepted, after_rejected, step_end
from ..params import Param
from .base import (
    March,
    Solver,
    Stats,
    Status,
    Tape,
    VectorField,
    as_times,
    first_non_finite,
    non_finite_status,
)
from .control import error_ratio, first_step
from .counting import Counted
from .dense import Interpolant, OnStep, Step

TOLERANCES = (
    Param("rtol", 1e-6, low=1e-12, high=1.0, slider=(1e-9, 1e-2), doc="Relative tolerance."),
    Param("atol", 1e-8, "V", low=1e-15, high=1.0, slider=(1e-11, 1e-3), doc="Smallest error."),
)


class Start(NamedTuple):
    """What a method knows at the start of a step: the slope, and its own ``extra``."""

    slope: Tensor
    extra: Any = None


class Attempt(NamedTuple):
    """A tried step: its end, the error estimate, the dense output, and the method's ``extra``."""

    state: Tensor
    error: Tensor
    interpolate: Interpolant
    extra: Any = None


@dataclass(frozen=True)
class AdaptiveSolver(Solver):
    """A one-step method with an error estimate; subclasses say how to start and try a step.

    Attributes:
        error_order: power of the step with which the error estimate falls.
    """

    rtol: float = 1e-6
    atol: float = 1e-8
    max_steps: int = 20000

    adaptive: ClassVar[bool] = True
    error_order: ClassVar[int]
    params: ClassVar[tuple[Param, ...]] = (
        *TOLERANCES,
        Param("max_steps", 20000, low=1, doc="Gives up after so many tried steps."),
    )

    @abstractmethod
    def start(self, field: Any, t: float, y: Tensor) -> Start:
        """What the first step needs at ``(t, y)``."""

    @abstractmethod
    def attempt(self, field: Any, t: float, y: Tensor, h: float, start: Start) -> Attempt:
        """One step of length ``h`` from ``(t, y)``, accepted or not."""

    def advance(self, field: Any, t: float, attempt: Attempt) -> Start:
        """The start of the step after an accepted one that ends at ``t``."""
        return self.start(field, t, attempt.state)

    def interpolant(
        self, field: VectorField, t0: float, t1: float, y0: Tensor, y1: Tensor
    ) -> Interpolant:
        """The method's own dense output of a step it took, made again from the start."""
        with torch.no_grad():
            return self.attempt(field, t0, y0, t1 - t0, self.start(field, t0, y0)).interpolate

    def _march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None,
        check: bool,
    ) -> March:
        return _Loop(self, field, y0, t0, t1).run(on_step)


class _Loop:
    """One solve in progress: tries steps, keeps the good ones, stops when it must."""

    def __init__(
        self, solver: AdaptiveSolver, field: VectorField, y0: Tensor, t0: float, t1: float
    ) -> None:
        self.solver = solver
        self.field = Counted(field)
        self.t, self.t1, self.span = t0, t1, t1 - t0
        self.times, self.states = [t0], [y0.clone()]
        self.sizes: list[float] = []
        self.rejected = 0

    def run(self, on_step: OnStep | None) -> March:
        """Steps until ``t1`` or trouble."""
        status = self._steps(on_step)
        sizes = self.sizes or [0.0]
        stats = Stats(
            steps=len(self.sizes),
            rejected=self.rejected,
            evaluations=self.field.evaluations,
            jacobians=self.field.jacobians,
            smallest_step=min(sizes),
            largest_step=max(sizes),
        )
        return March(Tape(as_times(self.times), torch.stack(self.states)), status, stats)

    def _steps(self, on_step: OnStep | None) -> Status:
        solver, order = self.solver, self.solver.error_order
        y = self.states[0]
        start = solver.start(self.field, self.t, y)
        if trouble := first_non_finite(torch.stack([y, start.slope])):
            return non_finite_status(trouble[1], self.t)
        h = first_step(
            self.field, self.t, self.t1, y, start.slope,
            order, solver.rtol, solver.atol,
        )  # fmt: skip
        previous, held = PREVIOUS, False
        attempt = None
        while self.t < self.t1:
            if not h > self._smallest():
                return self._underflow(y, attempt)
            if len(self.sizes) + self.rejected >= solver.max_steps:
                return self._exhausted(y, attempt)
            end = step_end(self.t, h, self.t1)
            h = end - self.t
            attempt = solver.attempt(self.field, self.t, y, h, start)
            error = error_ratio(attempt.error, y, attempt.state, solver.rtol, solver.atol)
            if not error <= 1.0:
                self.rejected += 1
                held = True
                h *= after_rejected(error, order)
                continue
            if on_step is not None:
                on_step(Step(self.t, end, attempt.state, attempt.interpolate))
            self._accept(end, h, attempt.state)
            y = attempt.state
            if end < self.t1:
                start = solver.advance(self.field, end, attempt)
            h *= after_accepted(error, previous, held, order)
            previous, held = max(error, PREVIOUS), False
        return Status()

    def _accept(self, end: float, h: float, state: Tensor) -> None:
        self.t = end
        self.times.append(end)
        self.states.append(state)
        self.sizes.append(h)

    def _smallest(self) -> float:
        """Below this a step no longer moves the clock by a meaningful amount."""
        return max(1e-15 * self.span, 8.9e-16 * abs(self.t))

    def _underflow(self, y: Tensor, attempt: Attempt | None) -> Status:
        component, finite = self._worst(y, attempt)
        if not finite:
            return non_finite_status(component, self.t)
        message = (
            f"The step size fell to nothing at t = {self.t:.6g} s: component {component} changes "
            "too abruptly for the tolerance."
        )
        return Status(False, message, component, self.t)

    def _exhausted(self, y: Tensor, attempt: Attempt | None) -> Status:
        component, _ = self._worst(y, attempt)
        remedy = (
            "" if self.solver.implicit else "; the circuit may be stiff, try an implicit solver"
        )
        message = (
            f"Stopped at t = {self.t:.6g} s after {self.solver.max_steps} tried steps: component "
            f"{component} sets the pace{remedy}."
        )
        return Status(False, message, component, self.t)

    def _worst(self, y: Tensor, attempt: Attempt | None) -> tuple[int, bool]:
        """The component with the largest relative error of the last try, and its finiteness."""
        if attempt is None:
            return 0, True
        if trouble := first_non_finite(attempt.state[None], y):
            return trouble[1], False
        if trouble := first_non_finite(attempt.error[None], y):
            return trouble[1], False
        scale = self.solver.atol + self.solver.rtol * torch.maximum(y.abs(), attempt.state.abs())
        return int((attempt.error / scale).abs().amax(dim=1).argmax()), True
