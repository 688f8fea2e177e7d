"""Numbers and densities from end to end, each against what is known of it."""

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyRegressor

from backend.datasets import DATASETS
from backend.errors import CircuitError, RunError, SolveError
from backend.training import Evaluated, FrameStored, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer, trained_circuit
from backend.training.tasks import TASKS


def last_row(trainer: Trainer) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """The figures at the end and the last frame."""
    events = list(trainer.events())
    rows = [event.figures for event in events if isinstance(event, Evaluated)]
    return rows[-1], [event.arrays for event in events if isinstance(event, FrameStored)][-1]


def test_every_task_has_a_way_to_be_trained():
    assert set(TASKS) == {kind.task for _, kind in DATASETS.items()}


def test_numbers_are_learnt_far_better_than_their_mean():
    options = {"n": 1500, "noise": 0.0, "seed": 3}
    spec = TrainSpec.make(dataset="friedman1", dataset_options=options, epochs=20, batch_size=32)
    trainer = Trainer(spec)
    figures, frame = last_row(trainer)
    dataset = DATASETS["friedman1"](**options)
    train, test = dataset.split().train, dataset.split().test
    mean = DummyRegressor().fit(train.x, train.y[:, 0]).predict(test.x)
    worst = float(np.mean((mean - test.y[:, 0].numpy()) ** 2))
    assert figures["test_mse"] == figures["test_loss"] < worst / 3
    # Figures in original units, from the frame's own predictions.
    error = np.sqrt(np.mean((frame["predictions"] - frame["targets"]) ** 2))
    assert figures["test_error"] == pytest.approx(error, rel=1e-4)
    spread = np.mean((frame["targets"] - frame["targets"].mean()) ** 2)
    assert figures["test_r2"] == pytest.approx(1 - error**2 / spread, rel=1e-4)
    assert 0 < frame["targets"].min() < frame["targets"].max() < 30
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    again = evaluate(circuit, "friedman1", overrides={"n": "1500", "dataset.seed": "3"})
    assert again["mse"] == pytest.approx(figures["test_mse"], rel=1e-4)
    assert {"loss", "seconds", "error", "r2"} <= set(again)


def test_a_density_is_learnt_by_fresh_points():
    spec = TrainSpec.make(
        dataset="gen_two_moons", dataset_options={"test": 500}, epochs=1, frame_interval=1,
        model_options={"parallel": 8}, batch_size=128,
    )  # fmt: skip
    trainer = Trainer(spec)
    first, second = (trainer.batches.batch(step)[0] for step in (0, 1))
    assert torch.equal(first, trainer.batches.batch(0)[0])
    assert not torch.equal(first, second)
    start = trainer.task.measure(trainer.model, trainer.test).figures["nll"]
    figures, frame = last_row(trainer)
    # The circuit starts as the identity: the first figure is that of the standard normal.
    x = trainer.test.x.double()
    normal = float((x.square().sum(1) / 2 + np.log(2 * np.pi)).mean())
    assert start == pytest.approx(normal, rel=1e-3)
    assert figures["test_nll"] < normal - 0.3
    area = np.diff(frame["density_x"])[0] * np.diff(frame["density_y"])[0]
    assert 0.8 < frame["density"].sum() * area <= 1.01
    assert frame["samples"].shape[1] == 2
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    again = evaluate(circuit, "gen_two_moons", overrides={"test": "500"})
    assert again["nll"] == pytest.approx(figures["test_nll"], rel=1e-3)


def test_a_potential_is_matched():
    spec = TrainSpec.make(
        dataset="potential1", epochs=1, frame_interval=0, batch_size=128,
        model_options={"parallel": 6, "slices": 4},
    )  # fmt: skip
    trainer = Trainer(spec)
    before = trainer.task.measure(trainer.model, trainer.test).figures["kl"]
    rows = [event.figures for event in trainer.events() if isinstance(event, Evaluated)]
    # A divergence is not negative, but for the error of a mean over 4,096 draws.
    assert -0.02 < rows[-1]["test_kl"] < before / 4
    circuit = trained_circuit(trainer.start, trainer.snapshot())
    assert evaluate(circuit, "potential1")["kl"] == pytest.approx(rows[-1]["test_kl"], abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "error", "text"),
    [
        ({"model": "kirchhoffnet"}, RunError, "kirchhoffnet cannot learn"),
        ({"solver": "dopri5"}, SolveError, "takes fixed steps: choose euler"),
        ({"topology": "ring"}, CircuitError, "has 2 coordinates"),
    ],
)
def test_what_a_flow_cannot_do_is_refused(changes, error, text):
    with pytest.raises(error, match=text):
        Trainer(TrainSpec.make(dataset="gen_two_moons", **changes))


def test_classes_go_to_the_circuit_by_default_and_densities_to_the_flow():
    assert TrainSpec.make(dataset="two_moons").model == "kirchhoffnet"
    assert TrainSpec.make(dataset="friedman1").model == "kirchhoffnet"
    assert TrainSpec.make(dataset="gen_circle").model == "flow"
    with pytest.raises(RunError, match="model flow cannot learn"):
        TrainSpec.make(dataset="digits", model="flow")
