"""What every data set offers: what it is for, its shape, and examples in volts."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..errors import StudioError
from ..params import Param, Value, check_params
from ..registry import Registry
from ..shapes import Data, Shape
from .preview import Preview, of_examples

if TYPE_CHECKING:
    from torch import Tensor

    from .download import Progress

DATASETS: "Registry[type[Dataset]]" = Registry("data set")

TASKS = ("classify", "regress", "generate", "match", "operator", "language")
# A test set drawn on demand takes its seed from beyond all seeds a user can choose.
TEST_SEED = 1_000_003


@dataclass(frozen=True)
class Examples:
    """Inputs with what is asked of them.

    Args:
        x: initial voltages of the input nodes (n, inputs), float32 [V]; for ``operator`` fields
            (n, channels, points...) in their own units; of text the numbers of its symbols.
        y: classes (n,), int64, for ``classify``; scaled targets (n, outputs), float32, for
            ``regress``; zeros (n,), int64, for ``generate``, where `x` is all there is; fields
            (n, channels, points...), float32, for ``operator``; the symbol that follows each one
            (n, symbols), int64, for ``language``.
    """

    x: "Tensor"
    y: "Tensor"

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Split:
    """Examples to learn from and examples to be judged by; no example is in two parts.

    Args:
        train: to learn from.
        test: to be judged by at the end.
        validation: to choose by, so that the test set has no say; ``None`` where there are none.
    """

    train: Examples
    test: Examples
    validation: Examples | None = None

    @property
    def held_out(self) -> str:
        """The part that is looked at during a training: ``validation``, or else ``test``."""
        return "test" if self.validation is None else "validation"

    def part(self, name: str) -> Examples:
        """The part called ``train``, ``validation`` or ``test``.

        Raises:
            StudioError: there is none of this name.
        """
        names = ("train", *(("validation",) if self.validation is not None else ()), "test")
        if name not in names:
            *others, last = names
            raise StudioError(f"unknown split {name!r}: choose {', '.join(others)} or {last}")
        return getattr(self, name)


class Dataset(ABC):
    """A data set or, for ``match``, a potential.

    Attributes:
        title: shown to people.
        params: what a user can choose.
        task: ``classify`` (learn classes), ``regress`` (learn numbers), ``generate`` (learn the
            density of examples), ``match`` (learn a density known up to a factor), ``operator``
            (learn what turns one field into another) or ``language`` (learn which symbol follows).
        source: where the examples come from: ``built-in``, ``download`` (public files, fetched by
            ``download``) or ``user`` (the user's own files).
        uploads: endings of the files that can be sent to the studio for the option ``path``.
        classes: names of the classes in the order of the output nodes; empty for other tasks.
        targets: names of the targets of ``regress``.
        input_count: number of features, one input node each.
        image_shape: rows and columns when the features are the pixels of an image.
        channels: colours of a pixel; features are ordered channel, row, column.
        notes: sentences about what was assumed of a user's files.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    source: ClassVar[str] = "built-in"
    uploads: ClassVar[tuple[str, ...]] = ()
    # An instance may differ: a table is for classes or for numbers, as its target column has it.
    task: str = "classify"
    classes: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    input_count: int
    image_shape: tuple[int, int] | None = None
    channels: int = 1
    notes: tuple[str, ...] = ()

    def __init__(self, **options: Any) -> None:
        try:
            self.options: Mapping[str, Value] = check_params(self.params, options)
        except ValueError as error:
            raise StudioError(f"data set: {error}") from None

    @property
    def output_count(self) -> int:
        """Classes, targets, or the dimension of a density: as many output nodes are needed."""
        if self.task == "classify":
            return len(self.classes)
        return len(self.targets) if self.task == "regress" else self.input_count

    @property
    def data(self) -> Data:
        """What models are told of it."""
        inputs = Shape((self.input_count,))
        if self.image_shape is not None:
            inputs = Shape((self.channels, *self.image_shape), "image")
        return Data(
            DATASETS.name_of(type(self)),
            self.title,
            self.task,
            inputs,
            Shape((self.output_count,)),
            self.classes or self.targets,
        )

    @abstractmethod
    def split(self) -> Split:
        """The examples; equal options give equal examples on every machine.

        Raises:
            StudioError: its files are missing or damaged, or it has no examples (``match``).
        """

    def further_tests(self) -> dict[str, Examples]:
        """More test sets by name, such as the same fields on finer or coarser grids.

        Raises:
            StudioError: as ``split``.
        """
        return self.other_grids("test")

    def other_grids(self, part: str) -> dict[str, Examples]:
        """The fields of a part on finer or coarser grids, by name; nothing where there are none.

        Args:
            part: ``validation`` or ``test``.

        Raises:
            StudioError: as ``split``.
        """
        del part
        return {}

    def baselines(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Answers by name that need no learning, to be beaten: such as the input itself.

        Args:
            x: inputs (n, ...), as they stand in the examples.
        """
        del x
        return {}

    def missing(self) -> str:
        """Why the examples cannot be had now, as a sentence with the remedy; empty when they can.

        Looks only whether files are there, so it is quick enough for a menu.
        """
        return ""

    def download(self, progress: "Progress | None" = None) -> None:
        """Fetch from their public home those of its files that are missing.

        Args:
            progress: told how far each file is, where that is known.

        Raises:
            StudioError: it has no public files, the server cannot be reached, or a file is not
                what it should be.
        """
        where = "your own files" if self.source == "user" else "built in"
        raise StudioError(f"{self.title}: there is nothing to fetch, it is {where}")

    def preview(self) -> Preview:
        """A few examples, and how many of which kind there are.

        Raises:
            StudioError: its files are missing or damaged.
        """
        return of_examples(self)

    @classmethod
    def glance(cls, options: Mapping[str, Any]) -> Preview:
        """What can be shown although the options do not fit, to see how to mend them."""
        del options
        return Preview()


def examples(x: np.ndarray, y: np.ndarray) -> Examples:
    """Arrays as tensors of the agreed types; targets in two axes are numbers, else classes.

    Raises:
        StudioError: a number is too large for single precision.
    """
    import torch  # menus list data sets without loading torch

    whole = np.ndim(y) == 1
    targets = np.ascontiguousarray(y, dtype=np.int64) if whole else _single("target", y)
    return Examples(torch.from_numpy(_single("input", x)), torch.from_numpy(targets))


def _single(what: str, values: np.ndarray) -> np.ndarray:
    """The values in single precision, in which networks learn."""
    with np.errstate(over="ignore"):
        single = np.ascontiguousarray(values, dtype=np.float32)
    beyond = np.isinf(single) & np.isfinite(values)
    if beyond.any():
        place = np.unravel_index(int(np.argmax(beyond)), beyond.shape)
        raise StudioError(
            f"{what} of example {place[0] + 1} is {np.asarray(values)[place]:.3g}, beyond single "
            "precision (3.4e38): give it in another unit"
        )
    return single
