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

The metadata hold the format, the circuit's name, the ``settings`` it was trained with (absent when
none are known) and ``loader``: a short program in plain torch that integrates this very file;
``loader`` below writes it. Neither form can run code when it is read.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from ..circuit import GROUND, ROLES, SETTINGS, Circuit, Node, Slice
from ..device_table import DeviceTable
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
    metadata, arrays = _read(Path(path))
    if metadata.get("format") != FORMAT:
        raise CircuitError(
            f"this file says {metadata.get('format')!r}; this version reads '{FORMAT}'", ("format",)
        )
    return _Reader(metadata, arrays).circuit()


def _read(path: Path) -> tuple[dict[str, str], Arrays]:
    """Metadata and arrays of a file of either form."""
    if path.suffix == ".pt":
        return _read_pt(path)
    with _opened(path) as file:
        return file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            yield file
    except SafetensorError as error:
        raise CircuitError(f"not a complete safetensors file ({error})") from None
    except OSError as error:
        raise CircuitError(f"cannot be read ({_reason(error)})") from None


def _reason(error: OSError) -> str:
    return error.strerror or str(error).splitlines()[0]


def _read_pt(path: Path) -> tuple[dict[str, str], Arrays]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise CircuitError(f"cannot be read ({_reason(error)})") from None
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
    nodes = circuit.nodes
    arrays = {
        "voltage": torch.tensor([node.voltage for node in nodes], dtype=FLOAT),
        "capacitance": torch.tensor([node.capacitance for node in nodes], dtype=FLOAT),
        "role": torch.tensor([ROLES.index(node.role) for node in nodes], dtype=torch.uint8),
        "position": torch.tensor([(node.x, node.y) for node in nodes], dtype=FLOAT),
        "durations": torch.tensor([part.duration for part in circuit.slices], dtype=FLOAT),
    }
    tables = list(circuit.tables())
    for index, table in enumerate(tables):
        arrays |= _slice_arrays(f"{index}.", table)
    texts = {"labels": [node.label for node in nodes]} if any(node.label for node in nodes) else {}
    if circuit.node_ids != tuple(_numbered("n", len(nodes))):
        texts["node_ids"] = list(circuit.node_ids)
    if not _usual(tables):
        texts["device_ids"] = list(circuit.device_ids)
    for name, values in texts.items():
        content = bytearray(json.dumps(values).encode("ascii"))
        arrays[name] = torch.frombuffer(content, dtype=torch.uint8)
    return arrays


def _slice_arrays(prefix: str, table: DeviceTable) -> Arrays:
    arrays: Arrays = {}
    for code, (kind, params) in enumerate(zip(table.kinds, table.params, strict=True)):
        start, places = f"{prefix}{kind}.", table.places(code)
        whole = len(table.kinds) == 1
        for name in ("source", "target", "trainable"):
            column = getattr(table, name)
            arrays[start + name] = torch.tensor(column if whole else column[places])
        arrays[start + "place"] = torch.tensor(places)
        for name, column in params.items():
            arrays[start + name] = torch.tensor(column)
    return arrays


def _usual(tables: Sequence[DeviceTable]) -> bool:
    """Whether all device ids are ``d1``, ``d2``, ... through all slices."""
    first = 0
    for table in tables:
        usual = range(first + 1, first + 1 + len(table))
        if table.numbers != usual and table.ids != tuple([f"d{number}" for number in usual]):
            return False
        first = usual.stop - 1
    return True


def _numbered(letter: str, count: int) -> list[str]:
    return [f"{letter}{number}" for number in range(1, count + 1)]


def _metadata(circuit: Circuit, form: str) -> dict[str, str]:
    name = json.dumps(circuit.name)  # ASCII: a name may hold what a file header may not
    known = {"settings": json.dumps(dict(circuit.settings))} if circuit.settings else {}
    return {"format": FORMAT, "name": name, **known, "loader": loader(circuit, form)}


def settings_of(path: str | Path) -> dict[str, Any]:
    """How the network in a file was trained to be solved and read out; empty when it does not say.

    Raises:
        CircuitError: the file cannot be read or is damaged; names the file.
    """
    path = Path(path)
    try:
        if path.suffix == ".pt":
            return _settings(_read(path)[0])
        with _opened(path) as file:
            return _settings(file.metadata() or {})
    except CircuitError as error:
        raise CircuitError(f"{path}: {error}") from None


def _settings(metadata: Mapping[str, Any]) -> dict[str, Any]:
    if "settings" not in metadata:
        return {}
    try:
        found = json.loads(metadata["settings"])
    except (ValueError, TypeError, RecursionError):
        found = None
    names, options = ("model", "solver"), ("model_options", "solver_options")
    if (
        not isinstance(found, dict)
        or not set(found) <= set(SETTINGS)
        or not all(isinstance(found.get(name, ""), str) for name in names)
        or not all(isinstance(found.get(name, {}), dict) for name in options)
    ):
        raise CircuitError(f"expected a JSON object of {', '.join(SETTINGS)}", ("settings",))
    return found


