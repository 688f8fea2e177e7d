"""The process that reads files beside the server, and what it may take."""

import os
import resource
import signal
import threading
import time
from pathlib import Path

import pytest

from backend.errors import CircuitError, StudioError
from backend.simulation.stopping import Stopped, StopSignal
from designer.config import Config
from designer.service.apart import Apart
from designer.service.training import MissingRunError

MB = 2**20


@pytest.fixture
def apart(config: Config):
    found = Apart(config)
    yield found
    found.close()


def table(folder: Path, rows: int) -> str:
    """A table of 40 columns."""
    path = folder / "large.csv"
    line = ",".join(str(k % 7) for k in range(40)) + "\n"
    with path.open("w") as file:
        file.write(",".join(f"c{k}" for k in range(40)) + "\n")
        for _ in range(rows):
            file.write(line)
    return str(path)


def pid_of(apart: Apart) -> int:
    """The child that runs the file process."""
    apart.call(StopSignal(), "datasets.titles")
    assert apart._end is not None
    _, _, (_, process), _ = apart._end.peek()
    command = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    assert b"designer.service.file_process" in command
    return process.pid


def test_answers_are_those_of_the_service(apart: Apart, service, rc):
    text = b"* pair\nR1 a b 2\nC1 a 0 1 IC=1\nC2 b 0 3\n.end\n"
    found = apart.call(StopSignal(), "open_file", "pair.cir", text)
    assert found == service.open_file("pair.cir", text)
    assert [node["capacitance"] for node in found["circuit"]["nodes"]] == [1, 3]


def test_what_the_user_can_mend_is_said_in_the_same_words(apart: Apart, service):
    with pytest.raises(CircuitError) as here:
        service.open_file("x.json", b"{")
    with pytest.raises(CircuitError) as there:
        apart.call(StopSignal(), "open_file", "x.json", b"{")
    assert str(there.value) == str(here.value)
    assert there.value.where == here.value.where
    with pytest.raises(MissingRunError, match="nothing"):
        apart.call(StopSignal(), "training.examples", "nothing")


def test_a_mistake_of_ours_is_logged_and_the_process_goes_on(apart: Apart, caplog):
    with pytest.raises(RuntimeError):
        apart.call(StopSignal(), "datasets.preview", "csv", 3)
    assert "Traceback" in caplog.text
    assert "csv" in apart.call(StopSignal(), "datasets.titles")


def test_too_much_memory_is_refused_in_words(config: Config, tmp_path: Path):
    path = table(tmp_path, 100_000)
    small = Apart(config, memory=60 * MB)
    try:
        with pytest.raises(StudioError, match="MB of memory that the server gives to one file"):
            small.call(StopSignal(), "datasets.preview", "csv", {"path": path})
        assert "csv" in small.call(StopSignal(), "datasets.titles")
    finally:
        small.close()


def test_work_that_nobody_waits_for_ends(apart: Apart, tmp_path: Path):
    path, stop = table(tmp_path, 150_000), StopSignal()
    pid = pid_of(apart)
    threading.Timer(0.2, stop.set).start()
    with pytest.raises(Stopped):
        apart.call(stop, "datasets.preview", "csv", {"path": path})
    assert not Path(f"/proc/{pid}").exists()
    assert "csv" in apart.call(StopSignal(), "datasets.titles")


def test_a_process_that_the_system_ended_is_started_again(apart: Apart):
    os.kill(pid_of(apart), signal.SIGKILL)
    with pytest.raises(StudioError):
        apart.call(StopSignal(), "datasets.titles")
    assert "csv" in apart.call(StopSignal(), "datasets.titles")


def test_it_does_not_outlive_its_server(config: Config):
    apart = Apart(config)
    pid = pid_of(apart)
    del apart
    assert not Path(f"/proc/{pid}").exists()


def test_a_training_on_a_file_of_the_user_has_the_limits_of_the_server(client, tmp_path: Path):
    path = tmp_path / "t.csv"
    rows = "".join(f"{k / 10},{k % 3},{'ab'[k % 2]}\n" for k in range(40))
    path.write_text("x,y,kind\n" + rows)
    fields = {"dataset": "csv", "dataset_options": {"path": str(path)}, "epochs": 100_000}
    said = client.post("/api/runs", json=fields).json
    assert "id" in said, said
    id = said["id"]
    try:
        deadline = time.monotonic() + 120
        while (shown := client.get(f"/api/runs/{id}").json)["state"] == "queued" or not (
            worker := _worker(Path(shown["path"]))
        ):
            assert time.monotonic() < deadline, shown
            time.sleep(0.05)
        kept = resource.prlimit(worker, resource.RLIMIT_DATA)
        assert kept == resource.getrlimit(resource.RLIMIT_DATA)
        assert os.getpriority(os.PRIO_PROCESS, worker) == os.getpriority(os.PRIO_PROCESS, 0)
    finally:
        client.post(f"/api/runs/{id}/stop")


def _worker(run: Path) -> int:
    import json

    return int(json.loads((run / "status.json").read_text()).get("pid") or 0)
