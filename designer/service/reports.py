"""The reports of runs, each read from the disk once however often a page asks."""

import math
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backend import runs
from backend.metrics import HELD_OUT, better
from backend.training.finer import doubts, inexact


@dataclass
class Reports:
    """What one run has reported so far.

    Args:
        offset: bytes of its ``metrics.jsonl`` that have been read.
        rows: the reports, in order; ``None`` for what is not finite.
        figures: see `summed_up`.
        warning: what is to be doubted, in plain sentences; empty for nothing.
        solve: whether the voltages are those of the circuit, ``ok`` or ``inaccurate``.
    """

    offset: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    warning: str = ""
    solve: str = ""

    def with_more(self, rows: Sequence[Mapping[str, Any]], offset: int) -> "Reports":
        """These reports and further ones; a page may still be reading the old list."""
        more = [finite(row) for row in rows]
        known = self.rows + more
        figures = summed_up(more, dict(self.figures))
        solve = str(inexact(known).get("solve_status", ""))
        return Reports(offset, known, figures, doubts(known), solve)


class Reader:
    """The reports of every run of one server."""

    def __init__(self) -> None:
        self._known: dict[str, Reports] = {}
        self._lock = threading.Lock()

    def of(self, run: runs.RunDirectory) -> Reports:
        """All reports of a run; only what is new is read."""
        with self._lock:
            known = self._known.get(run.id, Reports())
            rows, offset = run.metrics(after=known.offset)
            if offset < known.offset:  # the file was begun anew
                known = Reports()
            if rows or run.id not in self._known:
                known = known.with_more(rows, offset)
            self._known[run.id] = known
            return known

    def forget(self, id: str) -> None:
        """Drop the reports of a run that is deleted."""
        with self._lock:
            self._known.pop(id, None)


def summed_up(
    rows: Sequence[Mapping[str, Any]], found: dict[str, float] | None = None
) -> dict[str, float]:
    """The newest of every reported figure, and the best of those that a model is judged by.

    Those are of the validation set, and of the test set where there is no other: it must not choose
    where another one can.

    Args:
        rows: reports in order.
        found: the figures of earlier reports.
    """
    found = {} if found is None else found
    for row in rows:
        for name, value in row.items():
            if not isinstance(value, int | float):
                continue
            found[name] = value
            part, _, figure = name.partition("_")
            first = f"{HELD_OUT[0]}_{figure}"
            if part in HELD_OUT and (name == first or not (first in row or first in found)):
                best = f"best_{figure}"
                found[best] = better(name, found.get(best, value), value)
    return found


def finite(row: Mapping[str, Any]) -> dict[str, Any]:
    """A report without what JSON has no word for."""
    return {
        key: None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
