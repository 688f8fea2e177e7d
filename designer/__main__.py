"""The command ``kirchhoff``: the library's commands, and ``serve`` when none is given."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from backend import cli
from backend.errors import StudioError

Host = Annotated[str, typer.Option(help="Address to listen on; others than loopback need a token.")]
Port = Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)]
Folder = Annotated[
    Path | None,
    typer.Option("--lessons", help="Folder of own lessons.", exists=True, file_okay=False),
]
Browser = Annotated[bool, typer.Option("--open", help="Open the page in the browser.")]


def main() -> int:
    """Run the command line; returns the exit status."""
    # Torch's idle threads would spin: small work then takes ten times as long beside a training.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    return cli.run(_add_serve)


def _add_serve() -> None:
    """The commands that need the web application; ``serve`` also runs when none is given."""
    cli.app.command("serve")(_serve)
    cli.app.command("bundle")(bundle)
    cli.app.callback(invoke_without_command=True)(_default)


def _serve(
    host: Host = "127.0.0.1",
    port: Port = 8050,
    home: cli.Home = None,
    data_dir: cli.DataDir = None,
    open_browser: Browser = False,
    lessons: Folder = None,
) -> None:
    """Open the studio (the default command)."""
    from backend.datasets import use_folders

    from .server import PortTakenError, serve

    use_folders(data_dir, home)
    try:
        serve(host, port, home, data_dir, open_browser, lessons)
    except PortTakenError as error:
        raise StudioError(str(error)) from None


def bundle(
    source: Annotated[str, typer.Argument(metavar="RUN|FILE", help="Run id or circuit file.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FILE")],
    lesson: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="A lesson that goes along in .kstudio.")
    ] = None,
    home: cli.Home = None,
) -> None:
    """Everything in one file: .kstudio to open here, .html that plays by itself anywhere."""
    from .service.bundling import write_bundle

    typer.echo(write_bundle(source, output, home, lesson))


def _default(
    context: typer.Context,
    host: Host = "127.0.0.1",
    port: Port = 8050,
    home: cli.Home = None,
    data_dir: cli.DataDir = None,
    open_browser: Browser = False,
    lessons: Folder = None,
) -> None:
    """Draw a circuit, watch it compute, train it, take it away."""
    if context.invoked_subcommand is None:
        _serve(host, port, home, data_dir, open_browser, lessons)
    elif home or data_dir:  # they may also stand before the command
        from backend.datasets import use_folders

        use_folders(data_dir, home)


if __name__ == "__main__":
    sys.exit(main())
