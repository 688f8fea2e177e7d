"""Junctions that are driven beyond their law are not called right."""

import math

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.errors import SolveError
from backend.simulation.operating_point import operating_point
from backend.simulation.simulate import simulate

SATURATION, IDEALITY = 1e-14, 1.0
THERMAL = 0.02585


def clamp(volts: float, series: float, start: str = "voltages") -> Circuit:
    """A source over a resistor [Ohm] and a diode to ground, beside a capacitor of 1 nF."""
    return Circuit.from_dict(
        {
            "format": "kirchhoff-circuit/2",
            "start": start,
            "nodes": [
                {"id": "in", "capacitance": 0.0},
                {"id": "out", "capacitance": 1e-9},
            ],
            "slices": [
                {
                    "duration": 1e-3,
                    "devices": [
                        {
                            "id": "supply", "kind": "voltage_source", "source": "in",
                            "target": "gnd", "params": {"voltage": volts},
                        },
                        {
                            "id": "series", "kind": "resistor", "source": "in", "target": "out",
                            "params": {"conductance": 1.0 / series},
                        },
                        {
                            "id": "clamp", "kind": "junction_diode", "source": "out",
                            "target": "gnd",
                            "params": {"saturation_current": SATURATION, "ideality": IDEALITY},
                        },
                    ],
                }
            ],
        }
    )  # fmt: skip


def test_a_junction_within_its_law_is_solved() -> None:
    """5 V over 1 kOhm: the voltage solves V = R I_s (exp(v / V_T) - 1) + v, by bisection."""
    found = operating_point(clamp(5.0, 1e3)).voltages["out"]
    low, high = 0.0, 1.0
    for _ in range(100):
        middle = 0.5 * (low + high)
        drop = 1e3 * SATURATION * math.expm1(middle / THERMAL) + middle
        low, high = (middle, high) if drop < 5.0 else (low, middle)
    assert found == pytest.approx(low, abs=1e-6)


@pytest.mark.parametrize("start", ["voltages", "operating-point"])
def test_a_junction_beyond_its_law_is_named(start: str) -> None:
    """A supply of 3 V with next to no resistance would send 1e21 A through a diode."""
    circuit = clamp(3.0, 1e-25, start)
    with pytest.raises(SolveError, match=r"'clamp' stands at .* V forward.*holds up to 2\.07 V"):
        operating_point(circuit)
    answer = simulate(circuit, outputs=5, throw=False)
    assert not answer.status.ok
    assert "'clamp'" in answer.status.message


def test_the_straight_line_of_the_fast_class_is_its_law() -> None:
    """I_s (e^32 - 1 + e^32 (x - 32)) beyond x = 32, as the device says."""
    circuit = clamp(100.0, 1.0)
    described = circuit.to_dict()
    described["slices"][0]["devices"][2] |= {
        "kind": "diode",
        "params": {"saturation_current": SATURATION, "ideality": IDEALITY},
    }
    found = operating_point(Circuit.from_dict(described)).voltages["out"]
    x = found / THERMAL
    current = SATURATION * (math.expm1(32.0) + math.exp(32.0) * (x - 32.0))
    assert x > 32.0
    assert np.isclose(current + 1e-12 * found, 100.0 - found, rtol=1e-6)
