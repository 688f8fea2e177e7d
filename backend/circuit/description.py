"""The description of a circuit: names and numbers, checked, in and out of JSON."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ..checks import a_flag, a_list, a_number, a_record, a_text, an_identifier, an_object
from ..errors import CircuitError, InputError, Place, quoted
from ..reading import json_value
from ..registry import nearest
from ..waveforms import Waveform, read_drive
from .rules import GROUND as GROUND
from .rules import ROLES as ROLES
from .rules import TakenIds, check_drives, checked_device, checked_nodes

if TYPE_CHECKING:
    from .device_table import DeviceTable

FORMAT = "kirchhoff-circuit/1"
DRIVEN_FORMAT = "kirchhoff-circuit/2"
"""Written only for what the first cannot say; both are read."""
MAX_JSON_PARTS = 200_000
"""Nodes and devices of a circuit in JSON, each of which becomes an object of some 1 kB."""

MAX_SLICES = 10_000
SETTINGS = ("model", "model_options", "solver", "solver_options")


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its capacitor to ground, or a driven one with a voltage source in its place.

    Args:
        id: unique name; ``gnd`` is reserved for ground.
        voltage: initial voltage [V]; of a driven node that of its drive at 0 s.
        capacitance: capacitance to ground [F], positive; a driven node has none.
        role: ``hidden``, ``input``, ``output`` or ``both``.
        label: free text shown beside the node.
        x: horizontal place on the board [px].
        y: vertical place on the board, downwards [px].
        drive: what holds the node's voltage at all times; ``None`` where its capacitor does.
    """

    id: str
    voltage: float = 0.0
    capacitance: float = 1.0
    role: str = "hidden"
    label: str = ""
    x: float = 0.0
    y: float = 0.0
    drive: Waveform | None = None

    def to_dict(self) -> dict[str, Any]:
        """The node in the file format."""
        own = {"voltage": self.voltage, "capacitance": self.capacitance}
        held = {} if self.drive is None else {"drive": self.drive.to_dict()}
        return {
            "id": self.id,
            **(held or own),
            "role": self.role,
            "label": self.label,
            "x": self.x,
            "y": self.y,
        }


