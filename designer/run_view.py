"""What the page shows of training runs: JSON that it asks for again and again, and figures."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import figures, views
from .service import HELD_OUT, LOSS, METRICS, PEAK, Examples, Service, StudioError, clipped, placed
from .views.answers import OPERATOR_FIELDS
from .wording import ago, duration, progress_text, state_text

MOST_ROWS = 1500
"""Reports of one figure that a page gets at once; more would not be seen in a plot."""


def live(service: Service, id: str, known: int = 0, after: str = "") -> dict[str, Any] | None:
    """Everything the page shows of a run, with the reports it has not seen; ``None``: no news.

    Args:
        service: the door to the backend.
        id: of the run.
        known: how many reports the page has already.
        after: ``revision`` of what it shows.

    Raises:
        MissingRunError: it is not there.
    """
    run = service.training.look(id)
    rows = service.training.rows(id)
    if known > len(rows):  # cut back when it was taken up again
        known = 0
    shown = {
        "id": id,
        "state": run["state"],
        "active": run["active"],
        "resumable": run["resumable"],
        "circuit": run["circuit"],
        "lanes": run["lanes"],
        "epochs": [found["epoch"] for found in service.training.frames(id)],
        "edits": service.training.edits(id) if run["circuit"] else [],
        "count": len(rows),
        "card": card(run),
    }
    revision = _revision(shown)
    if revision == after and known == len(rows):
        return None
    return {**shown, "revision": revision, "from": known, "rows": thinned(rows[known:])}


def table(service: Service, after: str = "") -> dict[str, Any] | None:
    """The table of all runs, newest first; ``None``: no news.

    Args:
        service: the door to the backend.
        after: ``revision`` of what the page shows.
    """
    titles = service.datasets.titles()
    rows = [_row(run, titles) for run in service.training.recent()]
    active = sum(row["active"] for row in rows)
    words = f"{len(rows)} in all" + (f", {active} active" if active else "")
    shown = {"rows": rows, "words": words if rows else ""}
    revision = _revision(shown)
    return None if revision == after else {**shown, "revision": revision}


def _revision(shown: Mapping[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(shown).encode(), digest_size=9).hexdigest()


def thinned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What plots need of reports: of each figure at most `MOST_ROWS`, the newest always."""
    drawn = [name for name, metric in METRICS.items() if metric.curve]
    names = [f"{part}_{name}" for part in ("train", *HELD_OUT) for name in drawn]
    chosen: set[int] = set()
    for name in names:
        places = [place for place, row in enumerate(rows) if row.get(name) is not None]
        every = max(1, -(-len(places) // MOST_ROWS))
        chosen.update(places[::every], places[-1:])
    keep = ("step", "epoch", *names)
    return [{key: rows[k][key] for key in keep if key in rows[k]} for k in sorted(chosen)]


def card(run: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the card of a run, in words."""
    percent = 100 * run["progress"]
    return {
        "title": run["name"],
        "state": run["state"],
        "share": f"{percent:.1f}%",
        "progress": progress_text(run),
        "stats": {**stats(run), "time": duration(run["seconds"])},
        "warning": run["warning"],
        "books": books(run["figures"]),
        "no_circuit": run.get("no_circuit", ""),
        "chip": f"{run['name'][:24]} {percent:.0f} %",
    }


def books(figures: Mapping[str, float]) -> list[dict[str, str]]:
    """What stands of collisions in the card, layer by layer; nothing for other models.

    Args:
        figures: as reported last, such as ``layer2_energy`` (``Gas.noted``).
    """
    found: list[dict[str, str]] = []
    while f"layer{len(found) + 1}_accepted" in figures:
        layer = f"layer{len(found) + 1}"
        momentum, energy = (figures.get(f"{layer}_{name}") for name in ("momentum", "energy"))
        found.append(
            {
                "layer": str(len(found) + 1),
                "accepted": f"{100 * figures[f'{layer}_accepted']:.0f} %",
                "momentum": "–" if momentum is None else f"{momentum:.0e}".replace("e-0", "e-"),
                "energy": "–" if energy is None else f"{energy:.{4 if energy < 10 else 0}f}",
            }
        )
    return found


def stats(run: Mapping[str, Any]) -> dict[str, str]:
    """Figures by the end of the id of their place; empty for those that the task has not."""
    found, score = run["figures"], run["score"]
    metric = METRICS[score]
    # A test set that is kept unseen to the end has no figure before.
    unseen = f"test_{score}" not in found and f"validation_{score}" in found
    beside = {f"test-{name}": _written(name, found, f"test_{name}") for name in placed("further")}
    return {
        "loss": METRICS[LOSS].write(found.get(f"train_{LOSS}")),
        "score-title": metric.heading("validation" if unseen else "test"),
        "score": metric.write(found.get(f"{'validation' if unseen else 'test'}_{score}")),
        "best": metric.write(found.get(f"best_{score}")),
        **beside,
        "finer": _written(score, found, f"finer_{score}"),
        "peak": _written(PEAK, found, PEAK),
    }


def _written(metric: str, found: Mapping[str, float], reported: str) -> str:
    """A reported figure in its metric's form; empty where it was not reported."""
    return METRICS[metric].write(found[reported]) if reported in found else ""


def _row(run: Mapping[str, Any], titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": run["id"],
        "name": run["name"],
        "state": run["state"],
        "state_text": state_text(run),
        "dataset": titles.get(run["dataset"], run["dataset"]),
        **_figures(run),
        "time": duration(run["seconds"]),
        "when": ago(run["started"]),
        "active": run["state"] in ("running", "queued"),
        "resumable": run["state"] in ("cancelled", "failed", "lost"),
    }


def _figures(run: Mapping[str, Any]) -> dict[str, Any]:
    """The best figure, the same with finer solving, and peak voltage; numbers to sort by."""
    found, score = run["figures"], run["score"]
    metric, best = METRICS[score], found.get(f"best_{score}")
    unseen = f"validation_{score}" in found
    short = "" if best is None or not metric.label else f"{metric.label} "
    return {
        "best": best,
        "best_text": short + metric.write(best),
        "finer": found.get(f"finer_{score}"),
        "finer_text": _written(score, found, f"finer_{score}"),
        "peak": found.get(PEAK),
        "peak_text": _written(PEAK, found, PEAK),
        "hint": f"{metric.hint}; here of the validation set" if unseen else metric.hint,
        "warning": run["warning"],
    }


def outcome(
    service: Service,
    id: str,
    epoch: int,
    theme: str | None,
    examples: Callable[[], Examples],
    wanted: str = "",
) -> str:
    """What stands beside the curves: the inside of the model, or what it answers; JSON.

    ``view`` is the kind that is shown and ``views`` name and title of all that could be;
    ``painter`` names the module that shows it, ``url`` its container or ``figure`` a figure.

    Args:
        service: the door to the backend.
        id: of the run.
        epoch: that is shown.
        theme: light or dark.
        examples: reads what belongs to the run's data set.
        wanted: the kind, where it is one of those; else the first is shown.
    """
    inside, arrays = service.training.stored(id, epoch)
    found = views.views_of(inside, arrays)
    name = wanted if wanted in found else next(iter(found), "")
    titles = [{"name": key, "title": kind.title} for key, kind in found.items()]
    about = json.dumps({"view": name, "views": titles})[1:-1]
    kind = found.get(name)
    if isinstance(kind, views.Painted):
        url = f"/api/runs/{id}/views/{epoch}.bin?view={name}"
        return f'{{{about}, "painter": "{name}", "url": "{url}"}}'
    drawn = isinstance(kind, views.Drawn)
    figure = kind.figure(arrays, theme, examples) if drawn else figures.empty(theme)
    return f'{{{about}, "painter": "figure", "figure": {figure.to_json()}}}'


def container(service: Service, id: str, epoch: int, name: str) -> bytes:
    """What a painter needs of an epoch.

    Args:
        service: the door to the backend.
        id: of the run.
        epoch: that is shown.
        name: of the kind.

    Raises:
        StudioError: there is nothing to be shown.
    """
    inside, arrays = service.training.stored(id, epoch)
    kind = views.views_of(inside, arrays).get(name)
    if not isinstance(kind, views.Painted):
        raise StudioError(f"run {id} shows nothing like {clipped(name)!r} at epoch {epoch}")
    own = inside.arrays if inside and isinstance(kind, views.Inside) else arrays
    if kind.beside_first:
        own = {**own, **_first(service, id)}
    if kind.history:
        own = {**own, **service.training.history(id, kind.history)}
    header = dict(inside.header) if inside else {}
    if (given := arrays.get(OPERATOR_FIELDS[0])) is not None:
        header["examples"] = len(given)  # that can be chosen
    return kind.container(own, header)


def _first(service: Service, id: str) -> dict[str, Any]:
    """What the model showed of its inside at the first stored epoch."""
    epoch = service.training.frames(id)[0]["epoch"]
    inside, _ = service.training.stored(id, epoch)
    return {f"first_{name}": values for name, values in (inside.arrays if inside else {}).items()}
