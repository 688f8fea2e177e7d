"""Pure figure of a sweep: every trial a line over its settings, in parallel coordinates.

Plotly's own ``parcoords`` makes its shaders with ``eval``, which the page's content policy refuses;
so the axes here are drawn with ordinary lines.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from .figures import COLOURS, dressed, theme_of
from .service import METRICS

Axis = Mapping[str, Any]
MOST_LABELS = 6
TAIL = 0.25
"""Share of the trials that lie below the axis of the deciding figure: bad ones must not squeeze the
good ones together."""
FEW = 8
"""So many trials are all shown."""


def parallel(
    axes: Sequence[Axis],
    trials: Sequence[Mapping[str, Any]],
    objective: str,
    best: int | None = None,
    theme: str | None = None,
) -> go.Figure:
    """Trials as lines; the last axis is the validation figure that decides.

    Args:
        axes: what is searched; ``name`` and either ``choices`` or ``low``, ``high``, ``log``.
        trials: ``number``, ``state``, ``settings`` and ``value``; those without a value are left
            out.
        objective: the metric that decides.
        best: number of the trial that is marked.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    metric = METRICS[objective]
    known = [t for t in trials if isinstance(t.get("value"), int | float)]
    figure = dressed(go.Figure(), theme)
    ends = value_ends([float(t["value"]) for t in known], higher=metric.higher)
    named: set[str] = set()
    # What is marked is drawn last, above the others.
    for trial in sorted(known, key=lambda t: (t["number"] == best, t["number"] == 0)):
        look = _look(trial, best, theme)
        places = [place(axis, (trial.get("settings") or {}).get(axis["name"])) for axis in axes]
        texts = [f"{axis['name']} {_text((trial.get('settings') or {}).get(axis['name']))}"
                 for axis in axes]  # fmt: skip
        figure.add_scatter(
            x=list(range(len(axes) + 1)), y=[*places, _share(float(trial["value"]), *ends)],
            text=[*texts, f"{metric.words} {metric.write(float(trial['value']))}"],
            mode="lines+markers", name=look["name"], legendgroup=look["name"],
            showlegend=look["name"] not in named, line=look["line"], opacity=look["opacity"],
            marker={"size": 4, "color": look["line"]["color"]},
            hovertemplate=f"trial {trial['number']}: %{{text}}<extra></extra>",
        )  # fmt: skip
        named.add(look["name"])
    _axes(figure, axes, theme)
    low, high = ends
    below = "≤ " if metric.higher and known and min(t["value"] for t in known) < low else ""
    above = "≥ " if not metric.higher and known and max(t["value"] for t in known) > high else ""
    labels = {0.0: below + metric.write(low), 1.0: above + metric.write(high)} if known else {}
    _label(figure, len(axes), labels, theme)
    _frame(figure, [axis["name"].replace("_", " ") for axis in axes]
           + [metric.heading("validation")], theme)  # fmt: skip
    return figure


def place(axis: Axis, value: Any) -> float | None:
    """Where a setting lies on its axis, from 0 to 1; ``None`` where it is not known."""
    if "choices" in axis:
        choices = list(axis["choices"])
        return choices.index(value) / (len(choices) - 1) if value in choices else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high = float(axis["low"]), float(axis["high"])
    if axis.get("log"):
        if value <= 0:
            return None
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return (value - low) / (high - low)


def value_ends(values: Sequence[float], *, higher: bool) -> tuple[float, float]:
    """Ends of the axis of the deciding figure; of many the worst quarter lies beyond."""
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    if len(values) > FEW:
        low = float(np.quantile(values, TAIL)) if higher else low
        high = high if higher else float(np.quantile(values, 1 - TAIL))
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _share(value: float, low: float, high: float) -> float:
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _look(trial: Mapping[str, Any], best: int | None, theme: str) -> dict[str, Any]:
    colours = COLOURS[theme]
    if trial["number"] == best:
        line = {"color": colours["warm"], "width": 3}
        return {"name": f"best, trial {best}", "line": line, "opacity": 1}
    if trial["number"] == 0:
        line = {"color": colours["amber"], "width": 2.4}
        return {"name": "the recipe, trial 0", "line": line, "opacity": 1}
    if trial.get("state") == "done":
        line = {"color": colours["accent"], "width": 1.4}
        return {"name": "done", "line": line, "opacity": 0.75}
    name = "pruned" if trial.get("state") == "pruned" else "not at its end"
    return {"name": name, "line": {"color": colours["muted"], "width": 1}, "opacity": 0.45}


def _axes(figure: go.Figure, axes: Sequence[Axis], theme: str) -> None:
    for number, axis in enumerate(axes):
        if "choices" in axis:
            count = len(axis["choices"])
            chosen = range(count) if count <= MOST_LABELS else (0, count - 1)
            labels = {k / (count - 1): _text(axis["choices"][k]) for k in chosen}
        else:
            labels = {0.0: _text(axis["low"]), 1.0: _text(axis["high"])}
        _label(figure, number, labels, theme)


def _label(figure: go.Figure, number: int, labels: Mapping[float, str], theme: str) -> None:
    """An axis, with words at some of its places."""
    colours = COLOURS[theme]
    figure.add_shape(
        type="line", x0=number, x1=number, y0=0, y1=1, layer="below",
        line={"color": colours["line"], "width": 1},
    )  # fmt: skip
    for y, text in labels.items():
        beyond = {0.0: "top", 1.0: "bottom"}.get(y, "middle")
        figure.add_annotation(
            x=number, y=y, text=text, showarrow=False, yanchor=beyond,
            yshift={"top": -4, "bottom": 4}.get(beyond, 0), bgcolor=colours["surface"],
            borderpad=1, font={"size": 10, "color": colours["muted"]},
        )  # fmt: skip


def _frame(figure: go.Figure, titles: Sequence[str], theme: str) -> None:
    figure.update_xaxes(
        tickvals=list(range(len(titles))), ticktext=titles, showgrid=False, showline=False,
        range=[-0.4, len(titles) - 0.6], fixedrange=True, side="top",
        tickfont={"size": 11, "color": COLOURS[theme]["text"]},
    )  # fmt: skip
    figure.update_yaxes(visible=False, range=[-0.12, 1.12], fixedrange=True)
    figure.update_layout(
        hovermode="closest", margin={"l": 10, "r": 10, "t": 28, "b": 30},
        legend={"orientation": "h", "x": 0, "y": -0.02, "yanchor": "top", "xanchor": "left",
                "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11}},
    )  # fmt: skip


def _text(value: Any) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
