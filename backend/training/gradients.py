"""The gradient of one step: by default of the whole batch in one go."""

import contextlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from ..circuit import Circuit
from ..models import Model, Moment
from .tasks import Task


@dataclass(frozen=True)
class Learner:
    """What learns in a step.

    Args:
        model: in its present state.
        task: what is minimised.
        start: the circuit that the model was made of, if it is one.
    """

    model: Model
    task: Task
    start: Circuit | None = None


@dataclass(frozen=True)
class Learnt:
    """What a batch said; its gradient stands in the parameters.

    Args:
        objective: what the step minimises. Where it is not finite there is no gradient.
        figures: of the batch, by metric.
        noted: ``Model.noted``.
    """

    objective: float
    figures: dict[str, float]
    noted: dict[str, float]


Gradients = Callable[[Learner, Moment, Tensor, Tensor], Learnt]
"""Leaves the gradient for inputs and targets in the parameters, see ``of_batch``."""


def of_batch(learner: Learner, moment: Moment, x: Tensor, y: Tensor) -> Learnt:
    """The gradient of a batch.

    Args:
        learner: its model is left with gradients, and otherwise as it was.
        moment: of the step.
        x: inputs (B, features) [V].
        y: what is asked of them.

    Raises:
        SolveError: an adaptive solve stopped before its end.
    """
    model = learner.model
    model.train()
    model.begin(moment)
    model.zero_grad(set_to_none=True)
    with _torch_random(moment):
        objective, figures = learner.task.learn(model, x, y)
    value = float(objective.detach())
    if math.isfinite(value):
        objective.backward()
    return Learnt(value, {**figures, **model.learnt()}, model.noted())


@contextlib.contextmanager
def _torch_random(moment: Moment) -> Iterator[None]:
    """Torch's own random numbers, as dropout draws them, the same whenever this step is done."""
    generator = torch.default_generator
    before = generator.get_state()
    generator.manual_seed(moment.stream().initial_seed())
    try:
        yield
    finally:
        generator.set_state(before)
