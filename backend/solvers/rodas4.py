"""RODAS 4(3), a Rosenbrock method for stiff circuits: one linear solve per stage, no iteration."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..engine.rosenbrock import ALPHA, DENSE, GAMMA, TIME, A, C
from .adaptive import AdaptiveSolver, Attempt, Start
from .registry import SOLVERS


@SOLVERS.register("rodas4")
@dataclass(frozen=True)
class Rodas4(AdaptiveSolver):
    """Implicit order 4 for stiff circuits: L-stable, adaptive steps, dense output of order 3.

    With ``W = 1/(gamma h) - J`` every stage solves
    ``W u_i = f(t + alpha_i h, y + sum_j a_ij u_j) + sum_j (c_ij / h) u_j + h d_i df/dt``;
    ``y1 = y + sum_j a_6j u_j + u_6`` and ``u_6`` is the error estimate.

    References:
        Hairer, Wanner, Solving Ordinary Differential Equations II, section IV.7 (RODAS).
    """

    title: ClassVar[str] = "RODAS 4(3), stiff"
    order: ClassVar[int] = 4
    error_order: ClassVar[int] = 4
    implicit: ClassVar[bool] = True
    gradients: ClassVar[tuple[str, ...]] = ("continuous",)

    def start(self, field: Any, t: float, y: Tensor) -> Start:
        """Slope and Jacobian, kept when a step has to be tried again."""
        return Start(field(t, y), field.jacobian(t, y))

    def attempt(self, field: Any, t: float, y: Tensor, h: float, start: Start) -> Attempt:
        """Six stages with one factorisation."""
        matrix = -start.extra
        matrix.diagonal(dim1=-2, dim2=-1).add_(1 / (GAMMA * h))
        # The _ex form neither raises nor waits for the device; a singular matrix gives values
        # that are not finite, and the step is rejected.
        factors, pivots, _ = torch.linalg.lu_factor_ex(matrix)
        drift = self._time_slope(field, t, y, h, start.slope)
        stages: list[Tensor] = []
        state = y
        for i in range(6):
            if i:
                state = _sum(y, A[i], stages)
            right = start.slope.clone() if i == 0 else field(t + ALPHA[i] * h, state).clone()
            for c, stage in zip(C[i], stages, strict=True):
                right.add_(stage, alpha=c / h)
            if drift is not None and TIME[i]:
                right.add_(drift, alpha=h * TIME[i])
            solved = torch.linalg.lu_solve(factors, pivots, right.T.unsqueeze(-1))
            stages.append(solved.squeeze(-1).T)
        after = state + stages[5]

        def interpolate(theta: float) -> Tensor:
            # y(theta) = (1-theta) y0 + theta (y1 + (1-theta) (d_2.u + theta d_3.u)), rodas.f CONTRO
            rest = 1.0 - theta
            bend = sum((d2 + theta * d3) * u for d2, d3, u in zip(*DENSE, stages, strict=False))
            return rest * y + theta * (after + rest * bend)

        return Attempt(after, stages[5], interpolate)

    def _time_slope(
        self, field: Any, t: float, y: Tensor, h: float, slope: Tensor
    ) -> Tensor | None:
        """``df/dt`` by a forward difference, ``None`` when the field does not depend on time."""
        if getattr(field, "autonomous", False):
            return None
        delta = torch.finfo(y.dtype).eps ** 0.5 * h
        return (field(t + delta, y) - slope) / delta


def _sum(y: Tensor, weights: tuple[float, ...], stages: list[Tensor]) -> Tensor:
    total = y.clone()
    for weight, stage in zip(weights, stages, strict=True):
        total.add_(stage, alpha=weight)
    return total
