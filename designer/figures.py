"""Pure figures: comparison with ngspice, and the look that all figures made here share."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'
MAX_TRACES = 8

# The colours of assets/css/00-tokens.css; plotly draws into SVG and cannot read CSS variables.
COLOURS: dict[str, dict[str, str]] = {
    "light": {
        "text": "#19202b", "muted": "#5a6373", "grid": "#eceff3", "line": "#cbd1da",
        "accent": "#3f59dd", "warm": "#d64d45", "amber": "#eda11c", "green": "#127a51",
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
