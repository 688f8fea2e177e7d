"""Circuits in bundles: packed, and read wherever a circuit file is read."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..bundle_file import Bundle, bundle_bytes, read_bundle
from ..errors import CircuitError, InputError
from ..reading import text_of
from .description import Circuit

JSON_DEVICES = 20_000
"""Above, a circuit travels as arrays; the JSON of a device takes some 120 bytes."""


def circuit_bundle(
    circuit: Circuit, versions: Mapping[str, str] | None = None, lesson: bytes | None = None
) -> bytes:
    """The file of a circuit's bundle.

    Args:
        circuit: of any size.
        versions: of the programs that made it.
        lesson: Markdown that goes with it.
    """
    if circuit.device_count > JSON_DEVICES:
        from .networks.arrays import CONTENTS  # torch only where it is needed

        files = {"circuit.safetensors": CONTENTS["safetensors"](circuit)}
    else:
        files = {"circuit.json": circuit.to_json().encode()}
    if lesson is not None:
        files["lesson.md"] = lesson
    return bundle_bytes(Bundle("circuit", circuit.name, files, versions or {}))


def bundled_circuit(data: bytes) -> Circuit:
    """The circuit of a bundle; of a run the one that it began with.

    Raises:
        InputError: it is no whole bundle, or its circuit is damaged.
    """
    bundle = read_bundle(data)
    folder = "run/" if bundle.kind == "run" else ""
    if (name := f"{folder}circuit.json") in bundle.files:
        return Circuit.from_json(text_of(bundle.files[name]))
    if (name := f"{folder}circuit.safetensors") not in bundle.files:
        raise InputError("the run in this bundle trains no circuit; open it in the studio")
    from .networks import load_network  # torch only where it is needed

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "circuit.safetensors"
        path.write_bytes(bundle.files[name])
        try:
            return load_network(path)
        except CircuitError as error:
            raise InputError(str(error).replace(f"{path}: ", "")) from None
