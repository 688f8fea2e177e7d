"""Cascades on periodic fields: one step's response on the DFT grid, and the continuous one."""

import math

import torch
from torch import Tensor

from ...errors import InputError
from .checked import broadcast_cells, checked_field, checked_gain, checked_times


def circular(u: Tensor, table: Tensor) -> Tensor:
    """All states (B, L, D, n) where what leaves at the end comes in again at the beginning.

    (z - A) v̂ = z B û with z = exp(2 pi i k / L) is solved from the first cell to the last.

    Args:
        u: (B, L, D).
        table: B and E of (n, n + 1, D).
    """
    steps = u.shape[1]
    k = torch.arange(steps // 2 + 1, device=u.device, dtype=torch.float64)[:, None]
    half = torch.polar(torch.ones_like(k), math.pi * k / steps)
    turn = half * half
    # z - 1 without the loss of the difference near DC
    ahead = 2j * torch.sin(math.pi * k / steps) * half
    spectrum = torch.fft.rfft(u, dim=1)
    gains: list[Tensor] = []
    for row in table:
        gain = turn * row[0]
        for before, weight in zip(gains, row[1:], strict=False):
            gain = gain + weight * before
        gains.append(gain / (ahead - row[len(gains) + 1]))
    response = torch.stack(gains, -1).to(spectrum.dtype)  # (K, D, n)
    return torch.fft.irfft(spectrum[..., None] * response, n=steps, dim=1)


def response(k: Tensor, tau: Tensor, kappa: Tensor | None = None) -> Tensor:
    """The continuous response of every tap, prod_j kappa_j / (1 + 2 pi i k tau_j).

    Args:
        k: wavenumbers (K,), in cycles for each unit of ``tau``; negative ones conjugate.
        tau: (n, D) or (D,).
        kappa: (n, D), (D,) or ``None`` for 1.

    Returns:
        (K, D, n), complex, differentiable in all three.

    Raises:
        InputError: shapes or types that do not fit.
    """
    tau, kappa = broadcast_cells(checked_times(tau), checked_gain(kappa))
    if k.dim() != 1:
        raise InputError(f"wavenumbers are (K,), found shape {tuple(k.shape)}", ("k",))
    turns = 2 * math.pi * k.to(tau)[:, None, None] * tau
    gain = torch.ones_like(tau) if kappa is None else kappa
    each = gain / torch.complex(torch.ones_like(turns), turns)
    return each.cumprod(1).transpose(1, 2)


def filtered(u: Tensor, tau: Tensor, kappa: Tensor | None = None, *, length: float = 1.0) -> Tensor:
    """The taps of a periodic field by the continuous response, whatever the grid.

    The error does not depend on the number of points as long as the field has no content at or
    above half of it.

    Args:
        u: fields (B, L, D) on L equidistant points of one period.
        tau: (n, D) or (D,), in the unit of ``length``.
        kappa: (n, D), (D,) or ``None`` for 1.
        length: of the period.

    Returns:
        (B, L, D, n).

    Raises:
        InputError: shapes or types that do not fit.
    """
    u = checked_field(u)
    points = u.shape[1]
    k = torch.arange(points // 2 + 1, device=u.device, dtype=u.dtype) / length
    spectrum = torch.fft.rfft(u, dim=1)[..., None] * response(k, tau, kappa)
    return torch.fft.irfft(spectrum, n=points, dim=1)
