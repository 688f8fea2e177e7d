"""Writing files so that a reader, a crash or a full disk never meets half of one."""

import errno
import json
import os
from pathlib import Path
from typing import Any

# The disk, a quota, or a limit on file sizes.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def replace_file(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Put ``data`` in the place of ``path`` in one step; the old file stays when this fails.

    Args:
        path: the file.
        data: its new content.
        sync: wait until the data are on the disk before the old file goes.

    Raises:
        OSError: no space, no permission, ...
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def overwrite_file(path: Path, data: bytes) -> None:
    """Write over an existing file in place, which needs no new space when it is not longer."""
    with path.open("r+b") as file:
        file.write(data)
        file.truncate()


def read_json(path: Path) -> Any:
    """The content of a JSON file; ``None`` when it is missing or not whole."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def reason(error: OSError) -> str:
    """Why a write failed, in plain words."""
    if error.errno in FULL:
        return "there is no space left on the disk"
    return f"the disk refused the write ({error.strerror or error})"
