"""Circuit files of every form: JSON for people, safetensors and pt for large networks."""

from pathlib import Path

from ..errors import CircuitError, InputError
from ..reading import MAX_JSON_BYTES, file_text, named
from .description import Circuit

NETWORK_SUFFIXES = (".safetensors", ".pt")
LARGE = "a circuit of this size is kept as a .safetensors network"


def read_circuit(path: str | Path) -> Circuit:
    """The circuit in a ``.json``, ``.safetensors`` or ``.pt`` file.

    Raises:
        CircuitError: the file cannot be read or is no circuit; names the file and the place.
    """
    path = Path(path)
    try:
        if path.suffix in NETWORK_SUFFIXES:
            from .networks import load_network  # torch only where it is needed

            return load_network(path)
        return Circuit.from_json(file_text(path, MAX_JSON_BYTES, LARGE))
    except InputError as error:
        raise CircuitError(named(path, error)) from None


def write_circuit(circuit: Circuit, path: str | Path) -> None:
    """Write a circuit file of any form, replacing an older one only when complete.

    Raises:
        CircuitError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix in NETWORK_SUFFIXES:
        from .networks import save_network  # torch only where it is needed

        save_network(circuit, path)
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(circuit.to_json(), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CircuitError(f"{path}: cannot be written ({error.strerror})") from None