@dataclass(frozen=True, slots=True)
class Device:
    """A two-terminal device; its current is positive from source to target.

    Args:
        id: unique name over all slices.
        kind: a registered device kind.
        source: node id or ``gnd``.
        target: node id or ``gnd``, other than the source.
        params: the kind's parameters; missing ones take the kind's defaults.
        trainable: whether training may change the parameters.
    """

    id: str
    kind: str
    source: str
    target: str
    params: Mapping[str, float] = field(default_factory=dict)
    trainable: bool = True


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of time with its own devices.

    Args:
        devices: the devices that conduct during the slice; many of them come as a table.
        duration: length of the slice [s], positive.
    """

    devices: "tuple[Device, ...] | DeviceTable" = ()
    duration: float = 1.0


@dataclass(frozen=True)
class Circuit:
    """A directed multigraph of nodes and devices, with depth as an ordered list of slices.

    Equal circuits describe the same system and the same board.

    Args:
        nodes: in the order of the state vector.
        slices: in the order of time.
        name: shown to people.
        settings: how a trained circuit is meant to be solved and read out, as fields of a training
            spec (``SETTINGS``); network files carry it, JSON does not.

    Raises:
        CircuitError: names the place, what was found and what to do.
    """

    nodes: tuple[Node, ...]
    slices: tuple[Slice, ...]
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        a_text(self.name, ("name",))
        object.__setattr__(self, "nodes", checked_nodes(tuple(self.nodes)))
        if not self.slices:
            raise CircuitError("a circuit needs at least one slice", ("slices",))
        names, ids = self.row_names, TakenIds()
        checked = tuple(
            _checked_slice(part, ("slices", index), names, ids)
            for index, part in enumerate(self.slices)
        )
        object.__setattr__(self, "slices", checked)
        if not math.isfinite(sum(part.duration for part in checked)):
            raise CircuitError("the durations add up to more than a number holds", ("slices",))
        check_drives(self.nodes, self.duration)

    @property
    def node_ids(self) -> tuple[str, ...]:
        """Node ids in the order of the state vector."""
        return tuple(node.id for node in self.nodes)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Node ids by state row; ground has the last row."""
        return (*self.node_ids, GROUND)

    @property
    def devices(self) -> tuple[Device, ...]:
        """All devices, slice after slice; of a large circuit, ask for ``tables`` instead."""
        return tuple(device for part in self.slices for device in part.devices)

    @property
    def device_count(self) -> int:
        """Number of devices in all slices."""
        return sum(len(part.devices) for part in self.slices)

    @property
    def device_ids(self) -> tuple[str, ...]:
        """Device ids, slice after slice."""
        return tuple(name for part in self.slices for name in _ids(part.devices))

    def tables(self) -> "Iterator[DeviceTable]":
        """The devices of every slice as arrays."""
        from .device_table import table_of  # numpy only where it is needed

        rows = {name: row for row, name in enumerate(self.row_names)}
        return (table_of(part, rows) for part in self.slices)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Ids of the input nodes, in order."""
        return tuple(node.id for node in self.nodes if node.role in ("input", "both"))

    @property
    def outputs(self) -> tuple[str, ...]:
        """Ids of the output nodes, in order."""
        return tuple(node.id for node in self.nodes if node.role in ("output", "both"))

    @property
    def driven(self) -> tuple[str, ...]:
        """Ids of the nodes that are held by a source, in order."""
        return tuple(node.id for node in self.nodes if node.drive is not None)

    @property
    def duration(self) -> float:
        """Total duration of all slices [s]."""
        return math.fsum(part.duration for part in self.slices)

    def replace(self, **changes: Any) -> "Circuit":
        """A circuit with some fields changed, checked anew."""
        return replace(self, **changes)

    def with_voltages(self, voltages: Mapping[str, float]) -> "Circuit":
        """The circuit with other initial voltages [V].

        Raises:
            CircuitError: an unknown node or a value that is not a finite number.
        """
        known, driven = set(self.node_ids), set(self.driven)
        for name in voltages:
            if name not in known:
                hint = nearest(name, list(self.node_ids))
                raise CircuitError(f"there is no node {quoted(name)}; {hint}")
            if name in driven:
                raise CircuitError(
                    f"node {quoted(name)} is driven and has no initial voltage; change its drive"
                )
        nodes = tuple(
            replace(node, voltage=a_number(voltages[node.id], ("nodes", node.id, "voltage")))
            if node.id in voltages
            else node
            for node in self.nodes
        )
        # Nothing else changes and the voltages are checked: the devices need no second look.
        circuit = copy(self)
        object.__setattr__(circuit, "nodes", nodes)
        return circuit

    def with_settings(self, settings: Mapping[str, Any]) -> "Circuit":
        """The circuit with other settings, those of ``SETTINGS`` among the given fields."""
        circuit = copy(self)
        kept = {name: settings[name] for name in SETTINGS if name in settings}
        object.__setattr__(circuit, "settings", kept)
        return circuit

    def to_dict(self) -> dict[str, Any]:
        """The circuit in the file format, ``kirchhoff-circuit/1`` where that can say it."""
        return {
            "format": DRIVEN_FORMAT if self.driven else FORMAT,
            "name": self.name,
            "nodes": [node.to_dict() for node in self.nodes],
            "slices": [
                {
                    "duration": part.duration,
                    "devices": [
                        {
                            "id": device.id,
                            "kind": device.kind,
                            "source": device.source,
                            "target": device.target,
                            "params": dict(device.params),
                            "trainable": device.trainable,
                        }
                        for device in part.devices
                    ],
                }
                for part in self.slices
            ],
        }

    def to_json(self) -> str:
        """The circuit as JSON text, one node or device a line so that differences read well."""
        data = self.to_dict()
        head = {"format": data["format"], "name": self.name}
        nodes = ",\n  ".join(json.dumps(node) for node in data["nodes"])
        slices = ",\n  ".join(
            f'{{"duration": {json.dumps(part["duration"])}, "devices": ['
            + ",".join(f"\n   {json.dumps(device)}" for device in part["devices"])
            + "]}"
            for part in data["slices"]
        )
        opening = json.dumps(head)[:-1]
        return f'{opening},\n "nodes": [\n  {nodes}],\n "slices": [\n  {slices}]}}\n'

    @classmethod
    def from_dict(cls, data: Any) -> "Circuit":
        """A circuit from the file format.

        Raises:
            CircuitError: unknown fields or versions, wrong types, broken rules; with the place.
        """
        record = a_record(data, (), {"format", "nodes", "slices"}, {"name"})
        if record["format"] not in (FORMAT, DRIVEN_FORMAT):
            raise CircuitError(
                f"this file says {quoted(record['format'])}; this version reads '{FORMAT}' and "
                f"'{DRIVEN_FORMAT}'",
                ("format",),
            )
        _check_size(record)
        read = _node if record["format"] == FORMAT else _driven_or_node
        nodes = [read(item, ("nodes", index)) for index, item in enumerate(record["nodes"])]
        slices = [_slice(item, ("slices", index)) for index, item in enumerate(record["slices"])]
        return cls(tuple(nodes), tuple(slices), a_text(record.get("name", ""), ("name",)))

    @classmethod
    def from_json(cls, text: str) -> "Circuit":
        """A circuit from JSON text.

        Raises:
            CircuitError: not JSON, or not a circuit.
        """
        try:
            data = json_value(text)
        except InputError as error:
            raise CircuitError(error.message, error.where) from None
        return cls.from_dict(data)


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


def _ids(devices: "tuple[Device, ...] | DeviceTable") -> Iterable[str]:
    return (device.id for device in devices) if isinstance(devices, tuple) else devices.ids


def _checked_slice(part: Slice, where: Place, names: tuple[str, ...], ids: TakenIds) -> Slice:
    if a_number(part.duration, (*where, "duration")) <= 0:
        raise CircuitError(
            f"the duration must be positive, got {part.duration:g} s", (*where, "duration")
        )
    where = (*where, "devices")
    if not isinstance(part.devices, tuple) and hasattr(part.devices, "checked"):
        return replace(part, devices=part.devices.checked(where, names, ids))
    known = set(names)
    devices = tuple(
        checked_device(device, (*where, index), known, ids)
        for index, device in enumerate(part.devices)
    )
    return replace(part, devices=devices)


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


def _slice(data: Any, where: Place) -> Slice:
    record = a_record(data, where, {"devices"}, {"duration"})
    devices = tuple(
        _device(item, (*where, "devices", index))
        for index, item in enumerate(a_list(record["devices"], (*where, "devices")))
    )
    return Slice(devices, a_number(record.get("duration", 1.0), (*where, "duration")))


def _device(data: Any, where: Place) -> Device:
    record = a_record(data, where, {"id", "kind", "source", "target"}, {"params", "trainable"})
    params = an_object(record.get("params", {}), (*where, "params"))
    return Device(
        id=an_identifier(record["id"], (*where, "id")),
        kind=a_text(record["kind"], (*where, "kind")),
        source=a_text(record["source"], (*where, "source")),
        target=a_text(record["target"], (*where, "target")),
        params={name: a_number(value, (*where, "params", name)) for name, value in params.items()},
        trainable=a_flag(record.get("trainable", True), (*where, "trainable")),
    )
