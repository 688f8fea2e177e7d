"""Locks between processes: one at a time changes the queue of a HOME, one works on a run.

The kernel lets go of a lock when its process ends in whatever way, so none stays behind.
"""

import contextlib
import fcntl
import time
from collections.abc import Generator
from pathlib import Path

from ..errors import RunError
from .files import unwritable

PATIENCE = 10.0
"""Seconds that a worker waits for the one before it on the same run to be gone."""

WORKER = ".worker"


@contextlib.contextmanager
def queue_lock(home: Path) -> Generator[None]:
    """Alone among all processes that change the queue of a HOME; waits for the others.

    Raises:
        UnwritableError: the folder of the runs cannot be written to.
    """
    path = home / "runs" / ".lock"
    try:
        file = path.open("a")
    except OSError as error:
        raise unwritable(path.parent, error) from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
        except OSError as error:
            raise unwritable(path, error) from None
        yield


@contextlib.contextmanager
def work_lock(
    folder: Path, patience: float = PATIENCE, taken: str = "another worker trains this run already"
) -> Generator[None]:
    """The only worker on a directory, whatever clocks and process numbers say.

    Args:
        folder: the directory, of a run or a sweep.
        patience: seconds to wait for another one to be gone.
        taken: what to say when it is not.

    Raises:
        RunError: another one works on it.
        UnwritableError: the directory cannot be written to.
    """
    path = folder / WORKER
    try:
        file = path.open("a")
    except OSError as error:
        raise unwritable(folder, error) from None
    with file:
        end = time.monotonic() + patience
        while not _taken(file.fileno()):
            if time.monotonic() > end:
                raise RunError(f"{folder}: {taken}")
            time.sleep(0.05)
        yield


def _taken(number: int) -> bool:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: the owner in status.json must do
        return True
    return True
