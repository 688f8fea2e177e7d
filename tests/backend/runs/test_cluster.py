"""Real Ray nodes on this machine: curves of several workers, a lost node, requests, refusals."""

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import pytest
import torch

from backend.errors import RunError
from backend.runs import RunDirectory, reconcile, start_run, stop_run
from backend.runs.launchers import LAUNCHERS, ray
from backend.runs.life import why_lost
from backend.training import Evaluated, TrainSpec
from backend.training.loop import Trainer
from backend.training.parts import Parts
from tests.ray_nodes import HEAD, NODES, Nodes, kill

ROOT = Path(__file__).parents[3]
ENDLESS = 100_000
needs_ray = pytest.mark.skipif(
    getattr(find_spec("ray"), "origin", None) is None or sys.platform != "linux",
    reason="Ray is not installed, or this system has but one loopback address",
)


def small(**changes) -> TrainSpec:
    given = {
        "dataset": "two_moons",
        "dataset_options": {"n": 512, "test": 50},
        "epochs": 6,
        "frame_interval": 0,
        "report_interval": 4,
        "threads": 1,
    }
    return TrainSpec.make(**{**given, **changes})


def rows(run: RunDirectory) -> list[dict]:
    return [{key: value for key, value in row.items() if key != "time"} for row in run.metrics()[0]]


def alone(spec: TrainSpec, count: int | None = None) -> list[dict]:
    """The rows of one worker that nobody interrupts, in this process."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        events = Trainer(spec, gradients=Parts()).events()
        found = [e.row() for e in islice((e for e in events if isinstance(e, Evaluated)), count)]
    finally:
        torch.set_num_threads(before)
    return [{key: value for key, value in row.items() if key != "time"} for row in found]


def wait(run: RunDirectory, *states: str, step: int = 0, **fields) -> dict:
    """The first status in one of the states with so many steps done, and with the fields."""
    end = time.monotonic() + 300
    while time.monotonic() < end:
        reconcile(run.home)
        status = run.status
        fits = all(status.get(name) == value for name, value in fields.items())
        if status["state"] in states and status["step"] >= step and fits:
            return status
        if status["state"] in ("failed", "lost"):
            break
        time.sleep(0.1)
    pytest.fail(f"{run.id}: {run.status}\n{run.log()[-2000:]}")


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    # Sockets have short names: no folder of pytest's is short enough.
    with tempfile.TemporaryDirectory(prefix="ks", ignore_cleanup_errors=True) as folder:
        cluster = Nodes(Path(folder))
        yield cluster
        for ip in (*NODES, HEAD):
            cluster.kill(ip)
        assert not [pid for ip in (*NODES, HEAD) for pid in cluster.processes(ip)]


@needs_ray
@pytest.mark.slow
def test_four_workers_learn_as_one_and_a_fifth_run_waits(nodes: Nodes, tmp_path: Path):
    spec = small(epochs=ENDLESS)
    run = start_run(spec, tmp_path, "ray", {"address": nodes.address, "workers": 4})
    assert run.status["phase"] == "starting"
    status = wait(run, "running", step=40, working=4)
    assert status["node"].split(" ")[0] in NODES
    # All four places are taken.
    other = start_run(small(), tmp_path, "ray", {"address": nodes.address})
    wait(other, "running", message="waits for a free place in the cluster")
    stop_run(tmp_path, other.id)
    assert wait(other, "cancelled")["step"] == 0
    kill(nodes.helpers()[0])
    wait(run, "running", working=3)
    step = wait(run, "running", working=4)["step"]
    wait(run, "running", step=step + 20)
    assert "the run goes on with 3 of 4, on the same curve" in run.log()
    stop_run(tmp_path, run.id)
    wait(run, "cancelled")
    assert run.checkpoint("last").meta["step"] > step
    found = rows(run)
    assert {text for ip in NODES for text in [ip] if text in run.log()} == set(NODES)
    assert found == alone(spec, len(found))


@needs_ray
@pytest.mark.slow
def test_a_run_outlives_its_worker_and_its_node_on_the_same_curve(nodes: Nodes, tmp_path: Path):
    spec = small(epochs=ENDLESS)
    run = start_run(spec, tmp_path, "ray", {"address": nodes.address, "workers": 2})
    status = wait(run, "running", step=100, working=2)
    first = status["node"].split(" ")[0]
    # Its worker alone is started again on the same node.
    kill(status["pid"])
    wait(run, "running", restarts=1)
    status = wait(run, "running", step=status["step"] + 40, working=2)
    assert status["node"].split(" ")[0] == first
    assert (run.path / "checkpoints" / "last.safetensors").exists()
    nodes.kill(first)
    before = run.status["step"]
    status = wait(run, "running", restarts=2)
    assert status["message"].startswith(f"the worker on {first} ")
    assert "goes on from the last checkpoint (2 of 5)" in status["message"]
    wait(run, "running", step=before + 40, restarts=2)
    (second,) = set(NODES) - {first}
    assert run.status["node"].split(" ")[0] == second
    assert "goes on from step" in run.log()
    stop_run(tmp_path, run.id)
    wait(run, "cancelled")
    found = rows(run)
    assert found[-1]["step"] > before
    assert found == alone(spec, len(found))


@needs_ray
def test_a_worker_that_no_node_can_hold_is_refused(nodes: Nodes, tmp_path: Path):
    run = start_run(small(threads=3), tmp_path, "ray", {"address": nodes.address})
    end = time.monotonic() + 100
    while run.status["state"] == "running" and time.monotonic() < end:
        time.sleep(0.1)
    assert run.status["state"] == "failed"
    assert "needs 3 CPU, and no node of the cluster has more than 2" in run.status["message"]


@needs_ray
@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give --address HOST:PORT"),
        ({"address": "somewhere"}, "address: expected HOST:PORT, such as 10.0.0.1:6379, got 'so"),
        ({"address": "127.0.0.1:99999"}, "address: expected HOST:PORT"),
        ({"address": "127.0.0.1:6379", "workers": 0}, "launcher ray: workers must be at least 1"),
        ({"address": "127.0.0.1:6379", "speed": 2}, "launcher ray has no speed; leave --speed out"),
    ],
)
def test_options_that_are_refused(tmp_path, given, message):
    with pytest.raises(RunError, match=message.replace(".", r"\.")):
        start_run(small(), tmp_path, "ray", given)
    assert not (tmp_path / "runs").exists()


@pytest.fixture
def silent() -> Iterator[str]:
    """An address at which nobody answers, reserved."""
    with socket.socket() as kept:
        kept.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{kept.getsockname()[1]}"


@pytest.fixture
def answering() -> Iterator[str]:
    """An address at which a connection is taken."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@needs_ray
