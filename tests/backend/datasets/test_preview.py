"""What a chooser shows of a data set is what a training gets."""

import csv
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_iris

from backend.datasets import DATASETS
from backend.datasets.preview import ROWS, spread
from backend.errors import StudioError
from tests.backend.datasets.few import few

BUILT_IN = [name for name, kind in DATASETS.items() if kind.source == "built-in"]


@pytest.fixture
def iris(tmp_path):
    """The file of 150 flowers as a spreadsheet would save it."""
    found: Any = load_iris()
    path = tmp_path / "iris.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow([*found.feature_names, "kind"])
        for row, kind in zip(found.data, found.target, strict=True):
            writer.writerow([*row, found.target_names[kind]])
    return path


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_preview_agrees_with_the_split(name):
    data = DATASETS[name](**few(name))
    shown = data.preview()
    if data.task != "match":
        split = data.split()
        assert (shown.train, shown.test) == (len(split.train), len(split.test))
    if data.task == "classify":
        assert sum(shown.counts.values()) == shown.train + shown.test
        assert tuple(shown.counts) == data.classes
    if data.image_shape:
        assert shown.pictures is not None
        assert shown.pictures.shape[1:] == (data.channels, *data.image_shape)
        if data.task == "classify":
            assert set(shown.picture_classes) == set(range(len(data.classes)))
    elif data.task == "operator":
        assert shown.inputs is not None
        assert shown.outputs is not None
        split, count = data.split(), len(shown.inputs)
        assert np.array_equal(shown.inputs, split.train.x[:count])
        assert np.array_equal(shown.outputs, split.train.y[:count])
    elif data.input_count == 2:
        assert shown.points is not None
        assert shown.points.shape[1] == 2
    else:
        assert shown.rows


def test_a_table_shows_its_first_rows_and_what_they_were_taken_for(iris):
    found: Any = load_iris()
    shown = DATASETS["csv"](path=str(iris), ignore="petal width (cm)").preview()
    assert list(shown.columns) == [*found.feature_names, "kind"]
    assert list(shown.roles) == ["feature"] * 3 + ["ignored", "target"]
    assert [[float(cell) for cell in row[:4]] for row in shown.rows] == found.data[:ROWS].tolist()
    assert shown.counts == {"setosa": 50, "versicolor": 50, "virginica": 50}
    assert shown.train + shown.test == 150
    assert list(shown.choices["target"]) == list(shown.columns)
    numbers = DATASETS["csv"](path=str(iris), target="1", ignore="kind").preview()
    assert numbers.ranges == {"sepal length (cm)": (4.3, 7.9)}
    assert not numbers.counts


def test_a_table_with_a_wrong_target_is_still_shown(iris):
    kind = DATASETS["csv"]
    options = {"path": str(iris), "target": "petal length (cm)"}
    with pytest.raises(StudioError, match="column 'kind': 'setosa' is no number"):
        kind(**options)
    glance = kind.glance(options)
    assert len(glance.rows) == ROWS
    assert "kind" in glance.choices["target"]
    assert not kind.glance({"path": "nowhere.csv"}).rows


def test_a_folder_shows_every_class_and_finds_a_damaged_picture(tmp_path):
    for grey, name in enumerate(("dark", "light")):
        for k in range(6):
            path = tmp_path / name / f"{k}.png"
            path.parent.mkdir(exist_ok=True)
            Image.new("L", (4, 4), 200 * grey + k).save(path)
    data = DATASETS["image_folder"](path=str(tmp_path), rows=4, columns=4)
    shown = data.preview()
    split = data.split()
    assert shown.counts == {"dark": 6, "light": 6}
    assert (shown.train, shown.test) == (len(split.train), len(split.test))
    assert shown.pictures is not None
    bright = shown.pictures.mean((1, 2, 3)) > 100
    assert bright.tolist() == [place == 1 for place in shown.picture_classes]
    for path in tmp_path.glob("light/*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(StudioError, match=r"light.*\.png: cannot be read as a PNG, JPEG"):
        data.preview()


def test_pictures_of_all_classes_come_first():
    classes = [0] * 10 + [1] * 10 + [2] * 2
    assert spread(classes, 5).tolist() == [0, 1, 10, 11, 20]
    assert spread(classes, 100).tolist() == list(range(22))
    assert spread(np.array([]), 3).tolist() == []
