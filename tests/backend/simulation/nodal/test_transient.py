"""Circuits of the general class against exact solutions and conservation laws."""

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import StudioError
from backend.simulation.nodal.local import finite_poles
from backend.simulation.simulate import simulate
from backend.waveforms.sine import Sine
from tests.named_circuits import NAMED, circuit, device, divider, series_rlc


def test_a_divider_divides():
    """6 kOhm below 9 V of two resistors in series, at all times, with the current of the source."""
    found = simulate(divider())
    np.testing.assert_allclose(found["out"], 3.0, rtol=1e-12)
    np.testing.assert_allclose(found["v"], -6e-3, rtol=1e-12)
    np.testing.assert_allclose(found["r1"], 6e-3, rtol=1e-12)


def test_series_rlc_rings_as_its_formula():
    """v = 1 - exp(-a t) (cos w t + a/w sin w t), i = exp(-a t) sin(w t) / (w L)."""
    found = simulate(series_rlc())
    a, w0 = 10.0 / (2 * 1e-3), 1 / np.sqrt(1e-3 * 1e-6)
    w, t = np.sqrt(w0**2 - a**2), found.t
    fall = np.exp(-a * t)
    np.testing.assert_allclose(
        found["c"], 1 - fall * (np.cos(w * t) + a / w * np.sin(w * t)), atol=1e-6
    )
    current = fall * np.sin(w * t) / (w * 1e-3)
    for name in ("l", "r"):
        np.testing.assert_allclose(found[name], current, atol=1e-7)
    assert found.kcl_residual.max() < 1e-12


def test_an_lc_swap_keeps_its_energy():
    swap = circuit(
        {"a": 2e-9, "b": 1e-9}, [device("l", "inductor", "a", "b", inductance=1e-3)], 1e-4, "b"
    ).with_voltages({"a": 1.0})
    found = simulate(swap)
    energy = 1e-9 * found["a"] ** 2 + 0.5e-9 * found["b"] ** 2 + 0.5e-3 * found["l"] ** 2
    np.testing.assert_allclose(energy, energy[0], rtol=2e-5)


def test_capacitors_in_series_share_a_step_by_their_charge():
    """Before any current flows: charge is conserved where sources force voltages apart."""
    found = simulate(
        circuit(
            {"top": 0.0, "mid": 1e-9},
            [
                device("v", "voltage_source", "top", "gnd", voltage=3.0),
                device("c", "capacitor", "top", "mid", capacitance=2e-9),
                device("r", "resistor", "mid", "gnd", conductance=1e-6),
            ],
            1e-2,
            "mid",
        )
    )
    np.testing.assert_allclose(found["mid"], 2.0 * np.exp(-found.t * 1e-6 / 3e-9), atol=2e-6)


def test_a_source_that_drives_a_capacitor_gives_its_current():
    """i = C du/dt of a sine, though nothing in the equations is left to integrate."""
    wave = Sine(0.0, 2.0, 1e3)
    found = simulate(
        circuit(
            {"a": 1e-6},
            [device("v", "voltage_source", "a", "gnd", voltage=0.0, drive=wave)],
            2e-3,
            "a",
        )
    )
    w = 2e3 * np.pi
    np.testing.assert_allclose(
        found["v"], -1e-6 * 2 * w * np.cos(w * found.t), rtol=1e-9, atol=1e-12
    )


def test_a_circuit_of_the_fast_class_is_the_same_in_both():
    """With one capacitor too many to be fast, beside next to nothing."""
    nodes = (Node("a", 1.0), Node("b", role="output"))
    devices = (
        Device("t", "tanh", "a", "b", {"a": 0.5, "b": -0.3, "c": 0.1}),
        Device("d", "diode", "b", "a"),
        Device("s", "transconductor", "a", "b", {"gain": 0.2}),
        Device("i", "current_source", "gnd", "a", {"current": 0.05}),
    )
    fast = Circuit(nodes, (Slice(devices, 2.0),))
    extra = Device("c", "capacitor", "a", "b", {"capacitance": 1e-12})
    general = Circuit(nodes, (Slice((*devices, extra), 2.0),))
    assert not fast.general
    assert general.general
    one, two = simulate(fast), simulate(general)
    np.testing.assert_allclose(one.voltages, two.voltages, atol=3e-6)
    np.testing.assert_allclose(one.currents, two.currents[:, :4], atol=3e-6)


@pytest.mark.parametrize("name", NAMED)
def test_named_circuits_are_solved_and_obey_kirchhoff(name: str):
    found = simulate(NAMED[name]())
    assert found.status.ok, found.status
    assert found.status.error is not None
    assert found.kcl_residual.max() < 1e-9


def test_explicit_solvers_are_refused_with_the_reason():
    with pytest.raises(StudioError, match="does not solve this circuit, which has a node without"):
        simulate(divider(), solver="rk4", steps=10)


def test_a_balanced_latch_is_not_said_to_rest():
    """What tips it is below the last digit: no answer is right."""
    ends = {"plus": "q", "minus": "gnd"}
    latch = circuit(
        {"p": 1e-9, "q": 1e-9, "x": 0.0},
        [
            device("a", "tanh", "gnd", "p", a=0.0, b=0.0, c=0.0),
            device("r", "resistor", "p", "gnd", conductance=1e-3),
            device("s", "resistor", "q", "gnd", conductance=1e-3),
            device("f", "vccs", "p", "gnd", gain=3e-3, terminals=ends),
            device("b", "vccs", "q", "gnd", gain=3e-3, terminals={**ends, "plus": "p"}),
            device("y", "resistor", "x", "p", conductance=1e-3),
        ],
        1e-4,
        "p",
    )
    found = simulate(latch, throw=False)
    assert found.status.state == "inaccurate"
    assert "differ by" in found.status.message


@pytest.mark.parametrize("size", [np.inf, np.nan, 1e300, 1e160])
def test_slopes_beyond_the_range_of_numbers_have_no_poles_that_could_be_told(size: float):
    found = finite_poles(np.array([[-size, 0.0], [0.0, -1.0]]), np.array([[0.0, 0.0], [0.0, 0.0]]))
    assert not len(found)
    assert np.isfinite(finite_poles(np.array([[-1.0]]), np.array([[1e-9]]))).all()
