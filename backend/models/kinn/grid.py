"""Meshes of learned resistors: every point a node, its conductances a function of the field."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, softplus

from .cells import Cells
from .mesh import mesh_voltages

LEAST = 1e-6
"""Smallest conductance, so that no part of a mesh floats."""


class GridCells(Cells):
    """Lanes of a field with ends, each a mesh of resistors at rest.

    Between two neighbouring points i and j lies the conductance (a_i + a_j) / 2, with a > 0
    computed from the field; the border is grounded, and every node gets h^2 times its current, h
    the distance of points. At rest Kirchhoff's current law is then the finite-volume form of

        -div(a grad v) = current,   v = 0 on the border,

    so that a lane holds the exact Darcy solver. The components are v and its central differences
    over 2 h along every axis, one-sided at the border.

    Args:
        lanes: how many.
        axes: of the field, 1 or 2.
        channels: of the field that decides on the conductances.
    """

    def __init__(self, lanes: int, axes: int, channels: int) -> None:
        super().__init__()
        self.lanes, self.components, self.axes = lanes, 1 + axes, axes
        self.conductance = nn.Linear(channels, lanes)

    def mixed(self, x: Tensor, inward: nn.Linear, outward: nn.Linear) -> Tensor:
        """As ``Cells.mixed``, with the conductances that the field itself brings about."""
        z = self.rested(inward(x), self.conductivity(x))
        own = self.lanes * self.components
        local = linear(x, outward.weight[:, own:], outward.bias)
        return local + linear(z, outward.weight[:, :own])

    def conductivity(self, x: Tensor) -> Tensor:
        """Conductivities > 0 (points..., B, lanes) of a field (points..., B, channels)."""
        return softplus(self.conductance(x)) + LEAST

    def forward(self, currents: Tensor) -> Tensor:
        """Components with a = 1 everywhere, which shows the bare lane."""
        return self.rested(currents, torch.ones_like(currents))

    def rested(self, currents: Tensor, a: Tensor) -> Tensor:
        """Components (points..., B, components x lanes) at rest.

        Args:
            currents: (points..., B, lanes).
            a: conductivity > 0 (points..., B, lanes).
        """
        points, behind = currents.shape[: self.axes], currents.shape[self.axes :]
        v = darcy(*(value.flatten(self.axes).movedim(-1, 0) for value in (a, currents)))
        slopes = [_slope(v, axis + 1) for axis in range(self.axes)]
        parts = [part.movedim(0, -1).reshape(*points, *behind) for part in (v, *slopes)]
        return torch.cat(parts, -1)

    def lengths(self) -> Mapping[str, Tensor]:
        """Nothing: a mesh at rest has no length of its own."""
        return {}


def darcy(a: Tensor, source: Tensor) -> Tensor:
    """v with -div(a grad v) = source on [0, 1] or its square, 0 on the border.

    Args:
        a: conductivity > 0 at the points, ends included (N, points...).
        source: (N, points...).
    """
    if a.dim() == 2:
        return _line(a, source)
    spacing = [1.0 / (size - 1) for size in a.shape[1:]]
    # A face as wide as the other axis' spacing, over the distance along its own.
    ratio = spacing[0] / spacing[1]
    down = 0.5 * (a[:, 1:, 1:-1] + a[:, :-1, 1:-1]) / ratio
    right = 0.5 * (a[:, 1:-1, 1:] + a[:, 1:-1, :-1]) * ratio
    leak = torch.zeros_like(a[:, 1:-1, 1:-1])
    leak = leak + nn.functional.pad(down[:, :1], (0, 0, 0, leak.shape[1] - 1))
    leak = leak + nn.functional.pad(down[:, -1:], (0, 0, leak.shape[1] - 1, 0))
    leak = leak + nn.functional.pad(right[:, :, :1], (0, leak.shape[2] - 1))
    leak = leak + nn.functional.pad(right[:, :, -1:], (leak.shape[2] - 1, 0))
    current = source[:, 1:-1, 1:-1] * (spacing[0] * spacing[1])
    v = mesh_voltages(right[:, :, 1:-1], down[:, 1:-1], leak, current)
    return nn.functional.pad(v, (1, 1, 1, 1))


def _line(a: Tensor, source: Tensor) -> Tensor:
    """As ``darcy``, along one axis: a single row of the mesh."""
    h = 1.0 / (a.shape[1] - 1)
    between = 0.5 * (a[:, 1:] + a[:, :-1])
    leak = nn.functional.pad(between[:, :1], (0, a.shape[1] - 3))
    leak = leak + nn.functional.pad(between[:, -1:], (a.shape[1] - 3, 0))
    current = source[:, 1:-1] * h**2
    none = a.new_zeros(len(a), 0, a.shape[1] - 2)
    v = mesh_voltages(between[:, None, 1:-1], none, leak[:, None], current[:, None])[:, 0]
    return nn.functional.pad(v, (1, 1))


def _slope(v: Tensor, axis: int) -> Tensor:
    """dv/dx along an axis of equidistant points on [0, 1]."""
    return torch.gradient(v, spacing=1.0 / (v.shape[axis] - 1), dim=axis)[0]
