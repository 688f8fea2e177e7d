"""A run directory of an older version: everything that could be done with it still can."""

import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from backend import cli, runs
from backend.circuit.networks import settings_of

GOLDEN = Path(__file__).parents[2] / "golden" / "runs"
IDS = sorted(path.name for path in GOLDEN.iterdir() if path.is_dir())


@pytest.fixture(params=IDS)
def run(request, tmp_path: Path) -> runs.RunDirectory:
    """A copy of a kept directory in a HOME of its own."""
    path = tmp_path / "runs" / request.param
    shutil.copytree(GOLDEN / request.param, path)
    return runs.RunDirectory(path)


@pytest.fixture
def kirchhoff(monkeypatch, capsys, run):
    """Call the command line; returns what it wrote."""

    def call(*words: str) -> str:
        monkeypatch.setattr("sys.argv", ["kirchhoff", *words, "--home", str(run.home)])
        assert cli.run() == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return call


def test_it_is_listed_and_shown(run, kirchhoff):
    assert f"{run.id}  cancelled" in kirchhoff("runs", "list")
    shown = kirchhoff("runs", "show", run.id)
    assert "cancelled" in shown
    assert "test_accuracy" in shown


def test_it_does_as_well_as_it_said(run, kirchhoff, tmp_path):
    rows = run.metrics()[0]
    best = min((row for row in rows if "test_loss" in row), key=lambda row: row["train_loss"])
    kirchhoff("evaluate", run.id, "--json", str(tmp_path / "score.json"))
    found = json.loads((tmp_path / "score.json").read_text())
    # Single precision, whose last digits depend on the processor.
    assert found["loss"] == pytest.approx(best["test_loss"], rel=1e-3)
    assert found["accuracy"] == pytest.approx(best["test_accuracy"], abs=1e-6)


def test_it_is_exported(run, kirchhoff, tmp_path):
    out = tmp_path / "out.safetensors"
    kirchhoff("export", run.id, "--to", "safetensors", "-o", str(out))
    assert settings_of(out)["model"] == run.spec.model
    netlist = tmp_path / "out.cir"
    kirchhoff("export", run.id, "--to", "spice", "-o", str(netlist))
    assert netlist.read_text().count("\nC") == len(run.start_circuit().nodes)


def test_its_frames_are_replayed(run):
    circuit = run.start_circuit()
    for frame in run.frames():
        shown = run.replay(frame["epoch"], len(circuit.nodes), circuit.device_count)
        assert np.isfinite(shown["voltages"]).all()
        assert shown["voltages"].shape[1] == len(circuit.nodes)


def test_it_goes_on_to_its_end(run, kirchhoff):
    before = run.metrics()[0]
    kirchhoff("runs", "resume", run.id)
    _wait(run)
    after = run.metrics()[0]
    assert after[: len(before)] == before
    assert run.status["step"] == run.status["total"]
    assert after[-1]["test_accuracy"] >= 0.9


def _wait(run: runs.RunDirectory) -> None:
    deadline = time.monotonic() + 240
    while run.status["state"] in ("queued", "running"):
        assert time.monotonic() < deadline, run.status
        time.sleep(0.1)
    assert run.status["state"] == "done", run.status
