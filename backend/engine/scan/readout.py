"""Orders of evolution from the taps of a cascade: value, slope, curvature of its last voltage."""

import torch
from torch import Tensor

from ...errors import InputError
from .checked import broadcast_cells, checked_field, checked_gain, checked_times


def components(u: Tensor, taps: Tensor, tau: Tensor, kappa: Tensor | None = None) -> Tensor:
    """z_k = τ_n τ_{n-1} .. τ_{n-k+1} dᵏv_n/dtᵏ for k = 0 .. n, without differences in time.

    τ_m dv_m/dt = κ_m v_{m-1} - v_m holds at every moment, so that derivatives are differences
    across taps; with one τ and unit gains z_k = Σ_j C(k, j) (-1)^(k-j) v_{n-j}.

    Args:
        u: inputs (B, L, D) [V]; derivatives are those just before an input changes.
        taps: (B, L, D, n) of the rule ``exact``; of others to their order of accuracy.
        tau: as of ``cascade``; only ratios within a cascade matter.
        kappa: as of ``cascade``.

    Returns:
        (B, L, D, n + 1) [V].

    Raises:
        InputError: shapes or types that do not fit.
    """
    u = checked_field(u)
    tau, kappa = broadcast_cells(checked_times(tau), checked_gain(kappa))
    cells = len(tau)
    if tuple(taps.shape) != (*u.shape, cells) or tau.shape[1] != u.shape[2]:
        raise InputError(
            f"taps of shape {tuple(taps.shape)} do not fit inputs of shape {tuple(u.shape)} and "
            f"{cells} cells of {tau.shape[1]} channels",
            ("taps",),
        )
    # d[m] = τ_{m-k+1} .. τ_m dᵏv_m/dtᵏ of the present k, for m = k .. n
    rates = [u, *taps.unbind(-1)]
    made = [rates[-1]]
    for k in range(1, cells + 1):
        scaled = []
        for m in range(k, cells + 1):
            before, own = rates[m - k], rates[m - k + 1]
            gain = before if kappa is None else kappa[m - 1].to(u.dtype) * before
            ratio = (tau[m - k] / tau[m - 1]).to(u.dtype)
            scaled.append(gain - (own if k == 1 else ratio * own))
        rates = scaled
        made.append(rates[-1])
    return torch.stack(made, -1)
