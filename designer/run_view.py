"""What the page shows of a training run: pure functions from its records to leaf properties."""

from typing import Any

from dash import no_update

from . import figures, outcome_figures
from .service import Service
from .wording import SCORE_TITLES, duration, figure, progress_text, volts


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
    """Decision boundary or density of 2-D data, answers for numbers, else the confusion matrix."""
    found = service.training.extras(id, epoch)
    if "boundary" in found:
        points, labels = service.training.points(id)
        return outcome_figures.boundary(
            found["boundary"], found["boundary_x"], found["boundary_y"], theme,
            points=points, labels=labels,
        )  # fmt: skip
    if "density" in found:
        return outcome_figures.density(
            found["density"], found["density_x"], found["density_y"], theme,
            samples=found.get("samples"),
        )  # fmt: skip
    if "predictions" in found:
        return outcome_figures.predictions(found["targets"], found["predictions"], theme)
    if "confusion" in found:
        return outcome_figures.confusion(found["confusion"], service.training.classes(id), theme)
    return figures.empty(theme)


def card(view: dict[str, Any]) -> tuple:
    """Title to run chip, in the order of the outputs of `follow`."""
    percent = 100 * view["progress"]
    running = view["active"]
    return (
        view["name"],
        view["state"],
        f"state state-{view['state']}",
        {"width": f"{percent:.1f}%"},
        progress_text(view),
        *stats(view),
        duration(view["seconds"]),
        view["warning"],
        not running,
        not view["resumable"],
        not view["frames"],
        not running,
        f"{view['name'][:24]} {percent:.0f} %",
    )


def stats(view: dict[str, Any]) -> tuple:
    """Loss, then label, value and best value of the score, R², finer score, peak voltage.

    Figures that the task has not are ``None`` and their places empty.
    """
    found, score = view["figures"], view["score"] or "loss"
    return (
        figure("loss", found.get("train_loss")),
        SCORE_TITLES[score],
        figure(score, found.get(f"test_{score}")),
        figure(score, found.get(f"best_{score}")),
        figure("r2", found.get("test_r2")) if "test_r2" in found else "",
        figure(score, found.get(f"finer_{score}")) if f"finer_{score}" in found else "",
        volts(found.get("peak_voltage")) if "peak_voltage" in found else "",
    )
