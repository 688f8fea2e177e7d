"""A metric, a task, a data set and a model of a user, all in one file."""

from typing import ClassVar

import numpy as np
from torch import Tensor, nn

from backend.datasets import DATASETS, Dataset, Split
from backend.datasets.base import examples
from backend.metrics import METRICS, Metric
from backend.models import MODELS, Data, Model
from backend.training.tasks import TASKS, Task

METRICS.register("hits")(
    Metric(
        "hits", "share of hits", higher=True, unit="%", digits=1, label="hits", curve=True,
        margin=0.02, hint="Share of answers within 0.1 V of their target",
    )
)  # fmt: skip


@TASKS.register("aim")
class Aim(Task):
    """Learn numbers by their mean absolute error; an answer within 0.1 V of its target hits."""

    score = "hits"

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Mean absolute error of a batch."""
        outputs = model(x)
        return (outputs - y).abs().mean(), self.judge(outputs.detach(), y)

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Mean absolute error and share of hits."""
        distance = (outputs - y).abs()
        return {"loss": float(distance.mean()), "hits": float((distance < 0.1).float().mean())}


@DATASETS.register("line")
class Line(Dataset):
    """y = x / 2 on an even grid."""

    title = "Line"
    task = "aim"
    input_count = 1

    def split(self) -> Split:
        """64 points to learn from, 16 between them to be judged by."""
        x, between = np.linspace(-1, 1, 64)[:, None], np.linspace(-0.99, 0.99, 16)[:, None]
        return Split(examples(x, x / 2), examples(between, between / 2))


@MODELS.register("slope")
class Slope(Model):
    """W x + b."""

    title = "Slope"
    tasks: ClassVar[tuple[str, ...]] = ("aim",)
    default_for: ClassVar[tuple[str, ...]] = tasks

    def __init__(self, data: Data) -> None:
        super().__init__()
        self.layer = nn.Linear(data.inputs.count, data.outputs.count)

    def forward(self, x: Tensor) -> Tensor:
        """Answers (n, 1) [V]."""
        return self.layer(x)