class _Reader:
    """Checks arrays one by one while it builds the circuit; every complaint names the array."""

    def __init__(self, metadata: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
        self.metadata = metadata
        self.arrays = arrays
        self.used: set[str] = set()

    def circuit(self) -> Circuit:
        nodes = self._nodes()
        names = (*(node.id for node in nodes), GROUND)
        durations = self._take("durations", None, FLOAT).tolist()
        tables = [self._table(index, names) for index in range(len(durations))]
        slices = tuple(
            Slice(table.described(), duration)
            for table, duration in zip(self._named(tables), durations, strict=True)
        )
        unknown = sorted(set(self.arrays) - self.used)
        if unknown:
            raise CircuitError("there should be no such array", (unknown[0],))
        return Circuit(nodes, slices, self._name(), _settings(self.metadata))

    def _named(self, tables: list[DeviceTable]) -> Iterator[DeviceTable]:
        """The tables with the file's ids, or the generated ones."""
        firsts = [0, *accumulate(len(table) for table in tables)]
        given = self._texts("device_ids", firsts[-1])
        for table, first in zip(tables, firsts, strict=False):
            explicit = None if given is None else tuple(given[first : first + len(table)])
            yield replace(table, first=first, explicit=explicit)

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
        ids = self._texts("node_ids", count) or _numbered("n", count)
        labels = self._texts("labels", count) or [""] * count
        if max(roles, default=0) >= len(ROLES):
            raise CircuitError(f"a role is {max(roles)}; roles are 0 to 3", ("role",))
        return tuple(
            Node(name, voltage, capacitance, ROLES[role], label, x, y)
            for name, voltage, capacitance, role, label, (x, y) in zip(
                ids, voltages, capacitances, roles, labels, places, strict=True
            )
        )

    def _table(self, index: int, names: tuple[str, ...]) -> DeviceTable:
        """The devices of one slice, without their ids."""
        start = f"{index}."
        kinds = sorted({name.split(".")[1] for name in self.arrays if name.startswith(start)})
        members: list[_Members] = []
        for kind in kinds:
            if kind not in DEVICES:
                raise CircuitError(f"unknown device kind {kind!r}", (f"{start}{kind}",))
            members.append(self._of_kind(f"{start}{kind}.", kind, len(names)))
        count = sum(len(part.places) for part in members)
        met = np.zeros(count, np.bool_)
        for part in members:
            met[part.places[(part.places >= 0) & (part.places < count)]] = True
        if not met.all():
            raise CircuitError(
                "the places of the devices are not 0, 1, 2, ... without gaps", (f"{start}*.place",)
            )
        codes, source = np.empty(count, np.uint8), np.empty(count, np.int64)
        target, trainable = np.empty(count, np.int64), np.empty(count, np.bool_)
        for code, part in enumerate(members):
            codes[part.places] = code
            source[part.places] = part.source
            target[part.places] = part.target
            trainable[part.places] = part.trainable
        params = tuple(part.params for part in members)
        return DeviceTable(names, tuple(kinds), codes, source, target, params, trainable)

    def _of_kind(self, start: str, kind: str, rows: int) -> "_Members":
        """The devices of one kind; their parameters in the order of their places."""
        places = self._take(start + "place", None, torch.int64).numpy()
        count = len(places)
        source, target = (self._ends(start + end, count, rows) for end in ("source", "target"))
        trainable = self._take(start + "trainable", count, torch.bool).numpy()
        params = {
            param.name: self._take(start + param.name, count, FLOAT).numpy()
            for param in DEVICES[kind].params
        }
        if not (np.diff(places) > 0).all():
            order = places.argsort()
            params = {name: column[order] for name, column in params.items()}
        return _Members(places, source, target, trainable, params)

    def _ends(self, name: str, count: int, rows: int) -> np.ndarray:
        found = self._take(name, count, torch.int64).numpy()
        if count and (int(found.min()) < 0 or int(found.max()) >= rows):
            raise CircuitError(f"rows must lie between 0 and {rows - 1} (ground)", (name,))
        return found

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

    def _texts(self, name: str, count: int) -> list[str] | None:
        """A list of ``count`` texts, ``None`` when the file leaves it to the usual ones."""
        if name not in self.arrays:
            return None
        content = bytes(self._take(name, None, torch.uint8).numpy())
        try:
            values = json.loads(content)
        except (ValueError, RecursionError):
            values = None
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise CircuitError("expected a JSON list of texts", (name,))
        if len(values) != count:
            raise CircuitError(f"expected {count} texts, got {len(values)}", (name,))
        return values


class _Members(NamedTuple):
    """The devices of one kind in a slice, as in the file; see the table above."""

    places: np.ndarray
    source: np.ndarray
    target: np.ndarray
    trainable: np.ndarray
    params: dict[str, np.ndarray]
