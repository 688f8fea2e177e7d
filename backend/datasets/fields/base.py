"""Data sets of fields on equidistant grids, and those that are computed on demand."""

import math
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ...shapes import Data, Shape
from ..base import DATASETS, Dataset, Examples, Split, examples
from ..preview import Preview
from ..progress import tell
from .layout import LEAST_POINTS
from .store import Pair, keep, stored

PREVIEWED = 3
"""Pairs of fields in a preview."""

PARTS = ("train", "validation", "test")
COUNTS = {"train": "n", "validation": "validation", "test": "test"}


class FieldPairs(Dataset):
    """Inputs and outputs that are fields on the same equidistant grid.

    Attributes:
        task: ``operator``.
    """

    task = "operator"

    @property
    @abstractmethod
    def inputs(self) -> Shape:
        """Of an input: a grid."""

    @property
    @abstractmethod
    def outputs(self) -> Shape:
        """Of an answer: a grid with the same points."""

    @property
    def output_count(self) -> int:
        """Numbers of an answer."""
        return self.outputs.count

    @property
    def data(self) -> Data:
        """What models are told of it."""
        name = DATASETS.name_of(type(self))
        return Data(name, self.title, self.task, self.inputs, self.outputs)

    def baselines(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """``zero`` everywhere, and where it has the channels of an answer the input itself."""
        channels = self.outputs.sizes[0]
        zero = np.zeros((len(x), channels, *x.shape[2:]), np.float32)
        return {"zero": zero, **({"identity": x} if x.shape[1] == channels else {})}


class Computed(FieldPairs):
    """Fields that are computed from a formula or an equation when they are asked for.

    They are computed on a fixed fine grid and kept in the home folder (``store``); coarser grids
    are subsamples of it, so that the same fields are there at several resolutions. Every field has
    random numbers of its own: more of them leave the others as they are.

    Attributes:
        finest: points along an axis of the fine grid.
        version: raised when the same options give other fields than before.
        fixed: names of options that do not change the fine fields.
        periodic: whether the axes close on themselves.
        dimensions: number of axes.
        channels_in: numbers at a point of an input.
        channels_out: numbers at a point of an answer.
        chunk: fields that are computed together.
    """

    finest: int
    version: ClassVar[int] = 1
    fixed: ClassVar[tuple[str, ...]] = ("n", "validation", "test", "resolution")
    periodic: ClassVar[bool] = True
    dimensions: ClassVar[int] = 1
    channels_in: int = 1
    channels_out: int = 1
    chunk: ClassVar[int] = 100

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if (wanted := int(self.options["resolution"])) not in (fitting := self.resolutions()):
            near = min(fitting, key=lambda points: abs(points - wanted))
            raise StudioError(
                f"{self.title}: fields at {wanted} points would have to be interpolated; choose "
                f"resolution {near}, or another one of {', '.join(map(str, fitting))}"
            )
        self.input_count = self.inputs.count
        self._known: dict[str, Pair] = {}

    @abstractmethod
    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """Inputs and answers (n, channels, finest...) on the fine grid.

        Args:
            streams: random numbers of every field.
        """

    @property
    def resolution(self) -> int:
        """Points along every axis."""
        return int(self.options["resolution"])

    @property
    def inputs(self) -> Shape:
        """The channels of an input on the grid."""
        return self._shape(self.channels_in)

    @property
    def outputs(self) -> Shape:
        """The channels of an answer on the grid."""
        return self._shape(self.channels_out)

    def resolutions(self) -> list[int]:
        """Points along an axis of all grids that are subsamples of the fine one, ascending."""
        intervals = self.finest if self.periodic else self.finest - 1
        more = 0 if self.periodic else 1
        steps = (step for step in range(intervals, 0, -1) if intervals % step == 0)
        return [points for step in steps if (points := intervals // step + more) >= LEAST_POINTS]

    def split(self) -> Split:
        """Fields to learn from, to choose by and to be judged by, each drawn independently."""
        train, validation, test = (
            self._examples(self._fields(part, self._count(part)), self.resolution) for part in PARTS
        )
        return Split(train, test, validation)

    def other_grids(self, part: str) -> dict[str, Examples]:
        """The fields of a part at about half and about double the resolution, by their points."""
        fields = self._fields(part, self._count(part))
        half, double = self.resolution / 2, self.resolution * 2
        coarser = [points for points in self.resolutions() if points < self.resolution]
        finer = [points for points in self.resolutions() if points > self.resolution]
        near = [
            min(fitting, key=lambda points: abs(math.log(points / wanted)))
            for fitting, wanted in ((coarser, half), (finer, double))
            if fitting
        ]
        return {str(points): self._examples(fields, points) for points in near}

    def preview(self) -> Preview:
        """The first pairs of fields to learn from."""
        train, _, test = (self._count(part) for part in PARTS)
        x, y = self._at(self._fields("train", min(PREVIEWED, train), kept=False), self.resolution)
        return Preview(train=train, test=test, inputs=x, outputs=y)

    def _shape(self, channels: int) -> Shape:
        return Shape(
            (channels, *[self.resolution] * self.dimensions), "grid", periodic=self.periodic
        )

    def _count(self, part: str) -> int:
        return int(self.options[COUNTS[part]])

    def _fields(self, part: str, count: int, *, kept: bool = True) -> Pair:
        """The first fine fields of a part: known, from the store, or computed and then kept."""
        about = self._about(part)
        name = DATASETS.name_of(type(self))
        found = self._known.get(part) or stored(name, about)
        have = 0 if found is None else len(found[0])
        if have < count:
            found = _joined(found, self._computed(part, have, count))
            if kept:
                keep(name, about, found)
        assert found is not None
        self._known[part] = found
        return found[0][:count], found[1][:count]

    def _computed(self, part: str, first: int, last: int) -> Pair:
        """Fields of a part from one number to another, told while they are made."""
        seed, place = int(self.options["seed"]), PARTS.index(part)
        made: Pair | None = None
        for begin in range(first, last, self.chunk):
            numbers = range(begin, min(begin + self.chunk, last))
            streams = [np.random.default_rng((seed, place, number)) for number in numbers]
            x, y = self.solve(streams)
            if not (np.isfinite(x).all() and np.isfinite(y).all()):
                raise StudioError(
                    f"{self.title}: {part} fields {begin} to {numbers.stop - 1} did not stay "
                    "finite; choose another seed"
                )
            made = _joined(made, (x.astype(np.float32), y.astype(np.float32)))
            tell(f"{self.title}, {part}", numbers.stop - first, last - first)
        assert made is not None
        return made

    def _about(self, part: str) -> Mapping[str, Any]:
        free = {name: value for name, value in self.options.items() if name not in self.fixed}
        return {**free, "part": part, "points": self.finest, "version": self.version}

    def _at(self, fields: Pair, points: int) -> Pair:
        """Fields on a coarser grid."""
        more = 0 if self.periodic else 1
        step = (self.finest - more) // (points - more)
        places = (slice(None), slice(None), *[slice(None, None, step)] * self.dimensions)
        return fields[0][places], fields[1][places]

    def _examples(self, fields: Pair, points: int) -> Examples:
        return examples(*self._at(fields, points))


def _joined(first: Pair | None, then: Pair) -> Pair:
    if first is None:
        return then
    return np.concatenate([first[0], then[0]]), np.concatenate([first[1], then[1]])


def counts(n: int = 1000, validation: int = 100, test: int = 200) -> tuple[Param, ...]:
    """The options that say how many fields there are."""
    return (
        Param("n", n, low=2, high=100_000, slider=(50, 2000), doc="Fields to learn from."),
        Param("validation", validation, low=2, high=100_000, doc="Fields to choose by."),
        Param("test", test, low=2, high=100_000, doc="Fields to be judged by at the end."),
    )


SEED = Param("seed", 0, low=0, high=1_000_000, doc="Which draw of the fields.")


def resolution(points: int) -> Param:
    """The option for the points along an axis."""
    return Param("resolution", points, low=LEAST_POINTS, high=4096, doc="Points along an axis.")
