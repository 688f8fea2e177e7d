"""One writer at a time in a folder, whichever process or thread it belongs to."""

import errno
import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 10.0
"""Seconds to wait for another writer; a write takes a hundredth."""

LOCK = ".lock"
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)  # some network disks know none


class LockedError(OSError):
    """Another process holds the folder for too long."""


@contextmanager
def locked(folder: Path, patience: float = PATIENCE) -> Generator[None]:
    """Hold `folder`; it is made when it is missing.

    The lock belongs to the open file, so that threads of one process exclude each other, too, and
    it ends with its process, however that ends.

    Raises:
        LockedError: somebody else held it for so long.
        OSError: the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        _take(handle, folder, patience)
        yield
    finally:
        os.close(handle)


def _take(handle: int, folder: Path, patience: float) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _NO_LOCKS:
                return
            if error.errno not in (errno.EAGAIN, errno.EACCES):
                raise
            if time.monotonic() > deadline:
                raise LockedError(
                    errno.EAGAIN, f"another program is writing to {folder.name}"
                ) from None
            time.sleep(0.005)
        else:
            return


def remove_parts(folder: Path, age: float = 0.0) -> None:
    """Remove what killed writers left: hidden files and folders that end in ``.part``.

    Args:
        folder: held by the caller, unless `age` tells the living from the dead.
        age: seconds since they were changed last.
    """
    from shutil import rmtree

    for part in folder.glob(".*.part"):
        try:
            if time.time() - part.stat().st_mtime < age:
                continue
            if part.is_dir() and not part.is_symlink():
                rmtree(part)
            else:
                part.unlink()
        except OSError:  # gone meanwhile, or not ours
            continue
