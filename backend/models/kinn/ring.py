"""Rings of resistors and gyrators: a periodic line of nodes that spreads and drifts."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from .cells import bounded, fading, spread
from .mixing import mixed_by_rings
from .spectral import Response, SpectralCells

WIDTHS = (0.004, 0.2)
"""First widths, in domain lengths."""

DRIFT = 0.3
"""Largest first drift, in domain lengths."""


class RingCells(SpectralCells):
    """Lanes of a periodic field: its value and its slopes after it has spread and drifted.

    Along an axis of S nodes at the distance h = 1/S, each with a capacitor C = 1 F to ground,

        dv_i/dt = g (v_{i+1} - 2 v_i + v_{i-1}) - m/2 (v_{i+1} - v_{i-1}),

    with conductances g = sigma^2 / (2 h^2) and gyrators m = beta / h between neighbours. v(0) is
    the current that was collected on the capacitors, and v is read at t = 1. The conductances only
    dissipate and the gyrators do no work, so the energy never grows, whatever the parameters. In
    the limit of many nodes, with omega = 2 pi k,

        H(k) = exp(-(omega sigma)^2 / 2 - i omega beta)    value
        i omega sigma H(k)                                 slope sigma dv/dx, for every axis

    and over several axes H is the product of theirs.

    Args:
        lanes: how many.
        axes: of the field.
        modes: largest wavenumber that passes; 0 for all.
    """

    def __init__(self, lanes: int, axes: int = 1, modes: int = 0) -> None:
        super().__init__(axes, modes)
        self.lanes, self.components = lanes, 1 + axes
        self.log_width = nn.Parameter(spread(*WIDTHS, lanes, axes))
        self.drift = nn.Parameter(torch.empty(lanes, axes).uniform_(-DRIFT, DRIFT))

    def responses(self, omegas: Sequence[Tensor]) -> list[Sequence[Response | None]]:
        """Value, then the slope along every axis."""
        widths = bounded(self.log_width)
        drifts = self._drifts()
        values, slopes = [], []
        for axis, omega in enumerate(omegas):
            scaled = torch.outer(omega, widths[:, axis])
            size, angle = fading(scaled), torch.outer(omega, drifts[:, axis])
            p, q = size * angle.cos(), -size * angle.sin()
            values.append((p, q))
            slopes.append((-scaled * q, scaled * p))
        return [values, *([*values[:axis], slopes[axis], *values[axis + 1 :]]
                          for axis in range(self.axes))]  # fmt: skip

    def mixed(self, x: Tensor, inward: nn.Linear, outward: nn.Linear) -> Tensor:
        """As ``Cells.mixed``; along one axis as one operation."""
        if self.axes > 1:
            return super().mixed(x, inward, outward)
        # Constant currents pass as they are.
        bias = torch.addmv(outward.bias, outward.weight[:, : self.lanes], inward.bias)
        lengths = bounded(self.log_width)[:, 0], self._drifts()[:, 0]
        return mixed_by_rings(x, inward.weight, outward.weight, bias, lengths, self.modes)

    def _drifts(self) -> Tensor:
        """A drift around the whole ring is none: what is left keeps its digits."""
        return self.drift - self.drift.detach().round()

    def lengths(self) -> Mapping[str, Tensor]:
        """``sigma`` and ``beta`` (lanes, axes)."""
        return {"sigma": bounded(self.log_width), "beta": self.drift}
