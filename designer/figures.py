"""Pure figures: curves, decision boundary, density, confusion matrix, comparison with ngspice."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
MAX_POINTS = 1500
MAX_TRACES = 8
SAMPLES_SHOWN = 1000

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
PLANE = {
    "light": [[0, "#bcd0f3"], [0.5, "#f7f8fa"], [1, "#f3c3bf"]],
    "dark": [[0, "#2a477f"], [0.5, "#1b2028"], [1, "#743a38"]],
}
POINTS = {"light": ("#3b72d4", "#d64d45"), "dark": ("#7ea9ff", "#ff8a80")}

Rows = Sequence[Mapping[str, Any]]


def theme_of(theme: str | None) -> str:
    """``light`` or ``dark``."""
    return "dark" if theme == "dark" else "light"


def empty(theme: str | None = None, message: str = "") -> go.Figure:
    """A figure without data; `message` stands in its middle."""
    theme = theme_of(theme)
    figure = _dressed(go.Figure(), theme)
    figure.update_xaxes(visible=False).update_yaxes(visible=False)
    if message:
        figure.add_annotation(
            text=message, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5,
            font={"color": COLOURS[theme]["muted"]},
        )  # fmt: skip
    return figure


def curves(rows: Rows, theme: str | None = None, uirevision: str = "") -> go.Figure:
    """Loss and accuracy of one run over its epochs.

    Args:
        rows: reports of the run.
        theme: ``light`` or ``dark``.
        uirevision: the run's id, so that zoom survives an update.
    """
    theme = theme_of(theme)
    if not rows:
        return empty(theme, "The first figures come with the first epoch.")
    colours = COLOURS[theme]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    parts = (
        (1, "train_loss", "loss, training", colours["accent"], 1),
        (1, "test_loss", "loss, test", colours["warm"], 1),
        (100, "train_accuracy", "accuracy, training", colours["accent"], 2),
        (100, "test_accuracy", "accuracy, test", colours["warm"], 2),
    )
    for scale, key, name, colour, column in parts:
        x, y = series(rows, key)
        if x:
            unit = " %" if scale == 100 else ""
            figure.add_scatter(
                x=x, y=[scale * value for value in y], name=name.split(", ")[1],
                mode="lines" if len(x) > 1 else "markers", showlegend=column == 1,
                legendgroup=colour, line={"color": colour, "width": 1.8},
                hovertemplate=f"{name} %{{y:.4~g}}{unit}<extra></extra>",
                row=1, col=column,
            )  # fmt: skip
    _dressed(figure, theme)
    figure.update_layout(uirevision=uirevision, hovermode="x unified", legend=_legend(theme))
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text="loss", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="accuracy (%)", row=1, col=2)
    return figure


def comparison(runs: Sequence[tuple[str, Rows]], theme: str | None = None) -> go.Figure:
    """Loss and test accuracy of several runs, one colour each.

    Args:
        runs: name and reports of each run.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.09)
    for (name, rows), colour in zip(runs[:MAX_TRACES], SERIES[theme], strict=False):
        shown = {"name": name, "legendgroup": name, "line": {"color": colour, "width": 1.8}}
        x, y = series(rows, "train_loss")
        figure.add_scatter(x=x, y=y, mode="lines", **shown, hovertemplate="%{y:.4~g}", row=1, col=1)
        x, y = series(rows, "test_accuracy")
        figure.add_scatter(
            x=x, y=[100 * value for value in y], mode="lines", showlegend=False, **shown,
            hovertemplate="%{y:.4~g} %", row=1, col=2,
        )  # fmt: skip
    _dressed(figure, theme)
    figure.update_layout(uirevision="compare", hovermode="x unified", legend=_legend(theme))
    figure.update_xaxes(title_text="epoch", rangemode="tozero")
    figure.update_yaxes(title_text="training loss", rangemode="tozero", row=1, col=1)
    figure.update_yaxes(title_text="test accuracy (%)", row=1, col=2)
    return figure


