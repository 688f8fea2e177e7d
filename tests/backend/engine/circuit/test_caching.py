"""Compiled kernels are thrown away when any of their sources changes."""

import shutil
from pathlib import Path

import pytest

from backend.engine.circuit import (
    adaptive_cpu,
    caching,
    numba_cpu,
    scalar_adjoint,
    scalar_cpu,
    scalar_march,
)

FOLDER = Path(caching.__file__).parent


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A kernel's source among copies of all the others."""
    folder = tmp_path / FOLDER.name
    folder.mkdir()
    for path in FOLDER.glob("*.py"):
        shutil.copy(path, folder)
    for name in ("step_size.py", "rosenbrock.py"):
        shutil.copy(FOLDER.parent / name, tmp_path)
    return folder / "adaptive_cpu.py"


def test_the_stamp_belongs_to_the_text_alone(source: Path):
    first = caching._stamp(source)
    source.write_bytes(source.read_bytes())
    assert caching._stamp(source) == first


@pytest.mark.parametrize("name", ["adaptive_cpu.py", *caching.INLINED])
def test_a_change_of_the_source_or_of_what_is_inlined_changes_it(source: Path, name: str):
    before = caching._stamp(source)
    with (source.parent / name).open("a") as text:
        text.write("\n# changed\n")
    assert caching._stamp(source) != before


def test_the_listed_sources_are_all_that_kernels_import_inlined_parts_from():
    wanted = set()
    for path in FOLDER.glob("*.py"):
        if "triton" not in path.name:
            text = path.read_text()
            if "@inlined" in text or "@part" in text or "_intrinsic" in text:
                wanted.add(path.name)
    own = {
        "scalar_adjoint.py",
        "scalar_cpu.py",
        "adaptive_cpu.py",
    }  # their parts serve their own kernels only
    assert wanted - own <= set(caching.INLINED)


def test_other_kernels_do_not(source: Path):
    before = caching._stamp(source)
    (source.parent / "scalar_cpu.py").write_text("# new\n")
    assert caching._stamp(source) == before


@pytest.mark.parametrize(
    "kernel",
    [
        numba_cpu.march, numba_cpu.march_flow, numba_cpu.pull, numba_cpu.pull_flow,
        adaptive_cpu.solve, scalar_cpu.simulate, scalar_march.march, scalar_march.march_adjoint,
        scalar_adjoint.gather_along, scalar_adjoint.pull_steps,
    ],
    ids=lambda kernel: kernel.py_func.__name__,
)  # fmt: skip
def test_numba_asks_for_the_stamp(kernel):
    """numba's own stamp is the time and size of one file; a new numba may keep it elsewhere."""
    source = Path(kernel.py_func.__code__.co_filename)
    numbers = kernel.py_func.__globals__
    assert kernel._cache._cache_file._source_stamp == caching._stamp(source, numbers)


def test_a_number_from_elsewhere_changes_it(source: Path):
    assert caching._stamp(source, {"LIMIT": 32.0}) != caching._stamp(source, {"LIMIT": 31.0})
