"""A table of devices against the tuple of the same devices: equal, checked alike, faster only."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.circuit import Circuit, Device, Node, Slice
from backend.circuit.compile import compile_circuit
from backend.circuit.device_table import OBJECT_LIMIT, DeviceTable, table_of
from backend.errors import CircuitError
from backend.models.circuits.initial import initialise
from backend.topologies import TOPOLOGIES
from tests.strategies import circuits, random_circuit


def as_tables(circuit: Circuit) -> Circuit:
    """The same circuit with its slices as tables."""
    parts = zip(circuit.slices, circuit.tables(), strict=True)
    return circuit.replace(slices=tuple(replace(part, devices=table) for part, table in parts))


@given(circuits(), st.data())
def test_a_table_is_the_sequence_of_its_devices(circuit: Circuit, data: st.DataObject):
    devices = circuit.slices[0].devices
    table = next(circuit.tables())
    assert len(table) == len(devices)
    assert list(table) == list(devices)
    assert table == devices
    assert devices == table
    cut = data.draw(st.slices(len(devices)))
    assert table[cut] == devices[cut]
    for place in range(-len(devices), len(devices)):
        assert table[place] == devices[place]
        assert table[place] in table
    with pytest.raises(IndexError):
        table[len(devices)]


@given(circuits())
def test_a_circuit_of_tables_is_the_circuit(circuit: Circuit):
    tables = as_tables(circuit)
    assert all(isinstance(part.devices, DeviceTable) for part in tables.slices)
    assert tables == circuit
    assert tables.to_json() == circuit.to_json()
    assert tables.device_ids == circuit.device_ids
    assert tables.device_count == len(circuit.devices)
    assert Circuit.from_json(tables.to_json()) == tables


CHANGES: dict[str, Callable[[Device], Device]] = {
    "id": lambda d: replace(d, id="other"),
    "kind": lambda d: replace(d, kind="sigmoid"),
    "source": lambda d: replace(d, source="n4" if d.target != "n4" else "n5"),
    "target": lambda d: replace(d, target="n4" if d.source != "n4" else "n5"),
    "params": lambda d: replace(d, params={**d.params, "a": 9.0}),
    "trainable": lambda d: replace(d, trainable=False),
}


@pytest.mark.parametrize("change", CHANGES)
def test_any_other_device_makes_another_table(change: str):
    circuit = random_circuit(1, ["relu", "tanh"], slices=1)
    devices = circuit.slices[0].devices
    place = next(k for k, d in enumerate(devices) if {d.source, d.target}.isdisjoint({"n4", "n5"}))
    changed = list(devices)
    changed[place] = CHANGES[change](changed[place])
    other = circuit.replace(slices=(replace(circuit.slices[0], devices=tuple(changed)),))
    tables = [next(c.tables()) for c in (circuit, other)]
    assert tables[0] != tables[1]
    assert tables[0] != other.slices[0].devices
    assert tables[0] == next(as_tables(circuit).tables())


@given(circuits())
def test_rows_follow_the_nodes_by_name(circuit: Circuit):
    """A table made for one order of the nodes serves every other."""
    backwards = circuit.replace(nodes=circuit.nodes[::-1])
    tables = [part.devices for part in as_tables(circuit).slices]
    moved = backwards.replace(
        slices=tuple(
            replace(part, devices=table) for part, table in zip(circuit.slices, tables, strict=True)
        )
    )
    assert moved == backwards
    assert [table.names for table in moved.tables()] == [backwards.row_names] * len(tables)


def small(**changes: Any) -> DeviceTable:
    """Two tanh devices and a diode over the nodes a and b."""
    fields: dict[str, Any] = {
        "names": ("a", "b", "gnd"),
        "kinds": ("tanh", "diode"),
        "codes": [0, 1, 0],
        "source": [0, 1, 2],
        "target": [1, 2, 0],
        "params": (
            {"a": [1.0, 2.0], "b": [0.0, 0.5], "c": [0.0, -1.0]},
            {"saturation_current": [1e-12], "ideality": [2.0]},
        ),
        "trainable": [True, False, True],
    }
    return DeviceTable(**{**fields, **changes})


TANH = small().params[0]
DIODE = small().params[1]
NODES = (Node("a"), Node("b"))
NAN, INF = float("nan"), float("inf")

BREACHES: dict[str, DeviceTable] = {
    "kind": small(kinds=("tahn", "diode")),
    "loop": small(target=[1, 1, 0]),
    "node": small(names=("a", "c", "gnd")),
    "nan": small(params=({**TANH, "b": [0.0, NAN]}, DIODE)),
    "infinite": small(params=({**TANH, "c": [-INF, 0.0]}, DIODE)),
    "bound": small(params=(TANH, {**DIODE, "ideality": [0.0]})),
    "high bound": small(params=(TANH, {**DIODE, "ideality": [1e9]})),
    "parameter": small(params=({**TANH, "g": [0.0, 1.0]}, DIODE)),
    "id twice": small(explicit=("p", "q", "p")),
    "empty id": small(explicit=("p", " ", "q")),
    "long id": small(explicit=("p", "q", "r" * 101)),
    "line in id": small(explicit=("p", "q\n", "r")),
    "two breaches": small(target=[1, 1, 2], explicit=("p", "q", "q")),
}


@pytest.mark.parametrize("breach", BREACHES)
def test_breaches_are_named_as_for_single_devices(breach: str):
    table = BREACHES[breach]
    with pytest.raises(CircuitError) as single:
        Circuit(NODES, (Slice(), Slice(tuple(table))))
    with pytest.raises(CircuitError) as many:
        Circuit(NODES, (Slice(), Slice(table)))
    assert str(many.value) == str(single.value)
    assert "slices[1].devices[" in str(many.value)


def test_a_row_without_a_node_is_named():
    for rows in ([0, 1, 3], [0, 1, -1]):
        with pytest.raises(CircuitError, match=r"devices\[2\]\.source: .* between 0 and 2 \(gr"):
            Circuit(NODES, (Slice(small(source=rows)),))


IDS: dict[str, tuple[DeviceTable, DeviceTable]] = {
    "ranges": (small(first=5), small(first=3)),
    "range, then ids": (small(first=5), small(explicit=("d5", "d6", "x"))),
    "ids, then range": (small(explicit=("x", "d7", "d07")), small(first=5)),
    "ids": (small(explicit=("x", "y", "z")), small(explicit=("p", "z", "x"))),
}


@pytest.mark.parametrize("case", IDS)
@pytest.mark.parametrize("form", [(0, 1), (1, 0), (1, 1)])
def test_ids_may_not_be_used_in_two_slices(case: str, form: tuple[int, int]):
    objects = tuple(Slice(tuple(table)) for table in IDS[case])
    mixed = tuple(
        Slice(table if is_table else tuple(table))
        for table, is_table in zip(IDS[case], form, strict=True)
    )
    with pytest.raises(CircuitError) as single:
        Circuit(NODES, objects)
    with pytest.raises(CircuitError) as many:
        Circuit(NODES, mixed)
    assert str(many.value) == str(single.value)


def test_ids_that_only_look_like_generated_ones_are_free():
    odd = small(explicit=("d01", "d", "d²"))
    assert Circuit(NODES, (Slice(small()), Slice(odd), Slice(small(first=3)))).device_count == 9


def test_missing_parameters_take_their_defaults_and_idle_kinds_go():
    table = small(
        kinds=("relu", "tanh", "diode"),
        codes=[1, 2, 1],
        params=({}, {"b": [1.0, 2.0]}, {"saturation_current": [1e-12]}),
    )
    circuit = Circuit(NODES, (Slice(table),))
    assert next(circuit.tables()).kinds == ("tanh", "diode")
    assert circuit == Circuit(NODES, (Slice(tuple(table)),))
    assert list(circuit.devices[0].params) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "changes",
    [
        {"source": [0, 1]},
        {"trainable": [True]},
        {"explicit": ("a",)},
        {"codes": [0, 2, 0]},
        {"params": (TANH,)},
        {"params": (TANH, {**DIODE, "ideality": [1.0, 1.0]})},
    ],
)
def test_arrays_of_unequal_lengths_are_refused(changes: dict[str, Any]):
    with pytest.raises(CircuitError):
        small(**changes)


def test_the_arrays_of_a_table_cannot_be_written():
    source = np.array([0, 1, 2])
    table = small(source=source)
    for array in (table.source, table.codes, table.trainable, table.params[0]["a"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    source[:] = source  # the caller's own array stays as it was


@given(circuits())
def test_compiled_alike(circuit: Circuit):
    ours, theirs = compile_circuit(as_tables(circuit)), compile_circuit(circuit)
    assert ours.to_circuit() == circuit
    v = ours.v0.unsqueeze(-1)
    for mine, other in zip(ours.fields(), theirs.fields(), strict=True):
        assert torch.equal(mine(0.0, v), other(0.0, v))


@pytest.fixture(scope="module")
def large() -> Circuit:
    """Two slices of more devices than are kept as objects."""
    shape = {"height": 12, "width": 12, "kernel": 3, "extra": 10}
    return TOPOLOGIES["neighbor"](**shape, kind="threshold_relu", slices=2)()


def test_a_large_circuit_is_made_of_tables(large: Circuit):
    first, second = (part.devices for part in large.slices)
    assert isinstance(first, DeviceTable)
    assert isinstance(second, DeviceTable)
    assert len(first) > OBJECT_LIMIT
    assert second[-1].id == f"d{large.device_count}"
    assert large == large.replace(
        slices=tuple(replace(part, devices=tuple(part.devices)) for part in large.slices)
    )


def test_training_writes_back_into_the_table(large: Circuit):
    frozen = np.arange(len(large.slices[0].devices)) % 3 == 0
    tables = [replace(table, trainable=~frozen) for table in large.tables()]
    parts = zip(large.slices, tables, strict=True)
    circuit = large.replace(slices=tuple(replace(part, devices=table) for part, table in parts))
    compiled = compile_circuit(circuit)
    with torch.no_grad():
        for value in compiled.parameters():
            value.add_(1.0)
    compiled.constrain_()
    trained = compiled.to_circuit()
    with torch.no_grad():  # what was written back is a copy
        next(compiled.parameters()).zero_()
    for before, part in zip(tables, trained.slices, strict=True):
        after = part.devices
        assert isinstance(after, DeviceTable)
        for name, value in before.params[0].items():
            np.testing.assert_array_equal(after.params[0][name], value + ~frozen)


def test_tables_start_from_the_same_law_as_devices(large: Circuit):
    """Gains have the spread 0.7/sqrt(degree), thresholds are even in -0.5..0.5 V."""
    table = next(initialise(large, 3).tables())
    ground = len(large.nodes)
    degree = np.bincount(np.concatenate([table.source, table.target]))
    degree[ground] = 1
    crowd = np.maximum(degree[table.source], degree[table.target])
    gain, threshold = table.params[0]["gain"], table.params[0]["threshold"]
    # 11,000 samples know their spread to 0.7 %.
    assert (gain * np.sqrt(crowd)).std() == pytest.approx(0.7, rel=0.03)
    assert threshold.std() == pytest.approx(12**-0.5, rel=0.03)
    assert np.abs(threshold).max() <= 0.5
    assert initialise(large, 3) == initialise(large, 3)
    assert initialise(large, 3) != initialise(large, 4)


def test_frozen_devices_of_a_table_keep_their_values(large: Circuit):
    table = next(large.tables())
    locked = replace(table, trainable=np.arange(len(table)) % 2 == 0)
    circuit = large.replace(slices=(Slice(locked),))
    drawn = next(initialise(circuit, 0).tables()).params[0]["gain"]
    same = drawn == table.params[0]["gain"]
    np.testing.assert_array_equal(same, ~locked.trainable)


def test_table_of_reads_rows_by_name():
    circuit = random_circuit(0, slices=1)
    rows = {name: row for row, name in enumerate(circuit.row_names)}
    table = table_of(circuit.slices[0], rows)
    for device, source, target in zip(
        circuit.devices, table.source.tolist(), table.target.tolist(), strict=True
    ):
        assert (rows[device.source], rows[device.target]) == (source, target)
    assert [table.kinds[code] for code in table.codes] == [d.kind for d in circuit.devices]
