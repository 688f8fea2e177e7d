"""Energies against closed forms, and against SciPy's own solve and quadrature."""

import math

import numpy as np
import pytest
from scipy.integrate import quad, solve_ivp

from backend import simulate
from backend.circuit import Circuit, Device, Node, Slice
from backend.engine.nodal.field import wave
from backend.engine.nodal.junction_energy import junction_energy
from backend.simulation.energy.balance import EnergyBalance
from backend.simulation.energy.quadrature import integrals, joined
from backend.simulation.nodal.local import values_of


def general(nodes, devices, duration, start="voltages"):
    return Circuit.from_dict({
        "format": "kirchhoff-circuit/2", "name": "", "nodes": nodes, "start": start,
        "slices": [{"duration": duration, "devices": devices}],
    })  # fmt: skip


def balance(circuit, **options):
    found = simulate(circuit, energy=True, throw=False, **options).energy
    assert found is not None
    return found


def two(devices, duration, start="voltages", a=None, b=None):
    """Nodes a and b, without capacitors unless they say so."""
    nodes = [
        {"id": "a", "capacitance": 0.0} | (a or {}),
        {"id": "b", "capacitance": 0.0} | (b or {}),
    ]
    if "drive" in nodes[0]:
        del nodes[0]["capacitance"]
    return general(nodes, devices, duration, start)


def resistor(source, target, conductance, name="r"):
    return {"id": name, "kind": "resistor", "source": source, "target": target,
            "params": {"conductance": conductance}}  # fmt: skip


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_two_capacitors_lose_half_of_the_energy(scale):
    nodes = (Node("a", 1.0, scale), Node("b", 0.0, scale))
    circuit = Circuit(
        nodes, (Slice((Device("r", "resistor", "a", "b", {"conductance": scale}),), 20.0),)
    )
    found = balance(circuit)
    t = np.linspace(0.0, 20.0, 201)
    assert found.stored == pytest.approx(0.25 * scale * (1 + np.exp(-4 * t)), rel=1e-6)
    assert found.dissipated == pytest.approx(0.25 * scale * (1 - np.exp(-4 * t)), abs=1e-7 * scale)
    assert not found.injected.any()
    assert found.state == "balanced"
    assert found.bound < 1e-6
    assert found.by_device == pytest.approx([0.25 * scale], rel=1e-6)


@pytest.mark.parametrize("general_class", [False, True])
def test_charging_through_a_resistor_costs_twice_what_is_stored(general_class):
    drive = {"kind": "constant", "params": {"voltage": 2.0}}
    charged = {"capacitance": 1e-6}
    devices = [resistor("a", "b", 1e-3)]
    if general_class:
        charged = {}
        devices += [{"id": "c", "kind": "capacitor", "source": "b", "target": "gnd",
                     "params": {"capacitance": 1e-6}}]  # fmt: skip
    circuit = two(devices, 0.03, a={"drive": drive}, b=charged)
    assert bool(circuit.general) == general_class
    found = balance(circuit)
    ends = found.stored[-1], found.dissipated[-1], found.injected[-1]
    assert ends == pytest.approx((2e-6, 2e-6, 4e-6), rel=1e-6)
    assert found.by_drive == pytest.approx([4e-6], rel=1e-6)
    assert found.bound < 1e-6


def test_an_inductor_and_a_capacitor_swap_what_stays():
    coil = {"id": "l", "kind": "inductor", "source": "a", "target": "gnd",
            "params": {"inductance": 1e-3, "current": 0.0}}  # fmt: skip
    found = balance(
        two([coil, resistor("b", "gnd", 1.0)], 1e-3, a={"voltage": 1.0, "capacitance": 1e-6})
    )
    assert found.stored == pytest.approx(np.full(201, 5e-7), rel=1e-7)
    assert found.bound < 1e-7


def test_a_driven_resonant_circuit_against_scipy():
    r, l, c, omega = 20.0, 1e-3, 1e-6, 2 * math.pi * 5e3  # noqa: E741
    sine = {"kind": "sine", "params": {"amplitude": 5.0, "frequency": 5e3}}
    coil = {"id": "l", "kind": "inductor", "source": "b", "target": "c",
            "params": {"inductance": l, "current": 0.0}}  # fmt: skip
    nodes = [
        {"id": "a", "drive": sine},
        {"id": "b", "capacitance": 0.0},
        {"id": "c", "capacitance": c},
    ]
    found = balance(general(nodes, [resistor("a", "b", 1 / r), coil], 2e-3))

    def field(t, y):
        u = 5.0 * math.sin(omega * t)
        return [y[1] / c, (u - r * y[1] - y[0]) / l, r * y[1] ** 2, u * y[1]]

    t = np.linspace(0.0, 2e-3, 201)
    exact = solve_ivp(field, (0.0, 2e-3), [0.0] * 4, "DOP853", t, rtol=1e-11, atol=1e-16).y
    assert found.dissipated == pytest.approx(exact[2], abs=1e-6 * found.largest)
    assert found.injected == pytest.approx(exact[3], abs=1e-6 * found.largest)
    stored = 0.5 * c * exact[0] ** 2 + 0.5 * l * exact[1] ** 2
    assert found.stored == pytest.approx(stored, abs=1e-6 * found.largest)


