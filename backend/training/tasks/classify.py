"""Classes: cross-entropy of logits."""

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from ...datasets import Examples
from ...models import Model
from .base import TASKS, Axes, Measured, Task
from .logits import accuracy, confusion, loss


@TASKS.register("classify")
class Classify(Task):
    """Learn classes; the loss is the mean cross-entropy in nats, reported without smoothing."""

    score = "accuracy"

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Cross-entropy with label smoothing; the plain loss and the share that was right."""
        logits = model(x)
        objective = cross_entropy(logits, y, label_smoothing=self.spec.label_smoothing)
        with torch.no_grad():
            plain = loss(logits, y) if self.spec.label_smoothing else float(objective)
            return objective, {"loss": plain, "accuracy": accuracy(logits, y)}

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Mean cross-entropy and the share that is right."""
        return {"loss": loss(outputs, y), "accuracy": accuracy(outputs, y)}

    def details(self, measured: Measured, examples: Examples) -> dict[str, object]:
        """The confusion matrix, rows true."""
        return {"confusion": confusion(measured.outputs, examples.y).tolist()}

    def frame(
        self, model: Model, measured: Measured, examples: Examples, axes: Axes | None
    ) -> dict[str, np.ndarray]:
        """``confusion`` (C, C), ``target`` and ``prediction`` of the probe, and ``boundary``.

        ``boundary`` (G, G), rows along ``boundary_y`` and columns along ``boundary_x``, is the
        probability of the second of two classes, else the number of the likeliest class.
        """
        arrays = {
            "confusion": confusion(measured.outputs, examples.y).astype(np.int32),
            "target": np.array(int(examples.y[0])),
            "prediction": np.array(int(measured.outputs[0].argmax())),
        }
        if axes:
            across, up = axes
            grid = torch.cartesian_prod(up, across).flip(1).to(measured.outputs.device)
            shares = model.predict(grid).softmax(1)
            value = shares[:, 1] if shares.shape[1] == 2 else shares.argmax(1).float()
            arrays["boundary"] = value.reshape(len(up), len(across)).cpu().numpy()
            arrays["boundary_x"], arrays["boundary_y"] = across.numpy(), up.numpy()
        return arrays
