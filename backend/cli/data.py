"""``kirchhoff data``: which data sets there are, and fetching those with public files."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .runs import DataDir, Home

if TYPE_CHECKING:
    from ..datasets.download import Progress

data_app = typer.Typer(help="List data sets, and fetch public ones.", rich_markup_mode=None)


@data_app.command("list")
def data_list(data_dir: DataDir = None, home: Home = None) -> None:
    """One line a data set: name, task, title, and whether its examples are at hand."""
    from ..datasets import DATASETS, use_folders

    use_folders(data_dir, home)
    width = max(map(len, DATASETS.names()))
    for name, kind in DATASETS.items():
        typer.echo(f"{name:{width}}  {kind.task:8}  {_at_hand(name):26}  {kind.title}")


def _at_hand(name: str) -> str:
    """What it takes to use a data set."""
    from ..datasets import DATASETS

    kind = DATASETS[name]
    if kind.source == "user":
        return "your own files"
    if kind.source == "built-in":
        return "built in"
    return "to be fetched" if kind().missing() else "at hand"


@data_app.command("fetch")
def data_fetch(
    name: Annotated[str, typer.Argument(metavar="NAME")],
    data_dir: DataDir = None,
    home: Home = None,
) -> None:
    """Download a public data set into the folder of data; an interrupted download goes on."""
    from ..datasets import DATASETS, use_folders

    use_folders(data_dir, home)
    kind = DATASETS[name]
    data = kind()
    if kind.source == "download" and not data.missing():
        typer.echo(f"{kind.title} is at hand already")
        return
    if sys.stdout.isatty():
        _with_bar(data.download)
    else:
        data.download(_lines())
    typer.echo(f"{kind.title} is at hand")


def _lines() -> "Progress":
    """Tells a file's progress in plain lines, one a tenth."""
    told: dict[str, int] = {}

    def progress(file: str, done: int, total: int) -> None:
        tenth = 10 * done // total if total else done >> 24
        if told.get(file) != tenth:
            told[file] = tenth
            of = f" of {total / 1e6:.1f}" if total else ""
            typer.echo(f"{file}  {done / 1e6:.1f}{of} MB")

    return progress


def _with_bar(download: "Callable[[Progress], Any]") -> None:
    """Show a bar a file on a terminal."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn())
    with Progress(*columns, TimeRemainingColumn()) as bars:
        known = {}

        def progress(file: str, done: int, total: int) -> None:
            if file not in known:
                known[file] = bars.add_task(file, total=total or None)
            bars.update(known[file], completed=done)

        download(progress)


def with_data_dir(base: dict[str, Any], options: dict[str, str], folder: Path) -> dict[str, Any]:
    """The fields of a spec with the folder in the data set's options, if it looks into folders.

    The run then finds its data whoever resumes or evaluates it.
    """
    from ..datasets import DATASETS
    from ..datasets.folders import DATA_DIR

    name = str(options.get("dataset", base.get("dataset")))
    if name not in DATASETS or DATA_DIR not in DATASETS[name].params:
        return base
    place = {DATA_DIR.name: str(folder.expanduser().absolute())}
    return {**base, "dataset_options": {**place, **base.get("dataset_options", {})}}
