"""Regression sets, the user's own tables and the user's own pictures."""

from pathlib import Path

import joblib
import numpy as np
import pytest
import torch
from PIL import Image
from sklearn.datasets import load_diabetes, make_friedman1
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler

from backend.datasets import DATASETS
from backend.datasets.tables.table import read_table
from backend.errors import StudioError

CSV = DATASETS["csv"]
FOLDER = DATASETS["image_folder"]


@pytest.mark.parametrize(("name", "share"), [("friedman1", 0.4), ("diabetes", 0.3)])
def test_regression_is_split_and_scaled_as_scikit_learn_does(name, share):
    if name == "friedman1":
        x, y = make_friedman1(4096, n_features=5, noise=0, random_state=42)
    else:
        x, y = load_diabetes(return_X_y=True)
    parts = train_test_split(x, y[:, None], test_size=share, random_state=42)
    scale_x, scale_y = MinMaxScaler().fit(parts[0]), MinMaxScaler().fit(parts[2])
    data = DATASETS[name]()
    split = data.split()
    for part, k in ((split.train, 0), (split.test, 1)):
        assert np.allclose(part.x, scale_x.transform(parts[k]), atol=1e-6)
        assert np.allclose(part.y, scale_y.transform(parts[2 + k]), atol=1e-6)
    own = data.scalings()[1]
    assert np.allclose(own.original(split.test.y.numpy()), parts[3], atol=1e-3)
    # A root mean square error in original units.
    guess = np.full_like(parts[3], 1.5 * parts[2].mean())
    scaled = np.mean((scale_y.transform(guess) - scale_y.transform(parts[3])) ** 2)
    assert own.error(scaled) == pytest.approx(np.sqrt(np.mean((guess - parts[3]) ** 2)))


def test_california_as_scikit_learn_keeps_it(tmp_path):
    """Its file: value, income, age, rooms, bedrooms, people, households, latitude, longitude."""
    raw = np.random.default_rng(0).uniform(1, 1000, (50, 9))
    (tmp_path / "sklearn").mkdir()
    joblib.dump(raw, tmp_path / "sklearn" / "cal_housing_py3.pkz", compress=6)
    data = DATASETS["california"](data_dir=str(tmp_path))
    assert data.missing() == ""
    split = data.split()
    assert (len(split.train), len(split.test)) == (35, 15)
    assert split.train.x.shape == (35, data.input_count)
    scale_x, scale_y = data.scalings()
    values = scale_y.original(torch.cat([split.train.y, split.test.y]).numpy()).ravel()
    assert np.allclose(np.sort(values), np.sort(raw[:, 0] / 100_000), atol=1e-6)
    rooms = scale_x.original(torch.cat([split.train.x, split.test.x]).numpy())[:, 2]
    assert np.allclose(np.sort(rooms), np.sort(raw[:, 3] / raw[:, 6]), rtol=1e-3, atol=1e-3)
    with pytest.raises(StudioError, match="was not found in the folder 'sklearn'"):
        DATASETS["california"](data_dir=str(tmp_path / "sklearn")).split()


