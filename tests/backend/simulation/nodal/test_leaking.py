"""Voltages that only leaks of junctions decide are told as such."""

import pytest

from backend.circuit import Circuit
from backend.simulation.operating_point import operating_point


def transistor(base: float | None) -> Circuit:
    """50 mV over 1 kOhm at a collector, and a base that nothing or a conductance [S] sets."""
    devices = [
        {"id": "supply", "kind": "voltage_source", "source": "in", "target": "gnd",
         "params": {"voltage": 0.05}},
        {"id": "load", "kind": "resistor", "source": "in", "target": "c",
         "params": {"conductance": 1e-3}},
        {"id": "q", "kind": "npn", "source": "c", "target": "gnd", "terminals": {"base": "b"},
         "params": {"saturation_current": 1e-17}},
    ]  # fmt: skip
    if base is not None:
        devices.append({"id": "bias", "kind": "resistor", "source": "b", "target": "gnd",
                        "params": {"conductance": base}})  # fmt: skip
    return Circuit.from_dict(
        {
            "format": "kirchhoff-circuit/2",
            "nodes": [{"id": name, "capacitance": 0.0} for name in ("in", "c", "b")],
            "slices": [{"duration": 1e-3, "devices": devices}],
        }
    )


def test_a_floating_base_is_named() -> None:
    found = operating_point(transistor(None))
    assert found.leaking == ("b",)
    assert "set b, so do not rely" in found.conditioning
    assert found.to_dict()["leaking"] == ["b"]


@pytest.mark.parametrize("base", [1e-9, 1e-6, 1e-3])
def test_a_base_with_a_resistor_is_not(base: float) -> None:
    """Next to no current flows there, so its voltage is that of ground."""
    found = operating_point(transistor(base))
    assert found.leaking == ()
    assert found.voltages["b"] == pytest.approx(0.0, abs=0.05 * 1e-12 / base + 1e-9)
