"""Charged diodes across sources, and diodes whose inner node starts beside their anode."""

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.errors import CircuitError
from backend.simulation.nodal.softened import solvable
from backend.simulation.simulate import adjoint, simulate
from backend.waveforms.sine import Sine
from tests.named_circuits import circuit, device

JUNCTION = {
    "saturation_current": 1e-14, "ideality": 1.0, "resistance": 0.0, "capacitance": 1e-9,
    "potential": 0.7, "grading": 0.5, "transit_time": 0.0,
}  # fmt: skip


def across(resistance: float = 0.0, **drive: object) -> Circuit:
    """A charged diode across a source, beside an RC."""
    return circuit(
        {"a": 0.0, "b": 1e-6},
        [
            device("v", "voltage_source", "a", "gnd", voltage=0.0, drive=Sine(-1, 1, 1e3)),
            device("d", "junction_diode", "a", "gnd", **{**JUNCTION, "resistance": resistance}),
            device("r", "resistor", "a", "b", conductance=1e-3),
        ],
        2e-3,
        "b",
    )


def test_a_diode_across_a_source_draws_what_its_charge_says():
    """q = CJO VJ / (1 - M) (1 - (1 - v / VJ)^(1 - M)) of SPICE, its derivative by hand."""
    found = simulate(across(), outputs=401)
    v, t = found.voltages[:, 0], found.t
    np.testing.assert_allclose(v, -1 + np.sin(2e3 * np.pi * t), atol=1e-9)
    slope = 2e3 * np.pi * np.cos(2e3 * np.pi * t)
    low = np.minimum(v, 0.5 * 0.7)  # beyond it the law goes on as its tangent
    farads = 1e-9 * (1 - low / 0.7) ** -0.5
    wanted = farads * slope + 1e-14 * np.expm1(v / 0.02585)
    inner = slice(1, None)  # the first moment charges the diode
    np.testing.assert_allclose(
        found.currents[inner, 1], wanted[inner], atol=1e-3 * np.abs(wanted).max()
    )


def test_what_was_added_is_told():
    found = simulate(across(), outputs=11)
    assert list(found.added) == ["d"]
    assert 0 < found.added["d"] < 1
    assert "Ohm in series with 'd'" in found.addition
    assert found.arrays()["added_resistances"].tolist() == [found.added["d"]]
    plain = simulate(across(5.0), outputs=11)
    assert not plain.added
    assert plain.addition == ""
    assert "added_resistances" not in plain.arrays()


def test_only_circuits_that_need_it_are_changed():
    ids = [d.params["resistance"] for d in solvable(across(2.0)).circuit.devices if d.id == "d"]
    assert ids == [2.0]
    changed = [d.params["resistance"] for d in solvable(across()).circuit.devices if d.id == "d"]
    assert 0 < changed[0] <= 1e-5 / 1e-3


def amplifier(gain: float) -> Circuit:
    """An amplifier whose output holds a charge, fed back by a diode that holds one, too."""
    return circuit(
        {"in": 0.0, "n": 0.0, "out": 1e-12},
        [
            device("v", "voltage_source", "in", "gnd", voltage=0.0, drive=Sine(1.0, 0.5, 1e3)),
            device("r", "resistor", "in", "n", conductance=1e-3),
            device(
                "e", "vcvs", "out", "gnd", gain=gain, terminals={"plus": "gnd", "minus": "n"}
            ),
            device("d", "junction_diode", "n", "out", **{**JUNCTION, "capacitance": 1e-12}),
        ],
        2e-3,
        "out",
        start="operating-point",
    )  # fmt: skip


def test_a_logarithmic_amplifier():
    """v(out) = -V_T ln(1 + v(in) / (R I_s)); its gain of 1e5 and the charge are 1e-4 of it."""
    found = simulate(amplifier(1e5), outputs=101)
    wanted = -0.02585 * np.log1p(1e-3 * found.voltages[:, 0] / 1e-14)
    np.testing.assert_allclose(found.voltages[:, 2], wanted, rtol=2e-4)


def test_ideal_sources_with_positive_feedback_decide_nothing():
    found = simulate(amplifier(-1e5), outputs=101, throw=False)
    assert not found.status.ok
    assert "positive feedback" in found.status.message or found.status.state == "stopped"


def test_what_no_resistance_helps_is_refused():
    """A node that only a transistor reaches, and that a capacitor's voltage would have to be."""
    base = circuit(
        {"a": 1e-6, "b": 1e-6, "x": 0.0},
        [
            device("m", "voltage_source", "a", "b", voltage=0.0),
            device(
                "f", "cccs", "gnd", "x", gain=2.0, terminals={"control": "m"}
            ),
            device("g", "tanh", "a", "x", a=1e-3, b=0.0, c=0.0),
        ],
        1e-3,
        "b",
    )  # fmt: skip
    with pytest.raises(CircuitError, match=r"leave open|has no other way|nothing sets"):
        simulate(base)


def test_an_inner_node_starts_at_its_anode():
    """Both ends start at 5 V: nothing is charged, nothing moves."""
    base = circuit(
        {"a": 1e-9, "b": 1e-9},
        [device("d", "junction_diode", "a", "b", **{**JUNCTION, "resistance": 10.0})],
        1e-6,
        "b",
    ).with_voltages({"a": 5.0, "b": 5.0})
    np.testing.assert_allclose(simulate(base).voltages, 5.0, atol=1e-9)


@pytest.mark.parametrize("node", ["a", "b"])
def test_gradients_by_starts_pass_through_inner_nodes(node: str):
    """By a central difference of fourth order of solves at rtol 1e-10."""
    base = circuit(
        {"a": 1e-9, "b": 2e-9},
        [
            device("d", "junction_diode", "a", "b", **{**JUNCTION, "resistance": 10.0}),
            device("r", "resistor", "b", "gnd", conductance=1e-3),
        ],
        1e-6,
        "b",
    ).with_voltages({"a": 1.3, "b": 1.0})
    _, back = adjoint(base)
    assert back is not None
    start, h = {"a": 1.3, "b": 1.0}[node], 1e-3

    def end(shift: float) -> float:
        shifted = base.with_voltages({node: start + shift})
        return float(simulate(shifted, outputs=2, rtol=1e-10).voltages[-1, 1])

    wanted = (8 * (end(h) - end(-h)) - (end(2 * h) - end(-2 * h))) / (12 * h)
    found = back.gradient_voltage[base.node_ids.index(node)]
    assert found == pytest.approx(wanted, rel=1e-6)
