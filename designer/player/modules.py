"""The browser's modules as one script, without a build step.

Browsers resolve no relative import from an inline script, and a file has no server to ask. Data and
blob addresses would need a policy that lets any script in; one inline script is named by its hash.
So each module becomes a function that returns what it exports, in the order of their imports, which
has no circles (`tests/assets/architecture.test.mjs`).
"""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath

IMPORT = re.compile(
    r'^(?P<what>import|export)\s+(?P<names>\*\s+as\s+\w+|\{[^}]*\})\s+from\s+"(?P<path>[^"]+)";',
    re.MULTILINE,
)
LISTED = re.compile(r"^export\s+\{(?P<names>[^}]*)\};", re.MULTILINE)
DECLARED = re.compile(
    r"^export\s+(?P<kind>(?:async\s+)?function\*?|class|const)\s+(?P<name>[\w$]+)", re.MULTILINE
)
LEFT = re.compile(r"^\s*(?:export\b|import\b(?!\.meta))|\bimport\(", re.MULTILINE)
COMMENT = re.compile(r"^[ \t]*(?:/\*\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)


class ModuleError(Exception):
    """A module that cannot become a part of one script."""


def one_script(entry: str, read: Callable[[str], str]) -> str:
    """A script that does what importing `entry` does.

    Args:
        entry: path of a module.
        read: the text of a module by its path.

    Raises:
        ModuleError: a module is written in a way that is not foreseen here; names it.
    """
    parts: dict[str, str] = {}
    _add(entry, read, parts, ())
    return '"use strict";\n' + "".join(parts.values())


@cache
def from_folder(folder: Path, entry: str) -> str:
    """`one_script` of the modules in a folder."""
    return one_script(entry, lambda path: (folder / path).read_text(encoding="utf-8"))


def _add(
    path: str, read: Callable[[str], str], parts: dict[str, str], above: tuple[str, ...]
) -> None:
    """Enter a module behind everything that it imports."""
    if path in parts:
        return
    if path in above:
        raise ModuleError(f"{path}: imports itself, by {' -> '.join(above)}")
    text = COMMENT.sub("", read(path))
    for found in IMPORT.finditer(text):
        _add(_resolved(path, found["path"]), read, parts, (*above, path))
    parts[path] = _as_function(path, text)


def _as_function(path: str, text: str) -> str:
    exported: dict[str, str] = {}

    def imported(found: re.Match[str]) -> str:
        source = _name(_resolved(path, found["path"]))
        if found["what"] == "export":
            exported.update({new: f"{source}.{old}" for old, new in _pairs(found["names"])})
            return ""
        if found["names"].startswith("*"):
            return f"const {found['names'].split()[-1]} = {source};"
        listed = ", ".join(old if old == new else f"{old}: {new}"
                           for old, new in _pairs(found["names"]))  # fmt: skip
        return f"const {{ {listed} }} = {source};"

    def declared(found: re.Match[str]) -> str:
        exported[found["name"]] = found["name"]
        return f"{found['kind']} {found['name']}"

    def listed(found: re.Match[str]) -> str:
        exported.update({new: old for old, new in _pairs(found["names"])})
        return ""

    body = DECLARED.sub(declared, LISTED.sub(listed, IMPORT.sub(imported, text))).strip()
    if rest := LEFT.search(body):
        line = body[rest.start() :].strip().splitlines()[0]
        raise ModuleError(f"{path}: {line[:60]!r} cannot become a part of one script")
    answer = ", ".join(new if new == old else f"{new}: {old}" for new, old in exported.items())
    return f"const {_name(path)} = (() => {{\n{body}\nreturn {{ {answer} }};\n}})();\n"


def _pairs(names: str) -> list[tuple[str, str]]:
    """What ``{ a, b as c }`` lists: name there, name here."""
    words = [name.split() for name in names.strip("{} \n").split(",") if name.strip()]
    return [(each[0], each[-1]) for each in words]


def _resolved(path: str, other: str) -> str:
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / other).parts:
        if part == "..":
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def _name(path: str) -> str:
    return "$" + re.sub(r"\W", "_", path.removesuffix(".mjs"))
