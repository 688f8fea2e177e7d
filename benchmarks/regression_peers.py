"""What KirchhoffNet is compared with on numbers: scikit-learn's models and a neural ODE."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.neural_network import MLPRegressor
from torch import Tensor, nn
from torchdiffeq import odeint

AUGMENTED = 5
STEPS = 2
NODE_GRID = [{"learning_rate": rate} for rate in (0.01, 0.03, 0.1)]
MLP_GRID = [
    {"max_iter": epochs, "learning_rate_init": rate}
    for epochs in (60, 200)
    for rate in (1e-3, 0.01)
]
BOOSTING_GRID = [
    {"n_estimators": count, "max_depth": depth, "subsample": 0.7}
    for count in (50, 200, 800)
    for depth in (2, 4)
]
RIDGE_GRID = [{"alpha": alpha} for alpha in (1e-3, 0.1, 1.0, 10.0)]


class NeuralODE(nn.Module):
    """Features with zeros added flow for 1 s along a tanh field; a line reads the answer.

    dz/dt = W2 tanh(W1 z + b1) + b2, z(0) = (x, 0), answer = w z(1) + b.

    Args:
        inputs: features.
        width: hidden units of the field.

    References:
        Dupont, Doucet, Teh 2019, Augmented neural ODEs, section 5.
    """

    def __init__(self, inputs: int, width: int) -> None:
        super().__init__()
        size = inputs + AUGMENTED
        self.field = nn.Sequential(nn.Linear(size, width), nn.Tanh(), nn.Linear(width, size))
        self.answer = nn.Linear(size, 1)
        self.times: Tensor
        self.register_buffer("times", torch.tensor([0.0, 1.0]), False)

    def forward(self, x: Tensor) -> Tensor:
        """Answers (n, 1) to features (n, inputs)."""
        start = nn.functional.pad(x, (0, AUGMENTED))
        options = {"step_size": 1 / STEPS}
        path = odeint(lambda _, z: self.field(z), start, self.times, method="rk4", options=options)
        return self.answer(path[-1])  # pyright: ignore[reportArgumentType, reportCallIssue]

    @staticmethod
    def width_for(inputs: int, parameters: int) -> int:
        """The width whose number of parameters is nearest to a given one."""
        size = inputs + AUGMENTED
        return max(1, round((parameters - 2 * size - 1) / (2 * size + 1)))


@dataclass
class NeuralODERegressor:
    """A `NeuralODE` with the interface of scikit-learn: AdamW, one cycle of the learning rate.

    Args:
        parameters: how many it should have, about.
        random_state: seed of the first parameters and of the order of examples.
        learning_rate: largest.
        epochs: passes over the examples.
        batch_size: examples a step.
    """

    parameters: int
    random_state: int = 0
    learning_rate: float = 0.01
    epochs: int = 60
    batch_size: int = 32

    def fit(self, x: np.ndarray, y: np.ndarray) -> "NeuralODERegressor":
        """Train on features (n, inputs) and targets (n,)."""
        torch.manual_seed(self.random_state)
        self.model = NeuralODE(x.shape[1], NeuralODE.width_for(x.shape[1], self.parameters))
        features, targets = torch.from_numpy(x), torch.from_numpy(y)[:, None]
        per_epoch = -(-len(x) // self.batch_size)
        optimiser = torch.optim.AdamW(self.model.parameters(), weight_decay=0.01)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimiser, self.learning_rate, total_steps=self.epochs * per_epoch, pct_start=0.2
        )
        for _ in range(self.epochs):
            for rows in torch.randperm(len(x)).split(self.batch_size):
                loss = nn.functional.mse_loss(self.model(features[rows]), targets[rows])
                optimiser.zero_grad()
                loss.backward()
                optimiser.step()
                schedule.step()
        return self

    @torch.no_grad()
    def predict(self, x: np.ndarray) -> np.ndarray:
        """Answers (n,)."""
        return self.model(torch.from_numpy(x))[:, 0].numpy()


def peer(name: str, settings: Mapping[str, Any], seed: int, parameters: int) -> Any:
    """An untrained regressor.

    Args:
        name: of ``GRIDS``.
        settings: one entry of its grid.
        seed: of its first parameters.
        parameters: of the KirchhoffNet it stands beside.
    """
    match name:
        case "neural ODE":
            return NeuralODERegressor(parameters, seed, **settings)
        case "MLPRegressor 64x64":
            # No end before the last epoch: its tolerance suits targets of order 1, not 0 to 1 V.
            steady = {"hidden_layer_sizes": (64, 64), "batch_size": 64, "n_iter_no_change": 10**6}
            return MLPRegressor(random_state=seed, tol=0.0, **steady, **settings)
        case "GradientBoostingRegressor":
            return GradientBoostingRegressor(random_state=seed, **settings)
        case _:
            return Ridge(**settings)


GRIDS: dict[str, list[dict[str, Any]]] = {
    "MLPRegressor 64x64": MLP_GRID,
    "GradientBoostingRegressor": BOOSTING_GRID,
    "Ridge": RIDGE_GRID,
    "neural ODE": NODE_GRID,
}


def parameter_count(model: Any) -> int:
    """Numbers a trained peer has learnt; for trees thresholds, and values of leaves."""
    if isinstance(model, NeuralODERegressor):
        return sum(p.numel() for p in model.model.parameters())
    if isinstance(model, MLPRegressor):
        return sum(p.size for p in (*model.coefs_, *model.intercepts_))
    if isinstance(model, GradientBoostingRegressor):
        return sum(int(tree.tree_.node_count) for tree in model.estimators_.ravel())
    return model.coef_.size + 1
