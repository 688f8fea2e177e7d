"""What a training says while it runs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StepDone:
    """One step of the optimiser.

    Args:
        step: steps done since the beginning.
        epoch: the epoch the step belongs to, from 1.
        loss: what the step minimised.
        accuracy: share of the batch that was right before the step.
        learning_rate: of the step.
    """

    step: int
    epoch: int
    loss: float
    accuracy: float
    learning_rate: float


@dataclass(frozen=True)
class Evaluated:
    """A row of ``metrics.jsonl``; the test figures are there at the end of an epoch.

    Args:
        step: steps done since the beginning.
        epoch: epochs begun.
        time: seconds of training so far, over all resumptions.
        learning_rate: of the last step.
        train_loss: mean cross-entropy of the examples since the last row.
        train_accuracy: share of them that was right when they were learnt from.
        test_loss: mean cross-entropy of the test set.
        test_accuracy: share of the test set that is right.
    """

    step: int
    epoch: int
    time: float
    learning_rate: float
    train_loss: float
    train_accuracy: float
    test_loss: float | None = None
    test_accuracy: float | None = None

    def row(self) -> dict[str, Any]:
        """The fields that apply."""
        return {name: value for name, value in asdict(self).items() if value is not None}


@dataclass(frozen=True)
class FrameStored:
    """What the model does after an epoch; ``arrays`` is the content of a frame file."""

    epoch: int
    step: int
    arrays: dict[str, np.ndarray]


@dataclass(frozen=True)
class Checkpointed:
    """The end of an epoch, a good moment to store ``Trainer.snapshot()``.

    Args:
        epoch: epochs done.
        step: steps done.
        best: whether the mean training loss of this epoch is the lowest so far. The test set has
            no say, so its accuracy stays an honest figure.
    """

    epoch: int
    step: int
    best: bool


Event = StepDone | Evaluated | FrameStored | Checkpointed
