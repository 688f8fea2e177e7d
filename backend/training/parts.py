"""A batch cut into parts whose gradients add up to the same number whoever computes them.

With n_p of B examples in part p the gradient is sum_p n_p g_p / B, where g_p is that of the mean
over the part. The cut depends on the settings alone, products and sums are of double precision, and
the sum is a binary tree over the parts: one worker, two or seven of equal processors give the same
bits. This holds for an objective that is a mean over examples which do not see each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from ..errors import RunError
from ..models import Model, Moment
from ..streams import MODEL, stream
from .gradients import Learner, Learnt, of_batch
from .tasks import Task

FEWEST, MOST = 4, 64
"""Parts of a batch: small ones would spend their time on calls instead of numbers."""

EXAMPLES = 128
"""Of a part, where the batch is large enough; the circuits' kernels work on tiles of 64."""

Place = tuple[int, int]
"""In the tree: its level from the leaves, which are the parts, and the number there."""


@dataclass(frozen=True)
class Sums:
    """What some parts add up to.

    Args:
        gradient: sum of n_p g_p over the numbers of all parameters, of double precision; a
            parameter without one counts 0. ``None`` for no examples.
        given: how many parts gave each parameter a gradient.
        numbers: sums of n_p times the objective (its name is empty) and the figures.
        noted: ``Model.noted`` of the first part that noted something.
    """

    gradient: np.ndarray | None = None
    given: np.ndarray | None = None
    numbers: dict[str, float] = field(default_factory=dict[str, float])
    noted: dict[str, float] = field(default_factory=dict[str, float])

    def __add__(self, other: "Sums") -> "Sums":
        if self.gradient is None or other.gradient is None:
            return self if other.gradient is None else other
        assert self.given is not None
        assert other.given is not None
        names = {**self.numbers, **other.numbers}
        return Sums(
            self.gradient + other.gradient,
            self.given + other.given,
            {name: self.numbers.get(name, 0.0) + other.numbers.get(name, 0.0) for name in names},
            self.noted or other.noted,
        )


Branches = dict[Place, Sums]
"""Sums by their place in the tree."""


class Parts:
    """Gradients by parts, all computed here.

    Where a batch cannot be cut it is taken whole. Whoever computes parts elsewhere overrides
    ``branches``.
    """

    def __init__(self) -> None:
        self._known: tuple[Model | None, bool] = (None, False)

    def __call__(self, learner: Learner, moment: Moment, x: Tensor, y: Tensor) -> Learnt:
        """Leave the gradient of a batch in the parameters; see ``gradients.of_batch``.

        Raises:
            SolveError: an adaptive solve stopped before its end.
            RunError: the model keeps statistics of batches.
        """
        if self._whole(learner):
            return of_batch(learner, moment, x, y)
        cuts = cut(len(x), part_count(learner.task.spec.batch_size))
        (sums,) = folded(self.branches(learner, moment, x, y, cuts)).values()
        _give(learner.model, sums, len(x))
        means = {name: total / len(x) for name, total in sums.numbers.items()}
        return Learnt(means.pop(""), means, sums.noted)

    def _whole(self, learner: Learner) -> bool:
        """Whether the examples of a batch must stay together."""
        if self._known[0] is not learner.model:
            words = learner.model.whole_batch() or learner.task.whole_batch
            self._known = learner.model, bool(words)
        return self._known[1]

    def branches(
        self, learner: Learner, moment: Moment, x: Tensor, y: Tensor, cuts: list[slice]
    ) -> Branches:
        """Sums that hold every part once."""
        return branches_of(learner, moment, {number: (x[rows], y[rows]) for number, rows
                                             in enumerate(cuts)})  # fmt: skip


