"""Fields from fields: the relative error, what is looked at when, and other grids."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from backend import plugins, runs
from backend.datasets import DATASETS, Examples
from backend.errors import StudioError
from backend.export.model_weights import load_model, weights
from backend.models import MODELS, Data, Shape, models_for
from backend.models.operator import Standard
from backend.training.evaluate import evaluate
from backend.training.events import Checkpointed, Evaluated, FrameStored
from backend.training.loop import Trainer, trained_model
from backend.training.spec import TrainSpec
from backend.training.tasks.operator import LearnOperator, relative_l2

POINTWISE = Path(__file__).parents[1] / "models" / "pointwise.py"
FEW = {"n": 24, "validation": 8, "test": 8, "resolution": 64, "viscosity": "0.1"}


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The smallest model of fields, loaded as a user's file is."""
    monkeypatch.setenv(plugins.VARIABLE, str(POINTWISE))
    plugins.load()
    yield
    del MODELS._entries["pointwise"]
    del sys.modules[POINTWISE.stem]


def pointwise(data: Data) -> Any:
    return MODELS["pointwise"].build(data, {}, 0)


def spec_of(**given) -> TrainSpec:
    usual = {"epochs": 3, "batch_size": 8, "frame_interval": 1, "learning_rate": 0.05}
    return TrainSpec.make(
        model="pointwise", dataset="burgers", dataset_options=FEW, **{**usual, **given}
    )


def test_the_loss_is_the_mean_relative_error_of_whole_fields():
    rng = np.random.default_rng(0)
    p, y = (rng.normal(size=(5, 2, 4, 3)) for _ in range(2))
    expected = [np.linalg.norm(a - b) / np.linalg.norm(b) for a, b in zip(p, y, strict=True)]
    found = relative_l2(torch.from_numpy(p), torch.from_numpy(y))
    assert np.allclose(found, expected, rtol=1e-12)
    same = torch.from_numpy(y).requires_grad_()
    relative_l2(same, same.detach()).sum().backward()
    assert same.grad is not None
    assert bool(same.grad.isfinite().all()), "also where nothing is wrong"


def test_the_test_set_is_looked_at_once_at_the_end():
    trainer = Trainer(spec_of())
    events = list(trainer.events())
    rows = [event.figures for event in events if isinstance(event, Evaluated)]
    assert trainer.held_out == "validation"
    assert all("validation_relative_l2" in row for row in rows)
    assert [any(name.startswith("test_") for name in row) for row in rows] == [False, False, True]
    last, split = rows[-1], DATASETS["burgers"](**FEW).split()
    predicted = trainer.model.predict(split.test.x)
    assert last["test_relative_l2"] == pytest.approx(
        float(relative_l2(predicted, split.test.y).mean())
    )
    assert {"test_relative_l2@32", "test_relative_l2@128"} <= set(last)
    assert last["zero_baseline"] == 1.0
    assert last["identity_baseline"] > 10, "a field of this viscosity fades"
    assert 0.01 < last["heat_only_baseline"] < 0.3
    losses = [row["validation_loss"] for row in rows]
    chosen = [event.best for event in events if isinstance(event, Checkpointed)]
    assert chosen == [loss == min(losses[: k + 1]) for k, loss in enumerate(losses)]


def test_a_frame_holds_fields_that_training_does_not_learn_from():
    trainer = Trainer(spec_of(epochs=1))
    frames = [event.arrays for event in trainer.events() if isinstance(event, FrameStored)]
    validation = DATASETS["burgers"](**FEW).split().validation
    assert validation is not None
    arrays = frames[-1]
    assert np.array_equal(arrays["field_input"], validation.x)
    assert np.array_equal(arrays["field_target"], validation.y)
    assert np.allclose(arrays["field_prediction"], trainer.model.predict(validation.x))


