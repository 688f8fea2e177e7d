"""The default: Dormand and Prince, and RODAS from where the circuit proves to be stiff."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..params import Param
from .adaptive import TOLERANCES, AdaptiveSolver, Attempt, Start
from .base import March, Stats, Tape, VectorField
from .dense import Interpolant, OnStep
from .dopri5 import Dopri5
from .registry import SOLVERS
from .rodas4 import Rodas4

PATIENCE = 400
"""Tried explicit steps after which a march in torch goes on implicitly."""


@SOLVERS.register("auto")
@dataclass(frozen=True)
class Auto(AdaptiveSolver):
    """Explicit order 5 that hands over to implicit order 4 where the circuit is stiff.

    ``simulate`` solves with two tolerances that must agree, and goes to finer ones where they do
    not. In torch, for laws the kernels do not know, the hand-over comes after a number of steps.
    """

    title: ClassVar[str] = "Automatic"
    order: ClassVar[int] = 4
    error_order: ClassVar[int] = 4
    gradients: ClassVar[tuple[str, ...]] = ("continuous",)

    rtol: float = 1e-8
    max_steps: int = 1_000_000
    params: ClassVar[tuple[Param, ...]] = (
        replace(TOLERANCES[0], default=1e-8),
        TOLERANCES[1],
        Param("max_steps", 1_000_000, low=1, doc="Gives up after so many tried steps."),
    )

    def _march(
        self,
        field: VectorField,
        y0: Tensor,
        t0: float,
        t1: float,
        on_step: OnStep | None,
        check: bool,
    ) -> March:
        first = Dopri5(self.rtol, self.atol, min(PATIENCE, self.max_steps))
        head = first._march(field, y0, t0, t1, on_step, check)
        if head.status.ok or head.stats.steps + head.stats.rejected < first.max_steps:
            return head
        middle = float(head.tape.times[-1])
        tail = self._stiff()._march(field, head.tape.states[-1], middle, t1, on_step, check)
        tape = Tape(
            torch.cat([head.tape.times, tail.tape.times[1:]]),
            torch.cat([head.tape.states, tail.tape.states[1:]]),
        )
        return March(tape, tail.status, _sum(head.stats, tail.stats))

    def _stiff(self) -> Rodas4:
        return Rodas4(self.rtol, self.atol, self.max_steps)

    def interpolant(
        self, field: VectorField, t0: float, t1: float, y0: Tensor, y1: Tensor
    ) -> Interpolant:
        """The dense output of whichever method took the step: the one that ends where it ended."""
        for method in (Dopri5(self.rtol, self.atol), self._stiff()):
            with torch.no_grad():
                attempt = method.attempt(field, t0, y0, t1 - t0, method.start(field, t0, y0))
            if torch.equal(attempt.state, y1):
                return attempt.interpolate
        return super().interpolant(field, t0, t1, y0, y1)

    def start(self, field: Any, t: float, y: Tensor) -> Start:
        """Of the implicit method."""
        return self._stiff().start(field, t, y)

    def attempt(self, field: Any, t: float, y: Tensor, h: float, start: Start) -> Attempt:
        """Of the implicit method."""
        return self._stiff().attempt(field, t, y, h, start)


def _sum(one: Stats, other: Stats) -> Stats:
    counts = {
        name: getattr(one, name) + getattr(other, name)
        for name in ("steps", "rejected", "evaluations", "jacobians")
    }
    sizes = [size for size in (one.smallest_step, other.smallest_step) if size > 0]
    return replace(
        one,
        **counts,
        smallest_step=min(sizes, default=0.0),
        largest_step=max(one.largest_step, other.largest_step),
    )