def part_count(batch_size: int) -> int:
    """Parts that every batch of a training is cut into, a power of two."""
    wanted = max(FEWEST, min(MOST, batch_size // EXAMPLES))
    return 1 << (wanted.bit_length() - 1)


def cut(count: int, parts: int) -> list[slice]:
    """The rows of every part; some are empty where there are fewer examples than parts."""
    bounds = [count * part // parts for part in range(parts + 1)]
    return [slice(*pair) for pair in pairwise(bounds)]


def branches_of(
    learner: Learner, moment: Moment, parts: Mapping[int, tuple[Tensor, Tensor]]
) -> Branches:
    """The sums of some parts, by number, as far as they can be added without the others.

    Raises:
        SolveError: an adaptive solve stopped before its end.
        RunError: the model keeps statistics of batches.
    """
    return folded({(0, number): _sums(learner, of_part(moment, number), x, y)
                   for number, (x, y) in parts.items()})  # fmt: skip


def of_part(moment: Moment, part: int) -> Moment:
    """The moment of a part, with random numbers of its own."""
    seed = moment.stream().initial_seed()
    return Moment(moment.step, moment.total, lambda: stream(seed, MODEL, part))


def folded(branches: Branches) -> Branches:
    """Branches with all pairs added whose both halves are there."""
    found = dict(branches)
    for level in range(MOST.bit_length()):
        for number in sorted(n for height, n in found if height == level and n % 2 == 0):
            if (level, number + 1) in found:
                total = found.pop((level, number)) + found.pop((level, number + 1))
                found[level + 1, number // 2] = total
    return found


def refusal(model: Model, task: Task, workers: int) -> str:
    """Why several workers cannot train this, as a sentence with the remedy; empty if they can."""
    if workers == 1:
        return ""
    if why := model.whole_batch() or task.whole_batch:
        return (
            f"a {model.title} cannot be trained by {workers} workers: {why}, and each worker sees "
            "a part of the batch alone; train with one worker"
        )
    parts = part_count(task.spec.batch_size)
    if workers > parts:
        return (
            f"a batch of {task.spec.batch_size} is cut into {parts} parts, which keep at most "
            f"{parts} workers busy, not {workers}; ask for fewer, or set a larger batch_size"
        )
    return ""


def _sums(learner: Learner, moment: Moment, x: Tensor, y: Tensor) -> Sums:
    """What one part gives to the sum."""
    count, model = len(x), learner.model
    if not count:
        return Sums()
    before = _versions(model)
    learnt = of_batch(learner, moment, x, y)
    if _versions(model) != before:
        raise RunError(
            f"a {model.title} keeps statistics of the batches it learns from, which differ between "
            "parts of a batch; train with one worker"
        )
    numbers = {"": learnt.objective, **learnt.figures}
    parameters = list(model.parameters())
    return Sums(
        count * torch.cat([_numbers(value) for value in parameters]).cpu().numpy(),
        np.array([float(value.grad is not None) for value in parameters]),
        {name: count * value for name, value in numbers.items()},
        learnt.noted,
    )


def _versions(model: Model) -> list[tuple[int, int]]:
    """What changes when a buffer does."""
    return [(id(value), value._version) for value in model.buffers()]


def _numbers(parameter: nn.Parameter) -> Tensor:
    """The gradient of a parameter as real numbers of double precision."""
    grad = parameter.grad
    grad = torch.zeros_like(parameter) if grad is None else grad
    return (torch.view_as_real(grad) if grad.is_complex() else grad).detach().double().flatten()


def _give(model: Model, sums: Sums, count: int) -> None:
    """Put the mean of a batch's gradients into the parameters."""
    assert sums.gradient is not None
    assert sums.given is not None
    mean, first = torch.from_numpy(sums.gradient / count), 0
    for parameter, given in zip(model.parameters(), sums.given.tolist(), strict=True):
        size = parameter.numel() * (2 if parameter.is_complex() else 1)
        values, first = mean[first : first + size], first + size
        if not given:
            parameter.grad = None
            continue
        if parameter.is_complex():
            shaped = torch.view_as_complex(values.reshape(*parameter.shape, 2))
        else:
            shaped = values.reshape(parameter.shape)
        parameter.grad = shaped.to(parameter)
