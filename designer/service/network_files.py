"""Files of networks: their headers, what they say beyond the circuit, packed and plain."""

import json
import lzma
import struct
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from backend.circuit import Circuit
from backend.errors import InputError, StudioError
from backend.metrics import METRICS, placed
from backend.reading import json_value, open_file

from .. import serialize

SUFFIX = ".safetensors"
PACKED = ".safetensors.xz"  # as the gallery keeps them: a fifth of the size
MAX_BYTES = 2**30
MAX_HEADER = 2**24


def read(path: Path) -> Circuit:
    """The network in a file, packed or not.

    Raises:
        StudioError: what is wrong, without the path.
    """
    from backend.circuit.files import read_circuit

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
        with open_file(path, MAX_BYTES) as plain:
            file = lzma.open(plain) if path.suffix == ".xz" else plain  # noqa: SIM115
            (length,) = struct.unpack("<Q", file.read(8))
            found = json_value(file.read(min(length, MAX_HEADER)))
    except (InputError, EOFError, struct.error, lzma.LZMAError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(header: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metadata in a header."""
    found = header.get("__metadata__")
    return found if isinstance(found, dict) else {}


def listed(path: Path) -> dict[str, Any]:
    """Name and size of a network as its header states them."""
    header = header_of(path)
    if not header:
        return {"name": f"{path.name} (damaged)", "nodes": 0, "devices": 0, "damaged": True}
    sizes = {
        name: entry["shape"][0]
        for name, entry in header.items()
        if isinstance(entry, dict)
        and isinstance(entry.get("shape"), list)
        and len(entry["shape"]) == 1
        and isinstance(entry["shape"][0], int)
    }
    name = _json(_said(header).get("name"), str) or "Untitled network"
    devices = sum(size for key, size in sizes.items() if key.endswith(".place"))
    return {"name": name, "nodes": sizes.get("voltage", 0), "devices": devices}


def about(header: Mapping[str, Any]) -> dict[str, Any]:
    """What the metadata of a network say beyond its circuit, as far as they are well formed.

    The score of the test set stands under the name of its metric, ``classes`` are a JSON list of
    names, ``settings`` the fields of a training spec; all of them are optional. Of the settings
    ``solver`` and ``steps`` are kept.
    """
    metadata = _said(header)
    found: dict[str, Any] = {}
    for name in placed("score"):
        value = _json(metadata.get(name), float)
        if value is not None and METRICS[name].possible(value):
            found.setdefault("score", serialize.score(name, value))
    classes = _json(metadata.get("classes"), list)
    if classes and all(isinstance(name, str) for name in classes):
        found["classes"] = classes
    settings = _json(metadata.get("settings"), dict) or {}
    options = settings.get("solver_options")
    if isinstance(settings.get("solver"), str) and isinstance(options, dict):
        found["settings"] = {"solver": settings["solver"]}
        found["settings"] |= {key: options[key] for key in ("steps",) if key in options}
    return found


def _json(text: Any, kind: type) -> Any:
    if not isinstance(text, str):
        return None
    try:
        value = json_value(text)
    except InputError:
        return None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value if isinstance(value, kind) else None
