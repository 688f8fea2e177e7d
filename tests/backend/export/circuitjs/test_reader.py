"""Texts of the Falstad simulator: what they say as a circuit, and what is refused with its line."""

import math

import numpy as np
import pytest

from backend.circuit import GROUND
from backend.errors import CircuitError
from backend.export.circuitjs import is_circuitjs, parse_circuitjs
from backend.export.circuitjs.names import ELEMENTS, escaped, unescaped
from backend.export.circuitjs.reader import DRAWN, READERS
from backend.simulation.simulate import simulate

HEAD = "$ 1 0.000005 10.2 50 5 43 5e-11\n"
CHARGING = HEAD + (
    "v 176 160 176 80 0 0 40 5 0 0 0.5\n"
    "r 176 80 384 80 0 1000\n"
    "c 384 80 448 80 0 0.000005 0 0.001\n"
    "w 448 80 448 160 0\n"
    "g 448 160 448 176 0 0\n"
    "w 176 160 448 160 0\n"
)
SAVED = (
    HEAD
    + "c 176 80 448 80 0 0.000005 0 0\nc 384 80 448 80 0 0.000005 0 0.001\ng 448 80 448 96 0 0\n"
)


def test_a_charging_capacitor_has_its_exact_course():
    circuit = parse_circuitjs(CHARGING)
    assert circuit.duration == pytest.approx(20_000 * 5e-6)
    (free,) = [node.id for node in circuit.nodes if node.drive is None]
    trajectory = simulate(circuit, outputs=51)
    exact = 5 * (1 - np.exp(-trajectory.t / 5e-3))
    column = trajectory.voltages[:, circuit.node_ids.index(free)]
    np.testing.assert_allclose(column, exact, atol=1e-5)


def test_a_source_that_hangs_in_the_air_moves_nothing():
    """The drawing of issue g06: the upper end of its source is tied to nothing."""
    text = HEAD + (
        "r 176 80 384 80 0 1000\nc 384 80 448 80 0 0.000005 0 0.001\ng 448 80 448 96 0 0\n"
        "v 176 80 176 96 0 0 40 5 0 0 0.5\n"
    )
    circuit = parse_circuitjs(text)
    trajectory = simulate(circuit, outputs=3)
    np.testing.assert_allclose(trajectory.voltages, [[0.0, 0.0, 5.0]] * 3, atol=1e-9)


def test_inductors_and_capacitors_between_nodes_swing_as_they_must():
    """Two capacitors in series, 1 uF together, and 10 mH around 5 V, begun at 1 V and 0.02 A."""
    text = HEAD.replace("0.000005", "0.00000002") + (
        "R 0 0 0 -48 0 0 40 5 0 0 0.5\nl 0 0 192 0 0 0.01 0.02\n"
        "c 192 0 192 96 0 2e-6 0.25 0\nc 192 96 192 192 0 2e-6 0.75 0\ng 192 192 192 208 0\n"
    )
    circuit = parse_circuitjs(text)
    assert [node.voltage for node in circuit.nodes] == [5.0, 1.0, 0.75]
    trajectory = simulate(circuit, outputs=41)
    omega, t = 1 / math.sqrt(0.01 * 1e-6), trajectory.t
    exact = 5 - 4 * np.cos(omega * t) + 0.02 * math.sqrt(0.01 / 1e-6) * np.sin(omega * t)
    column = trajectory.voltages[:, circuit.node_ids.index("n2")]
    np.testing.assert_allclose(column, exact, atol=2e-3)


def test_a_source_between_nodes_holds_their_difference():
    text = HEAD + (
        "c 0 0 0 64 0 1e-3 0.5 0\nc 96 0 96 64 0 1e-3 2 0\nw 0 64 96 64 0\ng 0 64 0 80 0\n"
        "v 0 0 48 0 0 1 25 2 0.5 0 0.5\nr 48 0 96 0 0 10\n"
    )
    circuit = parse_circuitjs(text)
    trajectory = simulate(circuit, outputs=41)
    low, _, high = (trajectory.voltages[:, circuit.node_ids.index(f"n{k}")] for k in (1, 2, 3))
    expected = 0.5 + 2 * np.sin(2 * np.pi * 25 * trajectory.t)
    np.testing.assert_allclose(high - low, expected, atol=1e-4)


AMPLIFIER = HEAD + (
    "R 100 0 100 -48 0 0 40 {supply} 0 0 0.5\nr 100 0 100 84 0 1000\n"
    "t 52 100 100 100 {flags} {kind} 0 0 80 default\n{ground}\n"
    "R 0 100 -48 100 0 0 40 {bias} 0 0 0.5\nr 0 100 52 100 0 100000\n"
)


