"""A circuit out of the JSON of its file format; every refusal names the place."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..checks import (
    a_choice,
    a_flag,
    a_list,
    a_number,
    a_record,
    a_text,
    an_identifier,
    an_object,
)
from ..errors import CircuitError, Place, clipped, quoted
from ..waveforms import read_drive
from .description import (
    DRIVEN_FORMAT,
    FORMAT,
    MAX_JSON_PARTS,
    MAX_SLICES,
    STARTS,
    Circuit,
    Device,
    Node,
    Slice,
)


def read_document(data: Any) -> Circuit:
    """A circuit from the file format.

    Raises:
        CircuitError: unknown fields or versions, wrong types, broken rules; with the place.
    """
    record = a_record(data, (), {"format", "nodes", "slices"}, {"name", "start"})
    if record["format"] not in (FORMAT, DRIVEN_FORMAT):
        raise CircuitError(
            f"this file says {quoted(record['format'])}; this version reads '{FORMAT}' and "
            f"'{DRIVEN_FORMAT}'",
            ("format",),
        )
    _check_size(record)
    first = record["format"] == FORMAT
    read = _first_node if first else _driven_or_node
    nodes = [read(item, ("nodes", index)) for index, item in enumerate(record["nodes"])]
    slices = [_slice(item, ("slices", index), first) for index, item in enumerate(record["slices"])]
    start = a_choice(record.get("start", STARTS[0]), ("start",), STARTS)
    name = a_text(record.get("name", ""), ("name",))
    circuit = Circuit(tuple(nodes), tuple(slices), name, start=start)
    if first and circuit.general:
        raise CircuitError(
            f"this file says '{FORMAT}' and has {circuit.general[0]}, which only "
            f"'{DRIVEN_FORMAT}' knows",
            ("format",),
        )
    return circuit


def _check_size(record: Mapping[str, Any]) -> None:
    """Refuse what is too large for JSON before an object is made of every node and device."""
    a_list(record["nodes"], ("nodes",))
    parts = [
        part["devices"]
        for part in a_list(record["slices"], ("slices",), MAX_SLICES)
        if isinstance(part, dict) and isinstance(part.get("devices"), list)
    ]
    count = len(record["nodes"]) + sum(map(len, parts))
    if count > MAX_JSON_PARTS:
        raise CircuitError(
            f"the circuit has {count:,} nodes and devices and JSON holds at most "
            f"{MAX_JSON_PARTS:,}; use a .safetensors network"
        )


def _node(data: Any, where: Place) -> Node:
    optional = {"voltage", "capacitance", "role", "label", "x", "y"}
    record = a_record(data, where, {"id"}, optional)
    numbers: dict[str, Any] = {
        name: a_number(record[name], (*where, name))
        for name in ("voltage", "capacitance", "x", "y")
        if name in record
    }
    return Node(
        id=an_identifier(record["id"], (*where, "id")),
        role=record.get("role", "hidden"),
        label=a_text(record.get("label", ""), (*where, "label")),
        **numbers,
    )


def _first_node(data: Any, where: Place) -> Node:
    """A node of the first format, which has a capacitor."""
    node = _node(data, where)
    if node.capacitance == 0:
        raise CircuitError(
            f"the capacitance of node '{clipped(node.id)}' must be positive, got 0 F; only "
            f"'{DRIVEN_FORMAT}' knows nodes without a capacitor",
            (*where, "capacitance"),
        )
    return node


def _driven_or_node(data: Any, where: Place) -> Node:
    if not isinstance(data, dict) or "drive" not in data:
        return _node(data, where)
    for name in ("voltage", "capacitance"):
        if name in data:
            raise CircuitError(
                f"a driven node has no {name} of its own; leave it out, or the drive",
                (*where, name),
            )
    drive = read_drive(data["drive"], (*where, "drive"))
    rest = {name: value for name, value in data.items() if name != "drive"}
    return replace(_node(rest, where), drive=drive)


def _slice(data: Any, where: Place, first: bool) -> Slice:
    record = a_record(data, where, {"devices"}, {"duration"})
    devices = tuple(
        _device(item, (*where, "devices", index), first)
        for index, item in enumerate(a_list(record["devices"], (*where, "devices")))
    )
    return Slice(devices, a_number(record.get("duration", 1.0), (*where, "duration")))


def _device(data: Any, where: Place, first: bool) -> Device:
    optional = {"params", "trainable"} | (set() if first else {"terminals", "drive", "expression"})
    record = a_record(data, where, {"id", "kind", "source", "target"}, optional)
    params = an_object(record.get("params", {}), (*where, "params"))
    terminals = an_object(record.get("terminals", {}), (*where, "terminals"))
    return Device(
        id=an_identifier(record["id"], (*where, "id")),
        kind=a_text(record["kind"], (*where, "kind")),
        source=a_text(record["source"], (*where, "source")),
        target=a_text(record["target"], (*where, "target")),
        params={name: a_number(value, (*where, "params", name)) for name, value in params.items()},
        trainable=a_flag(record.get("trainable", True), (*where, "trainable")),
        terminals={
            name: a_text(node, (*where, "terminals", name)) for name, node in terminals.items()
        },
        drive=read_drive(record["drive"], (*where, "drive")) if "drive" in record else None,
        expression=a_text(record.get("expression", ""), (*where, "expression")),
    )
