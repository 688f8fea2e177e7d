"""What every data set offers: examples in volts, split for training and for testing."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from ..errors import StudioError
from ..params import Param, Value, check_params
from ..registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

DATASETS: "Registry[type[Dataset]]" = Registry("data set")


@dataclass(frozen=True)
class Examples:
    """Inputs with their classes.

    Args:
        x: initial voltages of the input nodes (n, inputs), float32 [V].
        y: class numbers (n,), int64.
    """

    x: "Tensor"
    y: "Tensor"

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True)
class Split:
    """Examples to learn from and examples to be judged by; no example is in both."""

    train: Examples
    test: Examples

    def part(self, name: str) -> Examples:
        """The part called ``train`` or ``test``.

        Raises:
            StudioError: another name.
        """
        if name not in ("train", "test"):
            raise StudioError(f"unknown split {name!r}: choose train or test")
        return self.train if name == "train" else self.test


class Dataset(ABC):
    """A classification data set.

    Attributes:
        title: shown to people.
        params: what a user can choose.
        classes: names of the classes in the order of the output nodes.
        input_count: number of features, one input node each.
        image_shape: rows and columns when the features are the pixels of an image.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    classes: tuple[str, ...]
    input_count: int
    image_shape: tuple[int, int] | None = None

    def __init__(self, **options: Any) -> None:
        try:
            self.options: Mapping[str, Value] = check_params(self.params, options)
        except ValueError as error:
            raise StudioError(f"data set: {error}") from None

    @abstractmethod
    def split(self) -> Split:
        """The examples; equal options give equal examples on every machine."""


def examples(x: np.ndarray, y: np.ndarray) -> Examples:
    """Arrays as tensors of the agreed types."""
    import torch  # menus list data sets without loading torch

    return Examples(
        torch.from_numpy(np.ascontiguousarray(x, dtype=np.float32)),
        torch.from_numpy(np.ascontiguousarray(y, dtype=np.int64)),
    )
