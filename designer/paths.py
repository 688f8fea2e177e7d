"""Where things lie on disk: the browser files and the user's home folder."""

import os
from pathlib import Path

_HERE = Path(__file__).parent


def assets_dir() -> Path:
    """Folder of browser files: inside the package once installed, beside it in a checkout."""
    installed = _HERE / "assets"
    return installed if installed.is_dir() else _HERE.parent / "assets"


def gallery_dir() -> Path:
    """Folder of the example circuits."""
    return _HERE / "gallery"


def home_dir(given: str | Path | None = None) -> Path:
    """HOME of the studio: `given`, else ``$KIRCHHOFF_HOME``, else ``~/.kirchhoff-studio``."""
    chosen = given or os.environ.get("KIRCHHOFF_HOME") or Path.home() / ".kirchhoff-studio"
    return Path(chosen).expanduser().resolve()