def write(tmp_path, text, name="table.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text(text, encoding=encoding)
    return str(path)


FLOWERS = "length,width,kind\n" + "".join(
    f"{1 + k % 7},{k * 0.5},{'rose' if k % 3 else 'aster'}\n" for k in range(24)
)


def test_a_table_with_classes(tmp_path):
    data = CSV(path=write(tmp_path, FLOWERS))
    assert data.task == "classify"
    assert data.classes == ("aster", "rose")
    assert data.features == ("length", "width")
    assert (data.input_count, data.output_count) == (2, 2)
    split = data.split()
    assert (len(split.train), len(split.test)) == (18, 6)
    assert torch.bincount(split.test.y).tolist() == [2, 4], "each class has its share"
    assert split.train.x.amin(0).tolist() == [0, 0]
    assert split.train.x.amax(0).tolist() == [1, 1]
    rows = {(1 + k % 7, k * 0.5): int(bool(k % 3)) for k in range(24)}
    whole = torch.cat([split.train.x, split.test.x]).numpy()
    values = torch.cat([split.train.y, split.test.y]).tolist()
    train = np.array(sorted(rows))
    # Undo the scaling with the range of the training rows, found from the two ends.
    low, high = whole.min(0), whole.max(0)
    original = (whole - low) / (high - low) * (train.max(0) - train.min(0)) + train.min(0)
    found = {tuple(np.round(row, 2).tolist()): y for row, y in zip(original, values, strict=True)}
    assert found == rows
    assert torch.equal(data.split().test.x, split.test.x)
    with pytest.raises(StudioError, match="holds classes"):
        data.scalings()


def test_a_table_with_numbers(tmp_path):
    text = "".join(f"{k};{k * k};x{k}\n" for k in range(40))
    data = CSV(path=write(tmp_path, text), target="2", ignore="column 3", test=0.5)
    assert data.task == "regress"
    assert data.targets == ("column 2",)
    split = data.split()
    assert split.train.y.shape == (20, 1)
    scale_x, scale_y = data.scalings()
    x = scale_x.original(split.test.x.numpy().astype(float))
    assert np.allclose(scale_y.original(split.test.y.numpy()), x**2, atol=1e-3)


@pytest.mark.parametrize(
    ("column", "chosen", "task"),
    [
        ([0, 1, 2] * 8, "auto", "classify"),
        ([0.5, 1, 2] * 8, "auto", "regress"),
        (list(range(24)), "auto", "regress"),
        ([10, 9] * 12, "regress", "regress"),
        (["a", "b"] * 12, "auto", "classify"),
    ],
)
def test_the_task_follows_from_the_target(tmp_path, column, chosen, task):
    text = "".join(f"{k},{value}\n" for k, value in enumerate(column))
    data = CSV(path=write(tmp_path, text), task=chosen)
    assert data.task == task
    assert data.classes == (tuple(sorted(map(str, set(column)))) if task == "classify" else ())
    assert data.output_count == (len(data.classes) if task == "classify" else 1)


def test_numeric_classes_are_in_numeric_order(tmp_path):
    text = "".join(f"{k},{(10, 9, 100)[k % 3]}\n" for k in range(12))
    assert CSV(path=write(tmp_path, text)).classes == ("9", "10", "100")


@pytest.mark.parametrize(
    ("text", "header", "names", "first"),
    [
        ("a,b\n1,2\n", "auto", ("a", "b"), 2),
        ("1,2\n3,4\n", "auto", ("column 1", "column 2"), 1),
        ("x,yes\ny,no\n", "auto", ("column 1", "column 2"), 1),
        ("x,yes\ny,no\n", "yes", ("x", "yes"), 2),
        ("1,2\n3,4\n", "yes", ("1", "2"), 2),
        ('\ufeff"a; b"\tc\n1\t2\n', "auto", ("a; b", "c"), 2),
        (" a , b \n\n1,2\n", "auto", ("a", "b"), 3),
    ],
)
def test_header_detection(tmp_path, text, header, names, first):
    table = read_table(Path(write(tmp_path, text)), header)
    assert (table.names, table.lines[0]) == (names, first)


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("", {}, "the file is empty"),
        ("a\n1\n2\n", {}, "row 1 has one cell only; separate cells by commas"),
        ("1\n2 3\n4\n", {}, "row 1 has one cell only; separate cells by commas"),
        ("a,b\n", {}, "no row with values"),
        ("a,b\n1,2\n3\n", {}, "row 3 has 1 cells, the first row 2"),
        ("a,b\n1,2\nx,3\n1,2\n2,3\n", {}, "row 3, column 'a': 'x' is no number"),
        ("a,b\n\n1,2\n,3\n1,2\n2,3\n", {}, "row 4, column 'a': the cell is empty"),
        ("a,b\n1,2\n4,\n1,2\n2,3\n", {}, "row 3, column 'b': the cell is empty"),
        ("a,b\n1,2\nnan,3\n1,2\n2,3\n", {}, "row 3, column 'a': the cell is empty ('nan')"),
        ("a,b\n1,2\ninf,3\n1,2\n2,3\n", {}, "row 3, column 'a': 'inf' is too large"),
        ("a,b\n1,2\n1e999,3\n1,2\n2,3\n", {}, "row 3, column 'a': '1e999' is too large"),
        ("a,b\n1,x\n2,x\n3,x\n4,x\n", {}, "column 'b': found only the class 'x'"),
        ("a,b\n1,x\n2,x\n3,y\n4,x\n", {}, "the class 'y' has only one row"),
        ("a,b\n1,2\n3,4\n", {}, "2 rows are too few"),
        (FLOWERS, {"target": "kinds"}, "no column 'kinds': did you mean 'kind'"),
        (FLOWERS, {"target": "length"}, "row 2, column 'kind': 'aster' is no number"),
        (FLOWERS, {"ignore": "length,width"}, "no column is left"),
        (FLOWERS, {"task": "regress"}, "row 2, column 'kind': 'aster' is no number"),
        ("a,a\n1,2\n", {"header": "yes"}, "row 1 must name every column once"),
        ('a,b\n"1,2\n', {}, "cannot be read as a CSV table"),
    ],
)
def test_complaints_name_row_and_column(tmp_path, text, options, words):
    with pytest.raises(StudioError) as caught:
        CSV(path=write(tmp_path, text), **options)
    assert words in str(caught.value)
    assert "table.csv" in str(caught.value)


