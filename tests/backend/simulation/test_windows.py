"""Devices that conduct for a short while only, beside voltages so even that steps grow."""

import numpy as np
import pytest

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.simulation import accuracy
from backend.simulation.simulate import adjoint, simulate

RAMP = 1e12
"""Capacitance [F] and current [A] of a ramp of 1 V/s that nothing slows."""


def tent(width: float, capacitance: float = 1.0) -> Circuit:
    """A ramp r of 1 V/s; x gets a current only while r is within ``width`` of 0.5 V.

    The tent has the area 1, so x ends at 1 / C.
    """
    k = 1.0 / width**2
    nodes = (Node("r", capacitance=RAMP), Node("x", capacitance=capacitance, role="output"))
    devices = (
        Device("ramp", "current_source", GROUND, "r", {"current": RAMP}),
        Device("on", "relu", "r", "x", {"a": k, "b": 0.0, "c": -k * (0.5 - width)}),
        Device("off", "relu", "r", "x", {"a": k, "b": 0.0, "c": -k * (0.5 + width)}),
        Device("turn", "relu", "x", "r", {"a": 0.0, "b": 2 * k, "c": -2 * k * 0.5}),
    )
    return Circuit(nodes, (Slice(devices, 1.0),))


def pulse(steep: float, width: float) -> Circuit:
    """Two sigmoids of a ramp of 1 V/s, ``width`` apart; x ends at their area over C = width."""
    nodes = (Node("r", capacitance=RAMP), Node("x", capacitance=width, role="output"))
    devices = (
        Device("ramp", "current_source", GROUND, "r", {"current": RAMP}),
        Device("on", "sigmoid", "r", "x", {"a": steep, "b": 0.0, "c": -steep * 0.5}),
        Device("off", "sigmoid", "x", "r", {"a": 0.0, "b": steep, "c": -steep * (0.5 + width)}),
    )
    return Circuit(nodes, (Slice(devices, 1.0),))


@pytest.mark.parametrize("outputs", [2, 201])
@pytest.mark.parametrize("width", [0.1, 3e-2, 1e-2, 1e-3, 1e-4, 1e-6])
def test_a_tent_is_never_passed_over(width, outputs):
    found = simulate(tent(width), outputs=outputs)
    assert found.status.ok
    assert found["x"][-1] == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("solver", ["dopri5", "rodas4", "rk4"])
@pytest.mark.parametrize("width", [3e-2, 1e-3, 1e-5])
def test_who_passes_it_over_says_so(solver, width):
    found = simulate(tent(width), solver=solver, throw=False)
    right = abs(found["x"][-1] - 1.0) < 2e-3
    assert found.status.ok == right
    assert right or "'x'" in found.status.message


def test_what_no_step_meets_is_said_with_its_time(monkeypatch):
    monkeypatch.setattr(accuracy, "ROUNDS", 0)
    found = simulate(tent(1e-4), throw=False)
    assert found.status.state == "inaccurate"
    assert found.status.time == pytest.approx(0.5, abs=1e-3)
    assert found.status.message.startswith("These voltages cannot be confirmed: something switches")


@pytest.mark.parametrize(("steep", "width"), [(1e3, 2e-2), (1e4, 1e-3), (1e6, 1e-5)])
def test_a_pulse_of_soft_devices(steep, width):
    found = simulate(pulse(steep, width))
    # The integral of sigmoid(u) - sigmoid(u - k w) over all u is k w.
    assert found["x"][-1] == pytest.approx(1.0, rel=1e-3)


@pytest.mark.parametrize("width", [1e-1, 1e-2, 1e-3])
def test_the_adjoint_passes_nothing_over_either(width):
    """x ends at area / (C dr/dt): d x / d(current) = -x / current, and dx/dv_r is 0 before."""
    circuit = tent(width)
    found, back = adjoint(circuit, outputs=201, throw=False)
    if back is None or not found.status.ok:
        assert "adjoint" in found.status.message.lower()
        assert width < 1e-2, "such a window is wide enough to be seen"
        return
    assert back.gradient["current"][0] == pytest.approx(-1 / RAMP, rel=1e-3)
    before = found.t < 0.5 - width - 0.01
    assert np.abs(back.voltages[before, 0]).max() < 1e-4 * max(1.0, np.abs(back.voltages).max())
