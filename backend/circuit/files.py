"""Circuit files of every form: JSON for people, safetensors and pt for large networks."""

from pathlib import Path

from ..bundle_file import FILE_BYTES, SUFFIX
from ..errors import CircuitError, InputError
from ..reading import MAX_JSON_BYTES, file_bytes, named, open_file, text_of
from ..signatures import IMPORT, form_in, form_of
from .description import Circuit

NETWORK_SUFFIXES = (".safetensors", ".pt")
NETLIST_SUFFIXES = (".cir", ".net", ".sp", ".spice", ".ckt")
LARGEST = 2**40
LARGE = "a circuit of this size is kept as a .safetensors network"


def read_circuit(path: str | Path) -> Circuit:
    """The circuit in a ``.json``, ``.safetensors``, ``.pt`` or ``.kstudio`` file.

    Raises:
        CircuitError: the file cannot be read or is no circuit; names the file and the place.
    """
    path = Path(path)
    try:
        if path.suffix in NETWORK_SUFFIXES:
            from .networks import load_network  # torch only where it is needed

            check_form(path)
            return load_network(path)
        if path.suffix == SUFFIX:
            from .bundles import bundled_circuit

            return bundled_circuit(file_bytes(path, FILE_BYTES))
        return _described(file_bytes(path, MAX_JSON_BYTES, LARGE), path.suffix)
    except InputError as error:
        raise CircuitError(named(path, error)) from None


def check_form(path: str | Path) -> None:
    """Refuse a file that is known as something else than its name says.

    Raises:
        InputError: says what it is and what to do, without the path.
    """
    with open_file(path, LARGEST) as file:
        form = form_in(file)
        if form is not None:
            raise InputError(form.sentence)


def _described(data: bytes, suffix: str) -> Circuit:
    """The circuit in a JSON file; of any other, what it is.

    Raises:
        InputError: see above.
    """
    if form := form_of(data):
        raise InputError(form.sentence)
    if suffix.lower() in NETLIST_SUFFIXES:
        raise InputError(f"this is a netlist, not a circuit file; {IMPORT}")
    return Circuit.from_json(text_of(data))


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
