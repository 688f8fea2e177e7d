"""Frequency responses and what poles do, against formulas and scipy.signal."""

import csv
import math

import numpy as np
import pytest
from scipy import signal

from backend.circuit import Circuit, Device, Node, Slice
from backend.errors import StudioError
from backend.simulation.frequency_response import frequency_response, sources_of
from backend.simulation.nodal.modes import modes, shown_frequencies, shown_range, stable
from backend.simulation.nodal.signals import poles, sweep
from backend.simulation.operating_point import operating_point
from backend.waveforms.sine import Sine
from tests.named_circuits import circuit, device, differential_pair, series_rlc

LOWPASS_R, LOWPASS_C = 1e3, 1e-6


def lowpass() -> Circuit:
    return circuit(
        {"in": 0.0, "out": 0.0},
        [
            device("v", "voltage_source", "in", "gnd", voltage=0.0, drive=Sine(0, 1, 1e3)),
            device("r", "resistor", "in", "out", conductance=1 / LOWPASS_R),
            device("c", "capacitor", "out", "gnd", capacitance=LOWPASS_C),
        ],
        1e-2,
        "out",
    )


def test_a_low_pass_bends_where_its_pole_lies():
    corner = 1 / (2 * math.pi * LOWPASS_R * LOWPASS_C)
    found = frequency_response(lowpass(), low=corner, high=1e3 * corner, points=4)
    assert found.source == "v"
    assert found.frequencies == pytest.approx(corner * np.array([1, 10, 100, 1000]))
    assert found.decibels[0, 1] == pytest.approx(-10 * math.log10(2), rel=1e-9)
    assert found.degrees[0, 1] == pytest.approx(-45.0)
    assert found.decibels[3, 1] == pytest.approx(-60.0, abs=1e-4)
    assert found.degrees[:, 0] == pytest.approx(0.0)


@pytest.mark.parametrize("ohms", [0.1, 2.0, 200.0])
def test_a_resonance_is_that_of_scipy_and_its_peak_is_met(ohms: float):
    """The largest of |1 / (1 + s R C + s^2 L C)| is 1 / (2 d sqrt(1 - d^2)) at damping d."""
    base = series_rlc()
    tuned = base.replace(
        slices=(
            Slice(
                tuple(
                    Device("r", "resistor", "a", "b", {"conductance": 1 / ohms})
                    if each.id == "r"
                    else each
                    for each in base.devices
                ),
                1e-3,
            ),
        )
    )
    found = frequency_response(tuned, points=61)
    inductance, capacitance = 1e-3, 1e-6
    system = signal.TransferFunction([1.0], [inductance * capacitance, ohms * capacitance, 1.0])
    _, wanted = signal.freqresp(system, 2 * np.pi * found.frequencies)
    np.testing.assert_allclose(found.voltages[:, 2], wanted, rtol=1e-9)
    d = ohms / 2 * math.sqrt(capacitance / inductance)
    if d < math.sqrt(0.5):
        peak = 1 / (2 * d * math.sqrt(1 - d * d))
        assert np.abs(found.voltages[:, 2]).max() == pytest.approx(peak, rel=1e-9)


def test_a_current_source_meets_the_impedance():
    """Z = R / (1 + s R C) of a resistor beside the node's own capacitor, in the fast class."""
    fast = Circuit(
        (Node("a", capacitance=2e-6),),
        (
            Slice(
                (
                    Device("i", "current_source", "gnd", "a", {"current": 0.0}),
                    Device("r", "resistor", "a", "gnd", {"conductance": 1e-3}),
                ),
                1.0,
            ),
        ),
    )
    assert not fast.general
    assert [(each.name, each.unit) for each in sources_of(fast)] == [("i", "A")]
    found = frequency_response(fast)
    s = 2j * np.pi * found.frequencies
    np.testing.assert_allclose(found.voltages[:, 0], 1e3 / (1 + s * 2e-3), rtol=1e-9)
    assert found.unit == "V/A"


def test_the_first_source_is_one_that_moves():
    assert [source.name for source in sources_of(differential_pair())] == ["vb", "vc", "it"]


def test_the_range_holds_all_poles():
    at = operating_point(series_rlc())
    low, high = shown_range(at.poles)
    assert (low, high) == (10.0, 1e6)
    assert shown_range(np.zeros(0)) == (1.0, 1e6)
    assert shown_range(np.array([-1e-6, -1e12]))[1] == pytest.approx(1e14)


