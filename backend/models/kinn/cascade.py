"""Cascades of buffered RC cells on a periodic field: what a lane passed, smoothed n times."""

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from .cells import bounded, spread
from .spectral import Response, SpectralCells

LENGTHS = (0.01, 0.4)
"""First time constants, in domain lengths."""


class CascadeRing(SpectralCells):
    """Cascades on a periodic field, by their continuous response.

    Every lane runs along one axis in one direction, in turn +x, -x, +y, -y. Its n cells share one
    time constant tau, a length here: (1 + tau D) v_m = v_{m-1}, v_0 the current. The components
    z_k = (tau D)^k v_n are value, slope, curvature ... of what the last cell holds,

        (i omega tau)^k / (1 + i omega tau)^n,   k = 0..n.

    Args:
        lanes: how many.
        axes: of the field.
        order: n.
        modes: largest wavenumber that passes; 0 for all.
    """

    signs: Tensor

    def __init__(self, lanes: int, axes: int = 1, order: int = 2, modes: int = 0) -> None:
        super().__init__(axes, modes)
        self.lanes, self.components, self.order = lanes, 1 + order, order
        self.log_tau = nn.Parameter(spread(*LENGTHS, lanes))
        self.register_buffer("signs", directions(lanes, axes), persistent=False)

    def responses(self, omegas: Sequence[Tensor]) -> list[Sequence[Response | None]]:
        """Of z_0 to z_n; a lane lets everything pass along the other axis."""
        tau = bounded(self.log_tau)
        found: list[list[Response | None]] = [[] for _ in range(self.components)]
        for axis, omega in enumerate(omegas):
            along = self.signs[axis] != 0
            scaled = torch.outer(omega, tau * self.signs[axis])
            one, zero = torch.ones_like(scaled), torch.zeros_like(scaled)
            # 1 / (1 + i y) by its angle: no power of a large y leaves the range of floats.
            size, angle = torch.rsqrt(1 + scaled.square()), torch.atan(scaled)
            for k in range(self.components):
                gain = (scaled * size).abs() ** k * size ** (self.order - k)
                turn = k * math.pi / 2 * torch.sign(scaled) - self.order * angle
                # Lanes across this axis have their whole response along the other one.
                p = torch.where(along, gain * turn.cos(), one)
                q = torch.where(along, gain * turn.sin(), zero)
                found[k].append((p, q))
        return [tuple(each) for each in found]

    def lengths(self) -> Mapping[str, Tensor]:
        """``tau`` (lanes,)."""
        return {"tau": bounded(self.log_tau)}


def directions(lanes: int, axes: int) -> Tensor:
    """For every axis (axes, lanes) whether a lane runs along it (1), against it (-1) or not (0)."""
    signs = torch.zeros(axes, lanes)
    lane = torch.arange(lanes)
    signs[lane // 2 % axes, lane] = 1.0 - 2.0 * (lane % 2)
    return signs
