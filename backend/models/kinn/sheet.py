"""Sheets of resistors with ends: a grid of nodes that spreads, open or grounded at its border."""

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from .cells import Cells, bounded, fading, spread
from .series import one_series, series_table, series_waves

WIDTHS = (0.02, 0.5)
"""First widths, in domain lengths."""

MODES = 20
"""Waves along an axis, half wavelengths 1 to 20: as much as 10 full waves of a Fourier series."""


class Basis(NamedTuple):
    """Waves along one axis whose points are x_s = s / (S - 1), both ends included.

    Args:
        analysis: coefficients of a field, by the trapezoid rule (K, S).
        value: the waves (S, K), of norm 1.
        slope: their derivatives over pi k (S, K).
        omega: pi k (K,).
    """

    analysis: Tensor
    value: Tensor
    slope: Tensor
    omega: Tensor


class SheetCells(Cells):
    """Lanes of a field with ends: its value and its slopes after it has spread.

    Nodes as in ``RingCells`` without gyrators, since a current cannot drift through an end. One
    half of the lanes has open ends (no current leaves: cosines), the other grounded ends (0 V:
    sines). In the limit of many nodes, for the wave of half wavelength 1/k along every axis,

        H = exp(-sum over axes of (pi k sigma)^2 / 2)     value
        pi k sigma H                                      slope sigma dv/dx, for every axis

    Args:
        lanes: how many, even.
        axes: of the field, 1 or 2.
        modes: waves of every axis that pass; the ends of a coarse grid allow fewer.
    """

    def __init__(self, lanes: int, axes: int, modes: int = MODES) -> None:
        super().__init__()
        self.lanes, self.components = lanes, 1 + axes
        self.axes, self.modes = axes, modes or MODES
        self.log_width = nn.Parameter(spread(*WIDTHS, lanes, axes))

    def forward(self, currents: Tensor) -> Tensor:
        """Components (points..., B, components x lanes) of currents (points..., B, lanes)."""
        split = self._counts()
        halves = [
            self._half(part, widths, grounded)
            for part, widths, grounded in zip(
                currents.split(split, -1), self._widths(), (False, True), strict=True
            )
        ]
        # Every component of all lanes together, as all cells have it.
        each = [half.chunk(self.components, -1) for half in halves]
        return torch.cat([part for pair in zip(*each, strict=True) for part in pair], -1)

    def passed(self, currents: Tensor, grounded: bool) -> Tensor:
        """What the waves that pass the lanes make up of a current (points...)."""
        field = currents.unsqueeze(-1)
        for axis, size in enumerate(currents.shape):
            waves = basis(size, self.modes, grounded, currents.dtype, currents.device)
            field = _transform(waves.value @ waves.analysis, field, axis)
        return field.squeeze(-1)

    def mixed(self, x: Tensor, inward: nn.Linear, outward: nn.Linear) -> Tensor:
        """As ``Cells.mixed``, channels mixed wave by wave.

        What is a cosine of one half is a slope of the other's sines: all comes together in one
        series of both, and is brought to the points once for every axis.
        """
        points = x.shape[: self.axes]
        split = self._counts()
        currents = inward(x).split(split, -1)
        # Of the lanes with open and of those with grounded ends, for every component.
        *columns, local = outward.weight.split([*split * self.components, x.shape[-1]], 1)
        parts = []
        for grounded, widths in enumerate(self._widths()):
            value, *slopes = columns[grounded::2]
            weights = [value, *(w * widths[:, axis] for axis, w in enumerate(slopes))]
            spectrum = self._spectrum(currents[grounded], widths, bool(grounded))
            parts.append(linear(spectrum, torch.cat(weights)))
        field = one_series(parts[0], parts[1], self.axes)
        for axis, size in reversed(list(enumerate(points))):
            table = series_table(size, self.modes, x.dtype, x.device)
            field = _transform(table, field, axis)
        return field + linear(x, local, outward.bias)

    def _counts(self) -> list[int]:
        """Lanes with open ends, and with grounded ones."""
        return [self.lanes - self.lanes // 2, self.lanes // 2]

    def _widths(self) -> tuple[Tensor, ...]:
        return bounded(self.log_width).split(self._counts())

    def _spectrum(self, currents: Tensor, widths: Tensor, grounded: bool) -> Tensor:
        """Coefficients (waves..., B, lanes) of the value of lanes that have the same ends."""
        spectrum = currents
        for axis, size in enumerate(currents.shape[: self.axes]):
            waves = basis(size, self.modes, grounded, currents.dtype, currents.device)
            spectrum = _transform(waves.analysis, spectrum, axis)
            scaled = torch.outer(waves.omega, widths[:, axis])
            spectrum = spectrum * _beside(fading(scaled), axis, self.axes)
        return spectrum

    def _half(self, currents: Tensor, widths: Tensor, grounded: bool) -> Tensor:
        """Components of lanes that have the same ends."""
        bases = [basis(size, self.modes, grounded, currents.dtype, currents.device)
                 for size in currents.shape[: self.axes]]  # fmt: skip
        spectrum = self._spectrum(currents, widths, grounded)
        parts = [spectrum]
        for axis, waves in enumerate(bases):
            scaled = torch.outer(waves.omega, widths[:, axis])
            parts.append(spectrum * _beside(scaled, axis, self.axes))
        for axis, waves in reversed(list(enumerate(bases))):
            # The slope along this axis has waves of its own; all others share theirs.
            slope = _transform(waves.slope, parts[1 + axis], axis)
            others = [part for number, part in enumerate(parts) if number != 1 + axis]
            plain = _transform(waves.value, torch.cat(others, -1), axis)
            parts = list(plain.chunk(len(others), -1))
            parts.insert(1 + axis, slope)
        return torch.cat(parts, -1)

    def lengths(self) -> Mapping[str, Tensor]:
        """``sigma`` (lanes, axes)."""
        return {"sigma": bounded(self.log_width)}


@lru_cache(maxsize=128)
def basis(size: int, modes: int, grounded: bool, dtype: torch.dtype, device: torch.device) -> Basis:
    """The waves of one axis.

    Args:
        size: points S of the axis.
        modes: waves; at most S - 2, which the grid tells apart.
        grounded: sines, else cosines.
        dtype: of the matrices.
        device: of the matrices.
    """
    count = series_waves(size, modes)
    k = np.arange(1, count + 1) if grounded else np.arange(count)
    angle = math.pi * np.outer(np.linspace(0, 1, size), k)
    norm = math.sqrt(2)
    value, slope = norm * np.cos(angle), -norm * np.sin(angle)
    if grounded:
        value, slope = -slope, value
    else:
        value[:, 0] = 1.0
    weights = np.full(size, 1.0 / max(1, size - 1))
    weights[[0, -1]] *= 0.5
    arrays = (value.T * weights, value, slope, math.pi * k)
    # A table made under inference mode could not be used by a training later.
    with torch.inference_mode(False):
        return Basis(*(torch.tensor(array, dtype=dtype, device=device) for array in arrays))


def _transform(matrix: Tensor, field: Tensor, axis: int) -> Tensor:
    """A matrix (K, S) on an axis of a field."""
    moved = field.flatten(axis + 1)  # (points before, S, everything behind)
    return (matrix @ moved).reshape(*field.shape[:axis], len(matrix), *field.shape[axis + 1 :])


def _beside(response: Tensor, axis: int, axes: int) -> Tensor:
    """A response (K, lanes) of one axis, to be multiplied with a spectrum (K..., B, lanes)."""
    return response.reshape(len(response), *[1] * (axes - axis), -1)
