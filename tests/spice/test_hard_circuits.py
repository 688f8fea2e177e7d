"""Netlists of hard circuits run in a real ngspice and agree with SciPy; a short form of
``benchmarks/netlists.py``, which measures two hundred of them.
"""

import shutil

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.export.ngspice import run_ngspice
from backend.export.verify import verify
from tests.hard_circuits import FAMILIES, Truth, hard_circuit

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]


@pytest.mark.parametrize("seed", [*range(len(FAMILIES)), 10, 27, 133])
def test_hard_circuits_run_and_agree(seed: int) -> None:
    """Seeds 27 and 133 stopped with "Timestep too small" before tolerances followed the circuit."""
    circuit = hard_circuit(seed)
    truth = Truth(circuit)
    t = np.linspace(0.0, circuit.duration, 101)
    expected = truth.voltages(t)
    assert expected is not None
    assert truth.distrust < 1e-6
    gap = np.abs(run_ngspice(circuit, t) - expected).max()
    assert gap <= 3e-4 * np.abs(expected).max()


def test_verify_finds_the_same() -> None:
    result = verify(hard_circuit(9))
    assert result.ok, result.text
    assert result.sure


@pytest.mark.parametrize("start", [5.0, -5.0, 50.0])
def test_a_diode_on_a_charged_capacitor(start: float) -> None:
    """C dv/dt = -I_s (exp(v / V_T) - 1): u = exp(-v / V_T) obeys du/dt = (1 - u) I_s / (C V_T)."""
    law = {"saturation_current": 1e-9, "ideality": 1.0}
    diode = Device("d", "diode", "a", "gnd", law)
    circuit = Circuit((Node("a", start),), (Slice((diode,), 1.0),))
    t = np.linspace(0, 1, 21)
    # Beyond 32 V_T the law is linear and so fast that it takes no time; below, the formula.
    u0 = np.exp(-min(start / 0.02585, 32.0))
    u = 1 + (u0 - 1) * np.exp(-t * 1e-9 / 0.02585)
    expected = -0.02585 * np.log(u)
    found = run_ngspice(circuit, t)[:, 0]
    assert found[1:] == pytest.approx(expected[1:], abs=1e-3 * abs(start))
