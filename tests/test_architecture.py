"""Who may import whom; the table of the house, read from the source."""

import ast
import sys
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
WEB = {"designer", "dash", "plotly", "flask", "dash_cytoscape", "dash_mantine_components"}
DOORS = ("designer/service/", "designer/serialize.py", "designer/__main__.py")
SOURCES = [path for folder in ("backend", "designer") for path in (ROOT / folder).rglob("*.py")]


@cache
def imported(path: Path) -> set[str]:
    """Absolute names of everything a file imports, also inside functions."""
    package = path.relative_to(ROOT).parts[:-1]
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = list(package[: len(package) - node.level + 1]) if node.level else []
            module = ".".join([*base, *([node.module] if node.module else [])])
            found.add(module)
            found |= {f"{module}.{alias.name}" for alias in node.names}
    return found


def roots(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_import_rule(path):
    names, place = imported(path), named(path)
    if place.startswith("backend/"):
        assert not roots(names) & WEB
        return
    if not place.startswith("designer/service/"):
        assert "torch" not in roots(names)
    if not place.startswith(DOORS):
        assert "backend" not in roots(names)
    if place.startswith("designer/panels/") and path.name != "__init__.py":
        own = f"designer.panels.{path.stem}"
        panels = {n for n in names if n.startswith("designer.panels.")}
        assert not {n for n in panels if not n.startswith(own)}


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_files_stay_small(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def of_the_standard_library() -> set[Path]:
    """Files that need nothing else, neither themselves nor through what they import of ours."""
    parts = {path: path.relative_to(ROOT).with_suffix("").parts for path in SOURCES}
    own = {".".join(p[:-1] if p[-1] == "__init__" else p): path for path, p in parts.items()}
    found = {path: imported(path) for path in SOURCES}
    allowed = {*sys.stdlib_module_names, "backend", "designer"}
    plain = {path for path, names in found.items() if roots(names) <= allowed}
    while more := {p for p in plain if {own[n] for n in found[p] if n in own} - plain}:
        plain -= more
    return plain


def test_files_of_the_standard_library_are_checked_strictly():
    """Where every type is known there is no reason to be lax."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    strict = {path for entry in settings["tool"]["pyright"]["strict"]
              for path in (ROOT / entry, *(ROOT / entry).rglob("*.py"))}  # fmt: skip
    lax = sorted(map(named, of_the_standard_library() - strict))
    assert not lax, "list them as strict in pyproject.toml"
    assert len(strict) > 50


def test_solvers_know_no_documents():
    for path in (ROOT / "backend" / "solvers").rglob("*.py"):
        names = imported(path)
        assert not {n for n in names if n.startswith("backend.circuit")}, path


ORDER = (
    "expressions",
    "devices",
    "waveforms",
    "engine",
    "circuit",
    "topologies",
    "solvers",
    "simulation",
    "models",
    "changes",
    "datasets",
    "training",
    "runs",
    "sweeps",
    "export",
    "bench",
    "cli",
)
"""Folders of the backend: each knows files at the root, itself, and folders before it."""

STRANGERS = {
    "engine": {"waveforms"},
    "topologies": {"engine"},
    "solvers": {"circuit", "topologies", "waveforms"},
    "datasets": {"changes", "circuit", "engine", "models", "simulation", "solvers", "topologies"},
    "training": {"solvers", "simulation", "topologies"},
    "runs": {"solvers", "simulation", "topologies"},
    "sweeps": {"solvers", "simulation", "topologies"},
    "export": {"training", "runs", "sweeps"},
}
"""Folders before it that a folder knows nothing of, since something between hides them."""


def folders_imported(path: Path) -> set[str]:
    parts = (name.split(".") for name in imported(path) if name.startswith("backend."))
    return {words[1] for words in parts if words[1] in ORDER}


@pytest.mark.parametrize("part", ORDER)
def test_each_folder_knows_only_what_stands_before_it(part):
    allowed = set(ORDER[: ORDER.index(part) + 1]) - STRANGERS.get(part, set())
    for path in (ROOT / "backend" / part).rglob("*.py"):
        found = folders_imported(path) - allowed
        assert not found, f"{named(path)} imports {sorted(found)}"


def test_files_at_the_root_know_no_folder():
    for path in (ROOT / "backend").glob("*.py"):
        if path.name != "__init__.py":
            assert not folders_imported(path), named(path)


def test_every_folder_has_its_place():
    found = {path.parent.name for path in (ROOT / "backend").glob("*/__init__.py")}
    assert found == set(ORDER)


def test_folders_stay_small():
    """Somebody who opens one sees what is there."""
    counts = Counter(path.parent for path in SOURCES)
    assert max(counts.values()) <= 32, counts.most_common(1)


EXPORTING = ("export/", "bench/", "cli/", "__init__.py")
"""What may know of export: itself, commands and benchmarks, and the public names."""


@pytest.mark.parametrize("part", ["scan", "collide"])
def test_the_operators_know_no_circuits(part):
    """Cascades and collisions are numbers in, numbers out: torch, numba, the project's errors."""
    allowed = ("backend.engine", "backend.errors", "backend.registry")
    for path in (ROOT / "backend" / "engine" / part).rglob("*.py"):
        own = {n for n in imported(path) if n.startswith("backend.")}
        assert not {n for n in own if not n.startswith(allowed)}, path


def test_nothing_below_it_knows_export():
    for path in (ROOT / "backend").rglob("*.py"):
        if not path.relative_to(ROOT / "backend").as_posix().startswith(EXPORTING):
            found = {name for name in imported(path) if name.startswith("backend.export")}
            assert not found, f"{named(path)} imports {sorted(found)}"


def test_starting_the_server_imports_no_torch():
    """Torch takes seconds; the page must be up before."""
    import subprocess

    code = (
        "import sys, tempfile, pathlib\n"
        "from designer.app import create_app\n"
        "from designer.config import Config\n"
        "app = create_app(Config(home=pathlib.Path(tempfile.gettempdir()) / 'none'))\n"
        "app.layout()\n"
        "assert 'torch' not in sys.modules, 'torch'\n"
        "assert 'sklearn' not in sys.modules, 'sklearn'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
