"""Cascades of Kirchhoff cells over a sequence: the public function."""

from typing import Any

import torch
from torch import Tensor

from ...errors import InputError
from . import chunked, fourier, op
from .boundaries import BOUNDARIES, grounded, periodic, replicate
from .checked import (
    broadcast_cells,
    check_together,
    checked_field,
    checked_gain,
    checked_initial,
    checked_rule,
    checked_step,
    checked_times,
)
from .transition import RULES

LONG = 512
"""Steps from which periodic sequences go through the FFT where no kernel is compiled."""


def cascade(
    u: Tensor,
    tau: Tensor,
    kappa: Tensor | None = None,
    *,
    step: float = 1.0,
    rule: str = "exact",
    initial: Tensor | None = None,
    boundary: str = "grounded",
) -> Tensor:
    """The taps v_1 .. v_n of a cascade of n isolated cells, τ_m dv_m/dt = κ_m v_{m-1} - v_m.

    v_0 = u is held over each step; tap k is the voltage at the end of step k. Cell m is a capacitor
    C with a leak G = C/τ_m, driven by a current κ_m G v_{m-1}. With κ = 1 no tap ever exceeds the
    largest input or initial voltage, whatever the parameters. Δ/τ beyond 1e-30 .. 1e13 counts as
    the bound, with no gradient; τ = 0 follows at once, τ = inf stands still.

    Args:
        u: inputs (B, L, D) [V], float32 or float64.
        tau: time constants, not negative, (n, D) in the unit of ``step``. With (D,) they are shared
            by as many cells as ``kappa`` has rows, else by the single cell.
        kappa: gains (n, D), or (D,) for the same in every cell, or ``None`` for 1.
        step: Δ, the length of a step.
        rule: ``exact`` for the circuit; ``foh`` interpolates linearly between cells (error
            O(Δ²)), ``gs`` passes the new and ``delay`` the old voltage on (O(Δ)).
        initial: voltages before the first step (B, D, n), such as ``taps[:, -1]`` of the sequence
            that went before; ``None`` for ``boundary``.
        boundary: without ``initial``, ``grounded`` starts from 0 V, ``replicate`` at rest under the
            first input, ``periodic`` from the voltages that the end of the sequence leads to.

    Returns:
        (B, L, D, n) of the type of ``u``, differentiable in every tensor, once. The table of a step
        is made in float64.

    Raises:
        InputError: an argument does not fit; the message says which.
    """
    u = checked_field(u)
    tau, kappa = broadcast_cells(checked_times(tau), checked_gain(kappa))
    step, rule = checked_step(step), checked_rule(rule, RULES, "rule")
    boundary = checked_rule(boundary, BOUNDARIES, "boundary")
    if initial is not None:
        initial = checked_initial(initial, u, len(tau))
        if boundary != "grounded":
            raise InputError(f"initial is given, so boundary='{boundary}' has no effect; leave one")
    check_together(u, {"tau": tau, "kappa": kappa, "initial": initial})
    if not u.shape[2]:
        return u.unsqueeze(-1).expand(*u.shape, len(tau))
    table = make_table(tau, kappa, step, rule)
    if boundary == "periodic" and u.device.type != "cpu" and u.shape[1] >= LONG:
        return fourier.circular(u, table)
    start = _start(u, table, kappa, initial, boundary)
    return march(u, table, start)


def make_table(tau: Tensor, kappa: Tensor | None, step: float, rule: str) -> Tensor:
    """B and A - 1 of a step s⁺ = A s + B u, (n, n + 1, D) in float64.

    Entry [i, 0] is B_i, [i, j] is A_ij - δ_ij: that of unit gains times κ_{j+1} .. κ_i.
    """
    table = op.unit_table(tau, step, rule)
    if kappa is None:
        return table
    one = torch.ones_like(table[:1, 0])
    rows: list[Tensor] = []
    products = one  # κ_{j+1} .. κ_i for j = 0 .. i
    for gain in kappa.double():
        products = torch.cat([products * gain, one])
        rows.append(torch.nn.functional.pad(products, (0, 0, 0, len(table) + 1 - len(products))))
    return table * torch.stack(rows)


def march(u: Tensor, table: Tensor, start: Tensor) -> Tensor:
    """States (B, L, D, n), by the compiled kernel on the processor, else by matrix products."""
    how: Any = op.cascade if u.device.type == "cpu" else chunked.march
    return how(u, table, start)


def _start(
    u: Tensor, table: Tensor, kappa: Tensor | None, initial: Tensor | None, boundary: str
) -> Tensor:
    if initial is not None:
        return initial
    if boundary == "replicate":
        return replicate(u, kappa, len(table))
    if boundary == "periodic":
        return periodic(u, table, march)
    return grounded(u, len(table))
