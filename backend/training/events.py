"""What a training says while it runs."""

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class StepDone:
    """One step of the optimiser.

    Args:
        step: steps done since the beginning.
        epoch: the epoch the step belongs to, from 1.
        loss: what the step minimised.
        figures: what the task reports of the batch before the step, by metric.
        learning_rate: of the step.
    """

    step: int
    epoch: int
    loss: float
    figures: dict[str, float]
    learning_rate: float


@dataclass(frozen=True)
class Evaluated:
    """A row of ``metrics.jsonl``; the test figures are there at the end of an epoch.

    Args:
        step: steps done since the beginning.
        epoch: epochs begun.
        time: seconds of training so far, over all resumptions.
        learning_rate: of the last step.
        figures: by name (see ``metrics.figure_of``). ``train_...`` are means over the examples
            since the last row, when they were learnt from; ``test_...`` are those of the test set;
            where there is a validation set, ``validation_...`` are there instead until the training
            ends, and ``test_...@NAME`` then is the score of a further test set; ``finer_...`` the
            same with several times the solver's steps, and ``peak_voltage`` [V] the largest voltage
            met there; beside them what the model notes (``Model.noted``). All are finite.
        solve: how accurate the voltages of the solver's steps are: ``solve_error`` (largest
            difference from finer steps as a share of the largest voltage, ``None`` where not
            finite), ``solve_status`` (``ok`` or ``inaccurate``) and, for the latter,
            ``solve_node`` and ``solve_message``; empty where it was not looked at.
    """

    step: int
    epoch: int
    time: float
    learning_rate: float
    figures: dict[str, float]
    solve: dict[str, Any] = field(default_factory=dict)

    @property
    def test_loss(self) -> float | None:
        """Mean loss of the test set, at the end of an epoch."""
        return self.figures.get("test_loss")

    def row(self) -> dict[str, Any]:
        """All fields in one level, as they are stored."""
        fields = asdict(self)
        figures, solve = fields.pop("figures"), fields.pop("solve")
        return {**fields, **figures, **solve}


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
        best: whether the loss of the validation set, or where there is none the mean training loss
            of this epoch, is the lowest so far. The test set has no say, so its accuracy stays an
            honest figure.
        final: whether the training ends here.
    """

    epoch: int
    step: int
    best: bool
    final: bool


@dataclass(frozen=True)
class Edited:
    """The circuit was changed before the next step.

    Args:
        step: steps done before.
        epoch: the epoch of the next step, from 1.
        words: what was changed.
        devices: of the circuit from here on.
    """

    step: int
    epoch: int
    words: str
    devices: int


@dataclass(frozen=True)
class PhaseBegun:
    """What the training does from here on: ``compiling``, ``training`` or ``evaluating``."""

    phase: str


Event = StepDone | Evaluated | FrameStored | Checkpointed | Edited | PhaseBegun
