"""Work on files of any content in a process beside the server.

What a file holds is known only once it is read, and reading is Python that nothing can interrupt.
There it takes no time from the pages, no more than its memory, and ends when nobody waits for it.
"""

import logging
import os
import re
import subprocess
import sys
import threading
import weakref
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from backend.errors import StudioError
from backend.simulation.stopping import Stopped, StopSignal

from ..config import Config
from .pace import process_seconds

MEMORY = 1024 * 2**20
"""What the work on one file may take beside the program itself [bytes]."""

KEPT = 512 * 2**20
"""A process that still holds more than this after its work makes room for a new one [bytes]; torch
alone takes half of it."""

LOOK, GRACE = 0.05, 0.5
PATIENCE = 10.0
ROOT = Path(__file__).parents[2]

TOO_LARGE = (
    f"this needs more than the {MEMORY // 2**20} MB of memory that the server gives to one file; "
    "make it smaller, or use the command line, which may take half of the machine"
)

ENDED = (
    "the process that reads files for the server was ended, perhaps for want of memory; try again, "
    "or use the command line"
)

log = logging.getLogger("kirchhoff")


class Apart:
    """The process, started when there is something to do.

    Args:
        config: of the server; the process has a ``Service`` of its own.
        memory: what its work may take [bytes].
    """

    def __init__(self, config: Config, memory: int = MEMORY) -> None:
        self.config, self.memory = config, memory
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._end: weakref.finalize | None = None
        self._pid: int | None = None

    def call(self, stop: StopSignal, name: str, *arguments: Any) -> Any:
        """What a method of the other process's ``Service`` returns.

        Args:
            stop: ends the work, by force.
            name: of the method, such as ``datasets.preview``.
            arguments: plain values and bytes.

        Raises:
            StudioError: what the method raised, or that it took too much memory.
            Stopped: ``stop`` was set.
        """
        with self._lock:
            try:
                kind, content = self._asked(stop, name, arguments)
            except (EOFError, OSError):
                self.close()
                raise StudioError(ENDED) from None
            except Stopped:
                self.close()
                raise
        if kind == "done":
            return content
        if kind == "failed":
            log.error("%s, beside the server:\n%s", name, content)
            raise RuntimeError(f"{name} failed")
        raise content

    def seconds(self) -> float:
        """Processor time of the process so far [s]."""
        return process_seconds(self._pid)

    def close(self) -> None:
        """End the process."""
        if self._end is not None:
            self._end()
        self._connection = self._end = self._pid = None

    def _asked(self, stop: StopSignal, name: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
        connection = self._started()
        connection.send((name, arguments))
        while not connection.poll(LOOK):
            # Short work is sooner done than a new process started.
            if stop.is_set and not connection.poll(GRACE):
                stop.check()
        kind, content, kept = connection.recv()
        if kept > KEPT:
            self.close()
        return kind, content

    def _started(self) -> Connection:
        if self._connection is None:
            ours, theirs = Pipe()
            process = launch(theirs)
            theirs.close()
            self._connection, self._pid = ours, process.pid
            self._end = weakref.finalize(self, _ended, ours, process)
            ours.send((self.config, self.memory))
        return self._connection


def launch(theirs: Connection) -> subprocess.Popen[bytes]:
    """A process that answers at this end of a pipe."""
    command = [sys.executable, "-m", "designer.service.file_process", str(theirs.fileno())]
    return subprocess.Popen(command, pass_fds=(theirs.fileno(),), env=_environment())


def _environment() -> dict[str, str]:
    """Ours, with this program found wherever the server was started."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _ended(connection: Connection, process: subprocess.Popen[bytes]) -> None:
    connection.close()
    process.kill()
    process.wait(PATIENCE)


def held(what: str = "VmRSS") -> int:
    """A line of this process's memory [bytes], 0 where the system does not tell."""
    try:
        text = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(rf"{what}:\s+(\d+) kB", text)
    return 1024 * int(found[1]) if found else 0
