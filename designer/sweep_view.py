"""What the page shows of a sweep: a table of trials, a sentence, and the figure beside them."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from .service import METRICS, Service
from .sweep_figures import parallel

STATES = {"running": "searching", "resting": "rests", "done": "done"}


def shown(service: Service, id: str, theme: str | None, after: str = "") -> str | None:
    """A sweep as JSON; ``None``: no news.

    Args:
        service: the door to the backend.
        id: of the sweep.
        theme: light or dark.
        after: ``revision`` of what the page shows.

    Raises:
        MissingRunError: it is not there.
    """
    sweep = service.sweeps.show(id)
    table = {
        "id": id,
        "name": sweep["name"],
        "state": sweep["state"],
        "words": words(sweep),
        "said": sweep["said"],
        "columns": [axis["name"].replace("_", " ") for axis in sweep["axes"]],
        "figure_title": METRICS[sweep["objective"]].heading("validation"),
        "rows": [row(trial, sweep) for trial in sweep["trials"]],
    }
    text = json.dumps([table, theme])
    revision = hashlib.blake2b(text.encode(), digest_size=9).hexdigest()
    if revision == after:
        return None
    figure = parallel(sweep["axes"], sweep["trials"], sweep["objective"], sweep["best"], theme)
    about = json.dumps({**table, "revision": revision})
    return f'{about[:-1]}, "figure": {figure.to_json()}}}'


def words(sweep: Mapping[str, Any]) -> str:
    """How far a sweep is."""
    states = [trial.get("state") for trial in sweep["trials"]]
    counts = ((name, states.count(name)) for name in ("done", "pruned", "failed", "running"))
    told = ", ".join(f"{count} {name}" for name, count in counts if count)
    return f"{STATES[sweep['state']]}: {len(states)} of {sweep['count']} trials" + (
        f" ({told})" if told else ""
    )


def row(trial: Mapping[str, Any], sweep: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the table of trials."""
    settings = trial.get("settings") or {}
    return {
        "number": trial.get("number"),
        "state": trial.get("state"),
        "run": trial.get("run") or "",
        "message": trial.get("message") or "",
        "value": METRICS[sweep["objective"]].write(trial.get("value")),
        "settings": [written(settings.get(axis["name"])) for axis in sweep["axes"]],
        "best": trial.get("number") == sweep["best"],
        "recipe": trial.get("number") == 0,
    }


def written(value: Any) -> str:
    """A setting in a cell."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.3g}" if isinstance(value, float) else str(value)
