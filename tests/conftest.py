"""Settings of the whole suite: determinism, and what may not be skipped in CI."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from jaxtyping import install_import_hook

from tests import shapes

settings.register_profile(
    "suite",
    derandomize=True,
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")

SHAPED = (
    "backend.circuit.compile",
    "backend.models.operator",
    "backend.simulation.trajectory",
)
"""Modules whose functions are asked, at every call, for the types and shapes that they declare."""

install_import_hook(SHAPED, f"{shapes.__name__}.checked")

PROGRAMS = {"e2e": "chromium", "spice": "ngspice"}


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One process more than cores: tests of pages and of other processes wait half their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    required = os.environ.get("KIRCHHOFF_REQUIRE", "").split()
    for marker, program in PROGRAMS.items():
        if shutil.which(program):
            continue
        if program in required:
            raise pytest.UsageError(f"{program} is required here and was not found")
        skip = pytest.mark.skip(reason=f"{program} is not installed")
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(skip)


@pytest.fixture(scope="session", autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home folder of the tests' own, so that data sets keep nothing in the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KIRCHHOFF_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; tests that need it skip elsewhere."""
    folder = Path(os.environ.get("KIRCHHOFF_DATA", "../shared/data"))
    if not folder.is_dir():
        pytest.skip(f"no data folder at {folder}; set KIRCHHOFF_DATA")
    return folder
