"""Pure figures of fields: what went in, what should come out, and what a model made of it."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from .figures import COLOURS, SERIES, dressed, theme_of

PLACE = "place (share of the length)"
RAMP = {
    "light": [[0, "#3b72d4"], [0.5, "#f7f8fa"], [1, "#d64d45"]],
    "dark": [[0, "#7ea9ff"], [0.5, "#1b2028"], [1, "#ff8a80"]],
}


def curves(
    given: np.ndarray, wanted: np.ndarray, answer: np.ndarray, theme: str | None = None
) -> go.Figure:
    """Fields over one axis in one plot.

    Args:
        given: (points,) the input.
        wanted: (points,) what should come of it.
        answer: (points,) what the model makes of it.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    blue, red = SERIES[theme][:2]
    figure = go.Figure()
    for name, values, line in (
        ("input", given, {"color": COLOURS[theme]["muted"], "width": 1, "dash": "dot"}),
        ("truth", wanted, {"color": blue, "width": 3}),
        ("prediction", answer, {"color": red, "width": 1.5}),
    ):
        values = np.asarray(values, np.float32)
        figure.add_scatter(
            x=np.arange(len(values)) / max(1, len(values)), y=values, mode="lines", name=name,
            line=line, hovertemplate=f"{name} %{{y:.4~g}} at %{{x:.2f}}<extra></extra>",
        )  # fmt: skip
    dressed(figure, theme)
    figure.update_layout(legend={"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"})
    figure.update_xaxes(title_text=PLACE)
    return figure


def maps(
    given: np.ndarray, wanted: np.ndarray, answer: np.ndarray, theme: str | None = None
) -> go.Figure:
    """Fields over two axes side by side, with the error on a scale of its own.

    Args:
        given: (rows, columns) the input.
        wanted: (rows, columns) what should come of it.
        answer: (rows, columns) what the model makes of it.
        theme: ``light`` or ``dark``.
    """
    theme = theme_of(theme)
    error = np.asarray(answer, np.float32) - np.asarray(wanted, np.float32)
    shared = _most(wanted, answer)
    pictures = [("input", given, _most(given)), ("truth", wanted, shared),
                ("prediction", answer, shared), ("error", error, _most(error))]  # fmt: skip
    titles = [f"{name}, ±{most:.2g}" for name, _, most in pictures]
    figure = make_subplots(rows=1, cols=4, horizontal_spacing=0.02, subplot_titles=titles)
    for column, (name, values, most) in enumerate(pictures, start=1):
        heat = go.Heatmap(
            z=np.asarray(values, np.float32), zmin=-most, zmax=most, colorscale=RAMP[theme],
            showscale=False, hovertemplate=f"{name} %{{z:.4~g}}<extra></extra>",
        )  # fmt: skip
        figure.add_trace(heat, row=1, col=column)
    dressed(figure, theme)
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, constrain="domain")
    for column in range(1, 5):
        axis = "x" if column == 1 else f"x{column}"
        figure.update_yaxes(scaleanchor=axis, row=1, col=column)
    figure.update_annotations(font_size=11)
    return figure


def _most(*fields: np.ndarray) -> float:
    """The largest magnitude of finite values, and 1 where there is none."""
    values = np.abs(np.concatenate([np.asarray(field, np.float64).ravel() for field in fields]))
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size and finite.max() > 0 else 1.0
