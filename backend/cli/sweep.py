"""``kirchhoff sweep``: a search over settings of a training."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import StudioError
from .options import read_object
from .runs import DataDir, Home

if TYPE_CHECKING:
    from ..sweeps import SweepDirectory
    from ..sweeps.conduct import Conductor
    from ..sweeps.rows import Row


def sweep(
    spec: Annotated[Path | None, typer.Argument(metavar="[SPEC.json]")] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials in all, in the place of the file's.")
    ] = None,
    resume: Annotated[str | None, typer.Option(metavar="ID", help="Go on with a sweep.")] = None,
    launcher: Annotated[str, typer.Option(help="Where trials compute.", hidden=True)] = "local",
    home: Home = None,
    data_dir: DataDir = None,
) -> None:
    """Search settings of a training: validation data decide, the test set is read once at the end.

    SPEC.json is what ``kirchhoff train`` takes with a range for each searched setting, such as
    ``"search": {"learning_rate": {"low": 0.001, "high": 0.1, "log": true}}``. The same file again,
    or --resume, goes on where a sweep was left.
    """
    from ..datasets import use_folders
    from ..sweeps import open_sweep
    from ..sweeps.conduct import Conductor, prepare
    from ..sweeps.study import load_optuna

    load_optuna()  # its absence is said before anything is read
    if (spec is None) == (resume is None):
        raise StudioError("sweep: name a SPEC.json, or a sweep with --resume ID; one of the two")
    use_folders(data_dir, home)
    if resume is not None:
        found = open_sweep(home, resume)
    else:
        assert spec is not None
        found, _ = prepare(_read(spec, data_dir), home)
    typer.echo(f"{found.id} {found.path}")
    closed = bool(found.result)
    conductor = Conductor(found, trials, launcher)
    try:
        show(conductor)
    except KeyboardInterrupt:
        typer.echo(
            f"\n{found.id} rests; a trial that is at work goes on. Go on with: "
            f"kirchhoff sweep --resume {found.id}"
        )
        raise typer.Exit(130) from None
    raise typer.Exit(report(found, closed=closed))


def _read(path: Path, data_dir: Path | None) -> Any:
    from ..sweeps.spec import read_sweep
    from .commands import with_data_dir

    data = read_object(path)
    try:
        return read_sweep(with_data_dir(data, {}, data_dir) if data_dir else data)
    except StudioError as error:
        raise StudioError(f"{path}: {error}") from None


def show(conductor: "Conductor") -> None:
    """A line whenever a trial begins or ends, and a bar below them on a terminal."""
    if not sys.stdout.isatty():
        for row in conductor.events():
            print(line(row, conductor.spec.objective), flush=True)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} trials"),
        TimeElapsedColumn(),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("searching", total=conductor.trials)
        for row in conductor.events():
            progress.console.print(line(row, conductor.spec.objective), highlight=False)
            ended = sum(one.state != "running" for one in conductor.rows())
            progress.update(task, completed=ended)


def line(row: "Row", objective: str) -> str:
    """A trial in one line: number, state, figure, settings, run."""
    from ..metrics import METRICS

    state = "begins" if row.state == "running" else row.state
    figure = ""
    if row.value is not None and row.state != "running":
        figure = f"validation {METRICS[objective].words} {METRICS[objective].write(row.value)}"
    named = "  ".join(f"{name} {_value(value)}" for name, value in row.settings.items())
    first = "the recipe" if row.number == 0 and row.state == "running" else ""
    parts = (f"trial {row.number}", state, figure, first, named, row.message, row.run)
    return "  ".join(part for part in parts if part)


def report(sweep: "SweepDirectory", *, closed: bool) -> int:
    """The table at the end; the exit status is 1 where nothing came to its end."""
    from ..metrics import METRICS
    from ..sweeps.verdict import sentence

    result = sweep.result
    rows = sweep.trials
    if not result:
        said = {str(row.get("message")) for row in rows if row.get("message")}
        typer.echo(f"no trial came to its end: {'; '.join(sorted(said)[:3]) or 'none was begun'}")
        return 1
    metric = METRICS[result["objective"]]
    first = next((row for row in rows if row.get("number") == 0), {})
    start = first.get("settings") or {}
    for text in _table(result, start, metric.heading("validation"), metric.write):
        typer.echo(text)
    counts = ((state, sum(row.get("state") == state for row in rows))
              for state in ("done", "pruned", "failed"))  # fmt: skip
    typer.echo(", ".join(f"{count} {state}" for state, count in counts if count)
               + f" in {sweep.status['seconds']:.0f} s")  # fmt: skip
    typer.echo(sentence(result))
    if closed:
        typer.echo(
            "The test set was read for this sweep, so no trial is added; give the file another "
            '"name" to search anew.'
        )
    return 0


def _table(
    result: dict[str, Any], start: dict[str, Any], heading: str, write: Any
) -> Iterator[str]:
    """Settings and figure of the best trial beside those of the default recipe."""
    head = ("", "best", "default")
    rows = [(name, _value(value), _value(start.get(name)))
            for name, value in result["settings"].items()]  # fmt: skip
    rows.append((heading, write(result["value"]), write(result["default"])))
    tested = (result.get("test") or {}).get(result["objective"])
    rows.append(("Test, read once", write(tested), ""))
    rows.append(("Run", str(result["run"]), ""))
    wide = [max(len(row[column]) for row in (head, *rows)) for column in range(3)]
    for row in (head, *rows):
        yield "  ".join(text.ljust(width) for text, width in zip(row, wide, strict=True)).rstrip()


def _value(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else str(value)
