import json

import numpy as np
import pytest

from designer import figures, outcome_figures

ROWS = [
    {"step": 8, "epoch": 1, "train_loss": 0.9, "train_accuracy": 0.5},
    {"step": 16, "epoch": 1, "train_loss": 0.7, "test_loss": 0.8, "test_accuracy": 0.6},
    {"step": 32, "epoch": 2, "train_loss": 0.4, "test_loss": 0.5, "test_accuracy": 0.9},
]


def test_series_places_reports_within_an_epoch():
    assert figures.series(ROWS, "train_loss") == ([0.5, 1.0, 2.0], [0.9, 0.7, 0.4])
    assert figures.series(ROWS, "test_accuracy") == ([1.0, 2.0], [0.6, 0.9])
    assert figures.series(ROWS, "unknown") == ([], [])


def test_series_is_thinned_and_keeps_the_newest():
    rows = [{"step": k, "epoch": k, "train_loss": float(k)} for k in range(1, 10_001)]
    x, y = figures.series(rows, "train_loss")
    assert len(x) <= figures.MAX_POINTS + 1
    assert y[-1] == 10_000


@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_curves_have_units_and_keep_zoom(theme):
    figure = figures.curves(ROWS, theme, "run-1")
    assert figure.layout.uirevision == "run-1"
    assert figure.layout.xaxis.title.text == "epoch"
    assert "%" in figure.layout.yaxis2.title.text
    shown = {trace.hovertemplate.split(" %{")[0]: list(trace.y) for trace in figure.data}
    assert shown["accuracy, test"] == [60.0, 90.0]
    assert shown["loss, training"] == [0.9, 0.7, 0.4]


def test_no_report_yet_is_said_in_words():
    figure = figures.curves([], "light")
    assert "first epoch" in figure.layout.annotations[0].text


def test_comparison_has_one_colour_a_run():
    figure = figures.comparison([("one", ROWS), ("two", ROWS[:2])], "dark")
    colours = {trace.name: set() for trace in figure.data}
    for trace in figure.data:
        colours[trace.name].add(trace.line.color)
    assert [len(found) for found in colours.values()] == [1, 1]
    assert set.isdisjoint(*colours.values())


NUMBERS = [
    {"step": 8, "epoch": 1, "train_loss": 0.3, "test_loss": 0.2, "test_mse": 0.2, "test_r2": 0.1},
    {"step": 16, "epoch": 2, "train_loss": 0.1, "test_loss": 0.1, "test_mse": 0.1, "test_r2": 0.6},
]
DENSITY = [
    {"step": 8, "epoch": 1, "train_loss": 0.3, "test_loss": -1.0, "test_nll": -1.0},
]


def test_curves_follow_the_task():
    numbers = figures.curves(NUMBERS, "light")
    assert numbers.layout.yaxis2.title.text == "R²"
    assert [list(trace.y) for trace in numbers.data if trace.yaxis == "y2"] == [[0.1, 0.6]]
    density = figures.curves(DENSITY, "light")
    assert {trace.yaxis for trace in density.data} == {"y"}
    assert density.layout.yaxis.rangemode == "normal", "a density's loss may be negative"


def test_runs_are_compared_by_a_figure_they_share():
    alike = figures.comparison([("one", NUMBERS), ("two", NUMBERS[:1])], "light")
    assert alike.layout.yaxis2.title.text == "test R²"
    mixed = figures.comparison([("one", NUMBERS), ("two", ROWS)], "light")
    assert mixed.layout.yaxis2.title.text == "test loss"
    assert [len(trace.y) for trace in mixed.data if trace.yaxis == "y2"] == [2, 2]


def test_answers_lie_over_their_targets():
    targets, answers = np.array([[1.0], [3.0]]), np.array([[1.5], [2.5]])
    diagonal, points = outcome_figures.predictions(targets, answers, "dark").data
    assert list(diagonal.x) == list(diagonal.y) == [1, 3]
    assert (list(points.x), list(points.y)) == ([1, 3], [1.5, 2.5])


def test_boundary_shows_grid_line_and_points():
    x, y = np.linspace(-1, 1, 5), np.linspace(-2, 2, 4)
    points = np.array([[0.0, 1.0], [0.5, -1.0], [0.2, 0.3]])
    figure = outcome_figures.boundary(
        np.zeros((4, 5)), x, y, "light", points=points, labels=np.array([0, 1, 1])
    )
    kinds = [trace.type for trace in figure.data]
    assert kinds == ["heatmap", "contour", "scatter", "scatter"]
    assert np.shape(figure.data[0].z) == (4, 5)
    assert [len(trace.x) for trace in figure.data[2:]] == [1, 2]
    assert "V" in figure.layout.xaxis.title.text


def test_density_shows_grid_and_samples_and_survives_a_peak():
    x, y = np.linspace(-1, 1, 50), np.linspace(-2, 2, 40)
    grid = np.ones((40, 50))
    grid[3, 4], grid[0, 0] = 1e6, np.nan
    figure = outcome_figures.density(grid, x, y, "dark", samples=np.zeros((5000, 2)))
    heat, points = figure.data
    assert np.shape(heat.z) == (40, 50)
    assert heat.zmax == 1
    assert np.isfinite(np.asarray(heat.z)).all()
    assert len(points.x) == outcome_figures.SAMPLES_SHOWN


def test_confusion_counts_stay_readable():
    figure = outcome_figures.confusion(np.array([[9, 1], [0, 10]]), ["cat", "dog"], "dark")
    assert figure.data[0].text.tolist() == [["9", "1"], ["", "10"]]
    assert figure.layout.yaxis.autorange == "reversed"


def test_overlay_shows_the_nodes_that_differ_most():
    t = np.linspace(0, 1, 9)
    ours = np.zeros((9, 12))
    theirs = ours + np.arange(12) * 1e-3
    figure = figures.overlay(
        {"t": t, "ours": ours, "theirs": theirs, "node_ids": [f"n{k}" for k in range(12)]}
    )
    assert figure.data[0].name == "n11"
    assert len(figure.data) == 2 * figures.MAX_TRACES


@pytest.mark.parametrize(
    "figure",
    [figures.empty("dark", "wait"), figures.curves(ROWS), figures.comparison([("a", ROWS)])],
)
def test_figures_are_json(figure):
    assert json.loads(figure.to_json())["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
