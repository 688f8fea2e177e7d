"""A real ngspice integrates driven and one-sided circuits and agrees with us."""

import shutil

import pytest

from backend.export.verify import verify
from tests.driven_circuits import driven_circuit

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]


@pytest.mark.parametrize("seed", range(10))
def test_random_driven_circuits(seed: int) -> None:
    """Every waveform, decades of time constants; the worst of the ten differs by 2.8e-5."""
    result = verify(driven_circuit(seed), tolerance=3e-4)
    assert result.ok, f"{seed}: {result.text}"
    assert result.largest_error > 0, "two simulators cannot agree to the last bit"