def test_frequencies_stand_at_a_resonance_however_narrow():
    narrow = np.array([-0.01 + 1e4j, -0.01 - 1e4j])
    found = shown_frequencies(narrow, 10.0, 1e6, 11)
    assert np.abs(found - 1e4 / (2 * np.pi)).min() < 0.01 / (2 * np.pi)
    assert len(shown_frequencies(np.array([-1.0, -5.0]), 0.1, 10.0, 11)) == 11


def test_poles_come_as_real_ones_and_pairs():
    found = modes(np.array([-3 + 4j, -2.0, -3 - 4j]))
    assert [(mode.real, mode.imaginary) for mode in found] == [(-2.0, 0.0), (-3.0, 4.0)]
    assert found[1].frequency == pytest.approx(5 / (2 * math.pi))
    assert found[1].damping == pytest.approx(0.6)
    assert found[1].time_constant == pytest.approx(1 / 3)
    assert stable(np.array([-1.0])) is True
    assert stable(np.array([-1.0, 1e-3])) is False
    assert stable(np.array([2j, -2j])) is None
    assert stable(np.zeros(0)) is True


def test_poles_beyond_a_source_that_holds_a_capacitor():
    """The capacitor beside the source moves nothing: one pole, however far apart the two are."""
    for far in (1.0, 1e-15):
        held = circuit(
            {"in": 0.0, "out": 0.0},
            [
                device("v", "voltage_source", "in", "gnd", voltage=1.0),
                device("c", "capacitor", "in", "gnd", capacitance=1e-3),
                device("r", "resistor", "in", "out", conductance=1e-3),
                device("d", "capacitor", "out", "gnd", capacitance=far),
            ],
            1.0,
            "out",
        )
        np.testing.assert_allclose(poles(held), [-1e-3 / far], rtol=1e-9)


def test_poles_many_decades_apart_are_all_found():
    apart = circuit(
        {"in": 0.0, "slow": 1.0, "fast": 1e-15},
        [
            device("v", "voltage_source", "in", "gnd", voltage=1.0),
            device("r", "resistor", "in", "slow", conductance=1e-3),
            device("s", "resistor", "in", "fast", conductance=1e-3),
        ],
        1.0,
        "fast",
    )
    np.testing.assert_allclose(poles(apart), [-1e-3, -1e12], rtol=1e-6)


def test_a_swing_without_end_is_not_called_stable():
    lossless = circuit(
        {"a": 1e-6},
        [
            device("l", "inductor", "a", "gnd", inductance=1e-2),
            device("i", "current_source", "gnd", "a", current=0.0),
        ],
        1.0,
        "a",
    )
    at = operating_point(lossless)
    assert at.stable is None
    assert "neither stable nor unstable" in at.sentence
    assert at.modes[0].imaginary == pytest.approx(1e4)
    ringing = sweep(lossless, "i", [1e3, 1e4 / (2 * math.pi), 1e5])
    assert np.isfinite(ringing.voltages[[0, 2]]).all()
    assert np.isnan(ringing.voltages[1]).all()


def test_what_cancels_is_nothing_and_no_rounding():
    """A balanced bridge: the two middles move alike, and the difference of both is 0."""
    bridge = circuit(
        {"in": 0.0, "a": 0.0, "b": 0.0, "d": 0.0},
        [
            device("v", "voltage_source", "in", "gnd", voltage=1.0),
            device("r1", "resistor", "in", "a", conductance=1 / 3.3e3),
            device("r2", "resistor", "a", "gnd", conductance=1 / 4.7e3),
            device("r3", "resistor", "in", "b", conductance=1 / 33.0),
            device("r4", "resistor", "b", "gnd", conductance=1 / 47.0),
            device("e", "vcvs", "d", "gnd", gain=7.0, terminals={"plus": "a", "minus": "b"}),
            device("r", "resistor", "d", "gnd"),
        ],
        1.0,
        "d",
    )
    found = sweep(bridge, "v", [1.0, 1e6]).voltages
    assert found[:, 1] == pytest.approx(4.7 / 8.0)
    assert (found[:, 3] == 0).all()


def test_charge_that_nothing_drains_is_no_operating_point():
    """Two nodes share a charge that may be any; the equations once gave -6e20 V for it."""
    shared = Circuit(
        (Node("a", capacitance=1.0), Node("b", capacitance=1.0)),
        (Slice((Device("t", "tanh_diff", "a", "b", {"g": 0.7, "c": 0.1}),) * 1, 1.0),),
    )
    with pytest.raises(StudioError, match="'a'"):
        operating_point(shared)


