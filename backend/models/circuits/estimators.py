"""Circuits as scikit-learn estimators: fit, predict, in pipelines and cross-validation."""

import math
from abc import ABC, abstractmethod
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import Tags, check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from ...circuit import Circuit
from ...errors import CircuitError, RunError, quoted
from ...solvers import SOLVERS
from ...solvers.steps import fixed_step_solvers
from ...topologies import TOPOLOGIES
from .layer import CircuitLayer, HasCircuit

# scikit-learn has no annotations; from its default values pyright would guess texts.
_validate: Any = validate_data

LOGIT_SCALE = 4.0
"""Logit per output volt [1/V]: currents of 1 A move a node by some volts, logits need more."""

CHUNK = 4096
"""Examples that are solved at once after training, a whole number of the kernels' tiles."""


class KirchhoffEstimator(BaseEstimator, ABC):
    """What both estimators share: scaling to volts, the circuit and its training.

    Features are brought to mean 0 V and standard deviation 1 V of the training data. The circuit
    is trained by AdamW with one cycle of the learning rate.
    """

    def __init__(
        self,
        circuit: Circuit | str | Path | HasCircuit | None = None,
        *,
        hidden: int = 24,
        solver: str = "rk4",
        steps: int = 4,
        epochs: int = 40,
        batch_size: int = 64,
        learning_rate: float = 0.05,
        weight_decay: float = 0.01,
        random_state: Any = None,
    ) -> None:
        self.circuit = circuit
        self.hidden = hidden
        self.solver = solver
        self.steps = steps
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.random_state = random_state

    def _fit(self, x: np.ndarray, y: Tensor, outputs: int) -> None:
        """Train on features (n, features) and what is asked of them (n, ...)."""
        self._check()
        random = check_random_state(self.random_state)
        self.mean_, self.scale_ = _centre_and_unit(x)
        seeds = random.randint(2**31 - 1, size=2)
        self.layer_ = self._layer(x.shape[1], outputs, int(seeds[0]))
        self._train(self._volts(x), y, torch.Generator().manual_seed(int(seeds[1])))
        self.circuit_ = self.layer_.circuit()

    def _check(self) -> None:
        """Whether the settings of the training make sense.

        Raises:
            RunError: names the first that does not.
        """
        for name in ("hidden", "epochs", "batch_size"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise RunError(f"{name} must be a whole number of at least 1, got {quoted(value)}")
        for name, low in (("learning_rate", "positive"), ("weight_decay", "at least 0")):
            value = getattr(self, name)
            fits = isinstance(value, Real) and math.isfinite(value)
            if not fits or value < 0 or (value == 0 and low == "positive"):
                raise RunError(f"{name} must be a finite number, {low}, got {quoted(value)}")
        if self.solver is not None and not SOLVERS[self.solver].fixed_steps:
            raise RunError(
                f"solver {self.solver} takes no number of steps; choose one of "
                f"{', '.join(fixed_step_solvers())}"
            )

    def _layer(self, inputs: int, outputs: int, seed: int) -> CircuitLayer:
        """The user's circuit, or columns of nodes joined by tanh devices.

        Raises:
            CircuitError: the user's circuit has another number of inputs or outputs.
        """
        if self.circuit is None:
            sizes = {"inputs": inputs, "width": self.hidden, "depth": 1, "outputs": outputs}
            circuit = TOPOLOGIES["layered"](kind="tanh", **sizes)(seed)
            return CircuitLayer(circuit, self.solver, steps=self.steps)
        layer = CircuitLayer(self.circuit, self.solver, steps=self.steps)
        found = layer.in_features, layer.out_features
        if found != (inputs, outputs):
            raise CircuitError(
                f"the data need {inputs} input and {outputs} output nodes, the circuit has "
                f"{found[0]} and {found[1]}; change the roles of its nodes"
            )
        return layer

    def _train(self, x: Tensor, y: Tensor, generator: torch.Generator) -> None:
        """Minibatches in an order drawn anew for every epoch.

        Raises:
            RunError: the loss stops being finite.
        """
        count = -(-len(x) // self.batch_size)
        optimiser = torch.optim.AdamW(
            self.layer_.parameters(),
            lr=self.learning_rate,
            weight_decay=self.weight_decay,
            fused=True,
        )
        rates = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.learning_rate, total_steps=self.epochs * count + 1
        )
        self.loss_curve_ = []
        for epoch in range(self.epochs):
            total = 0.0
            for rows in torch.randperm(len(x), generator=generator).split(self.batch_size):
                optimiser.zero_grad()
                loss = self._loss(self.layer_(x[rows]), y[rows])
                loss.backward()
                optimiser.step()
                rates.step()
                total += float(loss.detach()) * len(rows)
            self.loss_curve_.append(total / len(x))
            if not math.isfinite(total):
                raise RunError(
                    f"the training diverged in epoch {epoch + 1}; try a smaller learning_rate or "
                    "more steps"
                )

    @abstractmethod
    def _loss(self, voltages: Tensor, y: Tensor) -> Tensor:
        """What training makes smaller, of final voltages (n, outputs) [V] and what is asked."""

    def _volts(self, x: np.ndarray) -> Tensor:
        """Features as initial voltages [V]."""
        return torch.tensor((x - self.mean_) / self.scale_, dtype=torch.float32)

    def _answers(self, x: ArrayLike) -> np.ndarray:
        """Output voltages (n, outputs) [V]."""
        check_is_fitted(self)
        features = _validate(self, x, reset=False)
        with torch.no_grad():
            parts = [self.layer_(part) for part in self._volts(features).split(CHUNK)]
        return torch.cat(parts).double().numpy()


def _centre_and_unit(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of columns (n, k); 1 where a column is constant.

    Squares are taken of values within ±1, so that they neither overflow nor vanish. A mean is
    rounded, so that a constant column may seem to deviate from it.
    """
    values = values.astype(np.float64)
    size = np.abs(values).max(axis=0)
    size = np.where(size > 0, size, 1.0)
    shares = values / size
    constant = (values == values[0]).all(axis=0)
    centre = np.where(constant, values[0], shares.mean(axis=0) * size)
    unit = shares.std(axis=0) * size
    return centre, np.where(constant | (unit == 0), 1.0, unit)


def _checked(
    estimator: KirchhoffEstimator, x: ArrayLike, y: ArrayLike, **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Features and targets as arrays of finite numbers, or scikit-learn's own ``ValueError``."""
    return _validate(estimator, x, y, **options)


class KirchhoffClassifier(ClassifierMixin, KirchhoffEstimator):
    """Classes by the final voltages of a circuit, one output node each.

    Args:
        circuit: a circuit, circuit file, model or run to train further, with an input node a
            feature and an output node a class; ``None`` for columns of nodes joined by tanh
            devices.
        hidden: nodes of its middle column.
        solver: a fixed-step method from ``SOLVERS``.
        steps: of every slice.
        epochs: passes over the examples.
        batch_size: examples a step.
        learning_rate: the largest of the training.
        weight_decay: pull of parameters to zero.
        random_state: of first parameters and the order of examples.

    Attributes:
        classes_: labels in the order of the output nodes.
        circuit_: the trained circuit, to simulate or export.
        layer_: the same as a ``CircuitLayer``.
        loss_curve_: mean cross-entropy of every epoch.
        mean_: features at 0 V, in their own units.
        scale_: their units per volt.

    Raises:
        ValueError: data that scikit-learn refuses.
        StudioError: the settings or the circuit do not fit, or the training diverges.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on features (n, features) and labels (n,)."""
        features, labels = _checked(self, X, y)
        check_classification_targets(labels)
        self.classes_, places = np.unique(labels, return_inverse=True)
        self._fit(features, torch.tensor(places, dtype=torch.long), len(self.classes_))
        return self

    def predict_proba(self, X: ArrayLike) -> np.ndarray:
        """Probabilities (n, classes), the softmax of output voltages."""
        logits = torch.from_numpy(LOGIT_SCALE * self._answers(X))
        return logits.softmax(1).numpy()

    def predict(self, X: ArrayLike) -> np.ndarray:
        """The likeliest label of every example (n,)."""
        answers = self._answers(X)
        return self.classes_[answers.argmax(axis=1)]

    def _loss(self, voltages: Tensor, y: Tensor) -> Tensor:
        return cross_entropy(LOGIT_SCALE * voltages, y)


class KirchhoffRegressor(RegressorMixin, KirchhoffEstimator):
    """Numbers by the final voltages of a circuit, one output node a target.

    Args:
        circuit: a circuit, circuit file, model or run to train further, with an input node a
            feature and an output node a target; ``None`` for columns of nodes joined by tanh
            devices.
        hidden: nodes of its middle column.
        solver: a fixed-step method from ``SOLVERS``.
        steps: of every slice.
        epochs: passes over the examples.
        batch_size: examples a step.
        learning_rate: the largest of the training.
        weight_decay: pull of parameters to zero.
        random_state: of first parameters and the order of examples.

    Attributes:
        circuit_: the trained circuit, to simulate or export.
        layer_: the same as a ``CircuitLayer``.
        loss_curve_: mean squared error of every epoch, of targets in volts.
        mean_: features at 0 V, in their own units.
        scale_: their units per volt.
        target_mean_: targets at 0 V.
        target_scale_: their units per volt.

    Raises:
        ValueError: data that scikit-learn refuses.
        StudioError: the settings or the circuit do not fit, or the training diverges.
    """

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Train on features (n, features) and targets (n,) or (n, targets)."""
        features, given = _checked(self, X, y, multi_output=True, y_numeric=True)
        if given.ndim == 2 and given.shape[1] == 1:
            given = column_or_1d(given, warn=True)
        self._flat = given.ndim == 1
        targets = given.astype(np.float64).reshape(len(given), -1)
        self.target_mean_, self.target_scale_ = _centre_and_unit(targets)
        volts = (targets - self.target_mean_) / self.target_scale_
        self._fit(features, torch.tensor(volts, dtype=torch.float32), targets.shape[1])
        return self

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Targets (n,) or (n, targets), in their own units."""
        answers = self._answers(X) * self.target_scale_ + self.target_mean_
        return answers[:, 0] if self._flat else answers

    def _loss(self, voltages: Tensor, y: Tensor) -> Tensor:
        return mse_loss(voltages, y)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
