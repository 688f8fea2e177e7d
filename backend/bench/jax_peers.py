"""Rows of jax and diffrax; their process is asked for one lap at a time, between the others."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np

from .authors import MEMORY_SHARE, free_memory
from .table import LIMIT_SECONDS, Arrays, Lap, LeftOut, Row
from .torch_peers import INSTALL
from .workloads import STEPS, TOLERANCE, Workload

COMPILE_SECONDS = 240.0
SCAN = "jax lax.scan rk4"
FIXED = (SCAN, "diffrax rk4")
ADAPTIVE = ("diffrax dopri5", "diffrax tsit5")


class JaxProcess:
    """The process that holds jax for one workload, started when first asked; a context manager."""

    def __init__(self, work: Workload, steps: int = STEPS, outputs: int = 1) -> None:
        self.folder = tempfile.TemporaryDirectory(prefix="kirchhoff-bench-")
        self.path = Path(self.folder.name, "workload.npz")
        np.savez(
            self.path,
            source=work.graph.source,
            target=work.graph.target,
            theta=work.theta,
            start=work.start,
            activation=work.activation,
            steps=steps,
            outputs=outputs,
            tolerance=TOLERANCE,
        )
        self.process: subprocess.Popen[str] | None = None
        self.replies: queue.Queue[str] = queue.Queue()
        self.warm: set[tuple[str, bool]] = set()
        self.dead = ""

    def __enter__(self) -> "JaxProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()
        self.folder.cleanup()

    def lap(self, row: str, gradient: bool) -> Lap:
        """One run of a row.

        Raises:
            LeftOut: jax is missing, failed or takes too long.
        """
        if self.dead:
            raise LeftOut(self.dead)
        if self.process is None:
            self._start()
        key = (row, gradient)
        keep = "" if key in self.warm else str(Path(self.folder.name, "answer.npz"))
        reply = self._ask({"row": row, "gradient": gradient, "keep": keep}, key in self.warm)
        if "missing" in reply:
            raise LeftOut(f"{reply['missing']} {INSTALL}")
        if "refused" in reply:
            raise LeftOut(str(reply["refused"]))
        self.warm.add(key)
        if reply["wall_s"] > LIMIT_SECONDS:
            raise LeftOut(f"takes more than {LIMIT_SECONDS:g} s")
        return Lap(reply["cpu_s"], reply["wall_s"], _arrays(keep) if keep else None)

    def _start(self) -> None:
        command = [sys.executable, "-m", f"{__package__}.jax_worker", str(self.path)]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"JAX_PLATFORMS": "cpu"},
        )
        threading.Thread(target=self._listen, args=[self.process], daemon=True).start()

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.replies.put(line)
        self.replies.put("")

    def _ask(self, request: dict[str, object], warm: bool) -> dict:
        assert self.process is not None
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            line = self.replies.get(timeout=LIMIT_SECONDS if warm else COMPILE_SECONDS)
        except queue.Empty:
            line, self.dead = "", "its compiler and first run take more than 240 s"
        except BrokenPipeError:
            line = ""
        if not line:
            self.dead = self.dead or "its process ended"
            self._stop()
            raise LeftOut(self.dead)
        return json.loads(line)

    def _stop(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None


def rows(process: JaxProcess, work: Workload, names: tuple[str, ...], gradient: bool) -> list[Row]:
    """The named rows; a scan whose tape does not fit computes its steps again backward."""
    made = []
    for name in names:
        label = f"{name}, checkpointed steps" if _needs_checkpoints(work, name, gradient) else name
        made.append(Row(label, _lap_of(process, label, gradient), lambda result: result, False))
    return made


def _needs_checkpoints(work: Workload, name: str, gradient: bool) -> bool:
    # Per evaluation XLA keeps both end voltages and the argument: three tensors (E, B).
    tape = 3 * 4 * STEPS * 4.0 * work.graph.devices * work.batch
    return gradient and name == SCAN and tape > MEMORY_SHARE * free_memory()


def _lap_of(process: JaxProcess, label: str, gradient: bool) -> Callable[[], Lap]:
    return lambda: process.lap(label, gradient)


def _arrays(path: str) -> Arrays:
    with np.load(path) as file:
        return tuple(file[name] for name in file.files)
