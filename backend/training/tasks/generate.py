"""Densities known by examples: maximum likelihood."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from ...datasets import Dataset, Examples, Split
from ...datasets.generators import points
from ...models import Model
from ...models.circuits.flow import Flow
from ...models.circuits.kirchhoff_flow import KirchhoffFlow
from ...streams import BATCH, stream
from .base import TASKS, Axes, Measured, Task

if TYPE_CHECKING:
    from ..spec import TrainSpec

SHOWN = 2000
"""Points of the model in a frame."""

TEST_STEP = 2**32
"""The step, beyond all steps of a training, whose random numbers are for looking and judging."""


class Density(Task):
    """What both ways to learn a density have in common."""

    def noise(self, count: int) -> Tensor:
        """Draws (count, coordinates) [V] from N(0, I), always the same."""
        generator = stream(self.spec.seed, BATCH, TEST_STEP)
        return torch.randn(count, self.dataset.input_count, generator=generator)

    def probe(self, split: Split) -> Tensor:
        """A draw of noise, which the circuit carries to a point."""
        return self.noise(1)[0]

    def frame(
        self, model: Model, measured: Measured, examples: Examples, axes: Axes | None
    ) -> dict[str, np.ndarray]:
        """``samples`` (n, coordinates) [V] and, in the plane, the ``density`` on a grid.

        ``density`` (G, G) has its rows along ``density_y`` and its columns along ``density_x``.
        """
        flow = flow_of(model)
        path = flow.transport(self.noise(SHOWN).to(examples.x.device), 2)
        arrays = {"samples": path[-1].cpu().numpy()}
        if axes:
            on = [axis.to(examples.x.device) for axis in axes]
            arrays["density"] = flow.density_on(on).cpu().numpy().astype(np.float32)
            arrays["density_x"], arrays["density_y"] = (axis.numpy() for axis in axes)
        return arrays


@TASKS.register("generate")
class Generate(Density):
    """Learn the density of examples; the loss is the mean negative log-likelihood in nats."""

    score = "nll"

    def __init__(self, dataset: Dataset, spec: "TrainSpec") -> None:
        super().__init__(dataset, spec)
        # Where examples can be drawn for ever, none should be learnt by heart.
        self.fresh = hasattr(dataset, "sample") and not dataset.options.get("fixed", False)

    def draw(self, count: int, generator: torch.Generator) -> Examples:
        """Fresh points of the data set."""
        sampled: Tensor = self.dataset.sample(count, generator)  # type: ignore[attr-defined]
        return points(sampled)

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Mean negative log-likelihood."""
        objective = -model(x).mean()
        return objective, {"loss": float(objective.detach())}

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Mean negative log-likelihood of log-densities (n,)."""
        value = -float(outputs.double().mean())
        return {"loss": value, "nll": value}


def flow_of(model: Model) -> Flow:
    """The flow of a model that is one."""
    assert isinstance(model, KirchhoffFlow)
    flow = model.flow
    assert isinstance(flow, Flow)
    return flow
