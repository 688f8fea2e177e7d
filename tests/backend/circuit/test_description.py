"""The circuit description: what is accepted, what is refused and with which words."""

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.files import MAX_JSON_BYTES, read_circuit, write_circuit
from backend.errors import CircuitError
from tests.strategies import circuits

PAIR = {
    "format": "kirchhoff-circuit/1",
    "name": "RC pair",
    "nodes": [
        {"id": "n1", "voltage": 1.0, "capacitance": 1.0, "role": "input", "x": 0, "y": 0},
        {"id": "n2", "role": "output", "label": "out", "x": 120, "y": 0},
    ],
    "slices": [
        {
            "duration": 1.0,
            "devices": [
                {
                    "id": "d1",
                    "kind": "resistor",
                    "source": "n1",
                    "target": "n2",
                    "params": {"conductance": 1.0},
                },
                {"id": "d2", "kind": "tanh", "source": "n2", "target": "gnd", "params": {"a": 0.5}},
            ],
        }
    ],
}


def changed(path: list, value: object) -> dict:
    data = copy.deepcopy(PAIR)
    at = data
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return data


def test_defaults_of_the_file_format():
    circuit = Circuit.from_dict(PAIR)
    assert circuit.nodes[1] == Node("n2", 0.0, 1.0, "output", "out", 120, 0)
    assert circuit.devices[1].params == {"a": 0.5, "b": -1.0, "c": 0.0}
    assert circuit.devices[0].trainable is True
    assert circuit.inputs == ("n1",)
    assert circuit.outputs == ("n2",)


@given(circuits())
def test_json_round_trip(circuit: Circuit):
    assert Circuit.from_json(circuit.to_json()) == circuit


@given(circuits())
def test_file_format_is_what_json_reads(circuit: Circuit):
    assert json.loads(circuit.to_json()) == circuit.to_dict()


D0 = ["slices", 0, "devices", 0]
REFUSED = [
    (["format"], "kirchhoff-circuit/3", r"^format: this file says 'kirchhoff-circuit/3'"),
    (["version"], 2, r"unknown field 'version'"),
    (["nodes"], [], r"^nodes: a circuit needs at least one node"),
    (["nodes"], {}, r"^nodes: expected a list"),
    (["slices"], [], r"^slices: a circuit needs at least one slice"),
    (["nodes", 0, "colour"], "red", r"^nodes\[0\]: unknown field 'colour'"),
    (["nodes", 1, "id"], "n1", r"^nodes\[1\]\.id: the id 'n1' is already used by nodes\[0\]"),
    (["nodes", 1, "id"], "gnd", r"^nodes\[1\]\.id: 'gnd' is ground itself"),
    (["nodes", 1, "id"], "", r"^nodes\[1\]\.id: an id must be a text"),
    (["nodes", 1, "id"], "a\n.control", r"^nodes\[1\]\.id: .*no line breaks"),
    (["nodes", 1, "capacitance"], -1e-3, r"^nodes\[1\]\.capacitance: .*'n2' must be positive"),
    (["nodes", 1, "capacitance"], 0, r"must be positive, got 0 F"),
    (["nodes", 1, "voltage"], float("nan"), r"^nodes\[1\]\.voltage: expected a finite number"),
    (["nodes", 1, "voltage"], 10**400, r"^nodes\[1\]\.voltage: expected a finite number"),
    (["nodes", 1, "voltage"], "1", r'^nodes\[1\]\.voltage: expected a number, got "1"'),
    (["nodes", 1, "voltage"], True, r"expected a number, got true"),
    (["nodes", 1, "role"], "outputt", r"^nodes\[1\]\.role: .*did you mean 'output'\?"),
    (["slices", 0, "duration"], 0, r"^slices\[0\]\.duration: the duration must be positive"),
    ([*D0, "kind"], "resistr", r"devices\[0\]\.kind: unknown kind 'resistr': did you mean"),
    ([*D0, "source"], "n9", r"devices\[0\]\.source: device 'd1' names the node 'n9'"),
    ([*D0, "target"], "n1", r"devices\[0\]: device 'd1' connects 'n1' with itself"),
    ([*D0, "id"], "d2", r"devices\[1\]\.id: the id 'd2' is already used"),
    ([*D0, "params"], {"conductance": float("nan")}, r"params\.conductance: expected a finite"),
    ([*D0, "params"], {"conductanc": 1}, r"params: .*did you mean 'conductance'\?"),
    ([*D0, "params"], [1], r"params: expected an object"),
    ([*D0, "trainable"], 1, r"trainable: expected true or false, got 1"),
    ([*D0, "pins"], 2, r"devices\[0\]: unknown field 'pins'"),
]


@pytest.mark.parametrize(("path", "value", "text"), REFUSED)
def test_refused_with_place_finding_and_remedy(path: list, value: object, text: str):
    with pytest.raises(CircuitError, match=text) as caught:
        Circuit.from_dict(changed(path, value))
    assert "\n" not in str(caught.value)


def test_missing_field_is_named():
    data = copy.deepcopy(PAIR)
    del data["slices"][0]["devices"][0]["target"]
    with pytest.raises(CircuitError, match=r"devices\[0\]: the field 'target' is missing"):
        Circuit.from_dict(data)


def test_diode_parameters_have_bounds():
    nodes = (Node("a"),)
    diode = Device("d", "diode", "a", "gnd", {"saturation_current": -1e-12})
    with pytest.raises(CircuitError, match=r"saturation_current must be at least 0 A"):
        Circuit(nodes, (Slice((diode,)),))


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_one_line(text: str):
    with pytest.raises(CircuitError) as caught:
        Circuit.from_json(text)
    assert "\n" not in str(caught.value)


def test_nested_json_is_refused():
    with pytest.raises(CircuitError, match="nested too deeply"):
        Circuit.from_json("[" * 100_000)


def test_files_name_themselves(tmp_path):
    path = tmp_path / "broken.json"
    path.write_text('{"format": ')
    with pytest.raises(CircuitError, match=r"broken\.json: line 1, column 12: not valid JSON"):
        read_circuit(path)
    with pytest.raises(CircuitError, match=r"none\.json: cannot be read \(No such file"):
        read_circuit(tmp_path / "none.json")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CircuitError, match="not text"):
        read_circuit(path)


def test_a_huge_file_is_refused_unread(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(MAX_JSON_BYTES + 40 * 2**20)
    with pytest.raises(CircuitError, match=r"the file has 56 MB .* \.safetensors network"):
        read_circuit(path)


def test_write_and_read(tmp_path):
    circuit = Circuit.from_dict(PAIR)
    write_circuit(circuit, tmp_path / "pair.json")
    assert read_circuit(tmp_path / "pair.json") == circuit
    assert [file.name for file in tmp_path.iterdir()] == ["pair.json"]


def test_initial_voltages_can_be_replaced():
    circuit = Circuit.from_dict(PAIR).with_voltages({"n2": 0.3})
    assert [node.voltage for node in circuit.nodes] == [1.0, 0.3]
    with pytest.raises(CircuitError, match=r"no node 'n3'"):
        circuit.with_voltages({"n3": 0.3})
