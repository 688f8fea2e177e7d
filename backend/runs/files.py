"""Writing files so that a reader, a crash or a full disk never meets half of one."""

import contextlib
import errno
import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any

from ..errors import RunError

# The disk, a quota, or a limit on file sizes.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PART = ".part"


class UnwritableError(RunError):
    """A folder that this process may not write to."""


class DamagedError(RunError):
    """A file of a run that cannot be what it should be; says why, without its name."""


def unwritable(path: Path, error: OSError) -> UnwritableError:
    """What to say, and do, where a folder or a file in it cannot be written."""
    if error.errno in FULL:
        return UnwritableError(f"{path}: {reason(error)}; make room")
    return UnwritableError(
        f"{path}: cannot be written ({error.strerror or error}); make it writable or name another "
        "folder with --home"
    )


def replace_file(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Put ``data`` in the place of ``path`` in one step; the old file stays when this fails.

    Args:
        path: the file.
        data: its new content.
        sync: wait until the data are on the disk before the old file goes.

    Raises:
        OSError: no space, no permission, ...
    """
    part = path.with_name(f".{path.name}.{os.getpid()}{PART}")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        # A read-only disk refuses this, too, and the first reason is the one to tell.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def overwrite_file(path: Path, data: bytes) -> None:
    """Write over an existing file in place, which needs no new space when it is not longer."""
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()


def remove_parts(folder: Path) -> None:
    """Remove what writers left that were killed: hidden files and folders ``.*.part``.

    Only where no writer is at work, which a lock must see to.
    """
    with contextlib.suppress(OSError):
        for path in folder.glob(f".*{PART}"):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                with contextlib.suppress(OSError):
                    path.unlink()


def file_data(path: Path, limit: int, after: int = 0) -> bytes:
    """The content of a regular file.

    Args:
        path: the file; a pipe would wait for ever and a device never end, so both are refused.
        limit: bytes that are accepted.
        after: the first byte that is wanted.

    Raises:
        DamagedError: says why it cannot be read.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                raise DamagedError("is no regular file")
            if found.st_size > limit:
                size = f"{found.st_size / 2**20:,.0f} MB"
                raise DamagedError(f"has {size}, more than {limit / 2**20:g} MB")
            # Not `limit` bytes: Python makes room for all of them first.
            return file.read(found.st_size - file.seek(min(after, found.st_size)))
    except OSError as error:
        raise DamagedError(f"cannot be read ({error.strerror or error})") from None


def json_data(path: Path, limit: int = 2**24) -> Any:
    """The value in a JSON file.

    Raises:
        DamagedError: says why it cannot be read.
    """
    return json_of(file_data(path, limit))


def json_of(data: bytes) -> Any:
    """The value of JSON text in UTF-8; a name that stands twice in an object is refused.

    Raises:
        DamagedError: says what is wrong with it.
    """
    try:
        return json.loads(data.decode("utf-8-sig"), object_pairs_hook=_object)
    except UnicodeDecodeError:
        raise DamagedError("is not text in UTF-8") from None
    except RecursionError:
        raise DamagedError("is nested too deeply") from None
    except ValueError as error:
        raise DamagedError(f"is no whole JSON ({str(error)[:80]})") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def reason(error: OSError) -> str:
    """Why a write failed, in plain words."""
    if error.errno in FULL:
        return "there is no space left on the disk"
    return f"the disk refused the write ({error.strerror or error})"
