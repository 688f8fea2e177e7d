"""``kirchhoff runs``: list, inspect and steer training runs."""

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..circuit import Circuit
    from ..runs import RunDirectory

runs_app = typer.Typer(help="List, inspect and steer training runs.", rich_markup_mode=None)

Home = Annotated[
    Path | None, typer.Option("--home", metavar="DIR", help="Where runs and circuits are kept.")
]
NO_CLUSTER = getattr(find_spec("ray"), "origin", None) is None
"""What asks for Ray is hidden where it is not installed."""

LauncherName = Annotated[
    str, typer.Option(help="Where it computes: local or ray.", hidden=NO_CLUSTER)
]
Address = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="Head of the Ray cluster.", hidden=NO_CLUSTER),
]
Workers = Annotated[
    int | None, typer.Option(help="Who share every batch, on a cluster.", hidden=NO_CLUSTER)
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", metavar="DIR", help="Where data sets are kept.")
]


def open_named_run(name: str, home: Path | None) -> "RunDirectory":
    """The run with this id.

    Raises:
        StudioError: there is none.
    """
    from ..runs import open_run

    return open_run(home, name)


def open_circuit(text: str, home: Path | None) -> "Circuit":
    """The circuit in a file, or the trained circuit of a run.

    Raises:
        StudioError: neither a file nor a run.
    """
    from ..circuit.files import read_circuit

    return read_circuit(text) if _is_file(text) else open_named_run(text, home).circuit()


def run_without_circuit(text: str, home: Path | None) -> "RunDirectory | None":
    """The run of a model that is no circuit; ``None`` for anything else.

    Raises:
        StudioError: neither a file nor a run.
    """
    if _is_file(text):
        return None
    run = open_named_run(text, home)
    return None if run.has_circuit else run


def _is_file(text: str) -> bool:
    return Path(text).suffix in {".json", ".safetensors", ".pt"} or Path(text).exists()


@runs_app.command("list")
def runs_list(home: Home = None) -> None:
    """One line a run, newest first."""
    from ..runs import list_runs
    from ..runs.follow import summary

    for each in list_runs(home):
        typer.echo(summary(each))


@runs_app.command("show")
def runs_show(run: str, home: Home = None) -> None:
    """The specification, state and last metrics of a run."""
    from ..runs.follow import describe

    typer.echo(describe(open_named_run(run, home)))


@runs_app.command("stop")
def runs_stop(run: str, home: Home = None) -> None:
    """Ask a run to stop; its last checkpoint stays usable."""
    from ..runs import stop_run

    typer.echo(f"{stop_run(home, run).id}: asked to stop")


@runs_app.command("resume")
def runs_resume(
    run: str,
    home: Home = None,
    data_dir: DataDir = None,
    detach: Annotated[bool, typer.Option("--detach", help="Do not wait for the end.")] = False,
) -> None:
    """Continue a run from its last checkpoint."""
    from ..datasets import use_folders
    from ..runs import resume_run
    from ..runs.follow import follow

    use_folders(data_dir, home)
    opened = resume_run(home, run)
    typer.echo(f"{opened.id} {opened.path}")
    if not detach:
        raise typer.Exit(follow(opened))


@runs_app.command("compare")
def runs_compare(run: list[str], home: Home = None) -> None:
    """The best metrics of several runs side by side, and where their settings differ."""
    from ..runs.follow import compare

    typer.echo(compare([open_named_run(each, home) for each in run]))
