import json

import numpy as np

from designer import figures, outcome_figures


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


def test_figures_are_json():
    figure = figures.empty("dark", "wait")
    assert json.loads(figure.to_json())["layout"]["paper_bgcolor"] == "rgba(0,0,0,0)"
