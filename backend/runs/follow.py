"""Runs as text: followed while they work, summed up, described and compared."""

import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ..metrics import better, checks, measures
from ..training.finer import doubts, inexact
from .records import phase_of

if TYPE_CHECKING:
    from .directory import RunDirectory

ENDED = ("done", "failed", "cancelled", "lost")
POLL_SECONDS = 0.3


def follow(run: "RunDirectory") -> int:
    """Show a run until it ends; the exit status is 0 for done, 1 for any other end.

    A progress bar on a terminal, one line a report otherwise. Ctrl+C leaves the run alive.
    """
    try:
        status = _bar(run) if sys.stdout.isatty() else _lines(run)
    except KeyboardInterrupt:
        print(f"\n{run.id} goes on; stop it with: kirchhoff runs stop {run.id}")
        return 130
    print(summary(run))
    if sentence := warning(run):
        print(sentence)
    return 0 if status["state"] == "done" else 1


def _watch(run: "RunDirectory") -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Status and new metric rows, until the run has ended."""
    from . import reconcile

    after = 0
    while True:
        reconcile(run.home)
        status = run.status
        rows, after = run.metrics(after)
        yield status, rows
        if status["state"] in ENDED:
            return
        time.sleep(POLL_SECONDS)


def _lines(run: "RunDirectory") -> dict[str, Any]:
    status: dict[str, Any] = {}
    said: set[str] = set()
    for status, rows in _watch(run):
        # Every epoch is evaluated; that is no news.
        words = _doing(status)
        if words not in {*said, "evaluating"}:
            said.add(words)
            print(f"{run.id} {words}", flush=True)
        for row in rows:
            print(_row_text(row), flush=True)
    return status


def _bar(run: "RunDirectory") -> dict[str, Any]:
    status: dict[str, Any] = {}
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} steps"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}"),
    )
    with Progress(*columns) as progress:
        task = progress.add_task("queued", total=1, last="")
        for status, rows in _watch(run):
            progress.update(
                task,
                description=_doing(status),
                completed=status.get("step", 0),
                total=max(1, status.get("total", 1)),
                last=_row_text(rows[-1]) if rows else progress.tasks[0].fields["last"],
            )
    return status


def _doing(status: dict[str, Any]) -> str:
    """What a run does just now and, where that takes long, how far it is."""
    phase, told = phase_of(status), status.get("message")
    return f"{phase}, {told}" if phase and told else phase or status["state"]


def _row_text(row: dict[str, Any]) -> str:
    shown = [f"epoch {row['epoch']}"] if "epoch" in row else []
    names = [*reversed(measures()), *checks(row), *closing_names(row)]
    shown += [f"{name} {_digits(row[name])}" for name in names if _known(row, name)]
    return "  ".join(shown)


def closing_names(row: dict[str, Any]) -> list[str]:
    """Names of figures that are told once, at the end: further test sets, and baselines."""
    return [name for name in row if name.endswith("_baseline") or "@" in name]


def _known(row: dict[str, Any], name: str) -> bool:
    return isinstance(row.get(name), int | float)


def _digits(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def best(run: "RunDirectory") -> dict[str, float]:
    """The best value of every measure, by its direction."""
    return _best(run.metrics()[0])


def _best(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    found: dict[str, float] = {}
    names = measures()
    for row in rows:
        for name in names:
            if _known(row, name):
                value: float = row[name]
                found[name] = better(name, found.get(name, value), value)
    return found


def summary(run: "RunDirectory") -> str:
    """One line: id, state, data set, progress, best measures, and the reason of an early end."""
    status = run.status
    parts = [run.id, status["state"], str(status.get("dataset", ""))]
    if status.get("total"):
        parts.append(f"{status.get('step', 0)}/{status['total']} steps")
    rows = run.metrics()[0]
    parts += [f"{name} {_digits(value)}" for name, value in _best(rows).items()]
    last = rows[-1] if rows else {}
    told = (*checks(last), *closing_names(last))
    parts += [f"{name} {_digits(last[name])}" for name in told if _known(last, name)]
    parts.append(_solve_text(rows))
    if status.get("message"):
        parts.append(status["message"])
    return "  ".join(part for part in parts if part)


def _solve_text(rows: Sequence[dict[str, Any]]) -> str:
    """How accurate the voltages behind the figures are."""
    found = inexact(rows)
    if not found:
        return ""
    error = found.get("solve_error")
    size = f" {error:.2g}" if isinstance(error, int | float) else ""
    return f"solve {found['solve_status']}{size}"


def warning(run: "RunDirectory") -> str:
    """What is to be doubted about a run's result, in words; empty for nothing."""
    return doubts(run.metrics()[0])


def describe(run: "RunDirectory") -> str:
    """Directory, state, specification without the circuit itself, and the last metrics."""
    spec = run.spec.model_dump()
    if isinstance(spec.get("circuit"), dict):
        spec["circuit"] = f"drawn, '{spec['circuit'].get('name', '')}'"
    lines = [summary(run), f"directory  {run.path}"]
    lines += [f"warning  {sentence}" for sentence in (warning(run), run.damage()) if sentence]
    lines += [f"{name}  {value}" for name, value in spec.items() if value not in (None, "", {})]
    rows = run.metrics()[0]
    if rows:
        lines.append("last  " + _row_text(rows[-1]))
    return "\n".join(lines)


def compare(runs: Sequence["RunDirectory"]) -> str:
    """A table: best measures of every run and the settings in which they differ."""
    specs = [run.spec.model_dump() for run in runs]
    skip = {"circuit", "versions", "name"}
    differ = [
        name for name in specs[0] if name not in skip and len({str(s[name]) for s in specs}) > 1
    ]
    found = [best(run) for run in runs]
    known = [name for name in measures() if any(name in values for values in found)]
    table = Table("run", "state", *known, *differ)
    for run, spec, values in zip(runs, specs, found, strict=True):
        table.add_row(
            run.id,
            run.status["state"],
            *(_digits(values[name]) if name in values else "" for name in known),
            *(str(spec[name]) for name in differ),
        )
    # Wide enough for whole ids and names: nothing is broken into lines.
    console = Console(width=max(100, 20 * (3 + len(known) + len(differ))), no_color=True)
    with console.capture() as text:
        console.print(table)
    return text.get().rstrip()