@pytest.mark.parametrize(
    ("kind", "flags", "sign", "ground"),
    [(1, 0, 1, "g 100 116 100 132 0"), (-1, 1, -1, "g 100 116 100 132 0")],
)
def test_a_transistor_amplifies_as_its_equations_say(kind, flags, sign, ground):
    """i_b = (5 V - v_be) / 100 kohm, i_c = 80 i_b, v_be = V_T ln(i_c / I_s)."""
    text = AMPLIFIER.format(supply=10 * sign, bias=5 * sign, kind=kind, flags=flags, ground=ground)
    circuit = parse_circuitjs(text)
    last = dict(zip(circuit.node_ids, simulate(circuit, outputs=3).voltages[-1], strict=True))
    device = next(d for d in circuit.devices if d.kind in ("npn", "pnp"))
    v_be = 0.6
    for _ in range(50):
        current = 80 * (5 - v_be) / 1e5
        v_be = 0.025865 * math.log(current / 1e-13 + 1)
    assert last[device.terminals["base"]] == pytest.approx(sign * v_be, rel=1e-5)
    assert last[device.source] == pytest.approx(sign * (10 - 1000 * current), rel=1e-4)
    assert device.target == GROUND


def test_without_a_ground_symbol_the_first_source_stands_on_ground():
    text = HEAD + "v 0 64 0 0 0 0 40 3 0 0 0.5\nr 0 0 96 0 0 10\nc 96 0 0 64 0 1e-3 0.5 0\n"
    circuit = parse_circuitjs(text)
    assert [node.voltage for node in circuit.nodes] == [3.0, 0.5]


def test_a_source_upside_down_has_the_other_sign():
    text = CHARGING.replace("v 176 160 176 80 0 0 40 5", "v 176 80 176 160 0 0 40 5")
    assert parse_circuitjs(text).nodes[0].voltage == -5.0


def test_wires_labels_and_closed_switches_join_points():
    text = HEAD + (
        "R 0 0 0 -48 0 0 40 2 1 0 0.5\n"
        "207 0 0 32 -16 4 supply\\srail\n"
        "207 500 0 532 -16 4 supply\\srail\n"
        "s 500 0 600 0 0 0 false\n"
        "s 600 0 900 900 0 1 false\n"
        "370 600 0 700 0 1 0\n"
        "r 700 0 800 0 0 100\n"
        "c 800 0 800 64 0 1e-6 0.25 0\n"
        "209 800 64 800 0 0 1e-6 -0.75 0 1\n"
        "g 800 64 800 80 0\n"
        "O 800 0 848 0 0 0\n"
        "x 10 10 20 20 4 24 a\\ stext\n"
        "o 0 64 0 4099 5 0.1 0 1\n"
    )
    circuit = parse_circuitjs(text)
    supply, out = circuit.nodes
    assert (supply.id, supply.voltage) == ("supply rail", 3.0)
    assert (out.capacitance, out.voltage, out.role) == (2e-6, 0.5, "output")
    (device,) = circuit.devices
    assert (device.source, device.target) == (supply.id, out.id)


def test_places_are_those_of_the_drawing_stretched_alike():
    circuit = parse_circuitjs(CHARGING)
    assert [(node.x, node.y) for node in circuit.nodes] == [(176, 80), (384, 80)]
    small = CHARGING.replace("384", "192")
    one, other = parse_circuitjs(small).nodes
    assert math.hypot(one.x - other.x, one.y - other.y) >= 87
    assert one.y == other.y


def test_current_flows_from_the_first_point_to_the_second():
    text = HEAD + "i 0 64 0 0 0 0.02\nc 0 0 0 64 0 1e-3 0 0\ng 0 64 0 80 0\n"
    (device,) = parse_circuitjs(text).devices
    assert (device.source, device.target, device.params["current"]) == (GROUND, "n1", 0.02)
    trajectory = simulate(parse_circuitjs(text), outputs=3)
    assert trajectory.voltages[-1, 0] == pytest.approx(0.02 * 0.1 / 1e-3)


DIODE = HEAD + "{model}d 0 0 0 64 {flags}\nc 0 0 0 64 0 1e-3 0 0\ng 0 64 0 80 0\n"


@pytest.mark.parametrize(
    ("flags", "model", "volts", "amperes"),
    [
        ("2 spice-default", "", 0.6, 1e-14 * math.expm1(0.6 / 0.025865)),
        ("1 0.805904783", "", 0.805904783, 1.0),
        ("0", "", 0.805904783, 1.0),
        ("2 my\\sown", "34 my\\sown 0 1e-9 0 1.5 0 0\n", 0.5, 1e-9 * math.expm1(0.5 / 0.0387975)),
    ],
)
def test_diodes_carry_the_current_of_their_model(flags, model, volts, amperes):
    (device,) = parse_circuitjs(DIODE.format(flags=flags, model=model)).devices
    params = device.params
    ours = params["saturation_current"] * math.expm1(volts / (params["ideality"] * 0.02585))
    assert ours == pytest.approx(amperes, rel=1e-6)


