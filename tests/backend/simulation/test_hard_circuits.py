"""The hard circuits are what they promise, and their truth is one."""

import numpy as np
import pytest

from backend.devices import DEVICES
from tests.hard_circuits import FAMILIES, Truth, hard_circuit
from tests.reference import Reference

MANY = [hard_circuit(seed) for seed in range(120)]


def spread(values: list[float]) -> float:
    """Decades between the smallest and the largest."""
    return float(np.log10(max(values) / min(values)))


def test_they_spread_as_promised() -> None:
    assert spread([node.capacitance for circuit in MANY[::2] for node in circuit.nodes]) > 5.5
    assert spread([part.duration for circuit in MANY for part in circuit.slices]) > 6
    params = [device.params for circuit in MANY for device in circuit.devices]
    assert spread([p["conductance"] for p in params if p.get("conductance", 0) > 0]) > 5.5
    assert spread([p["saturation_current"] for p in params if "saturation_current" in p]) > 8
    assert {len(circuit.slices) for circuit in MANY} == {1, 2, 3}
    assert {device.kind for circuit in MANY for device in circuit.devices} == set(DEVICES.names())
    starts = [max(abs(node.voltage) for node in circuit.nodes) for circuit in MANY]
    assert sum(start == 0 for start in starts) >= 15, "driven from rest"
    assert sum(0 < start < 1e-5 for start in starts) >= 15, "below a microvolt or so"


def test_a_seed_is_a_circuit() -> None:
    assert hard_circuit(7) == hard_circuit(7)
    assert hard_circuit(7) != hard_circuit(8)
    assert "latch" in hard_circuit(7, "latch").name


@pytest.mark.parametrize("family", FAMILIES)
def test_the_laws_are_those_of_the_other_reference(family: str) -> None:
    for seed in range(10):
        circuit = hard_circuit(seed, family)
        one, other = Truth(circuit), Reference(circuit)
        for index, currents in enumerate(one.slices):
            with np.errstate(over="ignore"):  # its sigmoid at -1000
                expected = other.slope(index, one.start) * one.capacitance
            scale = np.abs(other.currents(index, one.start)).max(initial=1e-300)
            assert currents.net(one.start) == pytest.approx(expected, abs=1e-9 * scale)


def test_the_jacobian_is_the_slope_of_the_currents() -> None:
    for seed in range(12):
        circuit = hard_circuit(seed)
        truth = Truth(circuit)
        v = np.random.default_rng(seed).normal(0, 0.4, len(circuit.nodes))
        for currents in truth.slices:
            exact = currents.jacobian(truth.capacitance)(0.0, v) * truth.capacitance[:, None]
            h = 1e-7 * np.eye(len(v))
            rows = [(currents.net(v + e) - currents.net(v - e)) / 2e-7 for e in h]
            scale = np.abs(exact).max(initial=1e-300)
            slopes = np.array(rows).T
            assert slopes == pytest.approx(exact, rel=1e-3, abs=1e-4 * scale)


def test_two_methods_of_scipy_agree() -> None:
    for seed in (0, 7, 9, 10):
        circuit = hard_circuit(seed)
        truth = Truth(circuit)
        v = truth.voltages(np.linspace(0, circuit.duration, 21))
        assert v is not None
        assert truth.distrust < 1e-6
        assert v[0] == pytest.approx(truth.start)
