"""Truncated real Fourier series of periodic fields: analysis, response, synthesis.

A field of S points along an axis of length 1 is u(x) = sum_k c_k cos(2 pi k x) + s_k sin(2 pi k x),
k = 0..K. Its coefficients are stored as (2, K + 1, ...): all c_k, then all s_k. Points stand on the
leading axis, so that every transform is one matrix product whatever stands behind them.
"""

import math
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ...engine.once import once_differentiable

FFT_GAIN = 18.0
"""From (K + 1) / log2 S on, the FFT is faster than the matrix product, measured on one thread."""


def kept(size: int, modes: int) -> int:
    """The largest wavenumber K of a field of so many points: at most ``modes``; 0 keeps all."""
    return min(modes, size // 2) if modes else size // 2


def analysis(field: Tensor, modes: int) -> Tensor:
    """Coefficients (2, K + 1, ...) of a field (S, ...)."""
    size, last = len(field), kept(len(field), modes)
    if _by_fft(size, last):
        found = torch.fft.rfft(field, dim=0, norm="forward")[: last + 1]
        weight = _weights(size, last, field)
        return torch.stack((found.real * weight, -found.imag * weight))
    table = _tables(size, last, field.dtype, field.device)[0]
    return (table @ field.flatten(1)).reshape(2, last + 1, *field.shape[1:])


def synthesis(coefficients: Tensor, size: int) -> Tensor:
    """The field (S, ...) of coefficients (2, K + 1, ...)."""
    last = coefficients.shape[1] - 1
    if _by_fft(size, last):
        cosine, sine = coefficients / _weights(size, last, coefficients[0])
        spectrum = torch.complex(cosine, -sine)
        return torch.fft.irfft(spectrum, n=size, dim=0, norm="forward").contiguous()
    table = _tables(size, last, coefficients.dtype, coefficients.device)[1]
    return (table @ coefficients.flatten(2).flatten(0, 1)).reshape(size, *coefficients.shape[2:])


def analysis_back(slopes: Tensor, size: int) -> Tensor:
    """Slopes of a loss by the field (S, ...), from those by its coefficients (2, K + 1, ...)."""
    last = slopes.shape[1] - 1
    if _by_fft(size, last):
        return synthesis(slopes * _weights(size, last, slopes[0]), size) / size
    table = _tables(size, last, slopes.dtype, slopes.device)[0]
    return (table.T @ slopes.flatten(2).flatten(0, 1)).reshape(size, *slopes.shape[2:])


def synthesis_back(slopes: Tensor, modes: int) -> Tensor:
    """Slopes of a loss by the coefficients (2, K + 1, ...), from those by the field (S, ...)."""
    size, last = len(slopes), kept(len(slopes), modes)
    if _by_fft(size, last):
        return analysis(slopes, modes) * size / _weights(size, last, slopes)
    table = _tables(size, last, slopes.dtype, slopes.device)[1]
    return (table.T @ slopes.flatten(1)).reshape(2, last + 1, *slopes.shape[1:])


def respond(coefficients: Tensor, response: tuple[Tensor, Tensor]) -> Tensor:
    """Coefficients after a filter H = p + i q: (c, s) becomes (p c + q s, p s - q c).

    Args:
        coefficients: (2, K + 1, ...).
        response: p and q of one shape, which broadcasts with (K + 1, ...).
    """
    return _Respond.apply(coefficients, *response)  # pyright: ignore[reportReturnType]


def filtered(coefficients: Tensor, p: Tensor, q: Tensor) -> Tensor:
    """``respond`` by as few arrays as possible, without a gradient."""
    cosine, sine = coefficients
    found = coefficients.new_empty((2, *torch.broadcast_shapes(cosine.shape, p.shape)))
    torch.mul(p, cosine, out=found[0]).addcmul_(q, sine)
    torch.mul(p, sine, out=found[1]).addcmul_(q, cosine, value=-1)
    return found


class _Respond(torch.autograd.Function):
    """``respond`` without the arrays in between, which would take most of its time."""

    @staticmethod
    def forward(ctx: Any, coefficients: Tensor, p: Tensor, q: Tensor) -> Tensor:
        """The products."""
        ctx.save_for_backward(coefficients, p, q)
        return filtered(coefficients, p, q)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The response turned back, and the products of coefficients over all that share one."""
        coefficients, p, q = ctx.saved_tensors
        (cosine, sine), (by_cosine, by_sine) = coefficients, grad_outputs[0]
        back = filtered(grad_outputs[0], p, -q)
        by_p = (by_cosine * cosine).addcmul_(by_sine, sine).sum_to_size(p.shape)
        by_q = (by_cosine * sine).addcmul_(by_sine, cosine, value=-1).sum_to_size(q.shape)
        return back.sum_to_size(coefficients.shape), by_p, by_q


def _by_fft(size: int, last: int) -> bool:
    return last + 1 > FFT_GAIN * math.log2(max(size, 2))


def _weights(size: int, last: int, like: Tensor) -> Tensor:
    """2 for every wavenumber that stands for itself and its negative, else 1; beside (K + 1, ...).

    Args:
        size: points S.
        last: K.
        like: an array whose axes behind the first are those behind the wavenumbers.
    """
    weight = like.new_full((last + 1,), 2.0)
    weight[0] = 1.0
    if 2 * last == size:
        weight[-1] = 1.0
    return weight.reshape(-1, *[1] * (like.dim() - 1))


@lru_cache(maxsize=128)
def omegas(count: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """2 pi k (K + 1,) of so many wavenumbers."""
    # A table made under inference mode could not be used by a training later.
    with torch.inference_mode(False):
        return 2 * math.pi * torch.arange(count, dtype=dtype, device=device)


@lru_cache(maxsize=128)
def _tables(
    size: int, last: int, dtype: torch.dtype, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Matrices of the analysis (2 (K + 1), S) and of the synthesis (S, 2 (K + 1))."""
    k, s = np.arange(last + 1), np.arange(size)
    angle = 2 * np.pi / size * (np.outer(k, s) % size)
    waves = np.concatenate((np.cos(angle), np.sin(angle)))
    share = np.full(last + 1, 2.0 / size)
    share[0] = 1.0 / size
    if 2 * last == size:
        # Between the points of the grid the highest wave and its mirror image are the same.
        share[-1] = 1.0 / size
        waves[-1] = 0.0
    weighted = waves * np.concatenate((share, share))[:, None]
    # A table made under inference mode could not be used by a training later.
    with torch.inference_mode(False):
        made = [torch.tensor(table, dtype=dtype, device=device) for table in (weighted, waves.T)]
    return made[0].contiguous(), made[1].contiguous()
