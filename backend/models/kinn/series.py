"""Fields between ends as one series of cosines and sines, whichever ends their lanes have.

Along an axis of K waves the series has 2 K + 1 terms: 1 and sqrt(2) cos(pi k x), then
sqrt(2) sin(pi k x), k = 1..K. A lane with open ends has values among the cosines and slopes among
the sines, one with grounded ends the other way round.
"""

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ...engine.once import once_differentiable


class Place(NamedTuple):
    """Where coefficients of an axis belong in the series.

    Args:
        source: which of a lane's waves.
        target: which terms of the series.
        first: wavenumber of the first of them.
        sign: of the derivative.
    """

    source: slice
    target: slice
    first: int
    sign: int


def series_waves(size: int, modes: int) -> int:
    """K of an axis: at most S - 2, which the grid tells apart."""
    return max(1, min(modes, size - 2))


@lru_cache(maxsize=128)
def series_table(size: int, modes: int, dtype: torch.dtype, device: torch.device) -> Tensor:
    """The terms of the series at the points of an axis (S, 2 K + 1)."""
    k = np.arange(series_waves(size, modes) + 1)
    angle = math.pi * np.outer(np.linspace(0, 1, size), k)
    cosines = math.sqrt(2) * np.cos(angle)
    cosines[:, 0] = 1.0
    table = np.concatenate((cosines, math.sqrt(2) * np.sin(angle[:, 1:])), 1)
    # A table made under inference mode could not be used by a training later.
    with torch.inference_mode(False):
        return torch.tensor(table, dtype=dtype, device=device)


def one_series(opened: Tensor, grounded: Tensor, axes: int) -> Tensor:
    """Coefficients (2 K + 1..., B, outputs) of values and derivatives together.

    Args:
        opened: (K..., B, (1 + axes) outputs) of waves k = 0..K - 1 between open ends: what is
            added as it is, then that of which the derivative along every axis is added.
        grounded: likewise, of waves k = 1..K between grounded ends.
        axes: how many.
    """
    return _Joined.apply(opened, grounded, axes)  # pyright: ignore[reportReturnType]


class _Joined(torch.autograd.Function):
    """A sum of parts at their places, which autograd would copy once for every part."""

    @staticmethod
    def forward(ctx: Any, opened: Tensor, grounded: Tensor, axes: int) -> Tensor:
        """The sum."""
        *counts, batch, width = opened.shape
        ctx.axes, ctx.sizes = axes, opened.shape
        outputs = width // (1 + axes)
        found = opened.new_zeros((*(2 * count + 1 for count in counts), batch, outputs))
        for half, part in enumerate((opened, grounded)):
            for number, (source, target, factor) in enumerate(_parts(counts, half, part)):
                values = part.narrow(-1, number * outputs, outputs)[source]
                found[target] += values if factor is None else factor * values
        return found

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """What every part had been given."""
        (slopes,) = grad_outputs
        counts, outputs = ctx.sizes[: ctx.axes], slopes.shape[-1]
        found = [slopes.new_zeros(ctx.sizes) for _ in range(2)]
        for half, part in enumerate(found):
            for number, (source, target, factor) in enumerate(_parts(counts, half, part)):
                values = slopes[target]
                values = values if factor is None else factor * values
                part.narrow(-1, number * outputs, outputs)[source] = values
        return *found, None


def _parts(
    counts: Sequence[int], half: int, like: Tensor
) -> Iterator[tuple[tuple[slice, ...], tuple[slice, ...], Tensor | None]]:
    """For the value and every derivative: whence, whither, and times what (K..., 1, 1)."""
    values = [_place(count, half, False) for count in counts]
    yield tuple(place.source for place in values), tuple(place.target for place in values), None
    for axis, count in enumerate(counts):
        slope = _place(count, half, True)
        places = [*values[:axis], slope, *values[axis + 1 :]]
        length = slope.target.stop - slope.target.start
        k = torch.arange(slope.first, slope.first + length, dtype=like.dtype, device=like.device)
        factor = (slope.sign * math.pi * k).reshape(-1, *[1] * (len(counts) - axis + 1))
        yield (
            tuple(place.source for place in places),
            tuple(place.target for place in places),
            factor,
        )


def _place(count: int, half: int, slope: bool) -> Place:
    """The place of waves of an axis: half 0 has open ends, half 1 grounded ones."""
    whole = slice(0, count)
    if half:
        target = slice(1, count + 1) if slope else slice(count + 1, 2 * count + 1)
        return Place(whole, target, 1, 1)
    if slope:
        return Place(slice(1, count), slice(count + 1, 2 * count), 1, -1)
    return Place(whole, slice(0, count), 0, 1)
