"""A real ngspice sweeps the same circuits (``.ac``) and agrees with us."""

import shutil

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.frequency_response import sources_of
from backend.simulation.nodal.signals import sweep
from designer.gallery import Gallery
from tests.general_circuits import general_circuit
from tests.named_circuits import NAMED
from tests.ngspice_sweep import response_by_ngspice

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]

TOLERANCE = 1e-3
"""Of the largest amplitude; both linearise at operating points that agree to 1e-5."""

EXAMPLES = ("divider", "rc-lowpass", "rlc-step", "bridge", "clamp", "differential-pair", "cascade")


SEEDS = (6000, 6002, 6005, 6020, 6021, 6022, 6027, 6029)
"""Circuits with one operating point that both simulators find."""


def apart(circuit: Circuit, source: str, decades: tuple[int, int] = (0, 9)) -> float:
    """The largest difference as a share of the largest amplitude."""
    f, theirs = response_by_ngspice(circuit, source, decades)
    ours = sweep(circuit, source, f.tolist()).voltages
    assert theirs is not None, "ngspice made no sweep"
    assert theirs.shape == ours.shape
    return float(np.abs(ours - theirs).max() / np.abs(theirs).max())


@pytest.mark.parametrize("name", NAMED)
def test_every_source_of_named_circuits(name: str) -> None:
    circuit = NAMED[name]()
    for source in sources_of(circuit):
        assert apart(circuit, source.name) <= TOLERANCE, source.name


@pytest.mark.parametrize("seed", SEEDS)
def test_random_circuits(seed: int) -> None:
    """Values over decades, charges of attocoulombs beside volts."""
    circuit = general_circuit(seed)
    middle = int(np.round(-np.log10(circuit.duration)))
    names = [each.name for each in sources_of(circuit) if each.name.startswith("voltage_source")]
    assert apart(circuit, names[0], (middle - 2, middle + 2)) <= TOLERANCE


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_source_of_examples(name: str) -> None:
    circuit = Circuit.from_dict(Gallery().load(name)[0])
    for source in sources_of(circuit):
        assert apart(circuit, source.name) <= TOLERANCE, source.name
