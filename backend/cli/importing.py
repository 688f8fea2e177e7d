"""Files of other programs as circuits: ``kirchhoff import``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import StudioError

if TYPE_CHECKING:
    from ..circuit import Circuit


def import_file(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Netlist, Falstad circuit, graph or checkpoint.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE")],
    experiment: Annotated[
        str | None, typer.Option(help="Published experiment of a checkpoint, e.g. mnist.")
    ] = None,
) -> None:
    """Read a SPICE netlist, Falstad circuit, graph or checkpoint and write it as a circuit.

    Every edge of a graph becomes a resistor; ``generate file --set path=FILE`` makes other kinds.
    """
    from ..circuit.files import NETWORK_SUFFIXES, read_circuit, write_circuit
    from ..export.importing import import_circuit
    from ..topologies import BOARD_LIMIT

    torch_made = Path(file).suffix in {".pt", ".pth", ".ckpt", ".bin"}
    if experiment is not None or (torch_made and _is_checkpoint(file)):
        circuit = _published(file, experiment, output)
    elif Path(file).suffix in NETWORK_SUFFIXES:
        circuit = read_circuit(file)
    else:
        limit = {} if output.suffix in NETWORK_SUFFIXES else {"limit": BOARD_LIMIT}
        circuit = import_circuit(file, **limit)
    write_circuit(circuit, output)
    slices = "1 slice" if len(circuit.slices) == 1 else f"{len(circuit.slices)} slices"
    typer.echo(f"{output}: {len(circuit.nodes)} nodes, {circuit.device_count} devices, {slices}")


def _is_checkpoint(file: str) -> bool:
    from ..export.published import is_checkpoint  # torch only where it is needed

    return is_checkpoint(file)


def _published(file: str, experiment: str | None, output: Path) -> "Circuit":
    from ..circuit.files import NETWORK_SUFFIXES
    from ..export.published import read_published
    from ..topologies import BOARD_LIMIT

    circuit = read_published(file, experiment)
    if circuit.device_count > BOARD_LIMIT and output.suffix not in NETWORK_SUFFIXES:
        raise StudioError(
            f"{output}: {circuit.name} has {circuit.device_count:,} devices and a JSON circuit may "
            f"have {BOARD_LIMIT:,}; write it as .safetensors"
        )
    return circuit
