from pathlib import Path

import pytest

from backend.circuit import Circuit

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture
def golden() -> Path:
    return GOLDEN


@pytest.fixture
def every_kind() -> Circuit:
    """Three slices, every device kind, ground edges, parallel devices, names and labels."""
    return Circuit.from_json((GOLDEN / "every_kind.json").read_text())