def test_a_sheet_of_hundreds_of_nodes_rests_where_laplace_says():
    """Potentials of an n by n sheet of resistors, solved as a plain linear system."""
    n = 14
    names = [[f"n{i}_{j}" for j in range(n)] for i in range(n)]
    nodes = [Node(name, capacitance=1e-6) for row in names for name in row]
    nodes[0] = Node(names[0][0], drive=Sine(1.0, 1.0, 1.0))
    devices = []
    conductances = {}
    for i in range(n):
        for j in range(n):
            for k, m in ((i, j + 1), (i + 1, j)):
                if k < n and m < n:
                    siemens = 1e-3 * (1 + 0.37 * (i + j) / n)
                    conductances[i * n + j, k * n + m] = siemens
                    name = f"r{len(devices)}"
                    ends = names[i][j], names[k][m]
                    devices.append(Device(name, "resistor", *ends, {"conductance": siemens}))
    devices.append(Device("out", "resistor", names[-1][-1], "gnd", {"conductance": 1e-3}))
    matrix = np.zeros((n * n, n * n))
    for (one, two), siemens in conductances.items():
        matrix[[one, two], [one, two]] += siemens
        matrix[[one, two], [two, one]] -= siemens
    matrix[-1, -1] += 1e-3
    free = np.linalg.solve(matrix[1:, 1:], -matrix[1:, 0] * 1.0)
    found = operating_point(Circuit(tuple(nodes), (Slice(tuple(devices), 1.0),)))
    np.testing.assert_allclose(list(found.voltages.values())[1:], free, rtol=1e-9)


def test_of_a_hundred_floating_nodes_it_is_said_that_nothing_holds_them():
    """Too many for exact fractions; a leak of a nanosiemens holds them again."""
    nodes = tuple(Node(f"n{k}", capacitance=1e-6) for k in range(100))
    ring = [
        Device(f"r{k}", "resistor", f"n{k}", f"n{(k + 1) % 100}", {"conductance": 1e-3})
        for k in range(100)
    ]
    with pytest.raises(StudioError, match="nothing sets the voltage of the nodes 'n0'"):
        operating_point(Circuit(nodes, (Slice(tuple(ring), 1.0),)))
    leak = Device("leak", "resistor", "n7", "gnd", {"conductance": 1e-9})
    feed = Device("feed", "current_source", "gnd", "n0", {"current": 2e-9})
    held = operating_point(Circuit(nodes, (Slice((*ring, leak, feed), 1.0),)))
    assert held.voltages["n7"] == pytest.approx(2.0, rel=1e-3)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"source": "w"}, "there is no source 'w'"),
        ({"low": 5.0, "high": 2.0}, "range of frequencies is empty: 5 to 2 Hz"),
        ({"low": -1.0}, "empty"),
        ({"points": 1}, "2 to 10,000 frequencies"),
    ],
)
def test_what_cannot_be_swept_is_named(given: dict, words: str):
    with pytest.raises(StudioError, match=words):
        frequency_response(lowpass(), **given)


def test_without_a_source_there_is_nothing_to_answer():
    quiet = circuit({"a": 1.0}, [device("r", "resistor", "a", "gnd")], 1.0, "a")
    with pytest.raises(StudioError, match="no source to put a small sine on"):
        frequency_response(quiet)


def test_files_hold_decibels_and_degrees(tmp_path):
    found = frequency_response(lowpass(), points=5)
    found.save(tmp_path / "sweep.csv", ["out"])
    with (tmp_path / "sweep.csv").open(encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    assert head == ["f [Hz]", "out [dB]", "out [deg]"]
    table = np.array(rows, float)
    s = 2j * np.pi * table[:, 0] * LOWPASS_R * LOWPASS_C
    np.testing.assert_allclose(table[:, 1], 20 * np.log10(np.abs(1 / (1 + s))), atol=1e-9)
    np.testing.assert_allclose(table[:, 2], np.degrees(np.angle(1 / (1 + s))), atol=1e-9)
    found.save(tmp_path / "sweep.npz", ["out"])
    with np.load(tmp_path / "sweep.npz") as kept:
        np.testing.assert_allclose(kept["voltages"][:, 0], 1 / (1 + s), rtol=1e-12)
