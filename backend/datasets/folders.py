"""Where the files of data sets are looked for, and where downloads go."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import StudioError
from ..params import Param

DATA_VARIABLE = "KIRCHHOFF_DATA"
HOME_VARIABLE = "KIRCHHOFF_HOME"
PATH_LENGTH = 4000

DATA_DIR = Param("data_dir", "", doc="Folder of data files; empty for the usual places.")


def own_path(text: str) -> Path:
    """A path that a user wrote, ``~`` for the home folder.

    Raises:
        StudioError: no file can have such a name.
    """
    if "\0" in text or len(text) > PATH_LENGTH or not text.isprintable():
        raise StudioError(f"path {text[:60]!r}: no file can have this name; correct the path")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        raise StudioError(f"path {text[:60]!r}: there is no such user; correct it") from None


def home_data() -> Path:
    """``data`` in ``$KIRCHHOFF_HOME``, else in ``~/.kirchhoff-studio``."""
    home = os.environ.get(HOME_VARIABLE) or Path.home() / ".kirchhoff-studio"
    return Path(home) / "data"


def search_folders(chosen: str = "") -> list[Path]:
    """Folders that may hold data, in the order in which they are looked through.

    Args:
        chosen: a data set's own option ``data_dir``; then no other folder counts.
    """
    if chosen:
        return [Path(chosen).expanduser()]
    named = os.environ.get(DATA_VARIABLE)
    return [*([Path(named).expanduser()] if named else []), home_data()]


def download_folder(chosen: str = "") -> Path:
    """The first of the search folders that can be written to or made."""
    folders = search_folders(chosen)
    for folder in folders:
        if folder.is_dir() and os.access(folder, os.W_OK):
            return folder
    return folders[-1]


def use_folders(data_dir: str | Path | None, home: str | Path | None) -> None:
    """Make ``--data-dir`` and ``--home`` count in this process and in the workers it starts.

    Workers inherit the environment; the folders are made absolute because they may work elsewhere.
    """
    if home:
        os.environ[HOME_VARIABLE] = str(Path(home).expanduser().absolute())
    if data_dir:
        os.environ[DATA_VARIABLE] = str(Path(data_dir).expanduser().absolute())


def find_file(folders: Iterable[Path], names: Sequence[str]) -> Path | None:
    """The first existing file of these names; every folder is tried before the next name."""
    places = list(folders)
    return next((path / name for name in names for path in places if (path / name).is_file()), None)
