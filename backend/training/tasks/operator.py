"""Fields from fields: the relative error of whole fields."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ...datasets import Dataset, Examples
from ...models import Model
from .base import TASKS, Axes, Measured, Task

if TYPE_CHECKING:
    from ..spec import TrainSpec

SHOWN = 60_000
"""At most so many numbers of fields stand in a frame, in each of its arrays."""

PICTURED = 24
"""At most so many fields stand in a frame, on every grid."""


@TASKS.register("operator")
class LearnOperator(Task):
    """Learn what turns one field into another.

    The loss and the figure ``relative_l2`` are the mean over samples of ||p - y||_2 / ||y||_2, all
    channels and points of a field in one norm, in the field's own unit.

    References:
        Li et al. 2020, Fourier neural operator, arXiv 2010.08895.
    """

    score = "relative_l2"

    def __init__(self, dataset: Dataset, spec: "TrainSpec") -> None:
        super().__init__(dataset, spec)
        self._elsewhere: list[Examples] | None = None

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Mean relative error of the batch."""
        objective = relative_l2(model(x), y).mean()
        return objective, {"loss": float(objective.detach())}

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Loss and ``relative_l2``, which are the same."""
        value = float(relative_l2(outputs, y).double().mean())
        return {"loss": value, "relative_l2": value}

    def details(self, measured: Measured, examples: Examples) -> dict[str, object]:
        """``baselines``: ``relative_l2`` of answers that need no learning, by name."""
        return {"baselines": self.compared(examples)}

    def compared(self, examples: Examples) -> dict[str, float]:
        """``relative_l2`` of every baseline of the data set."""
        y = examples.y.cpu()
        answers = self.dataset.baselines(examples.x.cpu().numpy())
        return {
            name: self.judge(torch.from_numpy(answer).to(y.dtype), y)["relative_l2"]
            for name, answer in answers.items()
        }

    def closing(self, test: Examples) -> dict[str, float]:
        """``relative_l2`` of the baselines on the test set, as ``<name>_baseline``."""
        return {f"{name}_baseline": value for name, value in self.compared(test).items()}

    def frame(
        self, model: Model, measured: Measured, examples: Examples, axes: Axes | None
    ) -> dict[str, np.ndarray]:
        """``field_input``, ``field_target`` and ``field_prediction`` of some examples.

        Each has the shape (n, channels, points...). The same fields on other grids stand beside
        them as ``field_input_1`` and so on, one number a grid.
        """
        count = _pictured(examples)
        arrays = _named(_first(examples, count), measured.outputs[:count], "")
        for number, part in enumerate(self._on_other_grids(), start=1):
            placed = Examples(part.x.to(examples.x), part.y.to(examples.y))
            arrays |= _named(placed, self.outputs(model, placed.x), f"_{number}")
        return arrays

    def _on_other_grids(self) -> list[Examples]:
        """Some of the fields that are held out, on every other grid."""
        if self._elsewhere is None:
            grids = self.dataset.other_grids(self.split().held_out)
            self._elsewhere = [_first(part, _pictured(part)) for part in grids.values()]
        return self._elsewhere


def _pictured(examples: Examples) -> int:
    """How many fields a frame has room for."""
    largest = max(examples.x[:1].numel(), examples.y[:1].numel(), 1)
    return max(1, min(PICTURED, SHOWN // largest))


def _first(examples: Examples, count: int) -> Examples:
    return Examples(examples.x[:count].clone(), examples.y[:count].clone())


def _named(examples: Examples, outputs: Tensor, grid: str) -> dict[str, np.ndarray]:
    fields = {"input": examples.x, "target": examples.y, "prediction": outputs}
    return {f"field_{name}{grid}": value.cpu().numpy() for name, value in fields.items()}


def relative_l2(outputs: Tensor, y: Tensor) -> Tensor:
    """||p - y||_2 / ||y||_2 of every sample (n,), fields (n, channels, points...)."""
    norm = torch.linalg.vector_norm
    size = norm(y.flatten(1), dim=1).clamp(min=torch.finfo(y.dtype).tiny)
    return norm((outputs - y).flatten(1), dim=1) / size
