"""Files of other programs on the page: opened, or named; none of the server's is read."""

import networkx as nx
import pytest

from backend.circuit import Circuit
from backend.topologies import TOPOLOGIES
from tests.backend.export.test_importing import FALSTAD
from tests.backend.test_signatures import KNOWN

READERS = [name for name, kind in TOPOLOGIES.items() if kind.reads_files]


def imported(client, name, data):
    return client.post("/api/import", data=data, headers={"X-Filename": name})


def test_a_falstad_circuit_opens(client):
    answer = imported(client, "filter.txt", FALSTAD)
    assert answer.status_code == 200
    circuit = Circuit.from_dict(answer.json["circuit"])
    assert [device.kind for device in circuit.devices] == ["resistor", "diode"]


def test_a_graph_opens_as_resistors_under_its_name(client):
    graph = "\n".join(nx.generate_graphml(nx.karate_club_graph())).encode()
    circuit = imported(client, "club.graphml", graph).json["circuit"]
    assert circuit["name"] == "club"
    assert len(circuit["slices"][0]["devices"]) == 78


def test_a_large_graph_becomes_a_network(client):
    graph = nx.gnm_random_graph(200, 12_000, seed=1)
    data = "\n".join(nx.generate_edgelist(graph, data=False)).encode()
    assert imported(client, "large.edgelist", data).json["network"]


@pytest.mark.parametrize("what", ["a PDF document", "a KiCad schematic", "a zip archive"])
def test_a_foreign_file_is_named_once(client, what):
    answer = imported(client, "thing.bin", KNOWN[what])
    assert answer.status_code == 422
    message = answer.json["error"]["message"]
    assert message.startswith(f"thing.bin: this is {what}; ")


def test_a_bad_graph_is_named_once(client):
    message = imported(client, "loop.edgelist", b"a a\n").json["error"]["message"]
    assert message.startswith("loop.edgelist: an edge ties the node 'a' to itself")
    assert message.count("loop.edgelist") == 1


@pytest.mark.parametrize("name", READERS)
def test_no_page_reads_a_file_of_the_server(client, name, tmp_path):
    (tmp_path / "secret").write_text("a b\nb c\n")
    assert name not in client.get("/api/registry").json["topologies"]
    params = {"path": str(tmp_path / "secret"), "inputs": 0}
    answer = client.post("/api/generate", json={"topology": name, "params": params})
    assert answer.status_code == 422
    assert "reads files of the server" in answer.json["error"]["message"]
    fields = {"model": "kirchhoffnet", "dataset": "two_moons", "topology": name}
    started = client.post("/api/runs", json={**fields, "topology_options": params})
    assert "reads files of the server" in started.json["error"]["message"]
