"""Charge and energy of every cell over every step of the rule ``exact``, each term by itself.

Cell m is a capacitor C with a leak G = C/τ and a current κ G v_{m-1} into it, so over a step

    C (v⁺ - v) + G ∫v dt - κ G ∫v_{m-1} dt = 0                  [C],
    C (v⁺² - v²)/2 + G ∫v² dt - κ G ∫v_{m-1} v dt = 0           [J].

The integrals are those of the circuit itself: voltages and their products obey linear equations,
whose exponential is integrated along with them.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from ...errors import InputError
from .checked import (
    broadcast_cells,
    checked_field,
    checked_gain,
    checked_initial,
    checked_step,
    checked_times,
)


class Balance(NamedTuple):
    """Three terms (B, L, D, n) of a conservation law that add up to zero.

    Args:
        stored: what the capacitor gained.
        leaked: what went through the leak.
        injected: what the driving current brought.
    """

    stored: Tensor
    leaked: Tensor
    injected: Tensor

    @property
    def residual(self) -> Tensor:
        """stored + leaked - injected, which is rounding."""
        return self.stored + self.leaked - self.injected


def meters(
    u: Tensor,
    taps: Tensor,
    tau: Tensor,
    kappa: Tensor | None = None,
    *,
    step: float = 1.0,
    initial: Tensor | None = None,
    capacitance: float = 1.0,
) -> tuple[Balance, Balance]:
    """Charge [C] and energy [J] of every cell over every step.

    Args:
        u: inputs (B, L, D) [V], held over each step.
        taps: the answer of ``cascade`` to them by the rule ``exact``.
        tau: as of ``cascade``.
        kappa: as of ``cascade``.
        step: as of ``cascade`` [s].
        initial: as of ``cascade``; ``None`` for 0 V.
        capacitance: of every cell [F].

    Raises:
        InputError: shapes or types that do not fit.
    """
    u = checked_field(u)
    tau, kappa = broadcast_cells(checked_times(tau), checked_gain(kappa))
    cells, step = len(tau), checked_step(step)
    if tuple(taps.shape) != (*u.shape, cells):
        raise InputError(
            f"taps of shape {tuple(taps.shape)} are not those of {cells} cells", ("taps",)
        )
    empty = u.new_zeros(len(u), u.shape[2], cells)
    start = empty if initial is None else checked_initial(initial, u, cells)
    gain = torch.ones_like(tau) if kappa is None else kappa
    x, gain = (step / tau).double(), gain.double()
    before = torch.cat([start[:, None], taps[:, :-1]], 1).double()
    voltages = torch.cat([u[..., None].double(), before], -1)
    mean, product = _means(voltages, x, gain)
    after, conductance = taps.double(), capacitance / tau.double()
    flow = step * conductance.T  # G Δ, (D, n)
    driven = flow * gain.T
    charge = Balance(capacitance * (after - before), flow * mean[..., 1:], driven * mean[..., :-1])
    squares, neighbours = (product.diagonal(k, -2, -1) for k in (0, 1))
    stored = 0.5 * capacitance * (after**2 - before**2)
    return charge, Balance(stored, flow * squares[..., 1:], driven * neighbours)


def _means(voltages: Tensor, x: Tensor, gain: Tensor) -> tuple[Tensor, Tensor]:
    """Means over a step of voltages (..., D, n + 1) and of their products (..., D, n + 1, n + 1).

    With dv/dt = M v, the products P = v vᵀ obey dP/dt = M P + P Mᵀ.
    """
    rate = _rates(x, gain)
    size = rate.shape[-1]
    one = torch.eye(size, dtype=rate.dtype, device=rate.device)
    pairs = torch.kron(rate, one) + torch.kron(one, rate)
    mean = torch.einsum("dij,...dj->...di", _mean_exponential(rate), voltages)
    products = (voltages[..., :, None] * voltages[..., None, :]).flatten(-2)
    means = torch.einsum("dij,...dj->...di", _mean_exponential(pairs), products)
    return mean, means.unflatten(-1, (size, size))


def _rates(x: Tensor, gain: Tensor) -> Tensor:
    """M Δ of the input, which stands still, and the cells, (D, n + 1, n + 1)."""
    return torch.diag_embed((x * gain).T, -1) - torch.diag_embed(
        torch.nn.functional.pad(x.T, (1, 0))
    )


def _mean_exponential(rate: Tensor) -> Tensor:
    """∫_0^1 exp(M s) ds, the upper right of exp of [[M, 1], [0, 0]]."""
    size = rate.shape[-1]
    double = rate.new_zeros(*rate.shape[:-2], 2 * size, 2 * size)
    double[..., :size, :size] = rate
    double[..., :size, size:] = torch.eye(size, dtype=rate.dtype, device=rate.device)
    return torch.linalg.matrix_exp(double)[..., :size, size:]
