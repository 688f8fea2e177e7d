"""Where a file that a user named may be written, and how only a complete one takes its place."""

import contextlib
import os
import tempfile
from pathlib import Path

from .errors import ExportError, StudioError


def destination(path: Path) -> Path:
    """The file itself, or the one that a link stands for.

    New files take the place of old ones in one step, which would replace a pipe or a device by a
    file, and a link by what it points to.

    Raises:
        StudioError: something else than a file or a folder has this name.
    """
    try:
        found = path.resolve() if path.is_symlink() else path
    except (OSError, RuntimeError):
        raise StudioError(f"{path}: is a link to itself; choose another name") from None
    if found.exists() and not (found.is_file() or found.is_dir()):
        raise StudioError(f"{path}: is a device or a pipe; choose the name of a file")
    return found


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that its name never stands for half of it.

    Raises:
        ExportError: no such folder, no permission, or a full disk.
    """
    part: str | None = None
    path = destination(path)
    try:
        handle, part = tempfile.mkstemp(prefix=f".{path.name[:80]}.", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; an export is an ordinary one.
        os.chmod(part, 0o666 & ~_umask())
        os.replace(part, path)
    except OSError as error:
        if part is not None:
            with contextlib.suppress(OSError):
                os.unlink(part)
        raise ExportError(f"{path}: cannot be written ({error.strerror})") from None


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
