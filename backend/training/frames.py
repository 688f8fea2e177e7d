"""One moment of a training, to be replayed later."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..datasets import Examples, Split
from ..models import Model
from ..view import packed
from .tasks import Measured, Task
from .tasks.base import Axes

GRID = 60
MARGIN = 0.25
CURRENT_ENTRIES = 250_000
"""At most so many numbers of currents in a frame, so that a replay stays quick to load."""

EXAMPLES = 4
"""At most so many examples whose inside a frame shows, where a model shows several."""


@dataclass(frozen=True)
class Probe:
    """The example and the grid that are looked at after every epoch.

    Args:
        x: one test example (features,) [V].
        axes: abscissas and ordinates (G,) of a grid [V], for data in the plane.
        examples: that one and some more, (E, features).
    """

    x: Tensor
    axes: Axes | None
    examples: Tensor


def choose_probe(task: Task, split: Split) -> Probe:
    """The first test example, and a grid a little wider than the training data."""
    axes, data = None, split.train if len(split.train) else split.test
    if task.dataset.input_count == 2:
        low, high = data.x.amin(0) - MARGIN, data.x.amax(0) + MARGIN
        axes = (
            torch.linspace(float(low[0]), float(high[0]), GRID),
            torch.linspace(float(low[1]), float(high[1]), GRID),
        )
    first, others = task.probe(split), split.part(split.held_out).x[1:EXAMPLES]
    fitting = others if others.shape[1:] == first.shape else others[:0]
    examples = torch.cat((first[None], fitting.to(first))) if len(fitting) else first[None]
    return Probe(first, axes, examples)


@torch.no_grad()
def frame(
    task: Task, model: Model, probe: Probe, measured: Measured, examples: Examples
) -> dict[str, np.ndarray]:
    """The arrays of a frame file.

    ``example``, the features of the probe; what the model shows of it, such as ``t`` (T,),
    ``voltages`` (T, N) and ``currents`` (T, E) of a circuit (``view.packed``); and what the task
    adds.

    Args:
        task: what the training is for.
        model: in its present state.
        probe: what to look at.
        measured: how the model does on the test set.
        examples: the test set.
    """
    arrays = {"example": probe.x.flatten().cpu().numpy()}
    view = model.inside(probe.examples, CURRENT_ENTRIES)
    if view is not None:
        arrays |= packed(view)
    return arrays | task.frame(model, measured, examples, probe.axes)
