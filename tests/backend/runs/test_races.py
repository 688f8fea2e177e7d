"""Several processes on one HOME, and clocks that jump: never two workers on one run."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from backend.runs import RunDirectory, life, list_runs, reconcile, start_run, stop_run
from backend.runs.heart import Heart
from backend.runs.life import at_hand, identity, why_lost
from backend.runs.processes import alive, kill
from backend.training import TrainSpec
from backend.training.prepare import start_circuit

ROOT = Path(__file__).parents[3]
HOUR = 3600.0


def spec(**more) -> TrainSpec:
    given = {"dataset": "two_moons", "dataset_options": {"n": 64, "test": 20},
             "epochs": 100_000, "frame_interval": 0, "report_interval": 1000}  # fmt: skip
    return TrainSpec.make(**{**given, **more})


@pytest.fixture
def run(tmp_path):
    """A run whose worker is this very process, as far as its status says."""
    chosen = spec()
    made = RunDirectory.create(chosen, tmp_path / "home", start_circuit(chosen))
    made.write_status(state="running", heartbeat=time.time(), **identity())
    return made


@pytest.mark.parametrize("jump", [HOUR, -HOUR, 400 * 24 * HOUR])
def test_a_clock_that_jumps_loses_no_living_run(run, monkeypatch, jump):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + jump)
    list_runs(run.home)
    assert run.status["state"] == "running"


def test_a_worker_of_an_earlier_start_of_this_computer_is_gone(run, monkeypatch):
    boot = str(run.status["session"]).split(" ")[0]
    monkeypatch.setattr(life, "session", lambda: "another-boot pid:[1]")
    monkeypatch.setattr(life, "computer", lambda: run.status.get("computer") or "this")
    run.write_status(computer=life.computer())
    assert not at_hand(run.status)
    assert "was started again" in str(why_lost(run, run.status))
    # Another container on the same start of the computer sees no processes, but a heartbeat.
    monkeypatch.setattr(life, "session", lambda: f"{boot} pid:[1]")
    assert why_lost(run, run.status) is None


def test_the_heartbeat_is_a_number_that_grows(run, monkeypatch):
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now)
    heart = Heart(run, threading.Event(), **identity())
    first = run.status["beat"]
    heart.write()
    assert run.status["beat"] > first
    heart.stop(state="cancelled")
    assert run.status["state"] == "cancelled"


def test_a_worker_that_was_replaced_writes_nothing_any_more(run):
    stopping = threading.Event()
    heart = Heart(run, stopping, **identity())
    run.write_status(owner="somebody-else", state="running")
    assert stopping.wait(20)
    assert heart.disowned.is_set()
    heart.stop(state="failed", message="must not be seen")
    assert run.status["owner"] == "somebody-else"
    assert run.status["state"] == "running"


def test_a_worker_that_ended_properly_is_not_called_lost(run, monkeypatch):
    """Its last word may come between the look at its status and the look for its process."""
    from backend.runs import door

    def ended(run, status):
        run.write_status(state="done")
        return "the worker ended without a word"

    monkeypatch.setattr(door, "why_lost", ended)
    reconcile(run.home)
    assert run.status["state"] == "done"


RESUME = (
    "import sys, time; from backend.runs import resume_run; from backend.errors import RunError\n"
    "time.sleep(max(0.0, float(sys.argv[3]) - time.time()))\n"
    "try:\n    resume_run(sys.argv[1], sys.argv[2]); print('resumed')\n"
    "except RunError as error:\n    print(error)\n"
)


@pytest.mark.slow
def test_of_many_resumptions_at_once_one_starts_one_worker(tmp_path):
    home = tmp_path / "home"
    run = start_run(spec(), home)
    try:
        stop_run(home, run.id)
        end = time.monotonic() + 200
        while time.monotonic() < end and run.status["state"] != "cancelled":
            reconcile(home)
            time.sleep(0.1)
        assert run.status["state"] == "cancelled", run.log()
        together = str(time.time() + 3)
        asking = [
            subprocess.Popen(
                [sys.executable, "-c", RESUME, str(home), run.id, together],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
            for _ in range(4)
        ]  # fmt: skip
        said = [process.communicate(timeout=200) for process in asking]
        assert [error for _, error in said if error] == []
        answers = sorted(out.strip() for out, _ in said)
        assert answers.count("resumed") == 1, answers
        assert all(f"run {run.id} is" in line for line in answers if line != "resumed")
        workers = [line for line in _processes() if str(run.path) in line]
        assert len(workers) == 1, workers
        assert alive(run.status["pid"], run.status["start_time"])
    finally:
        status = run.status
        kill(status.get("pid") or 0, status.get("start_time"))


def _processes() -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "backend.runs.worker" in words:
            found.append(words)
    return found
