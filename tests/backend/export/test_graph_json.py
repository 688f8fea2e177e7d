"""Circuits as node-link JSON: networkx reads them, and they come back without loss."""

import json

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.devices import DEVICES, ELEMENTS
from backend.errors import CircuitError
from backend.export import EXPORTERS
from backend.export.graph_json import OWN, from_node_link, to_node_link
from backend.export.importing import parse_circuit
from backend.waveforms.sine import Sine
from tests.strategies import random_circuit


@given(st.integers(0, 10_000))
def test_a_circuit_comes_back_equal(seed):
    circuit = random_circuit(seed)
    content = EXPORTERS["graph"]().content(circuit)
    assert parse_circuit(content, "a.graph.json") == circuit


def test_networkx_sees_the_same_multigraph():
    circuit = random_circuit(3)
    graph = nx.node_link_graph(json.loads(EXPORTERS["graph"]().content(circuit)), edges="edges")
    assert isinstance(graph, nx.MultiDiGraph)
    assert set(graph) == {*circuit.node_ids, GROUND}
    for device in circuit.devices:
        attributes = graph.edges[device.source, device.target, device.id]
        assert {name: attributes[name] for name in device.params} == dict(device.params)
    assert graph.number_of_edges() == circuit.device_count


def test_it_comes_back_through_networkx_in_both_spellings():
    nodes = (Node("a", drive=Sine(frequency=3.0)), Node("b", 0.5, 2.0, "output", "B", 3.0, 4.0))
    slices = (Slice((Device("d1", "resistor", "a", "b"),), 0.5), Slice((), 1.5))
    circuit = Circuit(nodes, slices, "driven")
    graph = nx.node_link_graph(to_node_link(circuit), edges="edges")
    for edges in ("edges", "links"):
        text = json.dumps(nx.node_link_data(graph, edges=edges))
        assert parse_circuit(text.encode(), "graph.json") == circuit


def test_terminals_waveforms_and_the_start_come_back():
    nodes = (Node("a", capacitance=0.0), Node("b", 0.5), Node("c", capacitance=0.0))
    devices = (
        Device("v", "voltage_source", "a", GROUND, {"voltage": 0.0}, drive=Sine(frequency=3.0)),
        Device("q", "npn", "b", GROUND, terminals={"base": "a"}),
        Device("l", "inductor", "b", "c"),
        Device("f", "cccs", "c", GROUND, terminals={"control": "v"}),
        Device("r", "resistor", "c", "a"),
    )
    circuit = Circuit(nodes, (Slice(devices),), "general", start="operating-point")
    assert parse_circuit(EXPORTERS["graph"]().content(circuit), "a.json") == circuit


def test_no_parameter_hides_an_attribute():
    assert not {
        param.name for _, law in (*DEVICES.items(), *ELEMENTS.items()) for param in law.params
    } & set(OWN)


def changed(change) -> dict:
    data = to_node_link(random_circuit(1))
    change(data)
    return data


BAD = {
    "an unknown kind": (lambda d: d["edges"][2].update(kind="lamp"), r"edges\[2\].kind: unknown"),
    "no kind": (lambda d: d["edges"][1].pop("kind"), r"edges\[1\]: the field 'kind' is missing"),
    "no node": (lambda d: d["edges"][0].update(source="zz"), r"edges\[0\].source: .*'zz'"),
    "a parameter": (lambda d: d["edges"][0].update(width=1.0), r"edges\[0\]: .*'width'"),
    "no number": (lambda d: d["edges"][0].update(width="x"), r"edges\[0\].width: expected a num"),
    "a slice": (lambda d: d["edges"][0].update(slice=7), r"edges\[0\].slice: there are 2 slices"),
    "a duration": (lambda d: d["graph"].update(durations=[1, 0]), r"graph.durations: .*positive"),
    "a node": (lambda d: d["nodes"][1].update(colour=1), r"nodes\[1\]: unknown field 'colour'"),
    "a version": (lambda d: d["graph"].update(format="kirchhoff-graph/9"), "graph.format: .*reads"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_was_changed_wrongly_is_named_in_its_own_places(name):
    change, sentence = BAD[name]
    with pytest.raises(CircuitError, match=sentence):
        from_node_link(changed(change))
