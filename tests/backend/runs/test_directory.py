"""Run directories without any worker."""

import json
import os
import stat
import time

import numpy as np
import pytest
import torch

from backend.circuit import Circuit
from backend.errors import RunError
from backend.models import KirchhoffNet
from backend.runs import RunDirectory, delete_run, home_folder, list_runs, open_run, resume_run
from backend.runs import door as door_module
from backend.runs.checkpoints import read_checkpoint, write_checkpoint
from backend.runs.files import replace_file
from backend.runs.making import new_id
from backend.runs.records import PHASES, phase_of
from backend.training import TrainSpec
from backend.training.loop import Snapshot, Trainer
from backend.training.prepare import make_dataset

PAIR = ("best", "last")


@pytest.fixture(scope="module")
def spec():
    return TrainSpec.make(
        dataset="two_moons", name="My run / ../x", dataset_options={"n": 40, "test": 20}, epochs=1
    )


@pytest.fixture
def run(spec, tmp_path):
    circuit = KirchhoffNet.start(make_dataset(spec).data, spec.model_options, 0)
    made = RunDirectory.create(spec, tmp_path, circuit)
    made.write_status(state="cancelled")
    return made


def test_a_new_run_has_all_its_parts(run, spec):
    assert run.spec == spec
    assert run.status["state"] == "cancelled"
    assert run.status["dataset"] == "two_moons"
    assert isinstance(run.start_circuit(), Circuit)
    assert run.frames() == []
    assert run.metrics() == ([], 0)
    with pytest.raises(RunError, match="has no checkpoint yet"):
        run.circuit()
    assert [other.id for other in list_runs(run.home)] == [run.id]


def test_the_phase_is_that_of_a_run_that_goes_on(run):
    assert phase_of(run.status) == ""
    assert phase_of({"state": "queued"}) == "queued"
    assert phase_of({"state": "running"}) == "training", "written by an earlier version"
    assert phase_of({"state": "running", "phase": 3}) == "training"
    for phase in PHASES[1:]:
        assert phase_of({"state": "running", "phase": phase}) == phase
        assert phase_of({"state": "lost", "phase": phase}) == ""


def test_ids_are_safe_names(spec):
    name = new_id(spec)
    assert "/" not in name
    assert "." not in name
    assert "my-run-x" in name


@pytest.mark.parametrize(
    "name", ["../x", "/etc", "..", "", "a/b", "a\x00b", ".lock", "x" * 81, "A", "a\n", 3]
)
def test_path_tricks_are_refused(run, name):
    with pytest.raises(RunError, match="is no run id"):
        open_run(run.home, name)


