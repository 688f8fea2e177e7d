"""Circuits as texts of the Falstad simulator: read back as the same system; nothing joined."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.errors import ExportError
from backend.export import EXPORTERS
from backend.export.circuitjs import is_circuitjs, parse_circuitjs
from backend.simulation.simulate import simulate
from backend.waveforms.sine import Sine
from tests.strategies import random_circuit

KINDS = ["resistor", "diode", "current_source"]


def written(circuit: Circuit) -> str:
    return EXPORTERS["circuitjs"]().content(circuit).decode("utf-8")


def plain(device: Device) -> tuple:
    return device.kind, device.source, device.target, *sorted(device.params)


@given(st.integers(0, 10_000))
def test_a_circuit_comes_back_as_the_same_system(seed):
    circuit = random_circuit(seed, KINDS, slices=1)
    again = parse_circuitjs(written(circuit))
    assert [plain(device) for device in again.devices] == [plain(d) for d in circuit.devices]
    for device, before in zip(again.devices, circuit.devices, strict=True):
        assert device.params == pytest.approx(dict(before.params), rel=1e-12)
    assert again.node_ids == circuit.node_ids
    assert again.duration == pytest.approx(circuit.duration)
    for node, before in zip(again.nodes, circuit.nodes, strict=True):
        assert (node.voltage, node.capacitance) == pytest.approx(
            (before.voltage, before.capacitance)
        )
        assert (node.role == "output") == (before.role == "output")


def test_both_move_alike():
    circuit = random_circuit(3, KINDS, slices=1)
    ours, theirs = (simulate(c, outputs=11) for c in (circuit, parse_circuitjs(written(circuit))))
    np.testing.assert_allclose(ours.voltages, theirs.voltages, atol=1e-6)


def test_driven_nodes_and_places_come_back():
    nodes = (
        Node("in", x=0, y=0, drive=Sine(0.5, 2.0, 3.0, phase=90.0)),
        Node("a b", 0.25, 2.0, "output", x=160, y=-96),
    )
    circuit = Circuit(nodes, (Slice((Device("d1", "resistor", "in", "a b"),), 2.0),), "two")
    again = parse_circuitjs(written(circuit))
    assert again.node_ids == ("in", "a b")
    assert [(node.x, node.y) for node in again.nodes] == [(0, 0), (160, -96)]
    drive = again.nodes[0].drive
    assert isinstance(drive, Sine)
    assert (drive.offset, drive.amplitude, drive.frequency) == (0.5, 2.0, 3.0)
    assert drive.phase == pytest.approx(90)


def test_parts_of_the_general_class_come_back():
    nodes = (
        Node("a", 2.0, 1e-6, x=0, y=0),
        Node("b", 0.5, 0.0, x=160, y=0),
        Node("c", -1.0, 0.0, x=320, y=0),
    )
    devices = (
        Device("d1", "capacitor", "a", "b", {"capacitance": 2e-6}),
        Device("d2", "inductor", "b", "c", {"inductance": 0.1, "current": -0.01}),
        Device("d3", "voltage_source", "b", "c", {"voltage": 1.5}),
        Device("d4", "voltage_source", "b", GROUND, {"voltage": 0.5}),
        Device("d5", "voltage_source", "c", "a", {"voltage": 0.5}, drive=Sine(0.25, 2.0, 3.0)),
    )
    again = parse_circuitjs(written(Circuit(nodes, (Slice(devices, 1.0),))))
    found = {(d.kind, d.source, d.target): d for d in again.devices}
    assert found["capacitor", "a", "b"].params == {"capacitance": 2e-6}
    assert found["inductor", "b", "c"].params == {"inductance": 0.1, "current": -0.01}
    assert found["voltage_source", "b", "c"].params == {"voltage": 1.5}
    waved = found["voltage_source", "c", "a"]
    assert (waved.params["voltage"], waved.drive) == (0.0, Sine(0.75, 2.0, 3.0))
    volts = {node.id: node.voltage for node in again.nodes}
    assert volts["a"] - volts["b"] == pytest.approx(1.5)
    # A source on ground holds its node.
    (held,) = (node for node in again.nodes if node.drive is not None)
    assert (held.id, held.voltage) == ("b", 0.5)


def test_nodes_in_one_place_stay_apart():
    nodes = tuple(Node(f"n{k}") for k in range(12))
    devices = tuple(Device(f"d{k}", "resistor", f"n{k}", GROUND) for k in range(12))
    again = parse_circuitjs(written(Circuit(nodes, (Slice(devices),))))
    assert len(again.nodes) == 12
    assert {device.source for device in again.devices} == {node.id for node in nodes}


@pytest.mark.parametrize(
    ("device", "sentence"),
    [
        (Device("d1", "tanh", "n1", GROUND), "device 'd1' is a tanh, which a Falstad circuit"),
        (Device("d1", "resistor", "n1", GROUND, {"conductance": 0.0}), "a conductance of 0 S"),
        (Device("d1", "current_source", "n1", GROUND, {"current": 0.0}), "reads as 10 mA"),
    ],
)
def test_other_devices_are_refused_in_words(device, sentence):
    with pytest.raises(ExportError, match=sentence):
        written(Circuit((Node("n1"),), (Slice((device,)),)))


def test_several_slices_are_refused_in_words():
    with pytest.raises(ExportError, match="has no slices and this one has 2"):
        written(Circuit((Node("n1"),), (Slice(), Slice())))


def test_the_text_is_of_that_format():
    assert is_circuitjs(written(Circuit((Node("n1"),), (Slice(),))))
