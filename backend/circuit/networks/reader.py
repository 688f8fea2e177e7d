"""Networks in ``.safetensors`` and ``.pt`` files, checked array by array; see ``arrays``."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from ...checks import a_text
from ...devices import DEVICES
from ...errors import CircuitError, InputError, clipped, quoted
from ...reading import json_value, named, open_file
from ..description import GROUND, MAX_SLICES, ROLES, SETTINGS, Circuit, Node, Slice
from ..device_table import DeviceTable
from .drives import PREFIX, read_drives
from .pt_file import NotPytorchError, read_pt

FORMAT = "kirchhoff-network/1"
DRIVEN_FORMAT = "kirchhoff-network/2"
"""Written only where nodes are driven; both are read."""

FLOAT = torch.float64
MAX_BYTES = 2**30
MAX_HEADER = 8 * 2**20
"""Bytes of a safetensors header: names, shapes, and the metadata."""

MAX_NODES = 500_000
MAX_DEVICES = 10_000_000
MAX_TEXTS = 128 * 2**20
"""Bytes of a list of ids or labels."""

Arrays = dict[str, Tensor]


def load_network(path: str | Path) -> Circuit:
    """The circuit in a ``.safetensors`` or ``.pt`` network, equal to the one that was saved.

    Raises:
        CircuitError: the file cannot be read or is damaged; names the array.
    """
    metadata, arrays = _read(Path(path))
    if metadata.get("format") not in (FORMAT, DRIVEN_FORMAT):
        said = quoted(metadata["format"]) if "format" in metadata else "no format"
        raise CircuitError(
            f"this file says {said}; this version reads '{FORMAT}' and '{DRIVEN_FORMAT}'",
            ("format",),
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
        _check_header(path)
        with safe_open(path, framework="pt", device="cpu") as file:
            yield file
    except CircuitError:
        raise
    except InputError as error:
        raise CircuitError(error.message, error.where) from None
    except OSError as error:
        raise CircuitError(f"cannot be read ({error.strerror or clipped(str(error))})") from None
    except (SafetensorError, ValueError, TypeError, LookupError, AttributeError, RuntimeError,
            OverflowError) as error:  # fmt: skip
        said = clipped(str(error) or type(error).__name__)
        raise CircuitError(f"not a complete safetensors file ({said})") from None


def _check_header(path: Path) -> None:
    """The sizes that a file states, before anything of that size is made."""
    with open_file(path, MAX_BYTES) as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if length > MAX_HEADER:
            raise CircuitError(
                "not a complete safetensors file, or one whose header is larger than "
                f"{MAX_HEADER // 2**20} MB"
            )
        text = file.read(length)
    if len(start) < 8 or len(text) < length:
        raise CircuitError("not a complete safetensors file (it is cut short)")
    try:
        header = json_value(text)
    except InputError as error:
        raise CircuitError(f"not a complete safetensors file: its header, {error}") from None
    if not isinstance(header, dict):
        raise CircuitError("not a complete safetensors file (its header is no JSON object)")
    check_sizes(
        {
            name: tuple(entry["shape"])
            for name, entry in header.items()
            if isinstance(entry, dict) and isinstance(entry.get("shape"), list)
        }
    )


def check_sizes(shapes: Mapping[str, tuple[Any, ...]]) -> None:
    """Refuse more nodes, devices or slices than a machine can hold, as the shapes state them.

    Raises:
        CircuitError: names the array and the largest size.
    """
    lengths = {
        name: shape[0]
        for name, shape in shapes.items()
        if len(shape) == 1 and isinstance(shape[0], int)
    }
    devices = sum(size for name, size in lengths.items() if name.endswith(".place"))
    for name, size, most in (
        ("voltage", lengths.get("voltage", 0), MAX_NODES),
        ("durations", lengths.get("durations", 0), MAX_SLICES),
        ("place", devices, MAX_DEVICES),
    ):
        if size > most:
            raise CircuitError(f"there are {size:,} entries and at most {most:,} are read", (name,))


def _read_pt(path: Path) -> tuple[dict[str, str], Arrays]:
    try:
        data = read_pt(path)
    except NotPytorchError as error:
        raise CircuitError(f"not a complete .pt file of arrays only ({error})") from None
    except InputError as error:
        raise CircuitError(error.message, error.where) from None
    if not holds_network(data):
        raise CircuitError("this .pt file holds something other than an exported network")
    check_sizes({name: tuple(array.shape) for name, array in data["arrays"].items()})
    return data["metadata"], data["arrays"]


def holds_network(data: Any) -> bool:
    """Whether the value in a ``.pt`` file has the form of an exported network."""
    if not isinstance(data, dict) or set(data) != {"metadata", "arrays"}:
        return False
    metadata, arrays = data["metadata"], data["arrays"]
    return (
        isinstance(metadata, dict)
        and isinstance(arrays, dict)
        and all(isinstance(text, str) for pair in metadata.items() for text in pair)
        and all(isinstance(n, str) and isinstance(a, Tensor) for n, a in arrays.items())
    )


def numbered(letter: str, count: int) -> list[str]:
    """``n1``, ``n2``, ... as nodes and devices are called that have no names of their own."""
    return [f"{letter}{number}" for number in range(1, count + 1)]


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
        raise CircuitError(named(path, error)) from None


def _settings(metadata: Mapping[str, Any]) -> dict[str, Any]:
    if "settings" not in metadata:
        return {}
    try:
        found = json_value(metadata["settings"])
    except InputError:
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
        self.kinds: dict[str, set[str]] = {}
        for part, dot, rest in (name.partition(".") for name in arrays):
            if dot:
                self.kinds.setdefault(part, set()).add(rest.partition(".")[0])

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
            name = json_value(self.metadata.get("name", '""'))
        except InputError:
            name = None
        if not isinstance(name, str):
            raise CircuitError("expected text as JSON", ("name",))
        return a_text(name, ("name",))

    def _nodes(self) -> tuple[Node, ...]:
        voltages = self._take("voltage", None, FLOAT).tolist()
        count = len(voltages)
        capacitances = self._take("capacitance", count, FLOAT).tolist()
        roles = self._take("role", count, torch.uint8).tolist()
        places = self._take("position", count, FLOAT, 2).tolist()
        ids = self._texts("node_ids", count) or numbered("n", count)
        labels = self._texts("labels", count) or [""] * count
        if max(roles, default=0) >= len(ROLES):
            raise CircuitError(f"a role is {max(roles)}; roles are 0 to 3", ("role",))
        drives = read_drives(self.kinds.get(PREFIX, ()), count, self._take, FLOAT)
        columns = zip(ids, voltages, capacitances, roles, labels, places, strict=True)
        return tuple(
            Node(name, voltage, capacitance, ROLES[role], label, x, y, drives.get(row))
            for row, (name, voltage, capacitance, role, label, (x, y)) in enumerate(columns)
        )

    def _table(self, index: int, names: tuple[str, ...]) -> DeviceTable:
        """The devices of one slice, without their ids."""
        start, kinds = f"{index}.", sorted(self.kinds.get(str(index), ()))
        members: list[_Members] = []
        for kind in kinds:
            if kind not in DEVICES:
                raise CircuitError(f"unknown device kind {quoted(kind)}", (f"{start}{kind}",))
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
        # A byte other than 0 and 1 would be true in one place and false in another.
        return array.view(torch.uint8).ne(0) if dtype == torch.bool else array

    def _texts(self, name: str, count: int) -> list[str] | None:
        """A list of ``count`` texts, ``None`` when the file leaves it to the usual ones."""
        if name not in self.arrays:
            return None
        content = bytes(self._take(name, None, torch.uint8).numpy())
        try:
            values = json_value(content, MAX_TEXTS)
        except InputError:
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
