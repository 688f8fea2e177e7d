"""Circuits too large for the board: kept as arrays, shown as a sketch, simulated for one input."""

import hashlib
import json
import lzma
import secrets
import struct
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.errors import StudioError
from backend.params import check_params

from .. import serialize
from ..documents import DocumentError, write_atomic
from ..results import Results
from ..security import valid_id
from ..serialize import SimulationJson
from .sketch import Sketch, sketch

SUFFIX = ".safetensors"
PACKED = ".safetensors.xz"  # as the gallery keeps them: a fifth of the size
EXAMPLE = "example-"
KEPT = 2  # networks in memory
METHODS = ("euler", "midpoint", "heun", "rk4")
DEFAULTS = {"solver": "rk4", "steps": 8}
MOST_CURRENTS = 12_000_000  # numbers that one simulation computes beside the voltages
OUTPUTS = (7, 61)  # fewest and most samples
VERSION = "1"  # part of every hash; raise it when a container's contents change


@dataclass(frozen=True)
class _Known:
    """A network in memory, and the state of its file when it was read."""

    stamp: tuple[int, int]
    circuit: Circuit
    sketch: Sketch


class Networks:
    """Networks of one HOME, ``circuits/<id>.safetensors``, and those of the gallery.

    Args:
        folder: where uploaded networks lie.
        examples: folder of the gallery; ``example-<name>`` is ``<name>.safetensors.xz`` in it.
        results: where finished simulations are kept.
    """

    def __init__(self, folder: Path, examples: Path, results: Results) -> None:
        self.folder = folder
        self.examples = examples
        self.results = results
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()
        self._slot = threading.BoundedSemaphore(1)

    def has(self, id: str) -> bool:
        """Whether `id` names a network."""
        return valid_id(id) and self._path(id).is_file()

    def store(
        self,
        circuit: Circuit,
        data: bytes | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """Keep a network; returns its id.

        Args:
            circuit: the network.
            data: its file, where there is one already.
            more: what `about` shall say of it.

        Raises:
            StudioError: more nodes than can be shown.
            DocumentError: the disk refused it.
        """
        shown = sketch(circuit)
        if data is None:
            from backend.export import EXPORTERS

            data = EXPORTERS["safetensors"]().content(circuit)
        if more:
            data = with_metadata(data, more)
        words = "".join(c if c.isascii() and c.isalnum() else " " for c in circuit.name).split()
        stem = "-".join(words).lower()[:32].strip("-") or "network"
        id = f"{stem}-{int(time.time()):x}{secrets.token_hex(2)}"
        write_atomic(self._path(id), data)
        self._remember(id, _Known(_stamp(self._path(id)), circuit, shown))
        return id

    def document(self, id: str) -> dict[str, Any]:
        """``{id, revision, circuit, network}``: the sketch, in the place of a drawn circuit."""
        known = self._open(id)
        about = {"id": id, **known.sketch.network, **self.about(id)}
        return {"id": id, "revision": 0, "circuit": known.sketch.circuit, "network": about}

    def circuit(self, id: str) -> Circuit:
        """The whole network."""
        return self._open(id).circuit

    def about(self, id: str) -> dict[str, Any]:
        """What the file says of the network: accuracy, names of the classes, solver and steps."""
        return about(header_of(self._path(id)))

    def recent(self) -> list[dict[str, Any]]:
        """Id, name, size and time of change of the uploaded networks."""
        rows = []
        for path in self.folder.glob(f"*{SUFFIX}") if self.folder.is_dir() else ():
            try:
                modified = path.stat().st_mtime
            except OSError:  # deleted meanwhile
                continue
            rows.append({"id": path.stem, "modified": modified, "network": True, **listed(path)})
        return rows

    def delete(self, id: str) -> None:
        """Remove an uploaded network."""
        if id.startswith(EXAMPLE):
            raise DocumentError("An example of the gallery cannot be deleted.", 403)
        with self._lock:
            self._known.pop(id, None)
        self._path(id).unlink(missing_ok=True)

    def simulate(
        self, id: str, voltages: Sequence[float] | None, settings: Mapping[str, Any]
    ) -> SimulationJson:
        """Voltages of all nodes and currents of the drawn devices, for one input.

        Args:
            id: of the network.
            voltages: of the input nodes in their order [V]; those of the file when not given.
            settings: ``solver``, one of `METHODS`, and ``steps`` a slice.

        Raises:
            StudioError: a setting or the number of voltages does not fit.
        """
        begin = time.perf_counter()
        known = self._open(id)
        chosen = _settings({**DEFAULTS, **self.about(id).get("settings", {}), **settings})
        circuit = known.circuit
        if voltages is not None:
            circuit = circuit.with_voltages(_inputs(circuit, voltages))
        said = [VERSION, id, known.stamp, list(voltages or []), chosen]
        key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
        data = self.results.get(key)
        if data is None:
            with self._slot:
                data = _solve(circuit, known.sketch, chosen)
            self.results.put(key, data)
        header = serialize.header_of(data)
        return {
            "hash": key,
            "url": f"/api/sim/{key}.bin",
            "status": header["status"],
            "stats": header["stats"],
            "seconds": time.perf_counter() - begin,
        }

    def _path(self, id: str) -> Path:
        if not valid_id(id):
            raise DocumentError(f"{id[:40]!r} is not the id of a circuit.", 404)
        if id.startswith(EXAMPLE):
            return self.examples / f"{id.removeprefix(EXAMPLE)}{PACKED}"
        return self.folder / f"{id}{SUFFIX}"

    def _open(self, id: str) -> _Known:
        path = self._path(id)
        try:
            stamp = _stamp(path)
        except FileNotFoundError:
            raise DocumentError(f"There is no network '{id}' here.", 404) from None
        with self._lock:
            known = self._known.get(id)
            if known and known.stamp == stamp:
                self._known.move_to_end(id)
                return known
        try:
            circuit = _read(path)
        except StudioError as error:
            raise StudioError(f"{path.name}: {error}") from None
        known = _Known(stamp, circuit, sketch(circuit))
        self._remember(id, known)
        return known

    def _remember(self, id: str, known: _Known) -> None:
        with self._lock:
            self._known[id] = known
            self._known.move_to_end(id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _read(path: Path) -> Circuit:
    """The network in a file, packed or not.

    Raises:
        StudioError: what is wrong, without the path.
    """
    from backend.circuit_files import read_circuit

    with tempfile.TemporaryDirectory() as folder:
        plain = path
        if path.suffix == ".xz":
            plain = Path(folder) / f"network{SUFFIX}"
            try:
                plain.write_bytes(lzma.decompress(path.read_bytes()))
            except lzma.LZMAError as error:
                raise StudioError(f"the packed file is damaged ({error})") from None
        try:
            return read_circuit(plain)
        except StudioError as error:
            raise StudioError(str(error).replace(f"{plain}: ", "")) from None


def with_metadata(data: bytes, more: Mapping[str, Any]) -> bytes:
    """A safetensors file whose metadata also hold `more`, each value as JSON."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    said = {key: json.dumps(value) for key, value in more.items()}
    header["__metadata__"] = {**header.get("__metadata__", {}), **said}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data[8 + length :]


def header_of(path: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file: shapes and metadata, without the arrays.

    Returns:
        An empty one where the file is no such file; reading it in full says what is wrong.
    """
    try:
        with lzma.open(path) if path.suffix == ".xz" else path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            found = json.loads(file.read(min(length, 2**24)))
    except (OSError, EOFError, ValueError, struct.error, lzma.LZMAError):
        return {}
    return found if isinstance(found, dict) else {}


def listed(path: Path) -> dict[str, Any]:
    """Name and size of a network as its header states them."""
    header = header_of(path)
    if not header:
        return {"name": f"{path.name} (damaged)", "nodes": 0, "devices": 0, "damaged": True}
    sizes = {
        name: entry["shape"][0]
        for name, entry in header.items()
        if isinstance(entry, dict) and len(entry.get("shape") or ()) == 1
    }
    name = _json(header.get("__metadata__", {}).get("name"), str) or "Untitled network"
    devices = sum(size for key, size in sizes.items() if key.endswith(".place"))
    return {"name": name, "nodes": sizes.get("voltage", 0), "devices": devices}


def about(header: Mapping[str, Any]) -> dict[str, Any]:
    """What the metadata of a network say beyond its circuit, as far as they are well formed.

    ``accuracy`` is a share of 1, ``classes`` a JSON list of names, ``settings`` a JSON object with
    ``solver`` and ``steps``; all of them are optional.
    """
    metadata = header.get("__metadata__") or {}
    found: dict[str, Any] = {}
    accuracy = _json(metadata.get("accuracy"), float)
    if accuracy is not None and 0 <= accuracy <= 1:
        found["accuracy"] = accuracy
    classes = _json(metadata.get("classes"), list)
    if classes and all(isinstance(name, str) for name in classes):
        found["classes"] = classes
    settings = _json(metadata.get("settings"), dict) or {}
    if settings.get("solver") in METHODS:
        found["settings"] = {key: settings[key] for key in DEFAULTS if key in settings}
    return found


def _json(text: Any, kind: type) -> Any:
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, kind) else None


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    from backend.solvers import SOLVERS

    solver = given["solver"]
    if solver not in METHODS:
        raise StudioError(
            f"networks are solved with fixed steps: choose {', '.join(METHODS[:-1])} or "
            f"{METHODS[-1]}, not {str(solver)[:40]!r}"
        )
    try:
        return {"solver": solver, **check_params(SOLVERS[solver].params, {"steps": given["steps"]})}
    except (TypeError, ValueError) as error:
        raise StudioError(f"solver {solver}: {error}") from None


def _inputs(circuit: Circuit, voltages: Sequence[float]) -> dict[str, float]:
    names = circuit.inputs
    if len(voltages) != len(names):
        raise StudioError(f"{len(names)} input voltages are needed, got {len(voltages)}")
    try:
        values = [float(value) for value in voltages]
    except (TypeError, ValueError):
        raise StudioError("input voltages must be numbers") from None
    if not np.isfinite(values).all():
        raise StudioError("input voltages must be finite numbers")
    return dict(zip(names, values, strict=True))


def _solve(circuit: Circuit, shown: Sketch, settings: Mapping[str, Any]) -> bytes:
    """The container of a simulation, with the currents of the drawn devices only."""
    from backend.simulate import simulate

    fewest, most = OUTPUTS
    outputs = max(fewest, min(most, MOST_CURRENTS // max(1, shown.network["devices"])))
    trajectory = simulate(circuit, outputs=outputs, throw=False, **settings)
    return serialize.drawn(trajectory, shown.columns)
