"""Commands about a circuit at rest: where that is, and how it answers a small sine there."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import StudioError
from .options import write_json

Source = Annotated[str, typer.Argument(metavar="FILE", help="Circuit (.json, .safetensors).")]


def operating_point(
    file: Source,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE")] = None,
) -> None:
    """Where a circuit rests: voltages and currents when nothing moves any more, and its poles."""
    from ..circuit.files import read_circuit
    from ..simulation.operating_point import operating_point as solve

    circuit = read_circuit(file)
    try:
        found = solve(circuit)
    except StudioError as error:
        raise StudioError(f"{file}: {error}") from None
    for name, value in found.voltages.items():
        typer.echo(f"v({name}) = {value:.6g} V")
    for name, value in found.currents.items():
        typer.echo(f"i({name}) = {value:.6g} A")
    for mode in found.modes:
        swing = f" ± {mode.imaginary:.6g}j" if mode.imaginary else ""
        typer.echo(
            f"pole {mode.real:.6g}{swing} 1/s: {mode.frequency:.4g} Hz, time constant "
            f"{mode.time_constant:.4g} s, damping {mode.damping:.4g}"
        )
    for line in (found.sentence, found.conditioning, found.uniqueness):
        typer.echo(line)
    if json_file is not None:
        write_json(found.to_dict(), json_file)


def frequency_response(
    file: Source,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE")],
    source: Annotated[
        str | None, typer.Option(help="A driven node or a source; else the first that moves.")
    ] = None,
    node: Annotated[list[str] | None, typer.Option(help="Whose response; else all.")] = None,
    low: Annotated[float | None, typer.Option(help="First frequency [Hz].")] = None,
    high: Annotated[float | None, typer.Option(help="Last frequency [Hz].")] = None,
    points: Annotated[int, typer.Option(help="Frequencies, in equal steps of log f.")] = 241,
) -> None:
    """How a circuit at rest answers a small sine: decibels and degrees over frequency."""
    from ..circuit.files import read_circuit
    from ..simulation.frequency_response import frequency_response as solve

    circuit = read_circuit(file)
    try:
        found = solve(circuit, source, low, high, points)
        found.save(output, found.chosen(node))
    except StudioError as error:
        raise StudioError(f"{file}: {error}") from None
    f = found.frequencies
    typer.echo(
        f"{output}: {len(f)} frequencies from {f[0]:.4g} Hz to {f[-1]:.4g} Hz, "
        f"{found.unit} of the source '{found.source}'"
    )
