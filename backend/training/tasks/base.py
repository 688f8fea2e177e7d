"""What a training minimises, how its result is measured and what a frame shows of it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from ...datasets import Dataset, Examples, Split
from ...errors import StudioError
from ...models import Model
from ...registry import Registry

if TYPE_CHECKING:
    from ..spec import TrainSpec

TASKS: "Registry[type[Task]]" = Registry("task")

Axes = tuple[Tensor, Tensor]
"""Abscissas and ordinates (G,) of a grid [V]."""


@dataclass(frozen=True)
class Measured:
    """How well a model does on examples.

    Args:
        figures: numbers by name in ``metrics.METRICS``; ``loss`` is always there.
        outputs: what the model said to every example (n, ...).
    """

    figures: dict[str, float]
    outputs: Tensor


class Task(ABC):
    """One way to train on a data set.

    Args:
        dataset: the data set.
        spec: the settings.

    Attributes:
        score: the metric that is asked for first, beside the loss.
        fresh: whether every batch is drawn anew instead of from stored examples.
        whole_batch: why what is minimised is no mean over examples, each for itself, as words that
            follow a colon; empty where it is one, and workers can share a batch.
    """

    score: ClassVar[str]
    whole_batch: ClassVar[str] = ""

    def __init__(self, dataset: Dataset, spec: "TrainSpec") -> None:
        self.dataset = dataset
        self.spec = spec
        self.fresh = False

    def split(self) -> Split:
        """Stored examples to learn from and to be judged by."""
        return self.dataset.split()

    def draw(self, count: int, generator: torch.Generator) -> Examples:
        """Fresh examples to learn from, where ``fresh`` says so.

        Args:
            count: how many.
            generator: of everything random, on the CPU.

        Raises:
            StudioError: the task has stored examples only.
        """
        raise StudioError(f"{self.dataset.title} has stored examples only; none can be drawn")

    @abstractmethod
    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """What one step minimises, differentiable, and what is reported of the batch.

        Args:
            model: in its present state.
            x: inputs (B, features) [V].
            y: what is asked of them.

        Raises:
            SolveError: an adaptive solve stopped before its end.
        """

    @abstractmethod
    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Figures of outputs (n, ...) for what was asked (n, ...)."""

    def outputs(self, model: Model, x: Tensor) -> Tensor:
        """What the model says to many examples."""
        return model.predict(x)

    def followed(self, model: Model, x: Tensor) -> tuple[Tensor, float | None]:
        """The same as ``outputs``, and the largest voltage [V] on the way where it is known."""
        return model.follow(x)

    def trust(self, model: Model, x: Tensor) -> dict[str, Any]:
        """Whether the model computed its inside well enough for some inputs: ``Model.trust``."""
        return model.trust(x)

    def measure(self, model: Model, examples: Examples) -> Measured:
        """Figures and outputs of a model on examples."""
        outputs = self.outputs(model, examples.x)
        return Measured(self.judge(outputs, examples.y), outputs)

    def details(self, measured: Measured, examples: Examples) -> dict[str, object]:
        """More that an evaluation can tell, fit for JSON."""
        return {}

    def further_tests(self) -> dict[str, Examples]:
        """More test sets by name; of each the score is told at the end."""
        return self.dataset.further_tests()

    def closing(self, test: Examples) -> dict[str, float]:
        """Figures that are told once, at the end, beside those of the test set."""
        return {}

    def probe(self, split: Split) -> Tensor:
        """The example whose trajectory a frame shows (features,) [V]: the first held out."""
        return split.part(split.held_out).x[0]

    def frame(
        self, model: Model, measured: Measured, examples: Examples, axes: Axes | None
    ) -> dict[str, np.ndarray]:
        """More arrays of a frame, beside the trajectory of the probe.

        Args:
            model: in its present state.
            measured: what it does on the test set.
            examples: the test set.
            axes: abscissas and ordinates of a grid [V], for data in the plane.
        """
        return {}
