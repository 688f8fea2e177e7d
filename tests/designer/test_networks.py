import json
import lzma
from collections import Counter

import numpy as np
import pytest

from backend.circuit import Circuit, Device, Node, Slice
from backend.export import EXPORTERS
from backend.simulation.simulate import simulate
from backend.topologies import TOPOLOGIES
from backend.topologies.base import BOARD_LIMIT
from designer import serialize
from designer.service import StudioError
from designer.service.network_files import PACKED, with_metadata
from designer.service.networks import EXAMPLE, Networks
from designer.service.sketch import STRONGEST, sketch


@pytest.fixture(scope="module")
def layers():
    """Three slices, one per layer, every layer with its own block."""
    made = TOPOLOGIES["locally_connected"](
        height=16, width=16, window=5, features=6, deep_window=3, deep_features=8, outputs=10
    )(seed=2)
    assert made.device_count > BOARD_LIMIT
    return made


@pytest.fixture(scope="module")
def file(layers):
    return EXPORTERS["safetensors"]().content(layers)


@pytest.fixture
def opened(client, file):
    """Id of the network, opened as the page opens a file."""
    answer = client.post("/api/import", data=file, headers={"X-Filename": "net.safetensors"})
    return answer.json["network"]


def test_the_sketch_counts_every_device(layers):
    network = sketch(layers).network
    assert network["nodes"] == len(layers.nodes)
    assert network["devices"] == layers.device_count
    assert [part["devices"] for part in network["slices"]] == [
        len(part.devices) for part in layers.slices
    ]
    kinds = Counter(device.kind for part in layers.slices for device in part.devices)
    assert network["kinds"] == dict(kinds)
    assert sum(link["devices"] for link in network["links"]) == layers.device_count


def test_blocks_are_the_layers(layers):
    blocks = sketch(layers).network["blocks"]
    assert [block["role"] for block in blocks] == ["input", "hidden", "hidden", "output"]
    rows = [row for block in blocks for row in block["nodes"]]
    assert sorted(rows) == list(range(len(layers.nodes)))
    assert blocks[0]["nodes"] == list(range(256))
    assert (blocks[0]["rows"], blocks[0]["columns"]) == (16, 16)


def test_links_join_the_blocks_of_their_slice(layers):
    network = sketch(layers).network
    pairs = {(link["slice"], *map(str, link["ends"])) for link in network["links"]}
    assert pairs == {
        (0, "0", "1"), (0, "1", "None"), (1, "1", "2"), (1, "2", "None"), (2, "2", "3"),
        (2, "3", "None"),
    }  # fmt: skip


def test_no_stronger_device_is_left_out(layers):
    shown = sketch(layers)
    ids = {device["id"] for part in shown.circuit["slices"] for device in part["devices"]}
    assert len(ids) == len(shown.columns) == STRONGEST
    for part, drawn in zip(layers.slices, shown.circuit["slices"], strict=True):
        between = [device for device in part.devices if "gnd" not in (device.source, device.target)]
        left = max(abs(d.params["gain"]) for d in between if d.id not in ids)
        assert min(abs(d["params"]["gain"]) for d in drawn["devices"]) >= left
    assert [layers.device_ids[k] for k in shown.columns] == [
        device["id"] for part in shown.circuit["slices"] for device in part["devices"]
    ]


def test_the_sketch_is_a_circuit_with_every_node_in_its_own_place(layers):
    small = Circuit.from_dict(sketch(layers).circuit)
    assert small.node_ids == layers.node_ids
    places = np.array([(node.x, node.y) for node in small.nodes])
    assert len(np.unique(places, axis=0)) == len(places)


def test_parallel_devices_are_those_that_share_both_ends():
    ends = [("a", "b"), ("a", "b"), ("b", "a"), ("a", "gnd"), ("a", "gnd"), ("a", "gnd")]
    devices = tuple(
        Device(f"d{k}", "resistor", source, target, {"conductance": 1.0})
        for k, (source, target) in enumerate(ends)
    )
    network = sketch(Circuit((Node("a"), Node("b")), (Slice(devices, 1.0),))).network
    assert network["parallel"] == 5


def test_nodes_without_places_stand_in_a_square():
    nodes = tuple(Node(f"n{k}") for k in range(10))
    device = Device("d1", "resistor", "n0", "n1", {"conductance": 1.0})
    placed = sketch(Circuit(nodes, (Slice((device,), 1.0),))).circuit["nodes"]
    assert len({(node["x"], node["y"]) for node in placed}) == 10
    assert len({node["x"] for node in placed}) == 4


def test_a_large_file_opens_as_its_sketch(client, opened, layers):
    document = client.get(f"/api/circuits/{opened}").json
    assert len(document["circuit"]["nodes"]) == len(layers.nodes)
    assert document["network"]["devices"] == layers.device_count
    assert document["network"]["id"] == opened
    listed = client.get("/api/circuits").json
    assert [(row["id"], row["devices"]) for row in listed] == [(opened, layers.device_count)]
    assert client.delete(f"/api/circuits/{opened}").status_code == 204
    assert client.get(f"/api/circuits/{opened}").status_code == 404


