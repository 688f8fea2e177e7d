"""Circuits as PyTorch arrays: ``.safetensors`` and ``.pt``, for large networks and for users' code.

Both hold the same named arrays (N nodes, K slices; ``0``, ``1``, ... are the slices):

| name | shape | meaning |
| --- | --- | --- |
| ``voltage``, ``capacitance`` | (N,) | initial voltages [V] and capacitances to ground [F] |
| ``durations`` | (K,) | lengths of the slices [s] |
| ``role``, ``position`` | (N,), (N, 2) | 0 hidden, 1 input, 2 output, 3 both; place on the board |
| ``0.tanh.source``, ``0.tanh.target`` | (n,) | rows of all tanh devices' ends; row N is ground |
| ``0.tanh.a``, ... | (n,) | one array for every parameter of the kind |
| ``0.tanh.place``, ``0.tanh.trainable`` | (n,) | place in the slice; may it be trained |
| ``node_ids``, ``device_ids``, ``labels`` | bytes | JSON lists, absent when all are as generated |

The metadata hold the format, the circuit's name and ``loader``: a short program in plain torch that
integrates this very file; ``loader`` below writes it. Neither form can run code when it is read.
"""

import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..circuit import GROUND, ROLES, Circuit, Device, Node, Slice
from ..devices import DEVICES
from ..errors import CircuitError, ExportError
from .base import EXPORTERS, Exporter
from .loader import loader

FORMAT = "kirchhoff-network/1"
FLOAT = torch.float64
NODE_ARRAYS = ("voltage", "capacitance", "role", "position", "durations")
TEXT_ARRAYS = ("node_ids", "device_ids", "labels")
OWN = ("source", "target", "place", "trainable")

Arrays = dict[str, Tensor]


@EXPORTERS.register("safetensors")
class SafetensorsExporter(Exporter):
    """Topology and parameters as arrays in a file that cannot run code."""

    title = "PyTorch weights (safetensors)"
    suffix = ".safetensors"

    def content(self, circuit: Circuit) -> bytes:
        """The whole file."""
        return save(arrays_of(circuit), metadata=_metadata(circuit, "safetensors"))


@EXPORTERS.register("pt")
class PtExporter(Exporter):
    """The same arrays for ``torch.load(path, weights_only=True)``."""

    title = "PyTorch weights (pt)"
    suffix = ".pt"

    def content(self, circuit: Circuit) -> bytes:
        """The whole file."""
        buffer = io.BytesIO()
        torch.save({"metadata": _metadata(circuit, "pt"), "arrays": arrays_of(circuit)}, buffer)
        return buffer.getvalue()


def save_network(circuit: Circuit, path: str | Path) -> None:
    """Write a ``.safetensors`` or ``.pt`` network, replacing an older one only when complete.

    Raises:
        CircuitError: another suffix, or the file cannot be written.
    """
    path = Path(path)
    if path.suffix not in {".safetensors", ".pt"}:
        raise CircuitError(f"{path}: networks are written as .safetensors or .pt")
    try:
        EXPORTERS[path.suffix[1:]]().export(circuit, path)
    except ExportError as error:
        raise CircuitError(str(error)) from None


def load_network(path: str | Path) -> Circuit:
    """The circuit in a ``.safetensors`` or ``.pt`` network, equal to the one that was saved.

    Raises:
        CircuitError: the file cannot be read or is damaged; names the array.
    """
    path = Path(path)
    try:
        metadata, arrays = _read_pt(path) if path.suffix == ".pt" else _read_safetensors(path)
    except OSError as error:
        reason = error.strerror or str(error).splitlines()[0]
        raise CircuitError(f"cannot be read ({reason})") from None
    if metadata.get("format") != FORMAT:
        raise CircuitError(
            f"this file says {metadata.get('format')!r}; this version reads '{FORMAT}'", ("format",)
        )
    return _Reader(metadata, arrays).circuit()


def _read_safetensors(path: Path) -> tuple[dict[str, str], Arrays]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise CircuitError(f"not a complete safetensors file ({error})") from None


