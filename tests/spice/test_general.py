"""A real ngspice integrates circuits of the general class and agrees with us."""

import shutil

import numpy as np
import pytest

from backend.export.netlist_import import parse_netlist
from backend.export.ngspice import rest_by_ngspice
from backend.export.spice import netlist
from backend.export.verify import verify
from backend.simulation.operating_point import operating_point
from tests.general_circuits import general_circuit
from tests.named_circuits import NAMED, circuit, device

pytestmark = [
    pytest.mark.spice,
    pytest.mark.skipif(shutil.which("ngspice") is None, reason="ngspice is not on PATH"),
]

SEEDS = (1, 3, 8, 10, 12, 20, 23, 25, 29, 59)
"""Circuits that both simulators can decide; ``benchmarks.general`` draws hundreds and counts."""


@pytest.mark.parametrize("name", NAMED)
def test_named_circuits(name: str) -> None:
    result = verify(NAMED[name](), tolerance=1e-3)
    assert result.ok, result.text


def test_a_charged_diode_starts_charged() -> None:
    """ngspice ignores the IC of a diode; nodes that are held at 0 s charge it."""
    junction = {
        "saturation_current": 1e-14, "ideality": 1.0, "resistance": 10.0, "capacitance": 1e-9,
        "potential": 0.7, "grading": 0.5, "transit_time": 1e-9,
    }  # fmt: skip
    base = circuit(
        {"a": 1e-10, "b": 2e-10},
        [
            device("d", "junction_diode", "a", "b", **junction),
            device("r", "resistor", "b", "gnd", conductance=1e-3),
        ],
        1e-5,
        "b",
    ).with_voltages({"a": -3.0, "b": 0.5})
    result = verify(base, tolerance=1e-3)
    assert result.ok, result.text


@pytest.mark.parametrize("seed", SEEDS)
def test_random_circuits(seed: int) -> None:
    result = verify(general_circuit(seed), tolerance=1e-3)
    assert result.ok, f"{seed}: {result.text}"


@pytest.mark.parametrize("name", ["divider", "differential pair", "inverters"])
def test_operating_points(name: str) -> None:
    """ngspice stops its iteration at reltol 1e-6 of these cards."""
    base = NAMED[name]()
    ours = operating_point(base)
    theirs = rest_by_ngspice(base)
    wanted = np.array([ours.voltages[node] for node in base.node_ids])
    np.testing.assert_allclose(theirs, wanted, atol=1e-5 * np.abs(wanted).max())


@pytest.mark.parametrize("name", NAMED)
def test_our_netlists_come_back_whole(name: str) -> None:
    base = NAMED[name]()
    assert parse_netlist(netlist(base)) == base
