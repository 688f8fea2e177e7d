"""What the front page asks for at once: every module behind the first picture."""

import posixpath
import re
from pathlib import Path

ENTRY = "first.mjs"
_IMPORT = re.compile(r'^(?:import|export)\b(?:[^;]*?from)? "(\.\.?/[\w/.-]+\.mjs)"', re.MULTILINE)


def reachable(folder: Path, entry: str = ENTRY) -> list[str]:
    """Paths in `folder` of `entry` and of all modules it imports, directly or not, each once."""
    found: list[str] = []
    waiting = [entry]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found.append(name)
        home = posixpath.dirname(name)
        paths = _IMPORT.findall((folder / name).read_text(encoding="utf-8"))
        waiting += [posixpath.normpath(posixpath.join(home, path)) for path in paths]
    return found


def head_tags(folder: Path) -> str:
    """Tags for the page's head: without them the browser finds the modules one after the other."""
    tags = [
        f'<link rel="modulepreload" href="/assets/modules/{name}">' for name in reachable(folder)
    ]
    script = f'<script type="module" async src="/assets/modules/{ENTRY}"></script>'
    return "\n    ".join([*tags, script])