def boundary(
    grid: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    theme: str | None = None,
    *,
    points: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> go.Figure:
    """Score of the second class over the plane of the two inputs.

    Args:
        grid: (len(y), len(x)) probability of class 1.
        x: abscissas of the grid [V].
        y: ordinates of the grid [V].
        theme: ``light`` or ``dark``.
        points: (n, 2) examples shown on top [V].
        labels: (n,) their classes.
    """
    theme = theme_of(theme)
    figure = go.Figure(
        go.Heatmap(
            z=np.asarray(grid, np.float32),
            x=x,
            y=y,
            zmin=0,
            zmax=1,
            colorscale=PLANE[theme],
            showscale=False,
            zsmooth="best",
            hovertemplate="%{x:.2f} V, %{y:.2f} V: class 1 with %{z:.0%}<extra></extra>",
        )
    )
    figure.add_contour(
        z=np.asarray(grid, np.float32), x=x, y=y, showscale=False, hoverinfo="skip",
        contours={"start": 0.5, "end": 0.5, "size": 1, "coloring": "none"},
        line={"color": COLOURS[theme]["text"], "width": 1.4},
    )  # fmt: skip
    if points is not None and labels is not None:
        for label, colour in enumerate(POINTS[theme]):
            chosen = np.asarray(points)[np.asarray(labels) == label]
            figure.add_scatter(
                x=chosen[:, 0], y=chosen[:, 1], mode="markers", hoverinfo="skip",
                marker={"size": 4.5, "color": colour,
                        "line": {"width": 0.8, "color": COLOURS[theme]["surface"]}},
            )  # fmt: skip
    _dressed(figure, theme)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="input 1 (V)", showgrid=False, range=[x[0], x[-1]])
    figure.update_yaxes(title_text="input 2 (V)", showgrid=False, range=[y[0], y[-1]])
    return figure


def density(
    grid: np.ndarray,
    x: np.ndarray,
    y: np.ndarray,
    theme: str | None = None,
    *,
    samples: np.ndarray | None = None,
) -> go.Figure:
    """The density that a flow gives to the plane of its two nodes, and points drawn from it.

    Args:
        grid: (len(y), len(x)) density [1/V^2].
        x: abscissas of the grid [V].
        y: ordinates of the grid [V].
        theme: ``light`` or ``dark``.
        samples: (n, 2) points of the model [V].
    """
    theme = theme_of(theme)
    colours = COLOURS[theme]
    grid = np.nan_to_num(np.asarray(grid, np.float32))
    figure = go.Figure(
        go.Heatmap(
            z=grid,
            x=x,
            y=y,
            zmin=0,
            # A narrow peak must not hide the rest.
            zmax=float(np.quantile(grid, 0.995)) or None,
            colorscale=[[0, colours["surface"]], [1, colours["accent"]]],
            showscale=False,
            zsmooth="best",
            hovertemplate="%{x:.2f} V, %{y:.2f} V: %{z:.3g} /V²<extra></extra>",
        )
    )
    if samples is not None:
        figure.add_scatter(
            x=samples[:SAMPLES_SHOWN, 0], y=samples[:SAMPLES_SHOWN, 1], mode="markers",
            hoverinfo="skip", marker={"size": 2.5, "color": colours["text"], "opacity": 0.55},
        )  # fmt: skip
    _dressed(figure, theme)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="node 1 (V)", showgrid=False, range=[x[0], x[-1]])
    figure.update_yaxes(title_text="node 2 (V)", showgrid=False, range=[y[0], y[-1]])
    return figure


def confusion(matrix: np.ndarray, classes: Sequence[str], theme: str | None = None) -> go.Figure:
    """How often each class was taken for which.

    Args:
        matrix: (C, C) counts, true class by row, answer by column.
        classes: names of the classes.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    matrix = np.asarray(matrix)
    share = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    colours = COLOURS[theme]
    figure = go.Figure(
        go.Heatmap(
            z=np.sqrt(share),
            x=list(classes),
            y=list(classes),
            zmin=0,
            zmax=1,
            colorscale=[[0, colours["neutral"]], [1, colours["accent"]]],
            showscale=False,
            text=np.where(matrix > 0, matrix.astype(int).astype(str), ""),
            texttemplate="%{text}",
            textfont={"size": 10},
            xgap=1.5,
            ygap=1.5,
            hovertemplate="%{y} taken for %{x}: %{text}<extra></extra>",
        )
    )
    _dressed(figure, theme)
    figure.update_xaxes(
        title_text="answer", type="category", dtick=1, showgrid=False, constrain="domain"
    )
    figure.update_yaxes(
        title_text="true class",
        type="category",
        dtick=1,
        autorange="reversed",
        showgrid=False,
    )
    return figure


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
    _dressed(figure, theme)
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
        if row.get("test_accuracy") is not None and row.get("epoch"):
            return row["step"] / row["epoch"]
    return 0.0


def _legend(theme: str) -> dict[str, Any]:
    return {
        "orientation": "h", "x": 0, "y": 1.02, "xanchor": "left", "yanchor": "bottom",
        "bgcolor": "rgba(0,0,0,0)", "font": {"size": 11, "color": COLOURS[theme]["muted"]},
    }  # fmt: skip


def _dressed(figure: go.Figure, theme: str) -> go.Figure:
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
