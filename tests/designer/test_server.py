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


def test_other_addresses_print_a_token(tmp_path):
    with start(tmp_path, "--host", "0.0.0.0") as process:
        line = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
    assert re.search(r"\?token=[\w-]{20,}", line)