REFUSED = {
    "an element of another class": ("a 0 0 64 0 0 15 -15 1000000\n", "line 5: 'a' is an operat"),
    "a MOSFET": ("f 0 0 64 0 32 1.5 0.02\n", "'f' is a MOSFET, which is not read here"),
    "a transistor's model": ("t 0 0 64 0 0 1 0.5 0.6 100 mine\n", "names the model 'mine'; those"),
    "a transistor's kind": ("t 0 0 64 0 0 2 0.5 0.6 100\n", "line 5: the transistor is of kind 2"),
    "a transistor without length": ("t 0 0 0 0 0 1\n", "line 5: the transistor has no length"),
    "no inductance": ("l 176 80 384 80 0 0 0\n", "line 5: .*inductance must be at least"),
    "an unknown element": ("777 0 0 64 0 0\n", "line 5: the element '777' is unknown"),
    "a short": ("r 384 80 384 80 0 1\n", "line 5: both ends of the resistor are joined"),
    "no resistance": ("r 176 80 448 80 0 0\n", "line 5: the resistance is 0 ohm"),
    "a word": ("r 176 80 448 80 0 big\n", "line 5: 'big' is not a finite number"),
    "too large": ("r 176 80 448 80 0 1e999\n", "line 5: '1e999' is not a finite number"),
    "half a point": ("r 176 80 448 8.5 0 1\n", "line 5: '8.5' is not a whole number"),
    "no value": ("r 176 80 448 80 0\n", "line 5: the line ends too early"),
    "no point": ("r 176\n", "line 5: 'r' needs two points and flags"),
    "no capacitance": ("c 176 80 384 80 0 -1e-6 0 0\n", "line 5: the capacitance is -1e-06 F"),
    "lossy capacitor": ("c 176 80 448 80 4 1e-6 0 0 3\n", "series resistance of 3 ohm"),
    "two sources": (
        "R 176 80 0 0 0 0 40 5 0 0 0.5\nR 176 80 0 0 0 0 40 6 0 0 0.5\n",
        "line 6: the voltage rail holds the node at",
    ),
    "grounded source": ("R 448 80 0 0 0 0 40 5 0 0 0.5\n", "line 5: the voltage rail is tied to"),
    "held capacitor": ("R 384 80 0 0 0 0 40 5 0 0 0.5\n", "take the capacitor out"),
    "noise": ("R 176 80 0 0 0 6 40 5 0 0 0.5\n", "line 5: of the voltage rail, its waveform is"),
    "fast": ("R 176 80 0 0 0 1 1e9 5 0 0 0.5\n", r"line 5: .*1e\+08 of its periods pass within"),
    "breakdown": ("d 176 80 384 80 2 1N4148\n", "'1N4148' has a series resistance of 0.6458 ohm"),
    "no such model": ("d 176 80 384 80 2 mine\n", "the model 'mine', which no line describes"),
    "soft current": ("i 176 80 384 80 0 0.1 5\n", "line 5: the current source gives up at 5 V"),
    "meter": ("p 176 80 384 80 0 0 0 1e6\n", r"line 5: the voltmeter has 1e\+06 ohm"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_has_no_counterpart_is_refused_with_its_line(name):
    line, sentence = REFUSED[name]
    with pytest.raises(CircuitError, match=sentence) as caught:
        parse_circuitjs(SAVED + line)
    assert str(caught.value).startswith("Falstad circuit, line ")
    assert "\n" not in str(caught.value)


def test_a_drawing_without_anything_is_refused():
    with pytest.raises(CircuitError, match="there is no ground"):
        parse_circuitjs(HEAD + "x 0 0 1 1 4 24 nothing\n")
    with pytest.raises(CircuitError, match="no node beside ground"):
        parse_circuitjs(HEAD + "g 0 0 0 16 0\n")


def test_the_first_line_tells_the_format():
    assert is_circuitjs(CHARGING)
    assert not is_circuitjs("title\nR1 a 0 1k\n")
    assert not is_circuitjs('{"format": "kirchhoff-circuit/1"}')


def test_every_element_has_one_place():
    assert not set(ELEMENTS) & set(READERS)
    assert not (set(ELEMENTS) | set(READERS)) & DRAWN


@pytest.mark.parametrize("text", ["", "a b", "a+b=c#d&e\\f", "zwei\nZeilen", "µF \\s"])
def test_words_hold_any_text(text):
    word = escaped(text)
    assert len(word.split()) == 1
    assert "+" not in word
    assert unescaped(word) == text
