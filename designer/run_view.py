"""What the page shows of a training run: pure functions from its records to leaf properties."""

from typing import Any

from dash import no_update

from . import figures
from .service import Service
from .wording import duration, progress_text, share


def view_of(service: Service, id: str) -> dict[str, Any]:
    """Everything the page shows about a run at this moment."""
    run = service.training.show(id)
    rows = service.training.rows(id)
    frames = [found["epoch"] for found in service.training.frames(id)]
    return {**run, "rows": rows, "count": len(rows), "frames": frames,
            "shown": frames[-1] if frames else None}  # fmt: skip


def run_figures(
    service: Service, view: dict[str, Any], theme: str | None, seen: dict | None
) -> tuple:
    """Both figures, or `no_update` for what the page shows already."""
    seen = seen or {}
    same = seen.get("id") == view["id"]
    curves = no_update
    if not same or seen.get("count") != view["count"]:
        curves = figures.curves(view["rows"], theme, view["id"])
    extra = no_update
    if view["frames"] and (not same or seen.get("shown") != view["shown"]):
        extra = extra_figure(service, view["id"], view["shown"], theme)
    return curves, extra


def extra_figure(service: Service, id: str, epoch: int, theme: str | None):
    """Decision boundary or density of 2-D data, else the confusion matrix."""
    found = service.training.extras(id, epoch)
    if "boundary" in found:
        points, labels = service.training.points(id)
        return figures.boundary(
            found["boundary"], found["boundary_x"], found["boundary_y"], theme,
            points=points, labels=labels,
        )  # fmt: skip
    if "density" in found:
        return figures.density(
            found["density"], found["density_x"], found["density_y"], theme,
            samples=found.get("samples"),
        )  # fmt: skip
    if "confusion" in found:
        return figures.confusion(found["confusion"], service.training.classes(id), theme)
    return figures.empty(theme)


def card(view: dict[str, Any]) -> tuple:
    """Title to run chip, in the order of the outputs of `follow`."""
    last = next((row for row in reversed(view["rows"]) if row.get("test_accuracy") is not None), {})
    newest = view["rows"][-1] if view["rows"] else {}
    percent = 100 * view["progress"]
    running = view["active"]
    return (
        view["name"],
        view["state"],
        f"state state-{view['state']}",
        {"width": f"{percent:.1f}%"},
        progress_text(view),
        _loss(newest.get("train_loss")),
        share(last.get("test_accuracy")),
        share(view["best_accuracy"]),
        duration(view["seconds"]),
        not running,
        not view["resumable"],
        not view["frames"],
        not running,
        f"{view['name'][:24]} {percent:.0f} %",
    )


def _loss(value: float | None) -> str:
    return "–" if value is None else f"{value:.3g}"
