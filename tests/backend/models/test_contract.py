"""What every model does, whether it is a circuit or not; the smallest one is in ``linear.py``.

What needs no more than a few steps is asked of all models and data sets in ``test_pairs.py``.
"""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from backend import cli, plugins, runs
from backend.datasets import DATASETS
from backend.errors import ExportError, RunError, StudioError
from backend.export.model_weights import load_model
from backend.models import MODELS, CircuitModel, Data, Model
from backend.params import Param, check_params
from backend.runs import RunDirectory
from backend.training.evaluate import evaluate
from backend.training.events import Evaluated
from backend.training.loop import Snapshot, Trainer
from backend.training.spec import TrainSpec

LINEAR = Path(__file__).with_name("linear.py")
# Small enough that a step takes milliseconds.
SMALL = {"kitinet": {"channels": 8, "blocks": 1}}


class Noisy(Model):
    """Dropout and batch normalisation before a line: what differs between train and eval."""

    title = "Noisy line"
    params = (Param("drop", 0.2, low=0.0, high=0.9, doc="Share that is dropped."),)

    def __init__(self, data: Data, drop: float) -> None:
        super().__init__()
        width, count = data.inputs.count, data.outputs.count
        self.layers = nn.Sequential(
            nn.BatchNorm1d(width), nn.Dropout(drop), nn.Linear(width, count)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The smallest model, loaded as a user's file is, and the noisy one."""
    monkeypatch.setenv(plugins.VARIABLE, str(LINEAR))
    plugins.load()
    MODELS.register("noisy")(Noisy)
    yield
    for name in ("linear", "noisy"):
        del MODELS._entries[name]
    del sys.modules[LINEAR.stem]


def spec_of(model: str, dataset: str, **given) -> TrainSpec:
    """A short training on few examples."""
    names = {param.name for param in DATASETS[dataset].params}
    some = (("n", 64), ("test", 32), ("validation", 16), ("resolution", 32))
    few = {name: value for name, value in some if name in names}
    if "test" in few and any(p.name == "test" and not p.integer for p in DATASETS[dataset].params):
        few.pop("test")
    usual = {"epochs": 2, "batch_size": 32, "frame_interval": 1, "check_finer": "end", "ema": 0.5}
    usual["model_options"] = SMALL.get(model, {})
    return TrainSpec.make(model=model, dataset=dataset, dataset_options=few, **{**usual, **given})


def taken(trainer: Trainer, steps: int) -> Snapshot:
    """The state after so many steps."""
    for _ in trainer.events():
        if trainer.step >= steps:
            break
    return trainer.snapshot()


def equal(one: Snapshot, other: Snapshot) -> bool:
    return one.tensors.keys() == other.tensors.keys() and all(
        torch.equal(value, other.tensors[name]) for name, value in one.tensors.items()
    )


def without_time(row: Evaluated) -> dict:
    return {name: value for name, value in row.row().items() if name != "time"}


@pytest.mark.parametrize(
    ("model", "name"), [("linear", "digits"), ("linear", "diabetes"), ("noisy", "two_moons")]
)
def test_models_of_a_file_are_built_by_their_recipes(model, name):
    kind, data = MODELS[model], DATASETS[name]().data
    assert TrainSpec.make(model=model, dataset=name, recipe="default").model == model
    options = check_params(kind.params, {})
    built, again, other = (kind.build(data, options, seed=seed) for seed in (3, 3, 4))
    first = [next(net.parameters()) for net in (built, again)]
    assert torch.equal(*first), "equal seeds give equal models"
    assert any(not torch.equal(a, b) for a, b in
               zip(built.parameters(), other.parameters(), strict=True))  # fmt: skip
    grouped = [id(value) for group in built.groups() for value in group.parameters]
    assert sorted(grouped) == sorted(map(id, built.parameters())), "each parameter is in one group"


@pytest.mark.parametrize(
    ("model", "name"),
    [("kirchhoffnet", "two_moons"), ("flow", "gen_two_moons"), ("kitinet", "burgers"),
     ("linear", "two_moons"), ("linear", "diabetes"), ("noisy", "two_moons")],
)  # fmt: skip
def test_resumed_is_as_never_interrupted_and_looking_changes_nothing(model, name):
    spec = spec_of(model, name)
    whole = [event for event in Trainer(spec).events() if isinstance(event, Evaluated)]
    ending = Trainer(spec)
    last = taken(ending, 10**9)
    for stop in (1, 3):
        left = taken(Trainer(spec), stop)
        torch.rand(7)  # somebody else draws random numbers meanwhile
        rest = Trainer(spec, resume=left)
        rows = [event for event in rest.events() if isinstance(event, Evaluated)]
        assert [without_time(r) for r in rows] == [without_time(r) for r in whole][-len(rows) :]
        assert equal(rest.snapshot(), last)
    x = ending.test.x[:8]
    ending.model.eval()
    before = {name: value.clone() for name, value in ending.model.state_dict().items()}
    assert torch.equal(ending.model.predict(x), ending.model.predict(x))
    assert all(torch.equal(before[k], v) for k, v in ending.model.state_dict().items())


@pytest.mark.parametrize(
    ("model", "name"), [("kirchhoffnet", "two_moons"), ("linear", "two_moons")]
)
def test_train_and_eval_are_the_same_unless_declared(model, name):
    trainer = Trainer(spec_of(model, name))
    x = trainer.test.x[:8]
    assert torch.equal(trainer.model.train()(x), trainer.model.eval()(x))
    noisy = Trainer(spec_of("noisy", name)).model
    assert not torch.equal(noisy.train()(x), noisy.eval()(x))


def test_the_line_learns_and_its_weights_leave(tmp_path):
    run = runs.start_run(spec_of("linear", "digits", epochs=6, learning_rate=0.05), tmp_path)
    finished(run)
    assert not run.has_circuit
    assert not list(run.path.glob("circuit*"))
    rows, _ = run.metrics()
    assert rows[-1]["test_accuracy"] > 0.8
    assert not [name for name in rows[-1] if name.startswith(("finer", "solve", "peak"))]
    # By the framework's own layer, from the checkpoint's numbers.
    state = run.checkpoint().parameters()
    data = DATASETS["digits"](**run.spec.dataset_options).split().test
    logits = data.x.double() @ state["layer.weight"].double().T + state["layer.bias"].double()
    found = evaluate(run)
    right = float((logits.argmax(1) == data.y).double().mean())
    assert found["accuracy"] == pytest.approx(right, abs=1e-6)
    assert "solver" not in found
    assert "confusion" in run.frame(6)
    assert "voltages" not in run.frame(6)
    for form, command in (("safetensors", kirchhoff_apart), ("pt", kirchhoff)):
        path = tmp_path / f"line.{form}"
        command("export", run.id, "--to", form, "-o", path, "--home", tmp_path)
        loaded = load_model(path)
        assert not loaded.training
        assert torch.allclose(loaded(data.x).double(), logits, atol=1e-5)
    refused = kirchhoff("export", run.id, "--to", "spice", "-o", tmp_path / "x.cir",
                        "--home", tmp_path, status=2)  # fmt: skip
    assert "a Linear is none; export it as safetensors or pt" in refused
    assert "is no circuit" in kirchhoff("verify", run.id, "--home", tmp_path, status=2)
    assert run.id in kirchhoff("runs", "compare", run.id, run.id, "--home", tmp_path)
    score = kirchhoff("evaluate", run.id, "--home", tmp_path)
    assert "accuracy" in score


def test_a_killed_line_goes_on_bit_for_bit(tmp_path):
    settings = {"epochs": 60, "frame_interval": 20, "check_finer": "never"}
    spec = TrainSpec.make(model="linear", dataset="two_moons", ema=0.5, **settings)
    run = runs.start_run(spec, tmp_path)
    deadline = time.monotonic() + 120
    while not run.metrics()[0] or not list((run.path / "checkpoints").glob("last*")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    if run.status["state"] == "running":
        os.kill(int(run.status["pid"]), signal.SIGKILL)
    runs.reconcile(tmp_path)
    while run.status["state"] == "running":
        assert time.monotonic() < deadline
        runs.reconcile(tmp_path)
        time.sleep(0.05)
    if run.status["state"] != "done":
        runs.resume_run(tmp_path, run.id)
        finished(run)
    straight = taken(Trainer(spec), 10**9)
    assert equal(run.checkpoint("last"), straight)


def test_settings_of_circuits_are_refused_for_other_models():
    for given in ({"solver": "heun"}, {"topology": "ring"}, {"gradient": "backprop"},
                  {"circuit": {"nodes": []}}):  # fmt: skip
        with pytest.raises(RunError, match=r"model linear \(Linear\) is no circuit and has no"):
            TrainSpec.make(model="linear", dataset="two_moons", **given)
    for key in ("steps", "solver.steps"):
        with pytest.raises(RunError, match="and has no solver options"):
            TrainSpec.from_options({"model": "linear", "dataset": "two_moons", key: "4"})
    with pytest.raises(RunError, match="or the model flow"):
        TrainSpec.make(model="linear", dataset="gen_two_moons")


def test_data_that_do_not_fit_a_model_are_refused():
    for model in ("resnet", "kinn"):
        with pytest.raises(RunError, match=r"learns classes of images, and 'Two moons' has none"):
            TrainSpec.make(model=model, dataset="two_moons")


def test_an_unknown_model_of_a_file_is_named(tmp_path):
    data = DATASETS["two_moons"]().data
    trained = MODELS["linear"].build(data, {}, 0)
    assert not isinstance(trained, CircuitModel)
    with pytest.raises(StudioError, match="a Linear is no circuit"):
        trained.circuit()
    path = tmp_path / "bad.safetensors"
    path.write_bytes(b"nothing")
    with pytest.raises(ExportError, match="this is no model that can be loaded"):
        load_model(path)


def test_plugins_that_cannot_be_loaded_are_named(tmp_path, monkeypatch):
    bad = tmp_path / "broken_plugin.py"
    bad.write_text("raise ValueError('no luck')", encoding="utf-8")
    for name, words in ((str(bad), "no luck"), ("no_such_module_here", "No module named")):
        monkeypatch.setenv(plugins.VARIABLE, name)
        with pytest.raises(StudioError, match=rf"KIRCHHOFF_PLUGINS: .* cannot be loaded .*{words}"):
            plugins.load()
    assert np.all([name not in sys.modules for name in ("broken_plugin", "no_such_module_here")])


def finished(run: RunDirectory) -> None:
    """Wait for the worker."""
    deadline = time.monotonic() + 240
    while run.status["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, run.status
        time.sleep(0.05)
    assert run.status["state"] == "done", run.status


def kirchhoff(*words: object, status: int = 0) -> str:
    """What the command line prints."""
    said = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(said),
    ):
        patch.setattr(sys, "argv", ["kirchhoff", *map(str, words)])
        assert cli.run() == status, said.getvalue()
    return said.getvalue()


def kirchhoff_apart(*words: object) -> None:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "designer", *map(str, words)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=1100, check=False)
    assert found.returncode == 0, found.stderr
