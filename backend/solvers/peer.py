"""torchdiffeq as a solver: an independent implementation to compare ours with."""

import functools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..errors import SolveError
from ..params import Param
from .adaptive import TOLERANCES
from .base import (
    March,
    Solution,
    Solver,
    Stats,
    Status,
    Tape,
    VectorField,
    as_times,
    check_problem,
    first_non_finite,
    non_finite_status,
)
from .counting import Counted
from .dense import OnStep, Sampler, Step
from .registry import SOLVERS


@SOLVERS.register("torchdiffeq")
@dataclass(frozen=True)
class TorchDiffEq(Solver):
    """The torchdiffeq package: its dopri5 or its implicit Adams method, on a grid of `steps`.

    The grid is where the tape has its points; ``implicit_adams`` also steps on it, ``dopri5``
    chooses its own steps in between and does not tell them.

    References:
        Chen, github.com/rtqichen/torchdiffeq.
    """

    method: str = "dopri5"
    rtol: float = 1e-6
    atol: float = 1e-8
    steps: int = 200
    max_steps: int = 20000
    adjoint: bool = False

    title: ClassVar[str] = "torchdiffeq"
    order: ClassVar[int] = 5
    adaptive: ClassVar[bool] = True
    gradients: ClassVar[tuple[str, ...]] = ("continuous", "backprop")
    params: ClassVar[tuple[Param, ...]] = (
        Param("method", "dopri5", choices=("dopri5", "implicit_adams"), doc="Its method."),
        *TOLERANCES,
        Param("steps", 200, low=1, slider=(10, 1000), doc="Grid; the steps of implicit_adams."),
        Param("max_steps", 20000, low=1, doc="Gives up after so many steps between grid points."),
        Param("adjoint", False, doc="Backprop by its odeint_adjoint, not through its steps."),
    )

    @torch.no_grad()
    def solve(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        times: Tensor | Sequence[float] | None = None,
    ) -> Solution:
        """As ``Solver.solve``; the output times come from torchdiffeq's own dense output."""
        check_problem(y0, t0, t1)
        if times is None or t1 == t0:
            return super().solve(field, y0, t0, t1, times)
        wanted = Sampler(times, y0, t0, t1).times.clamp(t0, t1)
        grid, places = torch.cat([self._grid(t0, t1), wanted]).unique(return_inverse=True)
        march = self._run(field, y0, t0, t1, grid)
        states = march.tape.states
        if not march.status.ok:
            usable = bool(torch.isfinite(states[-1]).all())  # not so when the start was bad
            reached = int((wanted <= march.tape.times[-1]).sum()) if usable else 0
            wanted, places = wanted[:reached], places[: self.steps + 1 + reached]
        picked = states[places[self.steps + 1 :]]
        on_grid = places[: self.steps + 1]
        on_grid = on_grid[on_grid < len(states)]
        tape = Tape(march.tape.times[on_grid], states[on_grid])
        stats = replace(march.stats, steps=len(tape.times) - 1)
        return Solution(wanted, picked, states[-1], tape, march.status, stats)

    def _march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None,
        check: bool,
    ) -> March:
        march = self._run(field, y0, t0, t1, self._grid(t0, t1))
        if on_step is not None:
            times, states = march.tape.times.tolist(), march.tape.states
            for n in range(len(times) - 1):
                ends = times[n], times[n + 1], states[n], states[n + 1]
                on_step(Step(times[n], times[n + 1], ends[3], self.interpolant(field, *ends)))
        return march

    def backprop(self, field: Any, y0: Tensor, t0: float, t1: float) -> Tensor:
        """``y(t1)`` differentiable by torchdiffeq's own means."""
        import torchdiffeq  # scipy comes with it: half a second nobody else should pay

        grid = as_times([t0, t1])
        try:
            if self.adjoint:
                parameters = field.parameter_tensors()
                solve = functools.partial(torchdiffeq.odeint_adjoint, adjoint_params=parameters)
            else:
                solve = torchdiffeq.odeint
            return self._call(solve, field, y0, grid)[-1]
        except AssertionError as error:
            raise SolveError(f"torchdiffeq gave up: {error}.") from error

    def _call(self, solve: Any, field: Any, y0: Tensor, grid: Tensor) -> Tensor:
        return solve(
            field,
            y0,
            grid.to(y0.device),
            rtol=self.rtol,
            atol=self.atol,
            method=self.method,
            options=self._options(grid),
        )

    def _run(self, field: VectorField, y0: Tensor, t0: float, t1: float, grid: Tensor) -> March:
        import torchdiffeq

        counted, status = Counted(field), Status()
        states = y0[None]
        if trouble := first_non_finite(states):
            return March(Tape(grid[:1], states), non_finite_status(trouble[1], t0), Stats())
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Functional iteration")
            try:
                states = self._call(torchdiffeq.odeint, counted, y0, grid)
            except (AssertionError, UserWarning) as error:  # "underflow in dt", "did not converge"
                status = Status(False, f"torchdiffeq gave up: {error}.", None, t0)
        if trouble := first_non_finite(states):
            keep = max(trouble[0], 1)
            states = states[:keep]
            status = non_finite_status(trouble[1], float(grid[keep - 1]))
        steps = len(states) - 1
        stats = Stats(steps=steps, evaluations=counted.evaluations)
        return March(Tape(grid[: steps + 1], states), status, stats)

    def _grid(self, t0: float, t1: float) -> Tensor:
        return torch.linspace(t0, t1, self.steps + 1, dtype=torch.float64)

    def _options(self, times: Tensor) -> dict[str, Any]:
        if self.method == "dopri5":
            # Left alone it steps past the end, where a field may not exist, and interpolates.
            return {"max_num_steps": self.max_steps, "step_t": times[[0, -1]]}

        def grid(func: Any, y0: Tensor, t: Tensor) -> Tensor:
            return torch.linspace(
                float(t[0]), float(t[-1]), self.steps + 1, dtype=t.dtype, device=t.device
            )

        return {"grid_constructor": grid, "interp": "cubic"}
