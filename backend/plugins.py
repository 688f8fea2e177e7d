"""Files of users that register models, devices, data sets and the like.

``KIRCHHOFF_PLUGINS`` lists them: paths of ``.py`` files or names of modules, separated as in
``PATH``. Every program of the studio (command line, server, workers) loads them as it starts.
"""

import os
import sys
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from .errors import StudioError, quoted

VARIABLE = "KIRCHHOFF_PLUGINS"


def listed() -> list[str]:
    """What the variable names, files by their absolute paths."""
    names = os.environ.get(VARIABLE, "").split(os.pathsep)
    return [os.path.abspath(name) if name.endswith(".py") else name for name in names if name]


def load() -> None:
    """Import everything that is listed, once.

    Raises:
        StudioError: names what could not be imported, and why.
    """
    for name in listed():
        try:
            _import(name)
        except StudioError as error:
            raise StudioError(f"{VARIABLE}: {quoted(name)}: {error}") from None
        except Exception as error:  # whatever a user's file raises
            why = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
            raise StudioError(f"{VARIABLE}: {quoted(name)} cannot be loaded ({why})") from None


def _import(name: str) -> None:
    if not name.endswith(".py"):
        import_module(name)
        return
    path = Path(name)
    if path.stem in sys.modules:
        known = getattr(sys.modules[path.stem], "__file__", None)
        if known and Path(known).resolve() == path.resolve():
            return
        raise StudioError(f"a module {path.stem} is loaded already; give the file another name")
    spec = spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise StudioError("this is no Python file")
    module = module_from_spec(spec)
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[path.stem]
        raise
