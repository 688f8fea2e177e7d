"""Real workers: detached, queued, stopped, killed, out of space, and resumed."""

import os
import signal
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path

import pytest
import torch

from backend.circuit import Circuit
from backend.errors import CircuitError, RunError
from backend.runs import (
    RunDirectory,
    delete_run,
    list_runs,
    reconcile,
    resume_run,
    start_run,
    stop_run,
)
from backend.runs.processes import alive, kill
from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer, train
from backend.training.prepare import start_circuit

ROOT = Path(__file__).parents[3]
# No machine gets through so many before the test has looked at the run.
ENDLESS = 100_000


def small(**changes) -> TrainSpec:
    """A training of about a second, unless ``epochs`` says otherwise."""
    given = {
        "dataset": "two_moons",
        "dataset_options": {"n": 512, "test": 50},
        "epochs": 8,
        "frame_interval": 5,
        "report_interval": 4,
    }
    return TrainSpec.make(**{**given, **changes})


def wait(run: RunDirectory, *states: str, step: int = 0) -> dict:
    """The first status in one of the states with at least ``step`` steps done."""
    end = time.monotonic() + 200
    while time.monotonic() < end:
        reconcile(run.home)
        status = run.status
        if status["state"] in states and status["step"] >= step:
            return status
        if status["state"] in ("failed", "lost"):
            break
        time.sleep(0.1)
    pytest.fail(f"{run.id}: {run.status}\n{run.log()}")


def rows(run: RunDirectory) -> list[dict]:
    """Metrics without the only thing that may differ, the time."""
    return [{key: value for key, value in row.items() if key != "time"} for row in run.metrics()[0]]