def test_an_address_that_nobody_answers_is_refused_on_the_command_line(tmp_path, silent):
    command = [sys.executable, "-m", "designer", "train", "--dataset", "two_moons", "--home",
               str(tmp_path), "--launcher", "ray", "--address", silent]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert f"address {silent}: no Ray cluster can be reached there" in done.stderr
    assert not (tmp_path / "runs").exists()


@needs_ray
def test_workers_that_cannot_share_a_batch_are_refused(tmp_path, answering):
    place = {"address": answering, "workers": 2}
    resnet = TrainSpec.make(model="resnet", dataset="digits")
    with pytest.raises(RunError, match=r"batch normalisation .* train with one worker"):
        start_run(resnet, tmp_path, "ray", place)
    with pytest.raises(RunError, match="a batch of 64 is cut into 4 parts"):
        start_run(small(batch_size=64), tmp_path, "ray", {**place, "workers": 5})
    assert not (tmp_path / "runs").exists()


def test_without_ray_it_is_refused_and_a_local_run_takes_no_address(tmp_path, monkeypatch):
    with pytest.raises(RunError, match="launcher local has no address; leave --address out"):
        start_run(small(), tmp_path, "local", {"address": "127.0.0.1:1"})
    monkeypatch.setattr(ray.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(RunError, match=r"pip install 'kirchhoff-studio\[cluster\]'"):
        start_run(small(), tmp_path, "ray", {"address": "127.0.0.1:1"})
    assert LAUNCHERS["ray"].missing()


def test_a_kept_worker_is_given_time_to_come_back(tmp_path):
    """Its process may be gone on this very machine: what keeps it starts another one."""
    run = RunDirectory.create(small(), tmp_path, None, launcher="ray")
    status = {"pid": 2**30, "start_time": "1", "beat": 1, "owner": "a"}
    assert "ended without a word" in str(why_lost(run, status))
    assert why_lost(run, {**status, "kept": 1}) is None
