"""How long the next step should be: error measure and first step; ``step_size`` does the rest."""

import torch
from torch import Tensor

from ..engine.step_size import first_guess, first_size
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
    guess = first_guess(size, slope, span)
    bend = f0 - field(t0 + guess, y0 + guess * f0)
    return first_size(guess, slope, float(scaled_norm(bend, scale)), span, order)
