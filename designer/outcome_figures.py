"""Pure figures of what a trained circuit does: boundary, density, answers, confusion matrix."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from .figures import COLOURS, SERIES, dressed, theme_of

SAMPLES_SHOWN = 1000

PLANE = {
    "light": [[0, "#bcd0f3"], [0.5, "#f7f8fa"], [1, "#f3c3bf"]],
    "dark": [[0, "#2a477f"], [0.5, "#1b2028"], [1, "#743a38"]],
}
POINTS = {"light": ("#3b72d4", "#d64d45"), "dark": ("#7ea9ff", "#ff8a80")}


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
    dressed(figure, theme)
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
    dressed(figure, theme)
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
    dressed(figure, theme)
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


def predictions(targets: np.ndarray, answers: np.ndarray, theme: str | None = None) -> go.Figure:
    """Answers over targets, one point a test example; a perfect answer lies on the diagonal.

    Args:
        targets: (n, outputs) in the targets' own units.
        answers: (n, outputs) likewise.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    colours = COLOURS[theme]
    targets, answers = np.asarray(targets, np.float32), np.asarray(answers, np.float32)
    ends = [float(targets.min()), float(targets.max())]
    figure = go.Figure()
    figure.add_scatter(
        x=ends, y=ends, mode="lines", hoverinfo="skip", line={"color": colours["muted"], "width": 1}
    )
    for column, colour in zip(range(targets.shape[1]), SERIES[theme], strict=False):
        figure.add_scatter(
            x=targets[:SAMPLES_SHOWN, column], y=answers[:SAMPLES_SHOWN, column], mode="markers",
            marker={"size": 4, "color": colour, "opacity": 0.6},
            hovertemplate="target %{x:.4~g}, answer %{y:.4~g}<extra></extra>",
        )  # fmt: skip
    dressed(figure, theme)
    figure.update_layout(showlegend=False)
    figure.update_xaxes(title_text="target")
    figure.update_yaxes(title_text="answer")
    return figure
