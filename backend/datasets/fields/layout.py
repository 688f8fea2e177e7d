"""What the axes of two arrays mean: samples, channels, points."""

from dataclasses import dataclass

import numpy as np

from ...errors import StudioError
from .arrays import Arrays

LEAST_POINTS = 8
"""Of a grid along an axis: fewer show nothing of a field."""

MOST_AXES = 3
USUAL = {"input": ("input", "a", "coeff", "x"), "target": ("target", "output", "u", "sol", "y")}
"""What the arrays are called, the likeliest first: ours, and those of the published files."""

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    """How an array is to be read.

    Args:
        sizes: of the array as it is stored.
        axes: number of axes of the grid.
        channels: where the channels stand, ``none``, ``first`` (after the samples) or ``last``.
    """

    sizes: Sizes
    axes: int
    channels: str

    @property
    def points(self) -> Sizes:
        """Along every axis of the grid."""
        begin = 2 if self.channels == "first" else 1
        return self.sizes[begin : begin + self.axes]

    @property
    def count(self) -> int:
        """Number of channels."""
        return {"none": 1, "first": self.sizes[1], "last": self.sizes[-1]}[self.channels]

    def arranged(self, values: np.ndarray) -> np.ndarray:
        """The array as (n, channels, points...)."""
        if self.channels == "none":
            return values[:, None]
        return values if self.channels == "first" else np.moveaxis(values, -1, 1)


def layouts(inputs: Sizes, targets: Sizes, axes: str, channels: str) -> list[tuple[Layout, Layout]]:
    """All ways to read two arrays on one grid, the likeliest first.

    Few channels are likelier than many, then more axes than fewer, then channels that come first.

    Args:
        inputs: sizes of the input array.
        targets: sizes of the target array.
        axes: number of axes of the grid, or ``auto``.
        channels: ``first``, ``last`` or ``auto``.
    """
    counts = range(1, MOST_AXES + 1) if axes == "auto" else [int(axes)]
    found = [
        pair
        for count in counts
        for x in _ways(inputs, count, channels)
        for y in _ways(targets, count, channels)
        if (pair := (x, y)) and x.points == y.points and min(x.points) >= LEAST_POINTS
    ]
    return sorted(found, key=_unlikely)


def _ways(sizes: Sizes, axes: int, channels: str) -> list[Layout]:
    if len(sizes) == axes + 1:
        return [Layout(sizes, axes, "none")]
    kinds = ("first", "last") if channels == "auto" else (channels,)
    return [Layout(sizes, axes, kind) for kind in kinds] if len(sizes) == axes + 2 else []


def _unlikely(pair: tuple[Layout, Layout]) -> tuple[int, int, int]:
    x, y = pair
    return x.count + y.count, -x.axes, (x.channels == "last") + (y.channels == "last")


def chosen(arrays: Arrays, wanted: str, role: str, besides: str = "") -> str:
    """The array that is the input or the target.

    Args:
        arrays: of the file.
        wanted: the user's choice; empty for none.
        role: ``input`` or ``target``, the name of the option.
        besides: an array that is taken already.

    Raises:
        StudioError: it is not there, or cannot be told.
    """
    listed = ", ".join(f"'{name}'" for name in arrays.shapes) or "none"
    if arrays.others:
        listed += f" ({', '.join(map(repr, arrays.others[:9]))} are something else)"
    if wanted:
        if wanted not in arrays.shapes:
            raise StudioError(f"there is no array '{wanted}'; the arrays of numbers are {listed}")
        return wanted
    for name in USUAL[role]:
        if name in arrays.shapes and name != besides:
            return name
    raise StudioError(
        f"no array is called {' or '.join(map(repr, USUAL[role]))}; the arrays of numbers are "
        f"{listed}: name one with {role}=NAME"
    )
