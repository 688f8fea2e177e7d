"""What a user can choose of own pictures, whether they are held in memory or streamed."""

from typing import NamedTuple

from ...params import Param
from .pictures import BACKGROUNDS, FITS


class Side(NamedTuple):
    """Pixels of a side: where it begins, its largest, and what a slider shows."""

    default: int
    high: int
    slider: tuple[int, int]


def options_of(folder: str, side: Side, *, colour: bool, fit: str) -> tuple[Param, ...]:
    """The options of a data set of pictures in folders of classes.

    Args:
        folder: which folder the path is.
        side: rows, and columns.
        colour: whether pictures are coloured when nobody says it.
        fit: one of ``FITS``.
    """
    pixels = {"low": 2, "high": side.high, "slider": side.slider}
    return (
        Param("path", "", doc=folder),
        Param("rows", side.default, **pixels, doc="Pixels from top to bottom."),
        Param("columns", side.default, **pixels, doc="Pixels from left to right."),
        Param("colour", colour, doc="Red, green and blue instead of grey."),
        Param("fit", fit, choices=FITS, doc="How pictures of another shape are resized."),
        Param(
            "background",
            "white",
            choices=tuple(BACKGROUNDS),
            doc="What stands behind transparent pixels and beside padded pictures.",
        ),
        Param("test", 0.25, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which pictures are kept for testing."),
    )