def test_a_frame_holds_the_same_fields_on_other_grids():
    trainer = Trainer(spec_of(epochs=1))
    frames = [event.arrays for event in trainer.events() if isinstance(event, FrameStored)]
    arrays, grids = frames[-1], DATASETS["burgers"](**FEW).other_grids("validation")
    assert [part.x.shape[-1] for part in grids.values()] == [32, 128]
    for number, part in enumerate(grids.values(), start=1):
        assert np.array_equal(arrays[f"field_input_{number}"], part.x)
        assert np.array_equal(arrays[f"field_target_{number}"], part.y)
        answers = trainer.model.predict(part.x)
        assert np.allclose(arrays[f"field_prediction_{number}"], answers)
    assert np.array_equal(arrays["field_input_2"][..., ::2], arrays["field_input"])


def test_a_frame_holds_a_few_fields_of_many():
    data = DATASETS["burgers"](**{**FEW, "validation": 30})
    task = LearnOperator(data, spec_of())
    model = pointwise(data.data)
    validation = data.split().validation
    assert validation is not None
    arrays = task.frame(model, task.measure(model, validation), validation, None)
    assert {len(values) for values in arrays.values()} == {24}


def ended(run: runs.RunDirectory) -> None:
    while run.status["state"] in ("queued", "running"):
        time.sleep(0.1)
    assert run.status["state"] == "done", run.status["message"]


def test_evaluation_tells_baselines_and_other_grids(tmp_path):
    run = runs.start_run(spec_of(), tmp_path)
    ended(run)
    found = evaluate(run, checkpoint="last")
    rows = run.metrics()[0]
    assert found["relative_l2"] == pytest.approx(rows[-1]["test_relative_l2"])
    assert found["relative_l2@32"] == pytest.approx(rows[-1]["test_relative_l2@32"])
    assert found["baselines"]["zero"] == 1.0
    arrays = run.frame(3)
    assert arrays["field_prediction"].shape == (8, 1, 64), "a frame comes back from the disk"
    held = evaluate(run, split="validation", checkpoint="last")
    assert held["relative_l2"] == pytest.approx(rows[-1]["validation_relative_l2"])
    assert "relative_l2@32" not in held
    finer = evaluate(run, overrides={"resolution": "128"}, checkpoint="last")
    assert finer["relative_l2"] == pytest.approx(found["relative_l2@128"])
    for form in ("safetensors", "pt"):
        path = tmp_path / f"model.{form}"
        path.write_bytes(weights(run.model("last"), form))
        module, x = load_model(path), torch.randn(2, 1, 96)
        assert module.state_dict()["inputs.mean"].abs().sum() > 0, "with its statistics"
        assert torch.equal(module(x), run.model("last").model(x))
    other = evaluate(run, overrides={"viscosity": "0.01"}, checkpoint="last")
    assert other["relative_l2"] != pytest.approx(found["relative_l2"], rel=0.1)


def grids(points: int, *, periodic: bool = False) -> Shape:
    return Shape((2, points, points), "grid", periodic=periodic)


def test_statistics_of_every_point_go_to_other_grids_by_interpolation():
    rng = np.random.default_rng(1)
    x = torch.from_numpy(rng.normal(size=(50, 2, 9, 9)).astype(np.float32))
    x[:, :, 0] = 0.0  # a fixed boundary
    standard = Standard(grids(9))
    standard.measure(x)
    scaled = standard.scaled(x)
    assert scaled[:, :, 1:].mean(0).abs().max() < 1e-5
    assert torch.allclose(scaled[:, :, 1:].std(0, correction=0), torch.ones(2, 8, 9), atol=1e-3)
    assert torch.allclose(standard.original(scaled), x, atol=1e-5)
    assert standard.original(torch.ones(1, 2, 9, 9))[:, :, 0].abs().max() < 1e-3
    plane = torch.linspace(0, 1, 9)
    standard.mean.copy_(plane[:, None] + 2 * plane)
    standard.deviation.fill_(2.0)
    fine = torch.linspace(0, 1, 17)
    found = standard.original(torch.zeros(1, 2, 17, 17))
    assert torch.allclose(found[0, 1], fine[:, None] + 2 * fine, atol=1e-6), "a plane stays one"


