"""Sweeps as the page reads them: from their directories alone, without Optuna."""

from pathlib import Path
from typing import Any

from backend import sweeps
from backend.errors import StudioError, quoted
from backend.metrics import METRICS
from backend.sweeps.space import Choice

from .training import MissingRunError

LISTED = 50
"""Sweeps of a list, the newest."""


class Sweeps:
    """The sweeps of one HOME.

    Args:
        home: folder that holds ``sweeps/`` and ``runs/``.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def recent(self) -> list[dict[str, Any]]:
        """All sweeps, newest first: ``id``, ``name``, ``state``; damaged ones are left out."""
        found: list[dict[str, Any]] = []
        for sweep in sweeps.list_sweeps(self.home)[:LISTED]:
            try:
                name = _name(sweep.about)
            except StudioError:
                continue
            found.append({"id": sweep.id, "name": name, "state": sweep.status["state"]})
        return found

    def show(self, id: str) -> dict[str, Any]:
        """Everything that is known of one sweep.

        Returns:
            ``name``, ``state``, ``objective`` (a metric), ``axes`` (what is searched: ``name`` and
            either ``choices`` or ``low``, ``high``, ``log``), ``trials`` (see
            ``backend.sweeps.rows.Row``), ``count`` of trials wanted, ``best`` (the number of the
            best trial so far, or ``None``) and ``said``, the result in words.

        Raises:
            MissingRunError: it is not there.
            StudioError: it is damaged.
        """
        path = self.home / "sweeps" / id
        if not (path / "sweep.json").is_file():
            raise MissingRunError(f"There is no sweep {quoted(id)} here.")
        sweep = sweeps.SweepDirectory(path)
        about, status, result, rows = sweep.about, sweep.status, sweep.result, sweep.trials
        objective = about.get("objective")
        if objective not in METRICS:
            raise StudioError(f"sweep {id}: its figure {quoted(objective)} is not known here")
        metric = METRICS[str(objective)]
        best = result or sweeps.winner(rows, metric.higher) or {}
        return {
            "name": _name(about),
            "state": status["state"],
            "objective": objective,
            "axes": _axes(about.get("search")),
            "trials": rows,
            "count": status.get("trials") or about.get("sweep", {}).get("trials"),
            "best": best.get("winner", best.get("number")),
            "said": sweeps.sentence(result) if result else "",
        }


def _name(about: dict[str, Any]) -> str:
    fixed = about.get("fixed") or {}
    return str(fixed.get("name") or f"{fixed.get('dataset', '')} sweep")


def _axes(search: Any) -> list[dict[str, Any]]:
    """What is searched, in the order of the file."""
    found: list[dict[str, Any]] = []
    for name, dimension in sweeps.read_space(search).items():
        if isinstance(dimension, Choice):
            found.append({"name": name, "choices": list(dimension.choices)})
        else:
            ends = {"low": dimension.low, "high": dimension.high, "log": dimension.log}
            found.append({"name": name, **ends})
    return found
