"""A run as people name it: by its folder, its id, or the beginning of its id."""

from pathlib import Path

from .directory import RunDirectory
from .door import open_run as open_by_id


def open_run(run: str | Path, home: str | Path | None = None) -> RunDirectory:
    """A training run on disk.

    Args:
        run: its folder, its id, or the beginning of one when only one fits.
        home: where runs are kept; ``None`` for ``$KIRCHHOFF_HOME`` or ``~/.kirchhoff-studio``.

    Raises:
        RunError: there is no such run, or several.
    """
    path = Path(run)
    if isinstance(run, Path) or len(path.parts) > 1:
        return RunDirectory(path)
    return open_by_id(home, run)