def test_a_periodic_field_has_one_mean_a_channel_on_every_grid():
    x = torch.randn(20, 2, 8, 8) * torch.tensor([1.0, 3.0])[:, None, None] + 5
    standard = Standard(grids(8, periodic=True))
    standard.measure(x)
    assert standard.mean.shape == (2, 1, 1)
    assert torch.allclose(standard.deviation.flatten(), torch.tensor([1.0, 3.0]), rtol=0.2)
    assert standard.scaled(torch.zeros(1, 2, 32, 32)).shape == (1, 2, 32, 32)


def test_a_constant_channel_is_no_division_by_zero():
    x = torch.full((5, 2, 8, 8), 7.0)
    for periodic in (True, False):
        standard = Standard(grids(8, periodic=periodic))
        standard.measure(x)
        assert standard.scaled(x).abs().max() == 0


def test_weights_come_back_on_another_grid():
    data = Data("", "fields", "operator", grids(9), grids(9))
    model = pointwise(data)
    model.adapt(torch.randn(10, 2, 9, 9), torch.randn(10, 2, 9, 9))
    finer = pointwise(Data("", "fields", "operator", grids(17), grids(17)))
    finer.load_state_dict(model.state_dict())
    x = torch.randn(3, 2, 12, 12)
    assert torch.equal(finer(x), model(x))
    other = pointwise(Data("", "f", "operator", grids(9, periodic=True), grids(9, periodic=True)))
    with pytest.raises(RuntimeError, match="size mismatch"):
        other.load_state_dict(model.state_dict())


def test_what_does_not_fit_is_refused_in_a_sentence():
    with pytest.raises(
        StudioError, match="cannot learn: choose a data set for classify or regress"
    ):
        TrainSpec.make(model="kirchhoffnet", dataset="burgers", dataset_options=FEW)
    assert "kirchhoffnet" not in models_for("operator")
    with pytest.raises(StudioError, match="cannot learn: choose a data set for operator"):
        TrainSpec.make(model="pointwise", dataset="two_moons")
    with pytest.raises(StudioError, match="turns fields into fields, and 'moons' has none"):
        pointwise(Data("", "moons", "classify", Shape((2,)), Shape((2,))))
    model = pointwise(DATASETS["burgers"](**FEW).data)
    with pytest.raises(StudioError, match="1 channel at 64 points was given 2 channels at 64"):
        model(torch.zeros(3, 2, 64))


def test_a_training_goes_on_as_never_interrupted():
    spec = spec_of(ema=0.5)
    ending = Trainer(spec)
    whole = [event for event in ending.events() if isinstance(event, Evaluated)]
    begun = Trainer(spec)
    for _ in begun.events():
        if begun.step == 4:
            break
    rest = Trainer(spec, resume=begun.snapshot())
    rows = [event for event in rest.events() if isinstance(event, Evaluated)]
    assert [row.figures for row in rows] == [row.figures for row in whole][-len(rows) :]
    model = trained_model(spec, None, ending.dataset, ending.snapshot())
    x = ending.test.x
    with ending.average.used():
        assert torch.equal(model.predict(x), ending.model.predict(x))


def test_a_grid_says_where_its_points_lie():
    ring = Shape((1, 4), "grid", periodic=True, extent=(2.0,))
    assert ring.axes() == ([0.0, 0.5, 1.0, 1.5],)
    assert ring.axes((2,)) == ([0.0, 1.0],)
    square = Shape((1, 3, 5), "grid")
    assert square.extent == (1.0, 1.0)
    assert square.points == (3, 5)
    assert square.axes() == ([0.0, 0.5, 1.0], [0.0, 0.25, 0.5, 0.75, 1.0])
    assert Shape((3,)).points == ()
    assert isinstance(DATASETS["burgers"](**FEW).split().validation, Examples)