def test_links_are_no_runs(run, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    run.path.rename(elsewhere)
    (run.home / "runs" / "link").symlink_to(elsewhere)
    with pytest.raises(RunError, match="there is no run 'link'"):
        open_run(run.home, "link")
    assert list_runs(run.home) == []


def test_a_unique_beginning_opens_but_does_not_delete(run):
    assert open_run(run.home, run.id[:-3]).id == run.id
    with pytest.raises(RunError, match="give the whole id"):
        delete_run(run.home, run.id[:-3])
    delete_run(run.home, run.id)
    assert not run.path.exists()


def test_metrics_are_read_on_from_an_offset_and_never_half(run):
    path = run.path / "metrics.jsonl"
    path.write_text('{"step": 1}\n{"step": 2}\n{"st')
    found, after = run.metrics()
    assert [row["step"] for row in found] == [1, 2]
    with path.open("a") as file:
        file.write('ep": 3}\n')
    assert run.metrics(after)[0] == [{"step": 3}]


def test_home_is_the_argument_then_the_environment_then_the_users(monkeypatch, tmp_path):
    monkeypatch.setenv("KIRCHHOFF_HOME", str(tmp_path))
    assert home_folder("x").name == "x"
    assert home_folder() == tmp_path
    monkeypatch.delenv("KIRCHHOFF_HOME")
    assert home_folder().name == ".kirchhoff-studio"


def test_a_done_run_cannot_be_resumed(run):
    run.write_status(state="done")
    with pytest.raises(RunError, match="is done; start a new one"):
        resume_run(run.home, run.id)


def test_frames_are_listed_by_epoch(run):
    for epoch in (12, 0, 3):
        np.savez(run.path / "frames" / f"{epoch:06d}.npz", t=np.arange(3.0))
    (run.path / "frames" / ".000007.npz.1.part").touch()
    assert [frame["epoch"] for frame in run.frames()] == [0, 3, 12]
    assert run.frame(3)["t"].tolist() == [0, 1, 2]
    with pytest.raises(RunError, match="no frame of epoch 4"):
        run.frame(4)


def test_a_checkpoint_comes_back_bit_by_bit(spec, tmp_path):
    trainer = Trainer(spec)
    list(trainer.events())
    snapshot = trainer.snapshot()
    write_checkpoint(snapshot, tmp_path, snapshot)
    for name in ("last", "best"):
        again = read_checkpoint(tmp_path / f"{name}.safetensors")
        assert again.meta == snapshot.meta
        assert again.tensors.keys() == snapshot.tensors.keys()
        assert all(torch.equal(again.tensors[key], snapshot.tensors[key]) for key in again.tensors)


def test_best_stays_when_last_moves_on(tmp_path):
    first, second, third = (
        Snapshot({"model/a": torch.full((2,), float(step))}, {"step": step}) for step in (1, 2, 3)
    )
    write_checkpoint(first, tmp_path, first)
    write_checkpoint(second, tmp_path)
    steps = [read_checkpoint(tmp_path / f"{name}.safetensors").meta["step"] for name in PAIR]
    assert steps == [1, 2]
    write_checkpoint(third, tmp_path, second)
    steps = [read_checkpoint(tmp_path / f"{name}.safetensors").meta["step"] for name in PAIR]
    assert steps == [2, 3]
    write_checkpoint(third, tmp_path, third)
    write_checkpoint(third, tmp_path, third)
    assert sorted(os.listdir(tmp_path)) == ["best.safetensors", "last.safetensors"]


def test_a_damaged_checkpoint_is_named(tmp_path):
    path = tmp_path / "last.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(RunError, match=r"last.safetensors: this is no checkpoint"):
        read_checkpoint(path)


def test_a_checkpoint_of_another_circuit_is_refused(run):
    other = Snapshot({"model/compiled.x": torch.zeros(1)}, {"step": 1})
    write_checkpoint(other, run.path / "checkpoints", other)
    with pytest.raises(RunError, match="belongs to another circuit"):
        run.circuit()


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "status.json"
    path.write_text("old")
    with pytest.raises(TypeError):
        replace_file(path, "text is no bytes")  # pyright: ignore[reportArgumentType]
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["status.json"]


def test_an_unreadable_status_is_not_a_crash(run):
    (run.path / "status.json").write_text('{"state": "runn')
    assert run.status["state"] == "lost"
    assert len(list_runs(run.home)) == 1


def test_a_run_of_a_dead_or_reused_process_number_is_lost(run):
    for pid, began in ((2**22 - 1, "5"), (os.getpid(), "5")):
        run.write_status(
            state="running", pid=pid, start_time=began, heartbeat=9e12, host=None, message=""
        )
        list_runs(run.home)
        assert run.status["state"] == "lost"
        assert "resume to go on" in run.status["message"]


def test_a_silent_worker_elsewhere_is_lost_once_its_silence_was_seen(run, monkeypatch):
    """Clocks differ and jump; only what this computer saw for half a minute counts."""
    steady = time.monotonic()
    run.write_status(state="running", pid=1, start_time="1", heartbeat=0.0, host="elsewhere")
    for beat, later, state in ((1, 0, "running"), (1, 25, "running"), (2, 60, "running"),
                               (2, 80, "running"), (2, 95, "lost")):  # fmt: skip
        run.write_status(beat=beat)
        monkeypatch.setattr(time, "monotonic", lambda later=later: steady + later)
        list_runs(run.home)
        assert run.status["state"] == state, later
    assert "elsewhere has not been heard of for 35 s" in run.status["message"]


def test_a_read_only_home_can_be_listed(run):
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere")
    folder = run.home / "runs"
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert len(list_runs(run.home)) == 1
    finally:
        folder.chmod(stat.S_IRWXU)


def test_the_door_does_not_load_torch():
    # Listing runs must stay quick: `kirchhoff runs list` and the web server's first answer.
    import subprocess
    import sys

    code = "import sys, backend.runs; print(json.dumps('torch' in sys.modules))"
    answer = subprocess.run(
        [sys.executable, "-c", "import json; " + code],
        capture_output=True,
        text=True,
        check=True,
        cwd=door_module.__file__.rsplit("/backend/", 1)[0],
    )
    assert json.loads(answer.stdout) is False
