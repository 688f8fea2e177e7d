"""Numbers and densities from end to end, each against what is known of it."""

from typing import Any

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyRegressor
from sklearn.mixture import GaussianMixture

from backend.datasets import DATASETS, Generative
from backend.errors import CircuitError, RunError, SolveError
from backend.training import Evaluated, FrameStored, TrainSpec
from backend.training.evaluate import evaluate
from backend.training.loop import Trainer, trained_circuit
from backend.training.tasks import TASKS, match
from backend.training.tasks.generate import flow_of


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
        model_options={"parallel": 8}, batch_size=128, solver_options={"steps": 2},
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
    for steps, name in (("2", "test_nll"), ("8", "finer_nll")):
        again = evaluate(circuit, "gen_two_moons", overrides={"test": "500", "steps": steps})
        assert again["nll"] == pytest.approx(figures[name], rel=1e-5)
    assert figures["finer_nll"] != figures["test_nll"]
    # The last voltages backward in time are noise, of which some is beyond 2 V.
    assert max(2.0, float(trainer.test.x.abs().max())) <= figures["peak_voltage"] < 20


def test_images_of_a_digit_are_learnt_better_than_by_a_gaussian():
    spec = TrainSpec.make(
        dataset="gen_digits", dataset_options={"digit": 3}, epochs=1, frame_interval=1,
        model_options={"slices": 1, "to_ground": 12}, batch_size=32, learning_rate=0.01,
    )  # fmt: skip
    figures, frame = last_row(Trainer(spec))
    dataset = DATASETS["gen_digits"](digit=3)
    assert isinstance(dataset, Generative)
    images = dataset.split().test.x.numpy()
    gaussian = GaussianMixture(1, covariance_type="diag").fit(dataset.sample(3000, 0).numpy())
    assert figures["test_nll"] < -gaussian.score(images) - 8
    assert abs(figures["finer_nll"] - figures["test_nll"]) < 3
    assert frame["samples"].shape == (2000, 64)
    assert "density" not in frame
    # Pixels that are bright in images are so in what the model draws.
    assert np.corrcoef(np.median(frame["samples"], 0), images.mean(0))[0, 1] > 0.9


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
    for factor, name in ((1, "test_kl"), (4, "finer_kl")):
        steps = str(factor * trainer.spec.solver_options["steps"])
        again = evaluate(circuit, "potential1", overrides={"steps": steps})
        assert again["kl"] == pytest.approx(rows[-1][name], abs=1e-5)
    assert 2 < rows[-1]["peak_voltage"] < 20


def gradient(module: torch.nn.Module) -> torch.Tensor:
    return torch.cat(
        [value.grad.flatten() for value in module.parameters() if value.grad is not None]
    )


@pytest.mark.parametrize("near", [np.inf, 0.0])
def test_both_gradients_of_matching_are_that_of_the_divergence(near, monkeypatch):
    """In the plane the divergence is an integral that a grid gives without any draw."""
    spec = TrainSpec.make(
        dataset="potential1", model_options={"parallel": 2, "to_ground": 2, "slices": 2},
    )  # fmt: skip
    trainer = Trainer(spec)
    task: Any = trainer.task
    flow, energy = flow_of(trainer.model), task.potential.energy
    # A density that is not at rest and lies within the reach of the potential.
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for value in flow.parameters():
            value.mul_(0.3).add_(0.1 * torch.randn(value.shape, generator=generator))
    axis = torch.linspace(-7, 7, 141)
    grid = torch.cartesian_prod(axis, axis)
    log_q = flow.log_prob(grid)
    wanted = (log_q.exp() * (log_q + energy(grid))).sum() * (axis[1] - axis[0]) ** 2
    wanted.backward()
    exact = gradient(flow)
    flow.zero_grad()
    monkeypatch.setattr(match, "NEAR", near)
    monkeypatch.setattr(match, "FAR", np.inf)
    noise = task.draw(2**15, generator).x
    objective, figures = task.learn(trainer.model, noise, noise)
    objective.backward()
    assert float((gradient(flow) - exact).norm() / exact.norm()) < 0.03
    assert float(objective.detach()) == pytest.approx(figures["loss"], rel=1e-5)
    assert figures["loss"] == pytest.approx(
        float(wanted.detach()) + 1 + np.log(2 * np.pi), abs=0.02
    )


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


@pytest.mark.parametrize(
    ("model", "dataset", "words"),
    [
        ("kirchhoffnet", "heat", "for the task 'operator', which model kirchhoffnet cannot"),
        ("flow", "two_moons", "for the task 'classify', which model flow cannot learn"),
        ("transformer", "digits", "a Transformer learns from text, and 'Digits 8 x 8' has images"),
    ],
)
def test_a_spec_that_nothing_completed_names_the_task_as_well(model, dataset, words):
    with pytest.raises(RunError, match=words):
        Trainer(TrainSpec(model=model, dataset=dataset))


def test_classes_go_to_the_circuit_by_default_and_densities_to_the_flow():
    assert TrainSpec.make(dataset="two_moons").model == "kirchhoffnet"
    assert TrainSpec.make(dataset="friedman1").model == "kirchhoffnet"
    assert TrainSpec.make(dataset="gen_circle").model == "flow"
    with pytest.raises(RunError, match="model flow cannot learn"):
        TrainSpec.make(dataset="digits", model="flow")
