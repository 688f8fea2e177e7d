"""The batches of a training, each a function of the seed and its number alone."""

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

from ..datasets import Examples
from ..datasets.images.augment import Augmenter
from ..datasets.streamed import Streamed
from ..errors import RunError
from ..streams import BATCH, ORDER, stream
from .spec import TrainSpec
from .tasks import Task

FRESH_STEPS = 100
"""Steps of an epoch when every batch is drawn anew."""


class Batches:
    """Examples in random order, or fresh ones, distorted when the settings say so.

    Args:
        task: draws fresh examples, if it has any.
        train: stored examples.
        spec: the settings.

    Attributes:
        per_epoch: batches of an epoch.

    Raises:
        RunError: distortions were asked for and there are no images.
    """

    def __init__(self, task: Task, train: Examples, spec: TrainSpec) -> None:
        self.task, self.spec = task, spec
        self.train = Examples(train.x.to(spec.device), train.y.to(spec.device))
        self.per_epoch = FRESH_STEPS if task.fresh else math.ceil(len(train) / spec.batch_size)
        self.augmenter = None
        if spec.augment != "none":
            shape, channels = task.dataset.image_shape, task.dataset.channels
            if shape is None:
                raise RunError(
                    f"augment is {spec.augment!r}, but '{task.dataset.title}' has no images; "
                    "set augment to none"
                )
            self.augmenter = Augmenter(shape, spec.augment, channels=channels, seed=spec.seed)
        self._order: tuple[int, Tensor] = (-1, torch.zeros(0))

    def between(self, first: int, last: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Inputs and targets of the steps ``first`` to ``last``, the next one made meanwhile."""
        if self.augmenter is None and not isinstance(self.train.x, Streamed):
            for step in range(first, last):
                yield self.batch(step)
            return
        with ThreadPoolExecutor(1, "kirchhoff-batches") as pool:
            ahead = pool.submit(self.batch, first)
            for step in range(first, last):
                ready = ahead.result()
                if step + 1 < last:
                    ahead = pool.submit(self.batch, step + 1)
                yield ready

    def batch(self, step: int) -> tuple[Tensor, Tensor]:
        """Inputs (B, features) [V] and targets of a step (from 0), on the training's device."""
        generator = stream(self.spec.seed, BATCH, step)
        if self.task.fresh:
            drawn = self.task.draw(self.spec.batch_size, generator)
            return drawn.x.to(self.spec.device), drawn.y.to(self.spec.device)
        epoch, place = divmod(step, self.per_epoch)
        size = self.spec.batch_size
        rows = self._rows(epoch)[place * size : (place + 1) * size]
        x, y = _rows_of(self.train.x, rows), _rows_of(self.train.y, rows)
        return (x if self.augmenter is None else self.augmenter(x, generator)), y

    def _rows(self, epoch: int) -> Tensor:
        """The order of an epoch."""
        if self._order[0] != epoch:
            generator = stream(self.spec.seed, ORDER, epoch)
            self._order = epoch, torch.randperm(len(self.train), generator=generator)
        return self._order[1]


def _rows_of(values: Tensor, rows: Tensor) -> Tensor:
    if isinstance(values, Streamed):
        return values[rows]
    if values.device.type != "cpu":
        return values[rows.to(values.device)]
    # numpy, because torch would wake its threads for this, which then spin beside the kernels.
    return torch.from_numpy(values.numpy()[rows.numpy()])