def test_transconductors_inject_what_they_turn():
    devices = [
        {
            "id": "g1",
            "kind": "transconductor",
            "source": "a",
            "target": "b",
            "params": {"gain": 1.0},
        },
        {
            "id": "g2",
            "kind": "transconductor",
            "source": "b",
            "target": "a",
            "params": {"gain": 2.0},
        },
    ]
    found = balance(
        two(devices, 1.0, a={"voltage": 1.0, "capacitance": 1.0}, b={"capacitance": 1.0})
    )
    w = math.sqrt(2.0)
    t = np.linspace(0.0, 1.0, 201)
    stored = 0.5 * (np.cosh(w * t) ** 2 + (np.sinh(w * t) / w) ** 2)
    assert found.stored == pytest.approx(stored, rel=1e-6)
    assert found.injected == pytest.approx(stored - 0.5, abs=1e-6)
    assert not found.dissipated.any()


def test_a_source_that_jumps_gives_at_once_what_a_capacitor_stores():
    steps = {
        "kind": "piecewise_constant",
        "params": {"times": [0.0, 1e-4, 4e-4], "values": [0.0, 3.0, 0.0]},
    }
    devices = [{"id": "c", "kind": "capacitor", "source": "a", "target": "b",
                "params": {"capacitance": 1e-6}}, resistor("b", "gnd", 1e-3)]  # fmt: skip
    found = balance(two(devices, 1e-3, a={"drive": steps}, b={"capacitance": 1e-6}))
    assert found.injected[20] == pytest.approx(
        0.5 * 0.5e-6 * 9.0, rel=1e-6
    )  # 1 uF and 1 uF in series
    assert found.bound < 1e-6


def test_a_diode_with_charge_balances():
    sine = {"kind": "sine", "params": {"amplitude": 5.0, "frequency": 1e4}}
    charge = {"capacitance": 1e-9, "transit_time": 1e-7, "resistance": 50.0}
    diode = {"id": "d", "kind": "junction_diode", "source": "a", "target": "b", "params": charge}
    load = resistor("b", "gnd", 1e-3)
    found = balance(two([diode, load], 1e-4, a={"drive": sine}, b={"capacitance": 1e-7}))
    assert found.state == "balanced"
    assert found.bound < 1e-6
    assert found.dissipated[-1] > 0


@pytest.mark.parametrize("v", [-3.0, 0.3, 0.9, 2.5])
def test_the_energy_of_a_junction_is_the_integral_of_v_dq(v):
    """With SPICE's capacitance, its tangent above half the potential, and transit time di/dv."""
    thermal, c, potential, grading, transit = 1.2 * 0.02585, 2e-12, 0.8, 0.4, 3e-9

    def by(u):
        if u < potential / 2:
            depletion = c * (1 - u / potential) ** -grading
        else:
            depletion = (
                c * 0.5 ** (-1 - grading) * (1 - 0.5 * (1 + grading) + grading * u / potential)
            )
        return u * (depletion + transit * 1e-14 * math.exp(min(u / thermal, 80.0)) / thermal)

    bends = [place for place in (potential / 2, 80 * thermal) if 0 < place < v]
    exact, _ = quad(by, 0.0, v, points=bends or None, epsabs=0.0, epsrel=1e-11, limit=200)
    args = np.array([1e-14, 1.2, 0.0, c, potential, grading, transit, 0.0])
    assert junction_energy(args, np.array([v]))[0] == pytest.approx(exact, rel=1e-8)


def test_steps_that_are_too_coarse_do_not_balance():
    """The integrals of the few steps are exact enough to tell that the steps are wrong."""
    nodes = (Node("a", 1.0, 1.0), Node("b", 0.0, 1.0))
    circuit = Circuit(
        nodes, (Slice((Device("r", "resistor", "a", "b", {"conductance": 1.0}),), 3.0),)
    )
    found = balance(circuit, steps=4)
    assert found.state == "off"
    assert "not balanced" in found.sentence
    assert balance(circuit, solver="midpoint", steps=400).state == "balanced"


def test_the_words_say_no_more_than_is_known():
    flat = np.zeros(3)
    assert "no energy" in EnergyBalance(flat, flat, flat, flat).sentence
    one = np.array([1.0, 0.5, 0.25])
    lost = EnergyBalance(one, 1.0 - one, flat, np.array([0.0, 0.1, 0.2]))
    assert lost.state == "undecided"
    assert "not decided" in lost.sentence
    broken = EnergyBalance(one, np.array([0.0, np.nan, np.nan]), flat, flat)
    assert broken.state == "undecided"
    assert np.isinf(broken.off)


def test_intervals_keep_the_wanted_edges():
    edges = np.concatenate([np.linspace(0.0, 1.0, 21), 1.0 + np.cumsum([1e-6, 1e-6, 0.5])])
    kept = joined(edges, np.array([0, 7, 23]))
    assert {0, 7, 23} <= set(kept.tolist())
    assert np.diff(kept).max() <= 8
    found, off = integrals(
        edges[kept[:-1]], edges[kept[1:]], lambda t: np.stack([np.exp(t), t**5], 1)
    )
    end = edges[-1]
    assert found.sum(0) == pytest.approx([math.exp(end) - 1.0, end**6 / 6], rel=1e-12)
    assert np.abs(off).sum(0) == pytest.approx([0.0, 0.0], abs=1e-7)


def test_sources_at_many_times_are_those_of_the_kernel():
    table = np.random.default_rng(0).normal(size=(6, 8))
    table[:, [5, 7]] = abs(table[:, [5, 7]])
    table[2, 2], table[3, 6] = 0.0, 0.0
    t = np.linspace(0.0, 3.0, 5)
    exact = [
        [[wave.py_func(table, k, s, order) for k in range(6)] for s in t] for order in range(4)
    ]
    assert values_of(table, t, 4) == pytest.approx(np.array(exact), rel=1e-12, abs=1e-14)
