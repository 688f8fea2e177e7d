"""Faults of trained circuits, and edits of those that train."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from backend import runs
from backend.errors import RunError, StudioError, quoted
from backend.metrics import LOSS, METRICS

from .. import serialize
from .training import MissingRunError

if TYPE_CHECKING:
    from backend.training.breaking import Breakable

MOST = 32
"""Faults at a time."""


def changes() -> dict[str, Any]:
    """Changes for menus and forms."""
    from backend.changes import CHANGES

    return {
        name: {
            **(shown := serialize.configurable(kind)),
            "params": [one for one in shown["params"] if one["name"] not in kind.recorded],
            "place": kind.place,
            "needed": list(kind.needed),
            "strength": kind.strength,
            "fault": kind.fault,
            "lasting": kind.lasting,
        }
        for name, kind in CHANGES.items()
    }


class Breaking:
    """The faults and edits of the runs of one HOME.

    Args:
        home: folder that holds ``runs/``.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self._lock = threading.Lock()
        self._known: tuple[tuple[Any, ...], Breakable] | None = None

    def judge(self, id: str, epoch: int, given: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """What is left of a run's circuit with some faults.

        Args:
            id: of the run.
            epoch: that is looked at; the weights are those of the nearest checkpoint.
            given: faults as ``change`` and ``params``.

        Raises:
            StudioError: there is no checkpoint yet, or a fault does not fit.
        """
        from backend.changes import change_of
        from backend.runs.excerpts import kept_weights

        if len(given) > MOST:
            raise StudioError(f"{len(given)} faults at a time are too many; mend some of them")
        run = self._open(id)
        which, of = kept_weights(run, epoch)
        faults = [change_of(one) for one in given]
        with self._lock:
            known = self._breakable(run, which)
        found = known.judged(faults)
        score, loss = METRICS[known.score], METRICS[LOSS]
        return {
            "title": score.heading(known.part),
            "score": known.score,
            "before": score.write(known.before.get(known.score)),
            "after": score.write(found.figures.get(known.score)),
            "loss_before": loss.write(known.before[LOSS]),
            "loss": loss.write(found.figures[LOSS]),
            "figures": {name: serialize.number(value) for name, value in found.figures.items()},
            "examples": len(known.examples),
            "part": known.part,
            "epoch": of,
            "words": found.words,
            "devices": list(found.touched.devices),
            "nodes": list(found.touched.nodes),
        }

    def ask(self, id: str, given: Mapping[str, Any]) -> dict[str, Any]:
        """Ask the worker of a run to edit its circuit.

        Raises:
            StudioError: the run does not train, or the change does not fit.
        """
        from backend.changes import change_of

        change = change_of(given)
        return {"id": runs.ask_to_edit(self._open(id), change), "words": change.words()}

    def _breakable(self, run: runs.RunDirectory, which: str) -> "Breakable":
        from backend.training.breaking import Breakable

        key = (run.id, which, run.checkpoint_path(which).stat().st_mtime_ns)
        if self._known is None or self._known[0] != key:
            self._known = key, Breakable(run, which)
        return self._known[1]

    def _open(self, id: str) -> runs.RunDirectory:
        try:
            return runs.RunDirectory(self.home / "runs" / runs.checked_id(id))
        except RunError:
            raise MissingRunError(f"There is no run {quoted(id)} here.") from None
