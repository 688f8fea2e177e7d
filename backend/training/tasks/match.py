"""Densities known up to a factor: a model's own samples against a potential."""

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...datasets import Dataset, Examples, Split
from ...datasets.generators import points
from ...datasets.potentials import Potential
from ...errors import RunError, StudioError
from ...models import Model
from .base import TASKS
from .generate import Density, flow_of

if TYPE_CHECKING:
    from ..spec import TrainSpec

TESTED = 4096
"""Draws of noise by which a matched density is judged, always the same."""


@TASKS.register("match")
class Match(Density):
    """Learn p = exp(-U) / Z from U alone; the loss is E[l(T) + U(v(T))] over draws of noise.

    ``kl`` = loss - N/2 (1 + log 2 pi) + log Z is KL(q||p) in nats, where log Z is known.
    """

    score = "kl"

    def __init__(self, dataset: Dataset, spec: "TrainSpec") -> None:
        super().__init__(dataset, spec)
        if not isinstance(dataset, Potential):
            raise RunError(f"'{dataset.title}' has no energy to match")
        self.fresh = True
        self.potential = dataset
        self.offset = self._offset()

    def split(self) -> Split:
        """No examples to learn from; fixed draws of noise to be judged by."""
        noise = self.noise(TESTED)
        return Split(points(noise[:0]), points(noise))

    def draw(self, count: int, generator: torch.Generator) -> Examples:
        """Fresh noise."""
        return points(torch.randn(count, self.dataset.input_count, generator=generator))

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """The matching loss of draws of noise."""
        objective = flow_of(model).matching_loss(x, self.potential.energy)
        return objective, {"loss": float(objective.detach())}

    @torch.no_grad()
    def outputs(self, model: Model, x: Tensor) -> Tensor:
        """The matching loss (1,) of draws of noise."""
        return flow_of(model).matching_loss(x, self.potential.energy).reshape(1)

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Loss and, where it is known, the divergence."""
        value = float(outputs.mean())
        return {"loss": value} | ({} if self.offset is None else {"kl": value + self.offset})

    def _offset(self) -> float | None:
        count = self.dataset.input_count
        try:
            return self.potential.log_normaliser - count / 2 * (1 + math.log(2 * math.pi))
        except StudioError:
            return None
