"""The one way in: regular files only, bounded, strict JSON, short sentences."""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from backend.circuit import MAX_JSON_PARTS, MAX_SLICES, Circuit
from backend.circuit.files import read_circuit
from backend.circuit.rules import TakenIds, checked_device
from backend.errors import CircuitError, InputError, clipped, quoted, shown
from backend.params import Param, check_params
from backend.reading import file_bytes, json_value, text_of
from backend.registry import nearest

PAIR = {
    "format": "kirchhoff-circuit/1",
    "nodes": [{"id": "a"}, {"id": "b"}],
    "slices": [{"devices": [{"id": "d1", "kind": "tanh", "source": "a", "target": "b"}]}],
}


@pytest.mark.parametrize(
    "path", ["/dev/zero", "/dev/null", "/dev", "no such file", "a\0b", "a" * 300]
)
def test_only_regular_files_are_read(path: str):
    with pytest.raises(InputError, match="cannot be read"):
        file_bytes(path, 100)


def test_a_pipe_is_not_waited_for(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.json")
    with pytest.raises(CircuitError, match="no regular file but a pipe"):
        read_circuit(tmp_path / "pipe.json")


def test_a_file_above_the_limit_is_refused(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"123456")
    assert file_bytes(tmp_path / "a", 6) == b"123456"
    with pytest.raises(InputError, match=r"at most .* are read; split it"):
        file_bytes(tmp_path / "a", 5, "split it")


@pytest.mark.parametrize("path", ["/proc/kmsg", "/proc/self/maps", "/sys/kernel/mm/ksm/run"])
def test_files_that_the_kernel_makes_up_are_not_waited_for(path: str):
    if not os.path.exists(path):
        pytest.skip(f"this machine has no {path}")
    with pytest.raises(InputError, match=r"cannot be read|are read"):
        file_bytes(path, 100)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_byte_order_marks(encoding: str, tmp_path: Path):
    (tmp_path / "a.json").write_bytes(json.dumps(PAIR).encode(encoding))
    assert read_circuit(tmp_path / "a.json") == Circuit.from_dict(PAIR)


def test_other_bytes_are_no_text():
    with pytest.raises(InputError, match=r"not text in UTF-8 \(byte 2\)"):
        text_of(b"ab\xe4")


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ('{"a": 1, "a": 2}', "the field 'a' stands twice"),
        ('{"a": [1, NaN]}', "NaN is no number in JSON"),
        ('{"a": [1, -Infinity]}', "-Infinity is no number"),
        ('{"a": [1, 1e400]}', r"^a\[1\]: expected a finite number"),
        ('{"a": ' + "9" * 5000 + "}", "^a: expected a finite number"),
        ('{"a": ' + "9" * 400 + ".5}", "^a: expected a finite number"),
        ('{"a": "\\ud800"}', r'^a: the text holds half a character, got "\\ud800"'),
        ('{"\\udc00": 1}', "half a character"),
        ("[" * 40 + "]" * 40, "nested too deeply"),
        ("[" * 100_000, "nested too deeply"),
        ("{", "line 1, column 2: not valid JSON"),
        ("", "line 1, column 1: not valid JSON"),
    ],
)
def test_strict_json(text: str, finding: str):
    with pytest.raises(InputError, match=finding):
        json_value(text)
    with pytest.raises(CircuitError):
        Circuit.from_json(text)


def test_what_json_holds_is_read_as_it_is():
    value = {"a": [1, -2.5e99, 10**200, True, None, '\U0001f4a9 \\ "', {}], "": {"b": []}}
    assert json_value(json.dumps(value)) == value
    assert json_value("\ufeff" + json.dumps(value)) == value


def test_what_was_found_is_quoted_in_eighty_characters():
    values = ["x" * 10**6, "\n\0" * 100, [[1] * 10**6], {"a": object()}, *STRANGE.values()]
    for text in (spell(value) for value in values for spell in (shown, quoted)):
        assert 0 < len(text) <= 80
        assert text.isprintable()
        text.encode()
    assert len(clipped("é" * 100)) == 80


STRANGE = {
    "none": None,
    "true": True,
    "five": 5,
    "long": 10**5000,
    "infinity": 1e400,
    "nan": float("nan"),
    "empty": "",
    "text": "x" * 10**5,
    "half": "\ud800",
    "list": [],
    "lists": [[]],
    "object": {},
    "field": {"a": 1},
    "bytes": b"a",
}
EVERY = pytest.mark.parametrize("name", STRANGE)


def complaint(call: Callable[[], object], kind: type[Exception]) -> str:
    """What is said about a value; nothing where it is taken."""
    try:
        call()
    except kind as error:
        return str(error)
    return ""


@EVERY
def test_every_field_of_a_circuit_takes_every_value_or_says_why_not(name: str):
    value = STRANGE[name]

    def replaced(path: list, data: object) -> object:
        """The circuit with the value in the place of one field."""
        if not path:
            return value
        copied = dict(data) if isinstance(data, dict) else list(data)  # type: ignore[call-overload]
        known = copied.get(path[0]) if isinstance(copied, dict) else copied[path[0]]
        copied[path[0]] = replaced(path[1:], known)
        return copied

    node, device = ["nodes", 0], ["slices", 0, "devices", 0]
    places = [[], ["format"], ["name"], ["nodes"], node, ["slices"], ["slices", 0], ["x"], device]
    places += [[*node, f] for f in ("id", "voltage", "capacitance", "role", "label", "x", "y", "z")]
    places += [["slices", 0, f] for f in ("duration", "devices", "more")]
    places += [[*device, f] for f in ("id", "kind", "source", "target", "trainable", "params")]
    for place in places:
        said = complaint(partial(Circuit.from_dict, replaced(place, PAIR)), CircuitError)
        assert len(said) < 400
        assert said.isprintable()


@EVERY
def test_parameters_take_every_value_or_say_why_not(name: str):
    value = STRANGE[name]
    for default in (1, 1.0, True, "a"):
        param = Param("p", default, choices=("a",))
        assert len(complaint(partial(param.check, value), ValueError)) < 200
    if not isinstance(value, dict) or value:
        with pytest.raises(ValueError, match=r"expected values by name|unknown parameter"):
            check_params((Param("p", 1),), value)  # type: ignore[arg-type]


def test_a_hint_lists_a_few_of_many_names():
    many = [f"node{number}" for number in range(100_000)]
    assert len(nearest("zzz", many)) < 500
    assert nearest("nodd7", many) == "did you mean 'node7'?"
    assert "choose one of" in nearest(10**5000, ["a"])
    assert len(nearest("a" * 10**6, ["b"])) < 100


def test_large_circuits_are_refused_before_their_devices_are_made():
    nodes = [{"id": "a"}] * (MAX_JSON_PARTS + 1)
    with pytest.raises(CircuitError, match=r"has 200,001 nodes and devices .* \.safetensors"):
        Circuit.from_dict({**PAIR, "nodes": nodes, "slices": []})
    with pytest.raises(CircuitError, match="slices: there are 10,001 entries"):
        Circuit.from_dict({**PAIR, "slices": [{"devices": []}] * (MAX_SLICES + 1)})


def test_a_device_of_an_unhashable_kind_is_refused():
    from backend.circuit import Device

    with pytest.raises(CircuitError, match="unknown kind"):
        checked_device(Device("d", [], "a", "b"), (), {"a", "b"}, TakenIds())  # type: ignore[arg-type]
