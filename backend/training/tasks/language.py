"""Running text: which symbol follows."""

from math import log

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ...models import Model
from .base import TASKS, Task


@TASKS.register("language")
class LearnLanguage(Task):
    """Learn which symbol follows; the loss is the mean cross-entropy of a symbol in nats.

    ``bits`` is the same in bits: what a coder needs for a symbol of the text.
    """

    score = "bits"

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Mean cross-entropy of the symbols that follow (B, n) each one of x."""
        logits = model(x)
        smoothing = self.spec.label_smoothing
        objective = cross_entropy(logits.flatten(0, 1), y.flatten(), label_smoothing=smoothing)
        with torch.no_grad():
            plain = self.judge(logits, y)["loss"] if smoothing else float(objective)
        return objective, {"loss": plain, "bits": plain / log(2)}

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Mean cross-entropy of logits (n, symbols, known), and the same in bits."""
        value = float(cross_entropy(outputs.flatten(0, 1), y.flatten()))
        return {"loss": value, "bits": value / log(2)}
