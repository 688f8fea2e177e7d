"""The state between the ends of a step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

Interpolant = Callable[[float], Tensor]


class Step(NamedTuple):
    """An accepted step; ``interpolate(theta)`` is the state at ``start + theta (end - start)``."""

    start: float
    end: float
    after: Tensor
    interpolate: Interpolant


OnStep = Callable[[Step], None]


def hermite(h: float, y0: Tensor, y1: Tensor, f0: Tensor, f1: Tensor) -> Interpolant:
    """The cubic through both ends of a step of length ``h`` with the slopes ``f0`` and ``f1``.

    Fourth-order accurate in ``h`` as far as the ends are.
    """

    def interpolate(theta: float) -> Tensor:
        rest = 1.0 - theta
        value = y0 * (rest * rest * (1 + 2 * theta))
        value.add_(y1, alpha=theta * theta * (3 - 2 * theta))
        value.add_(f0, alpha=h * theta * rest * rest)
        return value.add_(f1, alpha=-h * theta * theta * rest)

    return interpolate


class Sampler:
    """Fills a table of states at given times while the steps go by.

    Raises:
        ValueError: times that descend or lie outside ``[t0, t1]``.
    """

    def __init__(self, times: Tensor | Sequence[float], y0: Tensor, t0: float, t1: float) -> None:
        self.times = torch.as_tensor(times, dtype=torch.float64).detach().cpu().reshape(-1)
        # A time that single precision put beyond an end is meant to be that end.
        slack = 1e-6 * (t1 - t0)
        wanted: list[float] = self.times.tolist()
        for before, time in zip([t0 - slack, *wanted], wanted, strict=False):
            if not before <= time <= t1 + slack:
                raise ValueError(
                    f"output times must ascend from {t0:g} s to {t1:g} s, got {time:g} s"
                )
        self._wanted = [min(max(time, t0), t1) for time in wanted]
        self.states = y0.new_empty((len(wanted), *y0.shape))
        self.count = 0
        if bool(torch.isfinite(y0).all()):
            while self.count < len(wanted) and self._wanted[self.count] <= t0:
                self.states[self.count] = y0
                self.count += 1

    def __call__(self, step: Step) -> None:
        """Takes every wanted time up to the end of ``step``."""
        length = step.end - step.start
        while self.count < len(self._wanted):
            time = self._wanted[self.count]
            if time > step.end:
                return
            # Rounding of the time grid must not cost an interpolation (two evaluations).
            if time >= step.end - 1e-12 * length:
                self.states[self.count] = step.after
            else:
                theta = max((time - step.start) / length, 0.0)
                self.states[self.count] = step.interpolate(theta)
            self.count += 1
