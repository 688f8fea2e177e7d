"""Pure figures: curves of runs, comparison with ngspice, and the look all figures share."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
MAX_POINTS = 1500
MAX_TRACES = 8

# The colours of assets/css/00-tokens.css; plotly draws into SVG and cannot read CSS variables.
COLOURS: dict[str, dict[str, str]] = {
    "light": {
        "text": "#19202b", "muted": "#616b7b", "grid": "#eceff3", "line": "#cbd1da",
        "accent": "#4560e6", "warm": "#d64d45", "amber": "#eda11c", "green": "#17855a",
        "neutral": "#f4f5f8", "surface": "#ffffff",
    },
    "dark": {
        "text": "#e9ecf1", "muted": "#a0a9b7", "grid": "#272d36", "line": "#424b58",
        "accent": "#8ea2ff", "warm": "#f2766c", "amber": "#ffb83d", "green": "#4cc38f",
        "neutral": "#2b313a", "surface": "#181c22",
    },
}  # fmt: skip
SERIES = {
    "light": ["#4560e6", "#d64d45", "#17855a", "#b7791f",
              "#8a4fd0", "#0e8fa3", "#c2477f", "#667085"],
    "dark": ["#8ea2ff", "#f2766c", "#4cc38f", "#ffb83d",
             "#b98af2", "#4fc3d9", "#f08fb8", "#a0a9b7"],
}  # fmt: skip
# Figures beside the loss: in a sentence, at an axis.
SCORES = {
    "accuracy": ("accuracy", "accuracy (%)"),
    "r2": ("R²", "R²"),
    "kl": ("KL divergence", "KL divergence (nats)"),
}

Rows = Sequence[Mapping[str, Any]]


def theme_of(theme: str | None) -> str:
    """``light`` or ``dark``."""
    return "dark" if theme == "dark" else "light"


def empty(theme: str | None = None, message: str = "") -> go.Figure:
    """A figure without data; `message` stands in its middle."""
    theme = theme_of(theme)
    figure = dressed(go.Figure(), theme)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    if message:
        figure.add_annotation(
            text=message, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5,
            font={"color": COLOURS[theme]["muted"]},
        )  # fmt: skip
    return figure


def curves(rows: Rows, theme: str | None = None, uirevision: str = "") -> go.Figure:
    """Loss of one run over its epochs, and accuracy, R² or divergence where the task has one.

    Args:
        rows: reports of the run.
        theme: ``light`` or ``dark``.
        uirevision: the run's id, so that zoom survives an update.
    """
    theme = theme_of(theme)
    if not rows:
        return empty(theme, "The first figures come with the first epoch.")
    colours = COLOURS[theme]
    score = next((name for name in SCORES if any(f"test_{name}" in row for row in rows)), "")
    figure = make_subplots(rows=1, cols=2 if score else 1, horizontal_spacing=0.09)
    parts = [("train_loss", "loss, training", colours["accent"], 1),
             ("test_loss", "loss, test", colours["warm"], 1)]  # fmt: skip
    if score:
        words = SCORES[score][0]
        parts += [(f"train_{score}", f"{words}, training", colours["accent"], 2),
                  (f"test_{score}", f"{words}, test", colours["warm"], 2)]  # fmt: skip
    for key, name, colour, column in parts:
        x, y = series(rows, key)
        scale, unit = _scale(key)
        if x:
            figure.add_scatter(
                x=x, y=[scale * value for value in y], name=name.split(", ")[1],
                mode="lines" if len(x) > 1 else "markers", showlegend=column == 1,
                legendgroup=colour, line={"color": colour, "width": 1.8},
                hovertemplate=f"{name} %{{y:.4~g}}{unit}<extra></extra>",
                row=1, col=column,
            )  # fmt: skip
    dressed(figure, theme)
    figure.update_layout(uirevision=uirevision, hovermode="x unified", legend=_legend(theme))
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text="loss", rangemode=_mode([rows]), row=1, col=1)
    if score:
        figure.update_yaxes(title_text=SCORES[score][1], row=1, col=2)
    return figure


def comparison(runs: Sequence[tuple[str, Rows]], theme: str | None = None) -> go.Figure:
    """Training loss and test figure of several runs, one colour each.

    Runs of different tasks share the loss alone.

    Args:
        runs: name and reports of each run.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    keys = [f"test_{name}" for name in (*SCORES, "loss")]
    shared = [key for key in keys if all(any(key in row for row in rows) for _, rows in runs)]
    known = [key for key in keys if any(key in row for _, rows in runs for row in rows)]
    key = next(iter([*shared, *known]), "test_loss")
    scale, unit = _scale(key)
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    for (name, rows), colour in zip(runs[:MAX_TRACES], SERIES[theme], strict=False):
        shown = {"name": name, "legendgroup": name, "line": {"color": colour, "width": 1.8}}
        x, y = series(rows, "train_loss")
        figure.add_scatter(
            x=x, y=y, mode=_lines(x), **shown, hovertemplate="%{y:.4~g}", row=1, col=1
        )
        x, y = series(rows, key)
        figure.add_scatter(
            x=x, y=[scale * value for value in y], mode=_lines(x), showlegend=False, **shown,
            hovertemplate=f"%{{y:.4~g}}{unit}", row=1, col=2,
        )  # fmt: skip
    dressed(figure, theme)
    figure.update_layout(uirevision="compare", hovermode="x unified", legend=_legend(theme))
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(
        title_text="training loss", rangemode=_mode([rows for _, rows in runs]), row=1, col=1
    )
    words = SCORES.get(key.removeprefix("test_"), ("loss", "loss"))[1]
    figure.update_yaxes(title_text=f"test {words}", row=1, col=2)
    return figure


