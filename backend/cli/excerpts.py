"""``kirchhoff export`` and ``verify`` of a run whose model is a circuit in parts only."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from ..errors import StudioError
from .options import pairs

if TYPE_CHECKING:
    from ..export import Exporter
    from ..runs import RunDirectory


def export_part(
    run: "RunDirectory", exporter: "Exporter", output: Path, settings: list[str] | None
) -> None:
    """Write the model of a run, or the part of it that is a circuit where that is asked for.

    Raises:
        StudioError: the form holds circuits, and the model has none.
    """
    from ..destinations import write_whole
    from ..runs.excerpts import excerpt_of_run

    trained = run.model()
    if not trained.model.excerpts or (exporter.models and not settings):
        if settings:
            raise StudioError(
                f"--set says which part of a model becomes a circuit, and a {trained.model.title} "
                "has none; leave it out"
            )
        write_whole(output, exporter.model_content(trained))
        typer.echo(f"{output}: the model {run.spec.model} of run {run.id}")
        return
    excerpt = excerpt_of_run(run, pairs(settings, "--set"))
    exporter.export(excerpt.circuit, output, excerpt.notes)
    circuit = excerpt.circuit
    typer.echo(f"{output}: {len(circuit.nodes)} nodes, {circuit.device_count} devices")
    for note in excerpt.notes:
        typer.echo(note)


def verify_part(run: "RunDirectory", tolerance: float, settings: list[str] | None) -> None:
    """Compare a part of a model with ngspice and with what the model computes.

    Raises:
        StudioError: the model has no such part, or nothing can be said.
    """
    from ..export.verify_excerpt import verify_excerpt
    from ..runs.excerpts import excerpt_of_run

    excerpt = excerpt_of_run(run, pairs(settings, "--set"))
    result = verify_excerpt(excerpt, tolerance)
    if not result.circuit.sure:
        raise StudioError(result.circuit.text)
    for note in excerpt.notes:
        typer.echo(note)
    typer.echo(result.circuit.line)
    typer.echo(result.line)
    if not result.ok:
        raise typer.Exit(1)
