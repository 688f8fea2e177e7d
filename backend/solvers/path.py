"""The forward solution as a continuous function, for equations that run along it."""

import bisect

from torch import Tensor

from .base import Solver, Tape, VectorField
from .dense import Interpolant


class Path:
    """``y(t)`` between the points of a tape, by the dense output of the solver that made it.

    Steps are made again from their start when they are needed, so that the tape stays small; a
    cubic through the ends alone would be useless on the long steps of a stiff solve.
    """

    def __init__(self, solver: Solver, field: VectorField, tape: Tape) -> None:
        self.times: list[float] = tape.times.tolist()
        self._states = tape.states
        self._solver, self._field = solver, field
        self._recent: dict[int, Interpolant] = {}

    def interval(self, t: float) -> int:
        """The index of the step that contains ``t``."""
        return min(max(bisect.bisect_right(self.times, t) - 1, 0), len(self.times) - 2)

    def at(self, t: float, n: int | None = None) -> Tensor:
        """The state at ``t``, in step ``n`` when ``t`` is the border of two."""
        n = self.interval(t) if n is None else n
        start, end = self.times[n], self.times[n + 1]
        if t <= start:
            return self._states[n]
        if t >= end:
            return self._states[n + 1]
        return self._interpolant(n)((t - start) / (end - start))

    def _interpolant(self, n: int) -> Interpolant:
        if n not in self._recent:
            if len(self._recent) >= 8:  # a step of the other solver spans a few of ours
                del self._recent[next(iter(self._recent))]
            self._recent[n] = self._solver.interpolant(
                self._field,
                self.times[n],
                self.times[n + 1],
                self._states[n],
                self._states[n + 1],
            )
        return self._recent[n]