def _read_pt(path: Path) -> tuple[dict[str, str], Arrays]:
    content = path.read_bytes()
    try:
        data = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
    except Exception:  # damaged archives raise whatever their first wrong byte leads to
        raise CircuitError("not a complete .pt file of arrays only") from None
    if not isinstance(data, dict) or set(data) != {"metadata", "arrays"}:
        raise CircuitError("this .pt file holds something other than an exported network")
    metadata, arrays = data["metadata"], data["arrays"]
    if not isinstance(metadata, dict) or not isinstance(arrays, dict):
        raise CircuitError("this .pt file holds something other than an exported network")
    return metadata, arrays


def arrays_of(circuit: Circuit) -> Arrays:
    """The circuit as named arrays, see the table above."""
    rows = {node.id: row for row, node in enumerate(circuit.nodes)}
    rows[GROUND] = len(circuit.nodes)
    nodes = circuit.nodes
    arrays = {
        "voltage": torch.tensor([node.voltage for node in nodes], dtype=FLOAT),
        "capacitance": torch.tensor([node.capacitance for node in nodes], dtype=FLOAT),
        "role": torch.tensor([ROLES.index(node.role) for node in nodes], dtype=torch.uint8),
        "position": torch.tensor([(node.x, node.y) for node in nodes], dtype=FLOAT),
        "durations": torch.tensor([part.duration for part in circuit.slices], dtype=FLOAT),
    }
    for index, part in enumerate(circuit.slices):
        arrays |= _slice_arrays(f"{index}.", part, rows)
    texts = {
        "node_ids": (list(circuit.node_ids), _numbered("n", len(nodes))),
        "device_ids": (list(circuit.device_ids), _numbered("d", len(circuit.device_ids))),
        "labels": ([node.label for node in nodes], [""] * len(nodes)),
    }
    for name, (values, usual) in texts.items():
        if values != usual:
            content = bytearray(json.dumps(values).encode("ascii"))
            arrays[name] = torch.frombuffer(content, dtype=torch.uint8)
    return arrays


def _slice_arrays(prefix: str, part: Slice, rows: Mapping[str, int]) -> Arrays:
    by_kind: dict[str, list[tuple[int, Device]]] = {}
    for place, device in enumerate(part.devices):
        by_kind.setdefault(device.kind, []).append((place, device))
    arrays: Arrays = {}
    for kind, members in by_kind.items():
        start, devices = f"{prefix}{kind}.", [device for _, device in members]
        arrays[start + "source"] = torch.tensor([rows[device.source] for device in devices])
        arrays[start + "target"] = torch.tensor([rows[device.target] for device in devices])
        arrays[start + "place"] = torch.tensor([place for place, _ in members])
        arrays[start + "trainable"] = torch.tensor([device.trainable for device in devices])
        for param in DEVICES[kind].params:
            values = [device.params[param.name] for device in devices]
            arrays[start + param.name] = torch.tensor(values, dtype=FLOAT)
    return arrays


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, count + 1)]


def _metadata(circuit: Circuit, form: str) -> dict[str, str]:
    name = json.dumps(circuit.name)  # ASCII: a name may hold what a file header may not
    return {"format": FORMAT, "name": name, "loader": loader(circuit, form)}


