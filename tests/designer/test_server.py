import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

import pytest

from designer import addresses
from designer.server import PortTakenError, serve


@contextmanager
def start(tmp_path, *options, **how):
    command = [sys.executable, "-m", "designer", *options, "--port", "0", "--home", str(tmp_path)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"}, **how,
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def deaf():
    """As a shell leaves what it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize(
    ("interrupt", "before"),
    [(signal.SIGINT, None), (signal.SIGINT, deaf), (signal.SIGTERM, None)],
)
def test_server_answers_and_ends_without_a_traceback(tmp_path, interrupt, before):
    with start(tmp_path, preexec_fn=before) as process:
        address = re.search(r"http://\S+", process.stdout.readline())[0]
        began = time.monotonic()
        with urllib.request.urlopen(f"{address}api/health", timeout=20) as answer:
            assert json.load(answer)["ok"] is True
        answered = time.monotonic() - began
        process.send_signal(interrupt)
        out, err = process.communicate(timeout=30)
    assert answered < 20
    assert process.returncode == 0
    assert "Stopped" in out
    assert "Traceback" not in err


def long_solve() -> dict:
    """A minute of fixed steps, more or less, of two nodes and a thousand devices."""
    law = {"kind": "tanh", "params": {"a": 1.0, "b": -1.0, "c": 0.0}}
    devices = [{"id": f"d{k}", "source": "n1", "target": "n2", **law} for k in range(1000)]
    nodes = [{"id": "n1", "voltage": 1.0, "role": "input"}, {"id": "n2", "role": "output"}]
    part = {"duration": 1.0, "devices": devices}
    circuit = {"format": "kirchhoff-circuit/1", "name": "long", "nodes": nodes, "slices": [part]}
    settings = {"solver": "rk4", "steps": 400_000, "adjoint": False}
    return {"circuit": circuit, "settings": settings}


def test_a_solve_ends_when_its_page_is_gone(tmp_path):
    def kept():
        return set((tmp_path / "cache").glob("*.bin"))

    with start(tmp_path) as process:
        host = re.search(r"http://([^/]+)", process.stdout.readline())[1]

        def until(wanted):
            deadline = time.monotonic() + 900
            while True:
                with urllib.request.urlopen(f"http://{host}/api/health", timeout=120) as answer:
                    health = json.load(answer)
                if wanted(health):
                    return
                assert time.monotonic() < deadline, health
                time.sleep(0.05)

        # It warms up with one example of each class.
        until(lambda health: health["ready"] and len(kept()) == 2)
        before = kept()
        page = http.client.HTTPConnection(host)
        page.request("POST", "/api/sim", json.dumps(long_solve()),
                     {"Content-Type": "application/json"})  # fmt: skip
        until(lambda health: health["working"] == 1)
        page.close()
        until(lambda health: health["working"] == 0)
        # Whatever is finished is kept: this was not.
        assert kept() == before


def test_a_taken_port_is_one_line(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"Port {port} .* --port {port + 1}"):
            serve(port=port, home=tmp_path)


def test_a_taken_port_on_the_command_line(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "designer", "serve", "--port", port, "--home", str(tmp_path)],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert port in done.stderr


def test_the_printed_address_is_one_that_others_can_open(tmp_path):
    with start(tmp_path, "--host", "0.0.0.0") as process:
        address = re.search(r"http://\S+\?token=[\w-]{20,}", process.stdout.readline())[0]
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(address, timeout=30) as answer:
            assert b"Kirchhoff Studio" in answer.read()
        with opener.open(address.partition("?")[0] + "api/health", timeout=30) as answer:
            assert json.load(answer)["ok"] is True
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    others = addresses.reachable()
    assert address.startswith(f"http://{others[0]}:" if others else "http://127.0.0.1:")


def test_three_hundred_open_connections_are_answered(tmp_path):
    with start(tmp_path) as process:
        port = int(re.search(r":(\d+)/", process.stdout.readline())[1])
        asked = f"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
        with contextlib.ExitStack() as stack:
            opened = [
                stack.enter_context(socket.create_connection(("127.0.0.1", port), 30))
                for _ in range(300)
            ]
            for connection in reversed(opened):  # all stay open, the last one asks first
                connection.sendall(asked)
                assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("::1", True), ("127.0.0.9", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_what_only_this_machine_reaches(host, loopback):
    assert addresses.is_loopback(host) is loopback
    assert bool(addresses.names(host)) is not loopback
