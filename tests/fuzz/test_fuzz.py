"""The short form of the fuzz program; the long one is ``python -m tests.fuzz``."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MEMORY = 1000
"""Megabytes that no input may make the process take."""


def campaign(tmp_path: Path, *words: str) -> dict:
    """The findings of a campaign in a process of its own, whose memory is its own."""
    out = tmp_path / "found.json"
    command = [sys.executable, "-W", "ignore", "-m", "tests.fuzz", "--json", str(out), *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert out.exists(), done.stderr[-2000:]
    return json.loads(out.read_text())


def test_no_reader_fails_in_another_way_than_words(tmp_path: Path):
    found = campaign(tmp_path, "--count", "900", "--requests", "0", "--seed", "8")["readers"]
    assert found["failures"] == {}
    assert sum(found["counts"].values()) == 900
    for name in ("circuit", "safetensors", "pt", "checkpoint", "netlist", "table", "spec", "frame"):
        assert found["counts"][f"{name} refused"], "the inputs are not strange enough"
    for name in ("circuit", "pt", "table", "netlist"):
        assert found["counts"][f"{name} read"], "the inputs are too strange to get anywhere"
    assert found["memory_mb"] < MEMORY


def test_no_request_is_answered_with_a_failure_of_the_server(tmp_path: Path):
    found = campaign(tmp_path, "--count", "0", "--requests", "200", "--seed", "8")["http"]
    assert found["failures"] == {}
    assert sum(found["counts"].values()) == 200
    assert found["counts"]["status 200"] > 10
    assert found["memory_mb"] < MEMORY
