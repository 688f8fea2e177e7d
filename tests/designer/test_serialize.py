import json
import struct

import numpy as np
import pytest

from designer import serialize

ARRAYS = {
    "t": np.linspace(0, 1, 5),
    "voltages": np.arange(15.0).reshape(5, 3) / 7,
    "currents": np.array([[1.0, np.nan]] * 5),
    "empty": np.zeros((5, 0)),
}


def test_round_trip_keeps_every_value():
    header, arrays = serialize.decode(serialize.encode({"loss": 0.5, "name": "µΩ"}, ARRAYS))
    assert header["loss"] == 0.5
    assert header["name"] == "µΩ"
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(arrays[name], array.astype(np.float32))


@pytest.mark.parametrize("name", ["a", "ab", "abc", "abcdefgh", "é"])
def test_arrays_start_on_eight_bytes(name):
    data = serialize.encode({"name": name}, ARRAYS)
    magic, version, length = struct.unpack("<4sII", data[:12])
    assert (magic, version) == (b"KSIM", 1)
    assert (12 + length) % 8 == 0
    offsets = [entry["offset"] for entry in json.loads(data[12 : 12 + length])["arrays"]]
    sizes = [4 * array.size for array in ARRAYS.values()]
    assert offsets == [sum(sizes[:k]) for k in range(len(sizes))]
    assert len(data) == 12 + length + sum(sizes)


@pytest.mark.parametrize("cut", [0, 3, 11, 20, -1])
def test_a_container_cut_short_is_refused(cut):
    data = serialize.encode({}, ARRAYS)
    with pytest.raises(ValueError, match="container"):
        serialize.decode(data[:cut])


def test_header_refuses_what_json_has_not():
    with pytest.raises(ValueError, match="JSON"):
        serialize.encode({"loss": float("nan")}, {})


@pytest.mark.parametrize(("value", "shown"), [(1, 1.0), (float("inf"), None), (None, None)])
def test_number(value, shown):
    assert serialize.number(value) == shown
