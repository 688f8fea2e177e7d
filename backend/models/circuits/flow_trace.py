"""The trace of a circuit's Jacobian along its way, in plain torch: the witness of the kernels."""

from collections.abc import Sequence

import torch
from torch import Tensor

from ...circuit.compile import SliceField
from ...engine.tableaus import ButcherTableau
from ...solvers.runge_kutta import combine


def trace(field: SliceField, v: Tensor) -> Tensor:
    """tr d(dv/dt)/dv, shape (B,) [1/s], exact from one pass over the devices.

    A device touches the diagonal of the Jacobian at its two ends only, so with the small-signal
    conductances g_s and g_d of device e from s to d

        tr J = sum_e ( g_d / C_d [d is not ground] - g_s / C_s [s is not ground] ),

    where one-sided devices lack the second term.

    Args:
        field: one slice.
        v: voltages (N, B) [V].
    """
    padded = torch.cat([v, v.new_zeros(1, v.shape[1])])
    inverse = torch.cat([field.inverse, field.inverse.new_zeros(1, 1)])
    total = v.new_zeros(v.shape[1])
    for group in field.kinds():
        g_s, g_d = group.law.conductances(*group.ends(padded), group.values())
        total = total + (g_d * inverse[group.target]).sum(0)
        if not group.law.one_sided:
            total = total - (g_s * inverse[group.source]).sum(0)
    return total


def march_plain(
    fields: Sequence[SliceField],
    v0: Tensor,
    tableau: ButcherTableau,
    segments: Sequence[tuple[int, int, float]],
) -> tuple[Tensor, Tensor]:
    """States (S, N, B) after every segment and the integral of the trace (B,), by autograd.

    Args:
        fields: the slices.
        v0: start (N, B) [V], in the type of the fields.
        tableau: an explicit Runge-Kutta method.
        segments: (slice, steps, duration [s]) one after the other; durations may be negative.
    """
    v, log_det, states = v0, v0.new_zeros(v0.shape[1]), []
    for part, steps, duration in segments:
        field, h = fields[part], duration / steps
        for _ in range(steps):
            slopes, traces = [], []
            for row in tableau.rows[: tableau.stages]:
                stage = combine(v, h, row, slopes)
                slopes.append(field(0.0, stage))
                traces.append(trace(field, stage))
            v = combine(v, h, tableau.weights, slopes)
            log_det = combine(log_det, h, tableau.weights, traces)
        states.append(v)
    return torch.stack(states), log_det
