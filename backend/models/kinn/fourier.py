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
from torch.autograd.function import once_differentiable

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
        weight = _weights(size, last, field).reshape(-1, *[1] * (field.dim() - 1))
        return torch.stack((found.real * weight, -found.imag * weight))
    table = _tables(size, last, field.dtype, field.device)[0]
    return (table @ field.flatten(1)).reshape(2, last + 1, *field.shape[1:])


def synthesis(coefficients: Tensor, size: int) -> Tensor:
    """The field (S, ...) of coefficients (2, K + 1, ...)."""
    last = coefficients.shape[1] - 1
    if _by_fft(size, last):
        weight = _weights(size, last, coefficients).reshape(-1, *[1] * (coefficients.dim() - 2))
        cosine, sine = coefficients / weight
        spectrum = torch.complex(cosine, -sine)
        return torch.fft.irfft(spectrum, n=size, dim=0, norm="forward")
    table = _tables(size, last, coefficients.dtype, coefficients.device)[1]
    return (table @ coefficients.flatten(2).flatten(0, 1)).reshape(size, *coefficients.shape[2:])


def respond(coefficients: Tensor, response: tuple[Tensor, Tensor]) -> Tensor:
    """Coefficients after a filter H = p + i q: (c, s) becomes (p c + q s, p s - q c).

    Args:
        coefficients: (2, K + 1, ...).
        response: p and q of one shape, which broadcasts with (K + 1, ...).
    """
    return _Respond.apply(coefficients, *response)  # pyright: ignore[reportReturnType]


class _Respond(torch.autograd.Function):
    """``respond`` without the arrays in between, which would take most of its time."""

    @staticmethod
    def forward(ctx: Any, coefficients: Tensor, p: Tensor, q: Tensor) -> Tensor:
        """The products."""
        ctx.save_for_backward(coefficients, p, q)
        cosine, sine = coefficients
        return torch.stack((_twice(p, cosine, q, sine), _twice(p, sine, q, cosine, -1)))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The response turned back, and the products of coefficients over all that share one."""
        coefficients, p, q = ctx.saved_tensors
        (cosine, sine), (by_cosine, by_sine) = coefficients, grad_outputs[0]
        back = torch.stack((_twice(p, by_cosine, q, by_sine, -1), _twice(p, by_sine, q, by_cosine)))
        by_p = _twice(by_cosine, cosine, by_sine, sine).sum_to_size(p.shape)
        by_q = _twice(by_cosine, sine, by_sine, cosine, -1).sum_to_size(q.shape)
        return back.sum_to_size(coefficients.shape), by_p, by_q


def _twice(a: Tensor, b: Tensor, c: Tensor, d: Tensor, sign: int = 1) -> Tensor:
    """A b + sign c d."""
    return (a * b).addcmul_(c, d, value=sign)


def _by_fft(size: int, last: int) -> bool:
    return last + 1 > FFT_GAIN * math.log2(max(size, 2))


def _weights(size: int, last: int, like: Tensor) -> Tensor:
    """2 for every wavenumber (K + 1,) that stands for itself and its negative, else 1."""
    weight = like.new_full((last + 1,), 2.0)
    weight[0] = 1.0
    if 2 * last == size:
        weight[-1] = 1.0
    return weight


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
