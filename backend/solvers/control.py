"""How long the next step should be: error measure, PI step control, first step."""

from dataclasses import dataclass

import torch
from torch import Tensor

from .base import VectorField


def scaled_norm(value: Tensor, scale: Tensor) -> Tensor:
    """Largest over the samples of the root mean square over the components of ``value / scale``.

    The largest, not the mean: every sample of a batch then meets the tolerance it would meet alone.
    """
    return (value / scale).square_().mean(dim=0).sqrt_().max()


def error_ratio(error: Tensor, before: Tensor, after: Tensor, rtol: float, atol: float) -> float:
    """Estimated error over tolerance ``atol + rtol max(|before|, |after|)``; accept up to 1.

    Not a number when ``after`` is not finite.
    """
    scale = torch.maximum(before.abs(), after.abs()).mul_(rtol).add_(atol)
    # An infinite state makes its own scale infinite and its ratio 0; 0 * inf = nan brings it back.
    return float(scaled_norm(error, scale) + 0.0 * after.sum())


@dataclass(frozen=True)
class StepController:
    """PI control: ``h_new = h * safety * error^-(1/q - 0.75 beta) * previous^beta``.

    Args:
        order: ``q``, the power of ``h`` with which the error estimate falls.
        safety: aims a little below the tolerance.
        shrink: smallest factor.
        grow: largest factor.
        beta: weight of the previous error; damps the zigzag at the stability limit.

    References:
        Hairer, Norsett, Wanner, Solving ODEs I, section IV.2 of volume II, and code DOPRI5.
    """

    order: int
    safety: float = 0.9
    shrink: float = 0.2
    grow: float = 10.0
    beta: float = 0.04

    def accepted(self, error: float, previous: float, after_rejection: bool = False) -> float:
        """Factor for the step after an accepted one; no growth right after a rejection."""
        if error == 0.0:
            factor = self.grow
        else:
            factor = self.safety * error ** (0.75 * self.beta - 1 / self.order)
            factor *= previous**self.beta
        return min(1.0 if after_rejection else self.grow, max(self.shrink, factor))

    def rejected(self, error: float) -> float:
        """Factor for another try; the smallest when the error is not finite."""
        if not error < float("inf"):
            return self.shrink
        return max(self.shrink, self.safety * error ** (-1 / self.order))


def first_step(
    field: VectorField,
    t0: float,
    t1: float,
    y0: Tensor,
    f0: Tensor,
    order: int,
    rtol: float,
    atol: float,
) -> float:
    """A first step near the right size, from the first two derivatives; one evaluation.

    References:
        Hairer, Norsett, Wanner, Solving ODEs I, section II.4, "Starting step size".
    """
    span = t1 - t0
    scale = y0.abs().mul(rtol).add_(atol)
    size, slope = float(scaled_norm(y0, scale)), float(scaled_norm(f0, scale))
    # Circuits live anywhere between picoseconds and hours, so "tiny" is a part of the span.
    guess = 1e-6 * span if min(size, slope * span) < 1e-5 else min(0.01 * size / slope, span)
    bend = f0 - field(t0 + guess, y0 + guess * f0)
    curvature = float(scaled_norm(bend, scale)) / guess
    largest = max(slope, curvature)
    if not largest < float("inf"):
        return guess * 1e-3
    if largest * span <= 1e-15:
        return guess
    return min(100 * guess, (0.01 / largest) ** (1 / order), span)