def test_its_simulation_is_the_library_s(client, opened, layers):
    voltages = np.linspace(0, 1, 256).round(4).tolist()
    settings = {"solver": "heun", "steps": 3}
    body = {"voltages": voltages, "settings": settings}
    answer = client.post(f"/api/networks/{opened}/sim", json=body).json
    assert answer["status"]["ok"]
    header, arrays = serialize.decode(client.get(answer["url"]).data)
    given = layers.with_voltages(dict(zip(layers.inputs, voltages, strict=True)))
    whole = simulate(given, outputs=len(arrays["t"]), check=False, **settings)
    np.testing.assert_allclose(arrays["voltages"], whole.voltages, rtol=1e-6, atol=1e-6)
    assert arrays["currents"].shape == (len(arrays["t"]), STRONGEST)
    for column in (0, 150, 299):
        theirs = whole[header["device_ids"][column]]
        np.testing.assert_allclose(arrays["currents"][:, column], theirs, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"voltages": [0.5]}, "256 input voltages are needed, got 1"),
        ({"voltages": [None] * 256}, "expected a number, got null"),
        ({"voltages": [1e308 * 10] * 256}, "Infinity is no number"),
        ({"settings": {"solver": "dopri5"}}, "fixed steps"),
        ({"settings": {"steps": 0}}, "steps"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(client, opened, body, words):
    text = json.dumps(body)
    url = f"/api/networks/{opened}/sim"
    answer = client.post(url, data=text, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert words in answer.json["error"]["message"]


def test_a_network_that_is_not_there_is_a_404(client):
    assert client.post("/api/networks/nothing/sim", json={}).status_code == 404
    assert client.post("/api/networks/..%2Fx/sim", json={}).status_code == 404


def test_a_damaged_network_names_its_file(client, config, file):
    folder = config.home / "circuits"
    folder.mkdir(parents=True)
    (folder / "half.safetensors").write_bytes(file[: len(file) // 2])
    answer = client.get("/api/circuits/half")
    assert answer.status_code == 422
    assert answer.json["error"]["message"].startswith("half.safetensors: ")
    assert str(folder) not in answer.json["error"]["message"]


def test_what_a_file_says_of_itself_is_shown(service, tmp_path, layers, file):
    said = {"accuracy": 0.9903, "classes": list("0123456789")}
    settings = {"solver": "heun", "solver_options": {"steps": 2}}
    packed = lzma.compress(with_metadata(file, {**said, "settings": settings}), preset=0)
    (tmp_path / f"digits{PACKED}").write_bytes(packed)
    networks = Networks(tmp_path / "none", tmp_path, service.results)
    document = networks.document(f"{EXAMPLE}digits")
    assert document["network"]["score"] == {"title": "Test accuracy", "text": "99.03 %"}
    assert document["network"]["classes"] == said["classes"]
    assert document["network"]["settings"] == {"solver": "heun", "steps": 2}
    assert document["circuit"]["name"] == layers.name
    assert networks.circuit(f"{EXAMPLE}digits") == layers
    stats = networks.simulate(f"{EXAMPLE}digits", None, {})["stats"]
    assert stats["steps"] == 2 * len(layers.slices)


@pytest.mark.parametrize("said", [{"accuracy": "much"}, {"classes": [1]}, {"settings": []}])
def test_nonsense_in_a_file_is_not_shown(service, tmp_path, file, said):
    (tmp_path / f"x{PACKED}").write_bytes(lzma.compress(with_metadata(file, said), preset=0))
    assert Networks(tmp_path, tmp_path, service.results).about(f"{EXAMPLE}x") == {}


def test_generation_beyond_the_board_makes_a_network(client):
    params = {"height": 12, "width": 12, "kernel": 3, "extra": 12, "outputs": 4}
    made = client.post("/api/generate", json={"topology": "neighbor", "params": params}).json
    document = client.get(f"/api/circuits/{made['network']}").json
    size = TOPOLOGIES["neighbor"](**params).size()
    assert (document["network"]["nodes"], document["network"]["devices"]) == (
        size.nodes,
        size.devices,
    )


def test_export_gives_the_whole_network_or_a_sentence(service, opened, layers):
    circuit = service.resolve({"network": opened})
    _, content = service.exporting.export(circuit, "safetensors", {})
    again = service.open_file("again.safetensors", content)
    assert service.resolve(again) == layers
    with pytest.raises(StudioError, match="leaves the page as safetensors"):
        service.exporting.export(circuit, "spice", {})


@pytest.mark.parametrize(
    "header",
    [
        b"[]",
        b'{"__metadata__": 5}',
        b'{"__metadata__": {"name": "\\"\\\\ud800\\"", "settings": "[[[["}}',
        b'{"voltage": {"shape": ["x"]}, "0.tanh.place": {"shape": {"a": 1}}}',
        b"[" * 5000,
    ],
)
def test_a_damaged_network_is_listed_and_named(client, config, header):
    folder = config.home / "circuits"
    folder.mkdir(parents=True)
    path = folder / "net.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    listed = client.get("/api/circuits").json
    assert [row["id"] for row in listed] == ["net"]
    answer = client.get("/api/circuits/net")
    assert answer.status_code == 422
    assert answer.json["error"]["message"].startswith("net.safetensors: ")
