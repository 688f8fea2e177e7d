"""The user's own pairs of fields as a data set."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ...shapes import Shape
from ..base import DATASETS, Examples, Split, examples
from ..folders import own_path
from ..preview import Preview
from .arrays import SUFFIXES, Arrays, arrays_of, read_array
from .base import PARTS, PREVIEWED, FieldPairs
from .layout import LEAST_POINTS, Layout, chosen, layouts
from .store import Pair

LEAST_PAIRS = 4
SMALLEST, LARGEST = 1e-15, 1e15
"""The largest value of an array lies between them: errors are sums of squares in float32."""
FAINT = 1e-18
"""A target that nowhere exceeds it has no square in float32."""
SEAM = 3.0
"""Ends that differ by less than so many steps between neighbours look like those of a ring."""


@DATASETS.register("fields")
class Fields(FieldPairs):
    """Your own pairs of fields on equidistant points: arrays ``input`` and ``target`` of a file.

    A .npz file of numpy or a .mat file of MATLAB, such as those published with the Fourier neural
    operator (arrays ``a`` and ``u``, or ``coeff`` and ``sol``). Arrays are (n, points...) or
    (n, channels, points...); moments on a last axis are channels. What is assumed is said, and
    every assumption has an option.
    """

    title: ClassVar[str] = "Fields (.npz, .mat)"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = SUFFIXES
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="A .npz or .mat file."),
        Param("input", "", doc="Name of the array that goes in; empty for input, a, coeff or x."),
        Param("target", "", doc="Name of the array to learn; empty for target, u, sol or y."),
        Param("given", 0, low=0, high=10_000, doc="First moments of the target that go in instead "
              "of the input."),
        Param("axes", "auto", choices=("auto", "1", "2", "3"), doc="Axes of the grid."),
        Param("channels", "auto", choices=("auto", "first", "last"), doc="Where channels stand."),
        Param("periodic", False, doc="Whether the axes close on themselves."),
        Param("extent", "", doc="Length of every axis, separated by commas; empty for 1."),
        Param("every", 1, low=1, high=1000, doc="Only every so many points of an axis."),
        Param("order", "random", choices=("random", "last"), doc="Test random pairs, or the last."),
        Param("validation", 0.1, low=0.0, high=0.9, slider=(0, 0.3), doc="Share to choose by."),
        Param("test", 0.2, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which pairs are kept for testing."),
    )  # fmt: skip

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._arrays: Arrays | None = None
        self._read: Pair | None = None
        self._counts, self._points, self._extent = (1, 1), (LEAST_POINTS,), (1.0,)
        if self.options["path"]:
            self._path = own_path(str(self.options["path"]))
            self._arrays = arrays_of(self._path)
            try:
                self._look(self._arrays)
            except StudioError as error:
                raise StudioError(f"{self._path}: {error}") from None
        self.input_count = self.inputs.count

    @property
    def inputs(self) -> Shape:
        """The channels of an input on the grid."""
        return self._shape(self._counts[0])

    @property
    def outputs(self) -> Shape:
        """The channels of a target on the grid."""
        return self._shape(self._counts[1])

    def missing(self) -> str:
        """That no file was chosen."""
        return "" if self._arrays else f"{self.title}: no file was chosen; set its path"

    def split(self) -> Split:
        """Random parts, or the first to learn from and the last to be judged by.

        Raises:
            StudioError: no file was chosen, or it is damaged.
        """
        x, y = self._fields()
        train, validation, test = (
            examples(x[rows], y[rows]) if len(rows) else None for rows in self._parts(len(x))
        )
        assert train is not None
        assert test is not None
        return Split(train, test, validation)

    def other_grids(self, part: str) -> dict[str, Examples]:
        """The fields of a part at every second point, where such a grid has the same ends."""
        more = 0 if self.options["periodic"] else 1
        if any((n - more) % 2 or n // 2 < LEAST_POINTS for n in self._points):
            return {}
        x, y = self._fields()
        rows = self._parts(len(x))[PARTS.index(part)]
        places = (rows, slice(None), *[slice(None, None, 2)] * len(self._points))
        coarse = examples(x[places], y[places])
        return {"x".join(map(str, coarse.x.shape[2:])): coarse}

    def preview(self) -> Preview:
        """The first pairs, and what the arrays were taken for.

        Raises:
            StudioError: no file was chosen, or it is damaged.
        """
        x, y = self._fields()
        train, _, test = self._parts(len(x))
        shown = train[:PREVIEWED]
        return replace(_named(self._arrays), train=len(train), test=len(test), inputs=x[shown],
                       outputs=y[shown], notes=self.notes)  # fmt: skip

    @classmethod
    def glance(cls, options: Mapping[str, Any]) -> Preview:
        """The names of the arrays, to choose from."""
        try:
            return _named(arrays_of(own_path(str(options.get("path", "")))))
        except StudioError:
            return Preview()

    def _shape(self, channels: int) -> Shape:
        periodic = bool(self.options["periodic"])
        return Shape((channels, *self._points), "grid", periodic, self._extent)

    def _look(self, arrays: Arrays) -> None:
        """What the arrays are taken for, by their names and sizes.

        Raises:
            StudioError: they do not fit together.
        """
        given, channels = int(self.options["given"]), str(self.options["channels"])
        target = chosen(arrays, str(self.options["target"]), "target")
        source = target if given else chosen(arrays, str(self.options["input"]), "input", target)
        self._names = source, target
        x, y = (arrays.shapes[name] for name in self._names)
        if x[:1] != y[:1] or not x:
            raise StudioError(f"'{source}' is {_by(x)} and '{target}' is {_by(y)}: the first axis "
                              "must count the same pairs")  # fmt: skip
        if x[0] < LEAST_PAIRS:
            raise StudioError(f"{x[0]} pairs are too few; give at least {LEAST_PAIRS}")
        if given and channels == "auto":
            channels = "last"  # where the published files have their moments
        ways = layouts(x, y, str(self.options["axes"]), channels)
        if given:
            ways = [way for way in ways if way[1].channels != "none"]
        if not ways:
            raise StudioError(
                f"'{source}' {_by(x)} and '{target}' {_by(y)} are on no common grid of at least "
                f"{LEAST_POINTS} points; give (n, points...) or (n, channels, points...)"
            )
        self._layouts = ways[0]
        self._sizes(given)
        self.notes = tuple(self._notes(len(ways)))

    def _sizes(self, given: int) -> None:
        x, y = self._layouts
        if given >= y.count:
            raise StudioError(f"given is {given}, and '{self._names[1]}' has {y.count} "
                              f"channel{'s' if y.count != 1 else ''}; choose fewer")  # fmt: skip
        every = int(self.options["every"])
        more = 0 if self.options["periodic"] else 1
        if any((n - more) % every or -(-n // every) < LEAST_POINTS for n in x.points):
            raise StudioError(
                f"every {every} points of {_by(x.points)} leave no grid with the same ends of at "
                f"least {LEAST_POINTS} points; choose another number"
            )
        self._points = tuple(-(-n // every) for n in x.points)
        self._counts = (given, y.count - given) if given else (x.count, y.count)
        self._extent = _lengths(str(self.options["extent"]), x.axes)

    def _notes(self, ways: int) -> list[str]:
        (source, target), (x, y) = self._names, self._layouts
        grid = f"{x.sizes[0]} pairs on {_by(self._points)} points"
        notes = [f"Array '{source}' {_by(x.sizes)} goes in and '{target}' {_by(y.sizes)} is "
                 f"learnt, {grid}; input and target name others."]  # fmt: skip
        if int(self.options["given"]):
            notes[0] = (f"Of the {y.count} channels of '{target}' the first {self._counts[0]} go "
                        f"in and the others are learnt, {grid}.")  # fmt: skip
        for name, layout in dict(zip(self._names, self._layouts, strict=True)).items():
            if layout.channels != "none":
                notes.append(f"The {'second' if layout.channels == 'first' else 'last'} axis of "
                             f"'{name}' is taken as {layout.count} channels; axes and channels "
                             "change that.")  # fmt: skip
        if ways > 1:
            notes.append(f"Other readings of the axes are possible; {x.axes} "
                         f"ax{'es are' if x.axes > 1 else 'is is'} the likeliest; axes=1, 2 or 3 "
                         "changes that.")  # fmt: skip
        ring = bool(self.options["periodic"])
        notes.append(f"The grid is taken as {'closing on itself' if ring else 'having both ends'}; "
                     f"periodic={'false' if ring else 'true'} changes that.")  # fmt: skip
        if not self.options["extent"]:
            notes.append("Every axis is taken to have the length 1; extent changes that.")
        return notes

    def _parts(self, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Places of the pairs to learn from, to choose by and to be judged by."""
        rows = np.arange(count)
        if self.options["order"] == "random":
            rows = np.random.default_rng(int(self.options["seed"])).permutation(count)
        test = min(max(1, round(float(self.options["test"]) * count)), count - 2)
        share = float(self.options["validation"])
        most = count - test - 1
        validation = min(max(1, round(share * count)), most) if share else 0
        learnt = count - test - validation
        return rows[:learnt], rows[learnt : count - test], rows[count - test :]

    def _fields(self) -> Pair:
        """All pairs (n, channels, points...), read once.

        Raises:
            StudioError: no file was chosen, it is damaged, or a field is no field.
        """
        if self._read is None:
            if self._arrays is None:
                raise StudioError(self.missing())
            self._read = self._loaded(self._arrays)
            self._say_constant(self._read)
            self._say_seam(self._read)
        return self._read

    def _loaded(self, arrays: Arrays) -> Pair:
        (source, target), (into, out) = self._names, self._layouts
        y = self._array(arrays, target, out)
        if given := int(self.options["given"]):
            x, y = y[:, :given], y[:, given:]
        else:
            x = self._array(arrays, source, into)
        empty = np.abs(y).reshape(len(y), -1).max(axis=1) <= FAINT
        if empty.any():
            raise StudioError(
                f"{self._path}: target {int(empty.argmax()) + 1} is zero everywhere, or within "
                f"{FAINT:g}, and an error relative to it means nothing; leave this pair out"
            )
        return x, y

    def _array(self, arrays: Arrays, name: str, layout: Layout) -> np.ndarray:
        values = layout.arranged(read_array(self._path, arrays, name))
        step = slice(None, None, int(self.options["every"]))
        with np.errstate(over="ignore"):
            found = np.ascontiguousarray(
                values[(slice(None), slice(None), *[step] * layout.axes)], dtype=np.float32
            )
        wrong = ~np.isfinite(found.reshape(len(found), -1)).all(axis=1)
        if wrong.any():
            raise StudioError(
                f"{self._path}: field {int(wrong.argmax()) + 1} of '{name}' has a value that is no "
                "finite number; repair it or leave this pair out"
            )
        largest = max(float(values.max()), -float(values.min()))
        if largest and not SMALLEST <= largest <= LARGEST:
            raise StudioError(
                f"{self._path}: the largest value of '{name}' is {largest:.3g}, and its square "
                "leaves float32; choose a unit in which it lies between "
                f"{SMALLEST:g} and {LARGEST:g}"
            )
        return found

    def _say_constant(self, pair: Pair) -> None:
        """A note where fields do not tell each other apart, in the numbers that are learnt from."""
        for what, values in zip(("Inputs", "Targets"), pair, strict=True):
            if (values == values[:1]).all():
                self.notes = (*self.notes, f"{what} are the same in every pair, as far as float32 "
                              "tells numbers apart, and nothing can be learnt of them; take off "
                              "what they have in common.")  # fmt: skip

    def _say_seam(self, pair: Pair) -> None:
        """A note where fields that are taken to have ends look like a ring."""
        if not self.options["periodic"] and all(map(_closes, pair)):
            self.notes = (*self.notes, "Both ends of every axis are as close as neighbours, as on "
                          "a ring; periodic=true says so.")  # fmt: skip


def _closes(values: np.ndarray) -> bool:
    """Whether fields (n, channels, points...) vary as little across the ends as elsewhere."""
    for axis in range(2, values.ndim):
        step = np.abs(np.diff(values, axis=axis)).mean()
        seam = np.abs(values.take(0, axis) - values.take(-1, axis)).mean()
        # One step of a ring lies between its ends; two fixed ends have none.
        if not 0 < seam < SEAM * step:
            return False
    return True


def _lengths(text: str, axes: int) -> tuple[float, ...]:
    if not text.strip():
        return (1.0,) * axes
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    if len(found) != axes or not all(0 < length < float("inf") for length in found):
        raise StudioError(f"extent {text[:60]!r} must be {axes} positive number"
                          f"{'s, separated by commas' if axes > 1 else ''}")  # fmt: skip
    return found


def _named(arrays: Arrays | None) -> Preview:
    names = list(arrays.shapes) if arrays else []
    return Preview(choices={"input": names, "target": names})


def _by(sizes: tuple[int, ...]) -> str:
    return " x ".join(map(str, sizes)) or "a single number"
