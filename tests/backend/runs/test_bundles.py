"""Runs in bundles: out of one HOME, into another, and nothing that could start by itself."""

import io
import json

import numpy as np
import pytest

from backend.bundle_file import Bundle, bundle_bytes, read_bundle
from backend.errors import InputError
from backend.models import KirchhoffNet
from backend.runs import RunDirectory, list_runs, resume_run
from backend.runs.bundles import LOCAL, run_bundle, unpack_run
from backend.runs.checkpoints import write_checkpoint
from backend.training import TrainSpec
from backend.training.loop import Trainer
from backend.training.prepare import make_dataset


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The directory of a run of one epoch with two frames, as a worker leaves it."""
    home = tmp_path_factory.mktemp("origin")
    spec = TrainSpec.make(
        dataset="two_moons", name="Moons", dataset_options={"n": 40, "test": 20}, epochs=1
    )
    circuit = KirchhoffNet.start(make_dataset(spec).data, spec.model_options, 0)
    made = RunDirectory.create(spec, home, circuit)
    snapshot = Trainer(spec).snapshot()
    write_checkpoint(snapshot, made.path / "checkpoints", snapshot)
    t, chance = np.linspace(0, 1, 11), np.random.default_rng(0)
    for epoch in (0, 1):
        voltages = chance.normal(size=(11, len(circuit.nodes)))
        currents = chance.normal(size=(11, circuit.device_count))
        arrays = {"t": t, "voltages": voltages, "currents": currents, "epoch": np.int64(epoch)}
        np.savez(made.path / "frames" / f"{epoch:06d}.npz", **arrays)
    row = {"step": 3, "epoch": 1, "train_loss": 0.5, "test_loss": 0.4, "test_accuracy": 0.9}
    (made.path / "metrics.jsonl").write_text(json.dumps(row) + "\n")
    made.write_status(state="done", host="somewhere", pid=7, environment={"KIRCHHOFF_HOME": "/x"})
    return made


def files_of(run: RunDirectory) -> dict[str, bytes]:
    left_out = {"status.json", "log.txt", ".worker"}
    kept = [p for p in run.path.rglob("*") if p.is_file() and p.name not in left_out]
    return {path.relative_to(run.path).as_posix(): path.read_bytes() for path in kept}


def test_a_run_comes_back_bit_by_bit(run, tmp_path):
    data = run_bundle(run, b"# Lesson\n")
    assert run_bundle(run, b"# Lesson\n") == data
    again = unpack_run(data, tmp_path)
    assert again.id == run.id
    assert files_of(again) == files_of(run)
    assert again.spec == run.spec
    assert again.circuit() == run.circuit()
    assert [found["epoch"] for found in again.frames()] == [0, 1]
    assert [found.id for found in list_runs(tmp_path)] == [run.id]
    assert run_bundle(again, b"# Lesson\n") == data
    assert read_bundle(data).files["lesson.md"] == b"# Lesson\n"


def test_the_sample_is_some_of_the_test_set(run):
    content = read_bundle(run_bundle(run)).files["data/sample.npz"]
    with np.load(io.BytesIO(content), allow_pickle=False) as sample:
        split = make_dataset(run.spec).split()
        test = split.part(split.held_out)
        np.testing.assert_array_equal(sample["x"], test.x[:32].numpy())
        np.testing.assert_array_equal(sample["y"], test.y[:32].numpy())


def test_nothing_of_the_computer_goes_along(run):
    status = json.loads(read_bundle(run_bundle(run)).files["run/status.json"])
    assert not LOCAL & set(status)
    assert b"somewhere" not in b"".join(read_bundle(run_bundle(run)).files.values())


def test_what_is_here_already_is_not_there_twice(run, tmp_path):
    data = run_bundle(run)
    first = unpack_run(data, tmp_path)
    assert unpack_run(data, tmp_path).id == first.id
    (first.path / "metrics.jsonl").write_text("")
    other = unpack_run(data, tmp_path)
    assert other.id == f"{first.id}-2"
    assert files_of(other) == files_of(run)
    assert unpack_run(data, tmp_path).id == other.id


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_run_that_comes_in_waits_to_be_resumed(run, tmp_path, state):
    found = read_bundle(run_bundle(run))
    status = {**json.loads(found.files["run/status.json"]), "state": state, "pid": 1}
    files = {**found.files, "run/status.json": json.dumps(status).encode()}
    again = unpack_run(bundle_bytes(Bundle("run", "x", files, {}, run.id)), tmp_path)
    assert again.status["state"] == "cancelled"
    assert "pid" not in again.status
    assert list_runs(tmp_path)[0].status["state"] == "cancelled"
    assert callable(resume_run)


@pytest.mark.parametrize(
    ("path", "content", "words"),
    [
        ("run/spec.json", b"[]", r"cannot be read: spec\.json: is no specification of a run"),
        ("run/status.json", b"{}", "says no state of a run"),
        ("run/circuit.json", b"{}", "the circuit was changed after the run was made"),
    ],
)
def test_a_damaged_run_is_refused_and_leaves_nothing(run, tmp_path, path, content, words):
    files = {**read_bundle(run_bundle(run)).files, path: content}
    with pytest.raises(InputError, match=words):
        unpack_run(bundle_bytes(Bundle("run", "x", files, {}, run.id)), tmp_path)
    assert list_runs(tmp_path) == []
    assert [p.name for p in (tmp_path / "runs").iterdir()] == [".lock"]


def test_ids_stay_inside_the_folder(run, tmp_path):
    files = read_bundle(run_bundle(run)).files
    for id in ("../x", "", "A b", "x" * 100):
        with pytest.raises(Exception, match="is no run id"):
            unpack_run(bundle_bytes(Bundle("run", "x", files, {}, id)), tmp_path)
    with pytest.raises(InputError, match="holds a circuit"):
        unpack_run(bundle_bytes(Bundle("circuit", "x", {"circuit.json": b"{}"})), tmp_path)
