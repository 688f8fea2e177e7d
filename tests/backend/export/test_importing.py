"""One door for every file: what is a circuit is read, all else is one sentence."""

import json
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.circuit import Circuit
from backend.errors import CircuitError, StudioError
from backend.export import EXPORTERS
from backend.export.importing import import_circuit, parse_circuit
from backend.simulation.simulate import simulate
from tests.backend.test_signatures import KNOWN
from tests.strategies import random_circuit

FALSTAD = (
    b"$ 1 0.000005 10.2 50 5 43 5e-11\nR 0 0 0 -48 0 2 40 5 0 0 0.5\nr 0 0 96 0 0 1000\n"
    b"c 96 0 96 64 0 1e-6 0.5 0\nd 0 0 96 0 2 default\ng 96 64 96 80 0\nO 96 0 144 0 0 0\n"
)
CIRCUIT = random_circuit(2, ["resistor", "diode"], slices=1)
FORMS = {
    "circuit.json": EXPORTERS["json"]().content(CIRCUIT),
    "circuit.cir": EXPORTERS["spice"]().content(CIRCUIT),
    "circuit.graph.json": EXPORTERS["graph"]().content(CIRCUIT),
    "falstad.txt": FALSTAD,
    "graph.graphml": "\n".join(nx.generate_graphml(nx.path_graph(4))).encode(),
    "graph.gexf": "\n".join(nx.generate_gexf(nx.path_graph(4))).encode(),
    "graph.json": json.dumps(nx.node_link_data(nx.path_graph(4), edges="links")).encode(),
    "graph.csv": b"0,1,0,0\n1,0,1,0\n0,1,0,1\n0,0,1,0\n",
    "graph.edgelist": b"0 1\n1 2\n2 3\n",
    "graph.txt": b"0 1\n1 2\n2 3\n",
    "graph.adjlist": b"0 1\n1 2\n2 3\n3\n",
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_read_whatever_it_is(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(FORMS[name])
    circuit = import_circuit(path)
    if name.startswith("circuit"):
        assert circuit == CIRCUIT
    if name.startswith("graph"):
        assert circuit.name == "graph"
        assert [(d.source, d.target, d.kind) for d in circuit.devices] == [
            (str(k), str(k + 1), "resistor") for k in range(3)
        ]
    assert Circuit.from_json(circuit.to_json()) == circuit


def test_a_graph_diffuses_by_its_laplacian():
    """Resistors between unit capacitors: dv/dt = -L v, whose solution is a matrix exponential."""
    from scipy.linalg import expm

    graph = nx.karate_club_graph()
    data = json.dumps(nx.node_link_data(graph, edges="edges")).encode()
    circuit = parse_circuit(data, "club.json")
    start = np.array([node.voltage for node in circuit.nodes])
    laplacian = nx.laplacian_matrix(graph, weight="weight").toarray()
    trajectory = simulate(circuit, outputs=3)
    np.testing.assert_allclose(trajectory.voltages[-1], expm(-laplacian) @ start, atol=1e-6)


@pytest.mark.parametrize("what", sorted(KNOWN))
def test_a_foreign_file_is_one_sentence_here_and_as_a_circuit(what, tmp_path):
    from backend.circuit.files import read_circuit
    from backend.signatures import form_of

    form = form_of(KNOWN[what])
    assert form is not None
    path = tmp_path / "circuit.json"
    path.write_bytes(KNOWN[what])
    with pytest.raises(CircuitError) as caught:
        read_circuit(path)
    assert str(caught.value) == f"{path}: {form.sentence}"
    if not form.reader:
        with pytest.raises(CircuitError) as caught:
            import_circuit(path)
        assert str(caught.value) == f"{path}: {form.sentence}"


def test_a_netlist_is_no_circuit_file(tmp_path):
    from backend.circuit.files import read_circuit

    path = tmp_path / "a.cir"
    path.write_text("title\nR1 a 0 1k\n")
    with pytest.raises(CircuitError, match="this is a netlist, not a circuit file; read it"):
        read_circuit(path)


def test_too_many_devices_for_the_board_are_refused():
    data = "\n".join(nx.generate_edgelist(nx.complete_graph(20), data=False)).encode()
    with pytest.raises(StudioError, match="would have 190 devices and at most 100 are possible"):
        parse_circuit(data, "a.edgelist", limit=100)


@pytest.mark.parametrize("name", ["nothing.json", "folder"])
def test_what_is_no_file_is_named(name, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(CircuitError, match=f"{name}: cannot be read"):
        import_circuit(tmp_path / name)


PIECES = [b"", b"\n", b"-", b"9e999", b"nan", b"\xff", b"$", b"{", b"r 0 0 96 0 0 5\n", b"0 "]


@settings(max_examples=500, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(FORMS)), st.data())
def test_a_damaged_file_is_a_circuit_or_a_sentence(name, data):
    content = bytearray(FORMS[name])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(0, len(content) - 1)))
        piece = data.draw(st.binary(max_size=3) | st.sampled_from(PIECES))
        content[place : place + data.draw(st.integers(0, 30))] = piece
    said = ""
    try:
        parse_circuit(bytes(content), name)
    except StudioError as error:
        said = str(error)
    assert "\n" not in said
    assert len(said) < 600
