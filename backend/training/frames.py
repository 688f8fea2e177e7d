"""One moment of a training, to be replayed later."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..datasets import Dataset, Split
from ..models import Model
from .metrics import confusion

GRID = 60
MARGIN = 0.25
# At most so many numbers of currents in a frame, so that a replay stays quick to load.
CURRENT_ENTRIES = 250_000
OUTPUTS = 101


@dataclass(frozen=True)
class Probe:
    """The example and the grid that are looked at after every epoch.

    Args:
        x: one test example (features,) [V].
        y: its class.
        outputs: number of times of its trajectory.
        axes: abscissas and ordinates (G,) of the decision boundary [V], for data in the plane.
    """

    x: Tensor
    y: int
    outputs: int
    axes: tuple[Tensor, Tensor] | None


def choose_probe(dataset: Dataset, split: Split, devices: int) -> Probe:
    """The first test example, and a grid a little wider than the training data."""
    axes = None
    if dataset.input_count == 2:
        low, high = split.train.x.amin(0) - MARGIN, split.train.x.amax(0) + MARGIN
        axes = (
            torch.linspace(float(low[0]), float(high[0]), GRID),
            torch.linspace(float(low[1]), float(high[1]), GRID),
        )
    outputs = min(OUTPUTS, max(11, CURRENT_ENTRIES // max(1, devices)))
    return Probe(split.test.x[0], int(split.test.y[0]), outputs, axes)


@torch.no_grad()
def frame(
    model: Model, probe: Probe, logits: Tensor, classes: Tensor, epoch: int, step: int
) -> dict[str, np.ndarray]:
    """The arrays of a frame file.

    ``t`` (T,), ``voltages`` (T, N), ``currents`` (T, E) of the probe; ``example`` (its features),
    ``target`` and ``prediction``; ``confusion`` (C, C) of the test set, rows true; for data in the
    plane ``boundary`` (G, G), rows along ``boundary_y`` and columns along ``boundary_x``: the
    probability of the second of two classes, else the number of the likeliest class.

    Args:
        model: in its present state.
        probe: what to look at.
        logits: of the test set (n, C).
        classes: of the test set (n,).
        epoch: epochs done.
        step: steps done.
    """
    trajectory = model.trace(probe.x, probe.outputs)
    arrays = {
        "t": trajectory.t.astype(np.float32),
        "voltages": trajectory.voltages.astype(np.float32),
        "currents": trajectory.currents.astype(np.float32),
        "epoch": np.array(epoch),
        "step": np.array(step),
        "example": probe.x.cpu().numpy(),
        "target": np.array(probe.y),
        "prediction": np.array(int(logits[0].argmax())),
        "confusion": confusion(logits, classes).astype(np.int32),
    }
    if probe.axes:
        across, up = probe.axes
        grid = torch.cartesian_prod(up, across).flip(1).to(logits.device)
        shares = model.predict(grid).softmax(1)
        value = shares[:, 1] if shares.shape[1] == 2 else shares.argmax(1).float()
        arrays["boundary"] = value.reshape(len(up), len(across)).cpu().numpy()
        arrays["boundary_x"], arrays["boundary_y"] = across.numpy(), up.numpy()
    return arrays
