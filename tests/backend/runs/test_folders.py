"""Which folders a run's worker looks into: those of whoever asked for the run."""

import gzip
import json
import os
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from backend.runs import open_run, reconcile, start_run, stop_run
from backend.training import TrainSpec

ROOT = Path(__file__).parents[3]
LONG = {"dataset": "two_moons", "epochs": 100_000, "frame_interval": 0}


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """A folder with a tiny set in MNIST's format: bars, upright or lying."""
    folder = tmp_path / "data" / "mnist"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for part, count in (("train", 40), ("t10k", 20)):
        y = rng.integers(0, 2, count).astype(np.uint8)
        x = rng.integers(0, 30, (count, 28, 28)).astype(np.uint8)
        x[y == 0, :, 12:16] = 255
        x[y == 1, 12:16, :] = 255
        with gzip.open(folder / f"{part}-images-idx3-ubyte.gz", "wb") as file:
            file.write(struct.pack(">IIII", 2051, count, 28, 28) + x.tobytes())
        with gzip.open(folder / f"{part}-labels-idx1-ubyte.gz", "wb") as file:
            file.write(struct.pack(">II", 2049, count) + y.tobytes())
    return folder.parent


def wait(home: Path, name: str, *states: str) -> dict:
    end, status = time.monotonic() + 280, {}
    while time.monotonic() < end:
        reconcile(home)
        status = open_run(home, name).status
        if status["state"] in states:
            return status
        time.sleep(0.1)
    pytest.fail(f"{status}\n{open_run(home, name).log()}")


@pytest.mark.slow
def test_a_queued_run_keeps_its_folder_of_data_whoever_starts_it(tmp_path, images, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.delenv("KIRCHHOFF_DATA", raising=False)
    first = start_run(TrainSpec.make(**LONG), home)
    try:
        monkeypatch.setenv("KIRCHHOFF_DATA", str(images))
        options = {"n": 40, "test": 20}
        spec = TrainSpec.make(
            dataset="mnist", dataset_options=options, epochs=1, check_finer="never",
            model_options={"channels": 1, "deep_channels": 1}, frame_interval=0,
        )  # fmt: skip
        second = start_run(spec, home)
        assert second.status["state"] == "queued"
        # Now somebody who knows no such folder moves the queue on.
        monkeypatch.delenv("KIRCHHOFF_DATA")
    finally:
        stop_run(home, first.id)
    wait(home, first.id, "cancelled")
    assert wait(home, second.id, "done", "failed", "lost")["state"] == "done", second.log()


@pytest.mark.slow
def test_the_command_line_writes_the_folder_into_the_spec(tmp_path, images):
    home = tmp_path / "home"
    command = [
        sys.executable, "-m", "designer", "train", "--dataset", "mnist", "--data-dir", "data",
        "--home", str(home), "--set", "n=40", "--set", "test=20", "--set", "epochs=1",
        "--set", "channels=1", "--set", "deep_channels=1",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("KIRCHHOFF_DATA", None)
    answer = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    path = Path(answer.stdout.split()[1])
    assert TrainSpec.read(path / "spec.json").dataset_options["data_dir"] == str(images)
    row = json.loads((path / "metrics.jsonl").read_text().splitlines()[-1])
    assert {"test_accuracy", "finer_accuracy", "peak_voltage"} <= set(row)
    assert "finer_accuracy" in answer.stdout
    assert "peak_voltage" in answer.stdout
