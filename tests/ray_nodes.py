"""Ray nodes on this machine, each on a loopback address of its own, that can be killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from backend.runs.processes import start_time

ROOT = Path(__file__).parents[1]
MARK = "KIRCHHOFF_TEST_NODE"
HEAD, NODES = "127.0.0.2", ("127.0.0.3", "127.0.0.4")
"""Ray takes 127.0.0.1 for any address of this machine, the others for what they are."""

HELPER = b"ray::Helper"


class Nodes:
    """A head that computes nothing, and two nodes.

    Args:
        folder: of Ray's sockets, with a short name.
        places: cores that each of the two says it has.
    """

    def __init__(self, folder: Path, places: int = 2) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind((HEAD, 0))
            self.address = f"{HEAD}:{free.getsockname()[1]}"
        port = self.address.split(":")[1]
        # So whatever node a worker is on may be killed.
        self.start(HEAD, "--head", f"--port={port}", f"--temp-dir={folder}", "--num-cpus=0",
                   "--include-dashboard=false", "--disable-usage-stats")  # fmt: skip
        for ip in NODES:
            self.start(ip, f"--address={self.address}", f"--num-cpus={places}",
                       f"--temp-dir={folder}")  # fmt: skip

    def start(self, ip: str, *arguments: str) -> None:
        environment = {
            **os.environ,
            MARK: self.mark(ip),
            "PYTHONPATH": str(ROOT),
            "OMP_NUM_THREADS": "1",
            # A node whose process is gone is dead after a second, a slow one after many.
            "RAY_health_check_period_ms": "300",
            "RAY_health_check_failure_threshold": "3",
            # As nice as this process, no nicer: a busy machine would starve them.
            "RAY_worker_niceness": "0",
        }
        command = [sys.executable, "-c", "from ray.scripts.scripts import main; main()", "start",
                   f"--node-ip-address={ip}", "--object-store-memory=80000000"]  # fmt: skip
        done = subprocess.run([*command, *arguments], env=environment, capture_output=True,
                              text=True, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def mark(self, ip: str) -> str:
        return f"{self.folder.name}-{ip}"

    def processes(self, ip: str) -> list[int]:
        """The processes of a node that live, workers included; the oldest first.

        Ray's own programs still show their environment, the others only their parents.
        """
        mark, found, parents = f"{MARK}={self.mark(ip)}".encode(), set[int](), dict[int, int]()
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, IndexError, ValueError):
                pid = int(path.name)
                state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    parents[pid] = int(parent)
                    if mark in (path / "environ").read_bytes().split(b"\0"):
                        found.add(pid)
        while more := {pid for pid, parent in parents.items() if parent in found} - found:
            found |= more
        return sorted(found)

    def kill(self, ip: str) -> None:
        """As a machine whose power fails."""
        found = {pid: start_time(pid) for pid in self.processes(ip)}
        for pid in found:
            kill(pid)
        end = time.monotonic() + 60
        while [pid for pid, began in found.items() if began and start_time(pid) == began]:
            assert time.monotonic() < end
            time.sleep(0.1)

    def helpers(self) -> list[int]:
        """Processes that compute gradients of parts for another one."""
        pids = [pid for ip in NODES for pid in self.processes(ip)]
        return [pid for pid in pids if Path(f"/proc/{pid}/cmdline").read_bytes()[:11] == HELPER]


def kill(pid: int) -> None:
    """At once; one that is gone already is no matter."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
