"""The recipe for large images on a few real ones, where they are."""

import pytest

from backend.datasets import DATASETS
from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer

FEW = {"n": 2000, "test": 500}
MISSING = DATASETS["mnist"](**FEW).missing()


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_two_epochs_on_two_thousand_images():
    spec = TrainSpec.make(
        dataset="mnist", dataset_options=FEW, epochs=2, batch_size=32, frame_interval=0
    )
    assert (spec.solver, spec.steps_low, spec.steps_high, spec.augment) == ("heun", 1, 3, "mild")
    trainer = Trainer(spec)
    assert trainer.start.device_count == 171_124
    last = [event for event in trainer.events() if isinstance(event, Evaluated)][-1].figures
    assert last["test_accuracy"] > 0.75
    # A circuit in continuous time, not one that lives on its solver's steps.
    assert last["finer_accuracy"] > last["test_accuracy"] - 0.03
    assert last["peak_voltage"] < 30
