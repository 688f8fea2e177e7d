"""Real sweeps: real workers, killed, taken up again, pruned; the test set is read once."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.errors import RunError
from backend.runs import open_run
from backend.runs.lock import work_lock
from backend.runs.processes import alive
from backend.sweeps import list_sweeps, open_sweep
from backend.sweeps.conduct import Conductor, prepare
from backend.sweeps.curve import curve
from backend.sweeps.spec import read_sweep
from backend.sweeps.verdict import sentence
from backend.training.evaluate import evaluate

ROOT = Path(__file__).parents[3]
SPEC = {
    "model": "counted_line", "dataset": "counted", "epochs": 4, "threads": 1, "frame_interval": 0,
    "batch_size": 40,
    "search": {"learning_rate": {"low": 0.001, "high": 0.5, "log": True},
               "batch_size": {"low": 20, "high": 80, "step": 20}},
    "sweep": {"trials": 3, "pruner": "none", "seed": 3},
}  # fmt: skip
ENDLESS = 1_000_000


@pytest.fixture(scope="module")
def searched(reads, tmp_path_factory):
    """A sweep of three trials at its end, and how often it read the test set."""
    before = len(reads.read_text().split())
    sweep, new = prepare(read_sweep(SPEC), tmp_path_factory.mktemp("home"))
    assert new
    rows = list(Conductor(sweep).events())
    assert [(row.number, row.state) for row in rows] == [
        (number, state) for number in range(3) for state in ("running", "done")
    ]
    return sweep, len(reads.read_text().split()) - before


def test_trials_are_runs_and_validation_decides(searched):
    sweep, _ = searched
    rows, result = sweep.trials, sweep.result
    assert rows[0]["settings"] == {"learning_rate": 0.01, "batch_size": 40}
    for row in rows:
        run = open_run(sweep.home, row["run"])
        assert (run.status["sweep"], run.status["trial"]) == (sweep.id, row["number"])
        assert run.status["state"] == "done"
        assert {name: getattr(run.spec, name) for name in row["settings"]} == row["settings"]
        assert not [name for name in run.metrics()[0][-1] if name.startswith("test_")]
        # The figure is that of the checkpoint that is kept, measured anew.
        measured = evaluate(run, split="validation")
        assert measured["accuracy"] == pytest.approx(row["value"], abs=1e-6)
        assert measured["loss"] == pytest.approx(row["loss"], abs=1e-5)  # float32 sums
    assert result["value"] == max(row["value"] for row in rows)
    assert result["default"] == rows[0]["value"]
    assert sweep.status["state"] == "done"


def test_the_test_set_is_read_once_and_for_the_winner(searched, reads):
    sweep, times = searched
    assert times == 1
    before = reads.read_text()
    assert list(Conductor(sweep, trials=9).events()) == []  # it is over: nothing more is tried
    assert reads.read_text() == before
    again, new = prepare(read_sweep({**SPEC, "sweep": {**SPEC["sweep"], "trials": 7}}), sweep.home)
    assert (again.path, new) == (sweep.path, False)
    tested = evaluate(open_run(sweep.home, sweep.result["run"]), split="test")["accuracy"]
    assert sweep.result["test"]["accuracy"] == pytest.approx(tested)
    assert "On the test set, read once, it gives" in sentence(sweep.result)


def test_a_second_process_is_refused(searched):
    sweep, _ = searched
    with work_lock(sweep.path), pytest.raises(RunError, match="another process carries out this"):
        list(Conductor(sweep).events())


def test_a_killed_sweep_goes_on_as_if_nothing_had_happened(searched, tmp_path):
    file = tmp_path / "spec.json"
    file.write_text(json.dumps({**SPEC, "sweep": {**SPEC["sweep"], "trials": 2}}))
    words = [sys.executable, "-m", "designer", "sweep", str(file), "--home", str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = {}
    for awaited, how in (("trial 0  begins", signal.SIGINT), ("trial 1  begins", signal.SIGKILL)):
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as one:
            assert one.stdout
            for said in one.stdout:
                if said.startswith(awaited):
                    break
            one.send_signal(how)
            ended[how] = (one.stdout.read(), one.wait())
    sweep = list_sweeps(tmp_path)[0]
    assert ended[signal.SIGINT][1] == 130
    assert f"Go on with: kirchhoff sweep --resume {sweep.id}" in ended[signal.SIGINT][0]
    assert ended[signal.SIGKILL][1] == -signal.SIGKILL
    assert sweep.status["state"] == "resting"
    assert not sweep.result
    # The same file again, in the same process as the test: `searched` shows that both are one.
    conductor = Conductor(open_sweep(tmp_path, sweep.id[:20]))
    assert [(row.number, row.state) for row in conductor.events()] == [(1, "done")]
    assert len(list((tmp_path / "runs").glob("2*"))) == 2
    kept = ("number", "state", "settings", "value", "loss", "epoch")
    whole = searched[0].trials[:2]
    assert [{name: row[name] for name in kept} for row in sweep.trials] == [
        {name: row[name] for name in kept} for row in whole
    ]


def test_pruning_stops_a_worker_that_would_never_end(reads, tmp_path):
    search = {"learning_rate": {"choices": [0.1, 0.0]}, "epochs": {"choices": [8, ENDLESS]}}
    settings = {"trials": 2, "pruner": "halving", "seed": 9}
    spec = read_sweep({**SPEC, "learning_rate": 0.1, "epochs": 8, "search": search,
                       "sweep": settings})  # fmt: skip
    sweep, _ = prepare(spec, tmp_path)
    list(Conductor(sweep).events())
    row = sweep.trials[1]
    assert row["settings"] == {"learning_rate": 0.0, "epochs": ENDLESS}  # as the seed has it
    run = open_run(tmp_path, row["run"])
    status = run.status
    assert (row["state"], status["state"]) == ("pruned", "cancelled")
    assert status["message"].startswith("pruned after epoch ")
    end = time.monotonic() + 60  # its last word comes before its end
    while alive(status["pid"], status["start_time"]) and time.monotonic() < end:
        time.sleep(0.1)
    assert not alive(status["pid"], status["start_time"])
    assert status["epoch"] < ENDLESS
    assert run.checkpoint("last").meta["epoch"] >= 1, "nothing is lost"
    assert sweep.result["winner"] == 0
    assert "which no trial beat" in sentence(sweep.result)


def test_the_curve_is_that_of_the_checkpoint_that_is_kept():
    figures = [(1.0, 0.5), (0.8, 0.6), (0.9, 0.9), (0.7, 0.55)]
    rows = [{"epoch": k, "validation_loss": loss, "validation_accuracy": share}
            for k, (loss, share) in enumerate(figures, 1)]  # fmt: skip
    rows.insert(1, {"epoch": 2, "train_loss": 3.0})
    assert [(point.epoch, point.value) for point in curve(rows, "accuracy")] == [
        (1, 0.5), (2, 0.6), (3, 0.6), (4, 0.55),
    ]  # fmt: skip


def test_a_gain_within_the_noise_of_the_validation_set_is_said_to_be():
    result = {"winner": 3, "run": "r", "objective": "accuracy", "value": 0.95, "default": 0.94,
              "beats": True, "examples": 100, "test": {"accuracy": 0.93}}  # fmt: skip
    # sqrt(0.94 x 0.06 / 100) = 2.4 %
    assert "less than one standard error of 100 examples, 2.4 %" in sentence(result)
    assert "standard error" not in sentence({**result, "examples": 10_000})
    assert sentence(result).endswith("On the test set, read once, it gives 93.0 %.")
