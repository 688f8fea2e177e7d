"""Circuit files of every form: JSON for people, safetensors and pt for large networks."""

from pathlib import Path

from .circuit import Circuit
from .errors import CircuitError

MAX_JSON_BYTES = 64 * 2**20
NETWORK_SUFFIXES = (".safetensors", ".pt")


def read_circuit(path: str | Path) -> Circuit:
    """The circuit in a ``.json``, ``.safetensors`` or ``.pt`` file.

    Raises:
        CircuitError: the file cannot be read or is no circuit; names the file and the place.
    """
    path = Path(path)
    try:
        if path.suffix in NETWORK_SUFFIXES:
            from .export.torch_weights import load_network  # torch only where it is needed

            return load_network(path)
        return Circuit.from_json(_text(path))
    except CircuitError as error:
        raise CircuitError(f"{path}: {error}") from None


def write_circuit(circuit: Circuit, path: str | Path) -> None:
    """Write a circuit file of any form, replacing an older one only when complete.

    Raises:
        CircuitError: the file cannot be written.
    """
    path = Path(path)
    if path.suffix in NETWORK_SUFFIXES:
        from .export.torch_weights import save_network  # torch only where it is needed

        save_network(circuit, path)
        return
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(circuit.to_json(), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CircuitError(f"{path}: cannot be written ({error.strerror})") from None


def _text(path: Path) -> str:
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise CircuitError(
                f"the file has {size / 2**20:.0f} MB and JSON circuits may have "
                f"{MAX_JSON_BYTES // 2**20} MB; use a .safetensors network"
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CircuitError("the file is not text; a circuit is JSON in UTF-8") from None
    except OSError as error:
        raise CircuitError(f"cannot be read ({error.strerror})") from None