def _scale(key: str) -> tuple[float, str]:
    """Factor and unit in which a figure is drawn."""
    return (100.0, " %") if key.endswith("accuracy") else (1.0, "")


def _lines(x: Sequence[float]) -> str:
    """One report alone is a point."""
    return "lines" if len(x) > 1 else "lines+markers"


def _mode(runs: Sequence[Rows]) -> str:
    """Losses begin at zero where none is below it."""
    losses = (
        row.get(f"{part}_loss") for rows in runs for row in rows for part in ("train", "test")
    )
    return "tozero" if all(loss is None or loss >= 0 for loss in losses) else "normal"


def overlay(verification: Mapping[str, Any], theme: str | None = None) -> go.Figure:
    """Our voltages as lines, ngspice's as dots on top, for the nodes that differ most."""
    theme = theme_of(theme)
    t = np.asarray(verification["t"], float)
    ours, theirs = np.asarray(verification["ours"]), np.asarray(verification["theirs"])
    figure = go.Figure()
    order = np.argsort(-np.abs(ours - theirs).max(axis=0))[:MAX_TRACES]
    every = max(1, len(t) // 40)
    for column, colour in zip(order, SERIES[theme], strict=False):
        name = verification["node_ids"][column]
        figure.add_scatter(
            x=t, y=ours[:, column], mode="lines", name=name, legendgroup=name,
            line={"color": colour, "width": 1.8}, hovertemplate="%{y:.5~g} V studio",
        )  # fmt: skip
        figure.add_scatter(
            x=t[::every], y=theirs[::every, column], mode="markers", showlegend=False, name=name,
            legendgroup=name, hovertemplate="%{y:.5~g} V ngspice",
            marker={"color": colour, "size": 6, "symbol": "circle-open", "line": {"width": 1.4}},
        )  # fmt: skip
    dressed(figure, theme)
    figure.update_layout(hovermode="x unified", legend=_legend(theme))
    figure.update_xaxes(title_text="time (s); lines: studio, rings: ngspice")
    figure.update_yaxes(title_text="voltage (V)")
    return figure


def series(rows: Rows, key: str) -> tuple[list[float], list[float]]:
    """Epochs and values of one reported figure, thinned to what a plot can show."""
    per_epoch = _steps_per_epoch(rows)
    found = [
        (row["step"] / per_epoch if per_epoch else float(row["epoch"]), float(row[key]))
        for row in rows
        if row.get(key) is not None
    ]
    every = max(1, -(-len(found) // MAX_POINTS))
    kept = found[::every]
    if found and kept[-1] is not found[-1]:
        kept.append(found[-1])
    return [x for x, _ in kept], [y for _, y in kept]


def _steps_per_epoch(rows: Rows) -> float:
    """Steps of one epoch, from a report at the end of one; 0 when there is none yet."""
    for row in rows:
        if row.get("test_loss") is not None and row.get("epoch"):
            return row["step"] / row["epoch"]
    return 0.0


def _legend(theme: str) -> dict[str, Any]:
    return {
        "orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom",
        "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11, "color": COLOURS[theme]["muted"]},
    }  # fmt: skip


def dressed(figure: go.Figure, theme: str) -> go.Figure:
    """Fine lines, no boxes, the studio's font and colours."""
    colours = COLOURS[theme]
    figure.update_layout(
        template="none",
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 11, "color": colours["muted"]},
        margin={"l": 52, "r": 14, "t": 22, "b": 36},
        hoverlabel={
            "bgcolor": colours["surface"], "bordercolor": colours["line"],
            "font": {"family": FONT, "size": 12, "color": colours["text"]},
        },
        colorway=SERIES[theme],
    )  # fmt: skip
    axis = {
        "gridcolor": colours["grid"], "zeroline": False, "linecolor": colours["line"],
        "tickfont": {"color": colours["muted"]}, "title_font": {"size": 11}, "title_standoff": 6,
        "automargin": False, "showline": True, "ticks": "",
    }  # fmt: skip
    return figure.update_xaxes(**axis).update_yaxes(**axis)
