"""The description of a circuit: names and numbers, checked, in and out of JSON."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..checks import (
    a_choice,
    a_number,
    a_text,
)
from ..errors import CircuitError, InputError, Place, quoted
from ..notebook import shown
from ..reading import json_value
from ..registry import nearest
from ..waveforms import Waveform
from .general import check_general, reasons
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
STARTS = ("voltages", "operating-point")
"""Where a simulation starts: at the stated voltages, or where the circuit rests at 0 s."""


@dataclass(frozen=True, slots=True)
class Node:
    """A node with its capacitor to ground, or a driven one with a voltage source in its place.

    Args:
        id: unique name; ``gnd`` is reserved for ground.
        voltage: initial voltage [V]; of a driven node that of its drive at 0 s.
        capacitance: capacitance to ground [F]; 0 for none, and a driven node has none.
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
        terminals: node ids of the kind's further terminals by name; under ``control`` the id of
            the device whose current controls this one.
        drive: waveform that is added to a source's value.
        expression: what a device of a kind that has one does, see ``devices.expressed``; its
            parameters and terminals are those that it names.
    """

    id: str
    kind: str
    source: str
    target: str
    params: Mapping[str, float] = field(default_factory=dict)
    trainable: bool = True
    terminals: Mapping[str, str] = field(default_factory=dict)
    drive: Waveform | None = None
    expression: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The device in the file format."""
        more: dict[str, Any] = {"terminals": dict(self.terminals)} if self.terminals else {}
        if self.drive is not None:
            more["drive"] = self.drive.to_dict()
        if self.expression:
            more["expression"] = self.expression
        return {
            "id": self.id,
            "kind": self.kind,
            "source": self.source,
            "target": self.target,
            **more,
            "params": dict(self.params),
            "trainable": self.trainable,
        }


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
        start: one of ``STARTS``; only circuits of the general class start at an operating point.
        settings: how a trained circuit is meant to be solved and read out, as fields of a training
            spec (``SETTINGS``); network files carry it, JSON does not.

    Raises:
        CircuitError: names the place, what was found and what to do.
    """

    nodes: tuple[Node, ...]
    slices: tuple[Slice, ...]
    name: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict, compare=False)
    start: str = STARTS[0]

    def __post_init__(self) -> None:
        a_text(self.name, ("name",))
        a_choice(self.start, ("start",), STARTS)
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
        check_general(self)

    @cached_property
    def general(self) -> tuple[str, ...]:
        """Why the circuit is of the general class, one reason a phrase; empty in the fast class.

        The fast class has a capacitor or a source to ground at every node and devices that know
        only the voltages of their two ends; all kernels and trainings are for it.
        """
        return reasons(self)

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

    @cached_property
    def waves(self) -> tuple[Waveform, ...]:
        """The waveforms of driven nodes in order, then those of sources between nodes."""
        held = [node.drive for node in self.nodes]
        between = [device.drive for device in self.devices] if self.general else []
        return tuple(wave for wave in (*held, *between) if wave is not None)

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
            "format": DRIVEN_FORMAT if self.driven or self.general else FORMAT,
            "name": self.name,
            **({"start": self.start} if self.start != STARTS[0] else {}),
            "nodes": [node.to_dict() for node in self.nodes],
            "slices": [
                {
                    "duration": part.duration,
                    "devices": [device.to_dict() for device in part.devices],
                }
                for part in self.slices
            ],
        }

    def _repr_html_(self) -> str | None:
        """In a notebook, the page that plays it."""
        return shown(self)

    def to_json(self) -> str:
        """The circuit as JSON text, one node or device a line so that differences read well."""
        data = self.to_dict()
        head = {name: data[name] for name in ("format", "name", "start") if name in data}
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
        from .document import read_document  # which makes circuits

        return read_document(data)

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
