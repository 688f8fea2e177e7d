"""Numbers: mean squared error of output voltages."""

import numpy as np
from torch import Tensor
from torch.nn.functional import mse_loss

from ...datasets import Examples
from ...models import Model
from .base import TASKS, Axes, Measured, Task

SHOWN = 2000
"""At most so many predictions stand in a frame."""


@TASKS.register("regress")
class Regress(Task):
    """Learn numbers, scaled to volts; output voltages are the answers.

    ``mse`` [V^2] is the mean squared error of scaled targets and the loss; ``error`` its root in
    the target's own unit (``error_<target>`` when there are several); ``r2`` = 1 - mse / variance
    compares with the best constant answer.
    """

    score = "mse"

    def learn(self, model: Model, x: Tensor, y: Tensor) -> tuple[Tensor, dict[str, float]]:
        """Mean squared error of scaled targets."""
        objective = mse_loss(model(x), y)
        return objective, {"loss": float(objective.detach())}

    def judge(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        """Loss, mse, errors in original units and r2."""
        mse = float(mse_loss(outputs, y))
        spread = float((y - y.mean(0)).square().mean())
        # Targets that are all equal have no variance to be explained.
        fit = {"r2": 1 - mse / spread} if spread > 0 else {}
        return {"loss": mse, "mse": mse, **self._errors(outputs, y), **fit}

    def frame(
        self, model: Model, measured: Measured, examples: Examples, axes: Axes | None
    ) -> dict[str, np.ndarray]:
        """``predictions`` and ``targets`` (n, outputs) of test examples, in original units."""
        columns = {"predictions": measured.outputs[:SHOWN], "targets": examples.y[:SHOWN]}
        return {name: self._original(value.cpu().numpy()) for name, value in columns.items()}

    def _errors(self, outputs: Tensor, y: Tensor) -> dict[str, float]:
        columns = (outputs - y).double().square().mean(0).tolist()
        scaling, names = self._scaling(), self.dataset.targets
        errors = [value**0.5 if scaling is None else scaling.error(value, k)
                  for k, value in enumerate(columns)]  # fmt: skip
        if len(names) == 1:
            return {"error": errors[0]}
        return {f"error_{name}": value for name, value in zip(names, errors, strict=True)}

    def _original(self, scaled: np.ndarray) -> np.ndarray:
        scaling = self._scaling()
        return scaled if scaling is None else scaling.original(scaled).astype(np.float32)

    def _scaling(self):
        if not hasattr(self, "_known"):
            scalings = getattr(self.dataset, "scalings", None)
            self._known = scalings()[1] if scalings else None
        return self._known