def uninterrupted(spec: TrainSpec, count: int | None = None) -> list[dict]:
    """The rows of the same training in one go, in this process; all, or the first ``count``."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        evaluated = (event for event in train(spec) if isinstance(event, Evaluated))
        found = [event.row() for event in islice(evaluated, count)]
    finally:
        torch.set_num_threads(before)
    return [{key: value for key, value in row.items() if key != "time"} for row in found]


def goes_on(run: RunDirectory, home: Path) -> None:
    """Resumed from its checkpoint, an endless run repeats the rows of one that never stopped."""
    step = run.status["step"] + 40
    resume_run(home, run.id)
    wait(run, "running", step=step)
    stop_run(home, run.id)
    assert wait(run, "cancelled")["step"] >= step
    found = rows(run)
    assert found[-1]["step"] > step - 8
    assert found == uninterrupted(run.spec, len(found))


@pytest.fixture
def home(tmp_path: Path):
    """A HOME whose workers end with the test."""
    folder = tmp_path / "home"
    yield folder
    for path in sorted((folder / "runs").glob("*/status.json")):
        run = RunDirectory(path.parent)
        if run.status["state"] == "queued":
            run.write_status(state="cancelled")
    for path in sorted((folder / "runs").glob("*/status.json")):
        status = RunDirectory(path.parent).status
        kill(status.get("pid") or 0, status.get("start_time"))


def test_a_run_from_start_to_end(home):
    spec = small(name="whole")
    run = start_run(spec, home)
    status = wait(run, "done")
    assert status["step"] == status["total"] == 64
    assert status["phase"] == ""
    assert rows(run) == uninterrupted(spec)
    assert [frame["epoch"] for frame in run.frames()] == [0, 5, 8]
    assert run.frame(8)["boundary"].shape == (60, 60)
    assert {"train_loss", "train_accuracy", "test_loss", "test_accuracy", "time"} <= set(
        run.metrics()[0][-1]
    )
    assert set(run.example()) == set(run.start_circuit().inputs)
    start = run.circuit().with_voltages(run.example())
    # Frames come from float32 voltages.
    assert [node.voltage for node in start.nodes] == pytest.approx(
        run.frame(8)["voltages"][0].tolist(), abs=1e-6
    )
    trained = run.circuit("last")
    assert isinstance(trained, Circuit)
    assert trained.node_ids == run.start_circuit().node_ids
    assert trained != run.start_circuit()
    assert "done" in run.log()


def test_a_killed_worker_is_lost_and_resumes_on_the_same_curve(home):
    spec = small(epochs=ENDLESS)
    run = start_run(spec, home)
    status = wait(run, "running", step=100)
    os.kill(status["pid"], signal.SIGKILL)
    # Half a row, as a crash can leave it.
    with (run.path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 99')
    status = wait_lost(run)
    assert "resume" in status["message"]
    assert status["step"] > 0
    goes_on(run, home)


def wait_lost(run: RunDirectory) -> dict:
    end = time.monotonic() + 30
    while time.monotonic() < end and run.status["state"] != "lost":
        reconcile(run.home)
        time.sleep(0.1)
    assert run.status["state"] == "lost"
    return run.status


@pytest.mark.parametrize("how", ["request", "SIGTERM"])
def test_a_stopped_run_is_cancelled_with_a_checkpoint_and_resumes(home, how):
    spec = small(epochs=ENDLESS, frame_interval=0)
    run = start_run(spec, home)
    assert run.status["phase"] == "starting"
    status = wait(run, "running", step=20)
    assert status["phase"] in ("training", "evaluating")
    with pytest.raises(RunError, match="is running; stop it first"):
        delete_run(home, run.id)
    with pytest.raises(RunError, match="is running already"):
        resume_run(home, run.id)
    if how == "request":
        stop_run(home, run.id)
    else:
        os.kill(status["pid"], signal.SIGTERM)
    status = wait(run, "cancelled")
    assert status["step"] < 8 * ENDLESS
    assert run.checkpoint("last").meta["step"] == status["step"]
    assert not run.stop_asked
    if how == "request":
        goes_on(run, home)
    delete_run(home, run.id)
    assert list_runs(home) == []


def test_the_queue_is_first_in_first_out_with_one_slot(home):
    first = start_run(small(epochs=ENDLESS, name="first", frame_interval=0), home)
    others = [start_run(small(epochs=2, name=name), home) for name in ("b", "a")]
    assert [run.status["state"] for run in (first, *others)] == ["running", "queued", "queued"]
    skipped = start_run(small(epochs=2, name="c"), home)
    assert stop_run(home, skipped.id).status["state"] == "cancelled"
    stop_run(home, first.id)
    # From here nobody looks: each worker that ends starts the next.
    end = time.monotonic() + 200
    while time.monotonic() < end and others[1].status["state"] != "done":
        time.sleep(0.05)
    started = [run.status["started"] for run in (first, *others)]
    assert started == sorted(started)
    assert others[0].status["finished"] <= others[1].status["started"]
    assert skipped.status["state"] == "cancelled"
    assert "started" not in skipped.status


def test_a_worker_does_not_belong_to_whoever_started_it(home):
    code = (
        "from backend.runs import start_run; from backend.training import TrainSpec; "
        f"spec = TrainSpec.make(dataset='two_moons', epochs={ENDLESS}, frame_interval=0); "
        f"print(start_run(spec, {str(home)!r}).id)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    run = RunDirectory(home / "runs" / answer.stdout.strip())
    status = wait(run, "running", step=1)
    assert os.getsid(status["pid"]) == status["pid"]
    assert alive(status["pid"], status["start_time"])


def limited_worker(run: RunDirectory, largest_file: int) -> None:
    """A worker on a disk that refuses files above a size, as a full one does (EFBIG)."""
    code = (
        f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({largest_file},) * 2); "
        f"from backend.runs.worker import main; main([{str(run.path)!r}])"
    )
    with (run.path / "log.txt").open("ab") as log:
        subprocess.run([sys.executable, "-c", code], stdout=log, stderr=log, check=False, cwd=ROOT)


def test_a_full_disk_leaves_the_old_checkpoint_and_a_plain_sentence(home):
    # Wide enough for a checkpoint that is larger than the table of metrics.
    spec = small(epochs=ENDLESS, frame_interval=0, model_options={"hidden": 400})
    run = start_run(spec, home)
    wait(run, "running", step=2)
    stop_run(home, run.id)
    wait(run, "cancelled")
    path = run.checkpoint_path("last")
    before = path.read_bytes()
    step = run.checkpoint("last").meta["step"]

    run.write_status(state="running")
    limited_worker(run, len(before) - 1000)
    status = run.status
    assert status["state"] == "failed", run.log()
    assert status["message"].startswith("there is no space left on the disk: the checkpoint of")
    assert "the one before it is intact" in status["message"]
    assert path.read_bytes() == before
    assert run.checkpoint("last").meta["step"] == step
    assert not list(path.parent.glob(".*"))

    goes_on(run, home)


def test_a_diverging_run_fails_in_words(home):
    circuit = start_circuit(small())
    first = circuit.slices[0].devices[0]
    wild = type(first)("wild", "relu", "gnd", "h1", {"a": 0.0, "b": 1e12, "c": 1.0})
    part = type(circuit.slices[0])((*circuit.slices[0].devices, wild), 1.0)
    run = start_run(small(circuit=circuit.replace(slices=(part,)).to_dict()), home)
    end = time.monotonic() + 60
    while time.monotonic() < end and run.status["state"] in ("queued", "running"):
        time.sleep(0.05)
    assert run.status["state"] == "failed"
    assert "diverged in epoch 1" in run.status["message"]
    assert "node 'h1'" in run.status["message"]
    assert "Traceback" not in run.log()


def test_a_circuit_that_does_not_fit_is_refused_before_anything_is_written(home):
    circuit = Trainer(small(epochs=1)).start
    spec = TrainSpec.make(dataset="digits", circuit=circuit.to_dict())
    with pytest.raises(CircuitError, match="needs 64 input nodes"):
        start_run(spec, home)
    assert not home.exists()


def test_a_circuit_file_is_copied_into_the_run(home, tmp_path):
    path = tmp_path / "drawn.json"
    circuit = start_circuit(small())
    path.write_text(circuit.to_json())
    run = start_run(small(circuit=str(path), epochs=1), home)
    path.unlink()
    wait(run, "done")
    assert run.start_circuit() == circuit
    assert Trainer(run.spec, folder=run.path).start == circuit