def test_a_table_that_is_not_there_or_not_text(tmp_path):
    with pytest.raises(StudioError, match=r"none\.csv: there is no such file"):
        CSV(path=str(tmp_path / "none.csv"))
    path = tmp_path / "table.csv"
    path.write_bytes(bytes(range(256)))
    with pytest.raises(StudioError, match="this is no text; save it as a CSV file"):
        CSV(path=str(path))


def paint(path, colour, size=(20, 10)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def test_a_folder_of_pictures(tmp_path):
    for k in range(8):
        paint(tmp_path / "red" / f"{k}.png", (255, k, 0))
        paint(tmp_path / "blue" / f"{k}.JPG", (0, 0, 255))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "empty").mkdir()
    data = FOLDER(path=str(tmp_path), rows=4, columns=6, colour=True)
    assert data.classes == ("blue", "red")
    assert (data.input_count, data.image_shape, data.channels) == (72, (4, 6), 3)
    split = data.split()
    assert (len(split.train), len(split.test)) == (12, 4)
    assert torch.bincount(split.test.y).tolist() == [2, 2]
    red = split.train.x[split.train.y == 1].reshape(-1, 3, 24)
    assert bool((red[:, 0] == 1).all())
    assert not red[:, 2].any()
    green = torch.cat([split.train.x[split.train.y == 1], split.test.x[split.test.y == 1]])
    levels = (green.reshape(-1, 3, 24)[:, 1, 0] * 255).round().int()
    assert sorted(levels.tolist()) == list(range(8)), "every picture is in one part"
    other = FOLDER(path=str(tmp_path), seed=1).split()
    assert other.train.x.shape == (12, 784)


def test_train_and_test_folders_are_kept(tmp_path):
    for part, counts in (("train", 3), ("test", 1)):
        for name, grey in (("dark", 0), ("light", 255)):
            for k in range(counts):
                paint(tmp_path / part / name / f"{k}.png", (grey, grey, grey))
    split = FOLDER(path=str(tmp_path)).split()
    assert split.train.y.tolist() == [0, 0, 0, 1, 1, 1]
    assert split.test.x[:, 0].tolist() == [0, 1]
    paint(tmp_path / "test" / "grey" / "0.png", (128, 128, 128))
    with pytest.raises(StudioError, match="class 'grey' has pictures in only one"):
        FOLDER(path=str(tmp_path))


def test_resizing_takes_means_of_areas(tmp_path):
    pixels = np.zeros((4, 4), np.uint8)
    pixels[:2, 2:] = 200
    for name in ("a", "b"):
        for k in range(2):
            path = tmp_path / name / f"{k}.png"
            path.parent.mkdir(exist_ok=True)
            Image.fromarray(pixels).save(path)
    split = FOLDER(path=str(tmp_path), rows=2, columns=2).split()
    assert (split.train.x[0] * 255).round().tolist() == [0, 200, 0, 0]


def test_broken_pictures_and_folders_are_named(tmp_path):
    with pytest.raises(StudioError, match="none: cannot be read"):
        FOLDER(path=str(tmp_path / "none"))
    with pytest.raises(StudioError, match="found no folder with PNG, JPEG"):
        FOLDER(path=str(tmp_path))
    for k in range(4):
        paint(tmp_path / "a" / f"{k}.png", (1, 2, 3))
        paint(tmp_path / "b" / f"{k}.png", (1, 2, 3))
    for content in (b"nothing", b"", b"\x89PNG\r\n\x1a\n"):
        (tmp_path / "b" / "2.png").write_bytes(content)
        with pytest.raises(StudioError, match=r"2\.png: cannot be read as a PNG, JPEG"):
            FOLDER(path=str(tmp_path)).split()
    paint(tmp_path / "c" / "0.png", (1, 2, 3))
    with pytest.raises(StudioError, match="c: one picture is too few"):
        FOLDER(path=str(tmp_path))
