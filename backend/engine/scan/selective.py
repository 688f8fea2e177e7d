"""Cascades whose time constant changes from step to step, as by conductances that an input sets.

With one τ for all cells the steps of a cascade commute: they depend on x = Δ/τ alone, by Poisson
weights w_h = e^(-x) x^h/h!, so the rule is exact. A changing τ is a time warp.
"""

import torch
from torch import Tensor

from ...errors import InputError
from ..tracing import traced
from . import op
from .checked import MOST_CELLS, checked_field, checked_initial, checked_step


def selective(
    u: Tensor,
    tau: Tensor,
    *,
    order: int = 1,
    step: float = 1.0,
    initial: Tensor | None = None,
) -> Tensor:
    """The taps v_1 .. v_n of τ(t) dv_m/dt = v_{m-1} - v_m, exact for u and τ held over each step.

    A node with leak g_L and a conductance g to its input has τ = C/(g_L + g); with order 1, no leak
    and Δ = C this is the gated recurrence v⁺ = e^(-g) v + (1 - e^(-g)) u. No tap ever exceeds the
    largest input or initial voltage, and two sequences of voltages under the same inputs never
    part, whatever τ.

    Args:
        u: inputs (B, L, D) [V], float32 or float64.
        tau: time constants, not negative, of the same shape and type, in the unit of ``step``;
            where nothing can look at them (traced, or on another device) negative ones give NaN.
        order: cells n.
        step: Δ.
        initial: voltages before the first step (B, D, n); ``None`` for 0 V.

    Returns:
        (B, L, D, n), differentiable in every tensor, once on the processor.

    Raises:
        InputError: an argument does not fit.
    """
    u, step = checked_field(u), checked_step(step)
    if not isinstance(order, int) or not 1 <= order <= MOST_CELLS:
        raise InputError(f"a cascade has 1 to {MOST_CELLS} cells, found {order}", ("order",))
    if not isinstance(tau, Tensor) or tau.shape != u.shape or tau.dtype != u.dtype:
        found = f"{tuple(tau.shape)} of {tau.dtype}" if isinstance(tau, Tensor) else repr(tau)
        raise InputError(
            f"time constants have shape and type of u, {tuple(u.shape)} of {u.dtype}, found "
            f"{found}; those of a cascade that does not change go to cascade()",
            ("tau",),
        )
    if not traced(u) and u.device.type == "cpu" and bool((tau < 0).any()):
        worst = float(tau.min())
        raise InputError(f"time constants must not be negative, found {worst:g}", ("tau",))
    empty = u.new_zeros(len(u), u.shape[2], order)
    start = empty if initial is None else checked_initial(initial, u, order)
    # Beyond the upper bound every weight is below the last digit; the lower one keeps 1/τ finite.
    most = 64.0 + 8.0 * order
    x = step / tau.clamp(step / most, step * 1e30)
    x = x.masked_fill(tau < 0, torch.nan)
    return op.warp(u, x, start) if u.device.type == "cpu" else plain(u, x, start)


def plain(u: Tensor, x: Tensor, start: Tensor) -> Tensor:
    """The same step by step in plain torch, on any device, with any derivative."""
    cells, state, taps = start.shape[-1], start, []
    fall = torch.expm1(-x)
    weights = [torch.exp(-x)]
    for h in range(1, cells):
        weights.append(weights[-1] * x / h)
    inputs = [-fall]
    for h in range(1, cells):
        inputs.append(inputs[-1] - weights[h])
    for k in range(u.shape[1]):
        rows = []
        for i in range(cells):
            value = inputs[i][:, k] * u[:, k] + fall[:, k] * state[..., i]
            for j in range(i):
                value = value + weights[i - j][:, k] * state[..., j]
            rows.append(state[..., i] + value)
        state = torch.stack(rows, -1)
        taps.append(state)
    return torch.stack(taps, 1)
