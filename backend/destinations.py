"""Where a file that a user named may be written."""

from pathlib import Path

from .errors import StudioError


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
