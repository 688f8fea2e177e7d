"""Dormand-Prince 5(4), the default adaptive method for circuits that are not stiff."""

from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..engine.tableaus import DORMAND_PRINCE, ButcherTableau
from ..errors import SolveError
from .adaptive import AdaptiveSolver, Attempt, Start
from .base import VectorField
from .registry import SOLVERS
from .runge_kutta import combine, replay, stage_slopes


@SOLVERS.register("dopri5")
@dataclass(frozen=True)
class Dopri5(AdaptiveSolver):
    """Explicit order 5 with an error estimate of order 4, adaptive steps and dense output.

    References:
        Dormand, Prince, J. Comput. Appl. Math. 6 (1980) 19-26; Shampine, Math. Comput. 46 (1986)
        135-150 for the dense output.
    """

    title: ClassVar[str] = "Dormand-Prince 5(4)"
    order: ClassVar[int] = 5
    error_order: ClassVar[int] = 5
    tableau: ClassVar[ButcherTableau] = DORMAND_PRINCE

    def start(self, field: Any, t: float, y: Tensor) -> Start:
        """The first stage."""
        return Start(field(t, y))

    def attempt(self, field: Any, t: float, y: Tensor, h: float, start: Start) -> Attempt:
        """Seven stages, of which the first is known and the last is the next step's first."""
        tableau = self.tableau
        slopes = stage_slopes(tableau, field, t, h, y, first=start.slope)
        state = combine(y, h, tableau.weights, slopes)
        error = combine(torch.zeros_like(y), h, tableau.error, slopes)

        def interpolate(theta: float) -> Tensor:
            weights = tuple((i, b) for i, b in enumerate(tableau.dense_weights(theta)) if b != 0)
            return combine(y, h, weights, slopes)

        return Attempt(state, error, interpolate, extra=slopes[-1])

    def advance(self, field: Any, t: float, attempt: Attempt) -> Start:
        """First same as last."""
        return Start(attempt.extra)

    def backprop(self, field: VectorField, y0: Tensor, t0: float, t1: float) -> Tensor:
        """``y(t1)`` in torch's graph; the accepted step sizes are constants of it.

        Raises:
            SolveError: the forward solve stopped before ``t1``.
        """
        march = self.march(field, y0, t0, t1)
        if not march.status.ok:
            raise SolveError(march.status.message, march.status)
        return replay(self.tableau, field, y0, march.tape.times.tolist())
