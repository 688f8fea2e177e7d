"""What goes into a model and what comes out of it, without a data set at hand."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How the numbers of an input or of an answer are arranged.

    Args:
        sizes: of the axes, the last one fastest: (features,), or (channels, rows, columns).
        kind: ``vector`` or ``image``.
    """

    sizes: tuple[int, ...]
    kind: str = "vector"

    @property
    def count(self) -> int:
        """Numbers in all."""
        return math.prod(self.sizes)


@dataclass(frozen=True)
class Data:
    """What a model is told of a data set.

    Args:
        name: under which the data set is registered; empty for none.
        title: shown to people.
        task: ``classify``, ``regress``, ``generate`` or ``match``.
        inputs: of one example.
        outputs: of one answer.
        names: of the classes or targets, in the order of the outputs; empty for densities.
    """

    name: str
    title: str
    task: str
    inputs: Shape
    outputs: Shape
    names: tuple[str, ...] = ()

    @property
    def image_shape(self) -> tuple[int, int] | None:
        """Rows and columns [pixels] where inputs are images."""
        return self.inputs.sizes[-2:] if self.inputs.kind == "image" else None  # pyright: ignore[reportReturnType]

    @property
    def channels(self) -> int:
        """Colours of a pixel."""
        return self.inputs.sizes[0] if self.inputs.kind == "image" else 1