class _Reader:
    """Checks arrays one by one while it builds the circuit; every complaint names the array."""

    def __init__(self, metadata: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        self.metadata = metadata
        self.arrays = arrays
        self.used: set[str] = set()

    def circuit(self) -> Circuit:
        nodes = self._nodes()
        ids = [*(node.id for node in nodes), GROUND]
        durations = self._take("durations", None, FLOAT).tolist()
        parts = [self._members(index, ids) for index in range(len(durations))]
        count = sum(len(part) for part in parts)
        names = iter(self._texts("device_ids", _numbered("d", count)))
        slices = tuple(
            Slice(tuple(Device(next(names), **member) for member in part), duration)
            for part, duration in zip(parts, durations, strict=True)
        )
        unknown = sorted(set(self.arrays) - self.used)
        if unknown:
            raise CircuitError("there should be no such array", (unknown[0],))
        return Circuit(nodes, slices, self._name())

    def _name(self) -> str:
        try:
            name = json.loads(self.metadata.get("name", '""'))
        except (ValueError, TypeError):
            name = None
        if not isinstance(name, str):
            raise CircuitError("expected text as JSON", ("name",))
        return name

    def _nodes(self) -> tuple[Node, ...]:
        voltages = self._take("voltage", None, FLOAT).tolist()
        count = len(voltages)
        capacitances = self._take("capacitance", count, FLOAT).tolist()
        roles = self._take("role", count, torch.uint8).tolist()
        places = self._take("position", count, FLOAT, 2).tolist()
        ids = self._texts("node_ids", _numbered("n", count))
        labels = self._texts("labels", [""] * count)
        if max(roles, default=0) >= len(ROLES):
            raise CircuitError(f"a role is {max(roles)}; roles are 0 to 3", ("role",))
        return tuple(
            Node(name, voltage, capacitance, ROLES[role], label, x, y)
            for name, voltage, capacitance, role, label, (x, y) in zip(
                ids, voltages, capacitances, roles, labels, places, strict=True
            )
        )

    def _members(self, index: int, ids: list[str]) -> list[dict[str, Any]]:
        """The devices of one slice, without their ids, in order."""
        start = f"{index}."
        kinds = {name.split(".")[1] for name in self.arrays if name.startswith(start)}
        members: list[tuple[int, dict[str, Any]]] = []
        for kind in sorted(kinds):
            if kind not in DEVICES:
                raise CircuitError(f"unknown device kind {kind!r}", (f"{start}{kind}",))
            members += self._of_kind(f"{start}{kind}.", kind, ids)
        members.sort(key=lambda pair: pair[0])
        if [place for place, _ in members] != list(range(len(members))):
            raise CircuitError(
                "the places of the devices are not 0, 1, 2, ... without gaps", (f"{start}*.place",)
            )
        return [member for _, member in members]

    def _of_kind(
        self, start: str, kind: str, ids: list[str]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        places = self._take(start + "place", None, torch.int64).tolist()
        count = len(places)
        ends = {end: self._ends(start + end, count, ids) for end in ("source", "target")}
        trainable = self._take(start + "trainable", count, torch.bool).tolist()
        columns = {
            param.name: self._take(start + param.name, count, FLOAT).tolist()
            for param in DEVICES[kind].params
        }
        for row, place in enumerate(places):
            yield (
                place,
                {
                    "kind": kind,
                    "source": ends["source"][row],
                    "target": ends["target"][row],
                    "params": {name: column[row] for name, column in columns.items()},
                    "trainable": trainable[row],
                },
            )

    def _ends(self, name: str, count: int, ids: list[str]) -> list[str]:
        rows = self._take(name, count, torch.int64)
        if count and (int(rows.min()) < 0 or int(rows.max()) >= len(ids)):
            raise CircuitError(f"rows must lie between 0 and {len(ids) - 1} (ground)", (name,))
        return [ids[row] for row in rows.tolist()]

    def _take(self, name: str, count: int | None, dtype: torch.dtype, *more: int) -> Tensor:
        if name not in self.arrays:
            raise CircuitError("this array is missing", (name,))
        self.used.add(name)
        array = self.arrays[name]
        if not isinstance(array, Tensor) or array.is_sparse or array.dtype != dtype:
            raise CircuitError(f"expected an array of {dtype}", (name,))
        wanted = (len(array) if count is None and array.dim() else count, *more)
        if tuple(array.shape) != wanted:
            raise CircuitError(f"expected the shape {wanted}, got {tuple(array.shape)}", (name,))
        return array

    def _texts(self, name: str, usual: list[str]) -> list[str]:
        if name not in self.arrays:
            return usual
        content = bytes(self._take(name, None, torch.uint8).numpy())
        try:
            values = json.loads(content)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise CircuitError("expected a JSON list of texts", (name,))
        if len(values) != len(usual):
            raise CircuitError(f"expected {len(usual)} texts, got {len(values)}", (name,))
        return values
