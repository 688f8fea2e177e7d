"""Gradients of general circuits against central differences of their own solves."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from backend.circuit import Circuit
from backend.simulation.nodal.problem import NodalProblem
from backend.simulation.nodal.samples import sampled
from backend.simulation.nodal.transient import Control, march
from backend.simulation.simulate import adjoint, times_of
from tests.general_circuits import general_circuit
from tests.named_circuits import NAMED, circuit, device

STEP = 1e-3
RELATIVE, UNDECIDED = 1e-5, 3e-10
"""Of the difference quotient, and what two solves at rtol 1e-10 leave undecided [V]."""


def loss(circuit: Circuit) -> float:
    problem = NodalProblem(circuit)
    course = march(problem, Control(1e-10))
    assert not course.message
    found = sampled(problem, course, times_of(circuit, 2))
    columns = np.concatenate([found.x, found.sources[0]], axis=1)[-1]
    return float(sum(columns[problem.equations.nodes[name]] for name in circuit.outputs))


def slope(at: Callable[[float], Circuit], value: float, step: float = STEP) -> float:
    h = step * (abs(value) or 1.0)
    near, far = ((loss(at(value + k * h)) - loss(at(value - k * h))) for k in (1, 2))
    return (8 * near - far) / (12 * h)


def with_param(base: Circuit, place: int, name: str, value: float) -> Circuit:
    devices = list(base.devices)
    device = devices[place]
    devices[place] = replace(device, params={**device.params, name: value})
    return base.replace(slices=(replace(base.slices[0], devices=tuple(devices)),))


def shortened(name: str) -> Circuit:
    """A named circuit up to a time at which something is still moving."""
    found = NAMED[name]()
    share = {"inverters": 0.0265, "charged diode": 0.2}.get(name, 1.0)
    part = replace(found.slices[0], duration=share * found.duration)
    return found.replace(slices=(part,))


@pytest.mark.parametrize("name", ["series RLC", "controlled", "charged diode", "inverters"])
def test_gradients_of_parameters(name: str):
    base = shortened(name)
    trajectory, back = adjoint(base)
    assert trajectory.status.ok, trajectory.status
    assert back is not None
    rng = np.random.default_rng(0)
    pairs = [(k, n) for k, d in enumerate(base.devices) for n in d.params]
    for place, param in [pairs[k] for k in rng.permutation(len(pairs))[:4]]:
        value = float(base.devices[place].params[param])
        if value == 0.0:
            continue
        wanted = slope(partial(with_param, base, place, param), value)
        found, noise = back.gradient[param][place], UNDECIDED / (STEP * abs(value))
        assert abs(found - wanted) <= RELATIVE * abs(wanted) + noise, (
            base.devices[place].id,
            param,
        )


def test_gradients_of_starts_and_waveforms():
    base = shortened("controlled").with_voltages({"a": 0.2, "c": -0.1})
    _, back = adjoint(base)
    assert back is not None
    for place, name in enumerate(base.node_ids):
        wanted = slope(
            lambda v, name=name: base.with_voltages({name: v}), base.nodes[place].voltage
        )
        assert back.gradient_voltage[place] == pytest.approx(wanted, rel=1e-5, abs=1e-7)
    wave = base.devices[0].drive
    assert wave is not None
    for k, level in enumerate(wave.levels):

        def at(value: float, k: int = k) -> Circuit:
            values = list(wave.levels)
            values[k] = value
            devices = (
                replace(base.devices[0], drive=replace(wave, values=tuple(values))),
                *base.devices[1:],
            )
            return base.replace(slices=(replace(base.slices[0], devices=devices),))

        wanted = slope(at, level)
        assert back.gradient_wave["i"][k] == pytest.approx(wanted, rel=1e-5, abs=1e-5)


def test_charge_that_sources_move_at_once_has_its_gradient():
    """A step over capacitors in series, where the start itself depends on capacitances."""
    base = circuit(
        {"top": 0.0, "mid": 1e-9},
        [
            device("v", "voltage_source", "top", "gnd", voltage=3.0),
            device("c", "capacitor", "top", "mid", capacitance=2e-9),
            device("r", "resistor", "mid", "gnd", conductance=1e-6),
        ],
        2e-3,
        "mid",
    )
    _, back = adjoint(base)
    assert back is not None
    for place, param in enumerate(("voltage", "capacitance", "conductance")):
        value = float(base.devices[place].params[param])
        wanted = slope(partial(with_param, base, place, param), value)
        assert back.gradient[param][place] == pytest.approx(wanted, rel=1e-5)


def test_lanes_are_those_of_the_fast_class():
    """The same circuit as a fast one, and with a capacitor of next to nothing between nodes."""
    from backend.circuit import Device, Node, Slice

    nodes = (Node("a", 1.0, 2.0), Node("b", role="output"))
    devices = (
        Device("t", "tanh", "a", "b", {"a": 0.5, "b": -0.3, "c": 0.1}),
        Device("r", "resistor", "b", "gnd", {"conductance": 0.3}),
        Device("s", "transconductor", "a", "b", {"gain": 0.2}),
    )
    extra = Device("c", "capacitor", "a", "b", {"capacitance": 1e-10})
    _, one = adjoint(Circuit(nodes, (Slice(devices, 2.0),)))
    _, two = adjoint(Circuit(nodes, (Slice((*devices, extra), 2.0),)))
    assert one is not None
    assert two is not None
    np.testing.assert_allclose(two.voltages, one.voltages, atol=2e-6)
    np.testing.assert_allclose(two.currents[:, :2], one.currents[:, :2], atol=2e-6)
    np.testing.assert_allclose(two.currents_target[:, :3], one.currents_target[:, :3], atol=2e-6)
    for name, values in one.gradient.items():
        np.testing.assert_allclose(two.gradient[name][:3], values, rtol=1e-5, atol=1e-8)
        np.testing.assert_allclose(
            two.gradient_path[name][:, :3],
            one.gradient_path[name],
            atol=2e-3 * np.nanmax(abs(values)),
        )


def test_no_gradient_passes_an_operating_point_that_only_rounding_supports():
    """A junction that is forced to 1e13 A there: its adjoint was off by 1e4 and called right."""
    drawn = general_circuit(20012)
    nodes = (*drawn.nodes[:-1], replace(drawn.nodes[-1], role="output"))
    trajectory, back = adjoint(drawn.replace(nodes=nodes), outputs=3, throw=False)
    assert back is None
    assert "of 16 digits" in trajectory.status.message
