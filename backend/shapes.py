"""What goes into a model and what comes out of it, without a data set at hand."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How the numbers of an input or of an answer are arranged.

    Args:
        sizes: of the axes, the last one fastest: (features,), (channels, rows, columns), or
            (channels, points...) of a field.
        kind: ``vector``, ``image``, ``grid``, a field on equidistant points, or ``tokens``, a
            sequence of symbols by their number, 0 where it has ended.
        periodic: of a grid, whether every axis closes on itself: its n points then lie at k L / n,
            else at k L / (n - 1), both ends included.
        extent: of a grid, the length L of every axis; 1 each where nothing is told.
        symbols: of tokens, how many different ones there are, the 0 included.
    """

    sizes: tuple[int, ...]
    kind: str = "vector"
    periodic: bool = False
    extent: tuple[float, ...] = ()
    symbols: int = 0

    def __post_init__(self) -> None:
        if self.kind == "grid" and not self.extent:
            object.__setattr__(self, "extent", (1.0,) * len(self.points))

    @property
    def count(self) -> int:
        """Numbers in all."""
        return math.prod(self.sizes)

    @property
    def points(self) -> tuple[int, ...]:
        """Of a grid, the points along every axis."""
        return self.sizes[1:] if self.kind == "grid" else ()

    def axes(self, points: tuple[int, ...] = ()) -> tuple[list[float], ...]:
        """Of a grid, where the points of every axis lie.

        Args:
            points: along every axis, when the field has another resolution than the shape.
        """
        counts = points or self.points
        steps = [
            length / (count if self.periodic else max(1, count - 1))
            for count, length in zip(counts, self.extent, strict=True)
        ]
        return tuple([k * h for k in range(n)] for n, h in zip(counts, steps, strict=True))


@dataclass(frozen=True)
class Data:
    """What a model is told of a data set.

    Args:
        name: under which the data set is registered; empty for none.
        title: shown to people.
        task: ``classify``, ``regress``, ``generate``, ``match``, ``operator`` or ``language``.
        inputs: of one example.
        outputs: of one answer.
        names: of the classes or targets, in the order of the outputs; empty for densities.
        words: of tokens, what the symbols stand for; the last one is that of the largest number.
            Those of smaller numbers stand for an end, an unknown word, a gap between two texts.
    """

    name: str
    title: str
    task: str
    inputs: Shape
    outputs: Shape
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Rows and columns [pixels] where inputs are images."""
        return self.inputs.sizes[-2:] if self.inputs.kind == "image" else None  # pyright: ignore[reportReturnType]

    @property
    def channels(self) -> int:
        """Colours of a pixel, or numbers at a point of a grid."""
        return self.inputs.sizes[0] if self.inputs.kind in ("image", "grid") else 1
