"""Tables as people write them: read with their right values, or refused for their true cause."""

import codecs
import os
from pathlib import Path

import numpy as np
import pytest
import torch

from backend.datasets import DATASETS
from backend.datasets.tables.dates import DAY_FIRST, MONTH_FIRST, days
from backend.datasets.tables.numerals import COMMA, POINT, reading, speaks_for
from backend.datasets.tables.table import read_table
from backend.errors import StudioError
from tests.backend.datasets.own_tables import PLAIN, A, B, original

CSV = DATASETS["csv"]
CASES = Path(__file__).parents[4] / "shared" / "cases" / "data"


@pytest.mark.parametrize(
    ("cell", "point", "comma"),
    [
        ("1.5", 1.5, None),
        ("1,5", None, 1.5),
        ("1,250", 1250, 1.25),
        ("1.250", 1.25, 1250),
        ("1.250,5", None, 1250.5),
        ("1,250.5", 1250.5, None),
        ("1 250", 1250, 1250),
        ("1\u202f250,5", None, 1250.5),
        ("1'250.5", 1250.5, None),
        ("0,250", None, 0.25),
        ("1,25,000", 125000, None),
        ("\u22125", -5, -5),
        ("+3e-2", 0.03, 0.03),
        ("1250,500", None, 1250.5),
        ("12,34,5", None, None),
        ("²", None, None),
        ("٣", None, None),
        ("1_000", None, None),
        ("nan", None, None),
        ("0x10", None, None),
        ("9" * 5000, None, None),
    ],
)
def test_a_cell_is_a_number_by_its_decimal_mark(cell, point, comma):
    assert (reading(cell, POINT), reading(cell, COMMA)) == (point, comma)
    both = {point, comma} - {None}
    words = {
        0: "",
        1: "whole" if point == comma else POINT if comma is None else COMMA,
        2: "either",
    }
    assert speaks_for(cell) == words[len(both)]


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (['"1,250"', "3.5", '"2,340"', "4.5"], [1250, 3.5, 2340, 4.5]),
        (['"1.250,5"', '"3,5"', '"2.340"', '"0,5"'], [1250.5, 3.5, 2340, 0.5]),
        (["1 250", "3.5", "2 340", "10"], [1250, 3.5, 2340, 10]),
        (["1'250", "3.5", "2'340", "10"], [1250, 3.5, 2340, 10]),
        (["1.250", "3.111", "2.340", "0.125"], [1.25, 3.111, 2.34, 0.125]),
    ],
)
def test_the_whole_column_decides(table, cells, values):
    data = table("x,y\n" + "".join(f"{c},{k}.5\n" for k, c in enumerate(cells)), order="kept")
    assert original(data)[:, 0].tolist() == values


def test_other_columns_decide_where_one_does_not(table):
    """`"1,250"` beside points is a thousand and more, beside decimal commas a bit more than one."""
    points = table("area,price\n" + "".join(f'{a},"{k + 1},250"\n' for k, a in enumerate(A)))
    assert points.preview().ranges == {"price": (1250, 8250)}
    assert any("'1,250' in column 'price' is 1250" in note for note in points.notes)
    rows = "".join(f"{str(a).replace('.', ',')};{k + 1},250\n" for k, a in enumerate(A))
    commas = table("area;price\n" + rows)
    assert commas.preview().ranges == {"price": (1.25, 8.25)}
    assert original(commas)[:, 0].tolist() == A


def test_what_nothing_decides_is_refused_with_its_option(table):
    text = "n,price\n" + "".join(f'{k},"{k + 1},250"\n' for k in range(8))
    words = r"row 2, column 'price': '1,250' may be 1250 or 1\.25; set decimal=point or decimal=co"
    with pytest.raises(StudioError, match=words):
        table(text)
    assert table(text, decimal="point").preview().ranges == {"price": (1250, 8250)}
    assert table(text, decimal="comma").preview().ranges == {"price": (1.25, 8.25)}
    mixed = "x;y\n1,4;1\n1.5;2\n1.6;3\n1.7;4.5\n"
    with pytest.raises(
        StudioError, match=r"'1,4' is no number with a decimal point like '1\.5' \(r"
    ):
        table(mixed)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_encodings(table, encoding):
    text = "größe;höhe;art\n" + "".join(f"{a};{b};groß{k % 2}\n" for k, (a, b) in
                                        enumerate(zip(A, B, strict=True)))  # fmt: skip
    data = table(text.encode(encoding))
    assert (data.features, data.classes) == (("größe", "höhe"), ("groß0", "groß1"))
    assert original(data).tolist() == [[a, b] for a, b in zip(A, B, strict=True)]
    assert ("Windows-1252" in " ".join(data.notes)) == (encoding == "cp1252")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"PK\x03\x04" + bytes(90), "this is an Excel workbook or another archive"),
        (b"\x89PNG\r\n", "this is a picture"),
        (bytes(range(256)) * 4, "this is no text"),
        ("ü,ö,ä\n1,2,3\n".encode() + b"\xff,1,2\n", "row 3 has a damaged character"),
        (b"<!DOCTYPE html><html>", "this is a web page"),
        (codecs.BOM_UTF16_LE + b"a", "no text in UTF-16"),
        (b"a" * 4_000_001 + b",b\n1,2\n", "row 1 has more than 4,000,000 characters"),
        (b"a," * 99_999 + b"b\n" + b"1," * 99_999 + b"2\n", "row 1 has 100,000 cells; at most 4,0"),
        (b'a,b\n1,2\n"' + b"x" * 140_000 + b'",2\n', "row 3: a cell has more than 131,072"),
        (b'a,b\n1,2\n"3,4\n5,6\n', "row 3: a quote is opened and never closed"),
        (b'a,b\n1,2\n"3"x,4\n', "row 3: text follows a closing quote"),
        (b"a,b,c\n1,5,2,5,3,5\n1,5,2,5,3,5\n", "numbers with decimal commas need semicolons"),
        (b"My bench\na,b\n1,2\n3,4\n5,6\n", "row 2 has 2 cells, the first row 1; remove a title"),
        (b"a,b,c\n1,2,3\n1,2\n4,5,6\n", "row 3 has 2 cells, the first row 3"),
        (b"a,a\n1,2\n3,4\n", "must name every column once, and has 'a' twice"),
    ],
)
def test_the_true_cause_is_named(table, data, words):
    with pytest.raises(StudioError) as caught:
        table(data)
    assert words in str(caught.value)


def test_devices_pipes_and_folders_are_not_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in ("/dev/zero", str(tmp_path / "pipe")):
        with pytest.raises(StudioError, match="no regular file"):
            CSV(path=path)
    with pytest.raises(StudioError, match="this is a folder"):
        CSV(path=str(tmp_path))
    for path in ("a\0b", "x" * 5000, "~no such user/x.csv"):
        with pytest.raises(StudioError, match=r"correct (it|the path)"):
            CSV(path=path)


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        PLAIN.replace("\n", "\r\n"),
        PLAIN.replace("\n", "\r"),
        PLAIN.replace("\n", ",\n"),
        PLAIN.replace("\n", ",\n").replace("kind,", "kind"),
        PLAIN + ",,\n,,\n",
        "sep=;\n" + PLAIN.replace(",", ";"),
        '# bench 2\n// in mm\n% by "us\n' + PLAIN,
        PLAIN.replace("7.64", "\n# between\n7.64"),
        PLAIN.replace(",", "\t"),
        PLAIN.replace(",", "   "),
        PLAIN.replace(",", " | "),
        PLAIN.replace("a,b,kind\n", "# a,b,kind\n"),
        PLAIN.replace(",", ";").replace(".", ","),
    ],
)
def test_ways_to_write_one_table(table, text):
    data = table(text)
    assert (data.features, data.targets, data.classes) == (("a", "b"), ("kind",), ("high", "low"))
    assert original(data).tolist() == [[a, b] for a, b in zip(A, B, strict=True)]


def test_a_row_that_may_be_a_remark_is_refused(table):
    text = "colour,b\n" + "".join(f"{'#ff0000' if k == 5 else 'red'},{k}.5\n" for k in range(9))
    with pytest.raises(StudioError, match="row 7 begins like a remark and has as many cells"):
        table(text, words="one-hot")
    quoted = table(text.replace("#ff0000", '"#ff0000"'), words="one-hot")
    assert quoted.features == ("colour=#ff0000", "colour=red")
    assert len(original(table(PLAIN.replace("4.95", "#4.95")))) == 7, "a row put out of use"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0,1,2\n0.5,1.5,2.5\n3.5,4.5,5.5\n", ("0", "1", "2")),
        ("2019,2020,2021\n0.5,1.5,2.5\n3.5,4.5,5.5\n", ("2019", "2020", "2021")),
        ("450,500,kind\n.1,.2,a\n.3,.4,b\n.1,.2,a\n.3,.4,b\n", ("450", "500", "kind")),
        ("0,0\n0.1,0.0998\n0.2,0.1987\n", ("column 1", "column 2")),
        ("red,low\nblue,high\nred,low\nblue,high\n", ("column 1", "column 2")),
        ("colour,kind\nred,low\nblue,high\nred,low\nblue,high\n", ("colour", "kind")),
        ("when,flag\n2024-01-01,yes\n2024-01-02,no\n", ("when", "flag")),
        ("x,y\nNA,1\n2,3\n", ("x", "y")),
        ("NA,1\n2,3\n4,5\n", ("column 1", "column 2")),
    ],
)
def test_names_in_the_first_row(tmp_path, text, names):
    path = tmp_path / "t.csv"
    path.write_text(text)
    assert read_table(path).names == names


@pytest.mark.parametrize("text", ["0,1,2\n3,4,5\n6,7,8\n", "1.5,x,2.5\n1,2,3\n3,4,5\n"])
def test_a_doubtful_first_row_is_refused_with_its_option(table, text):
    with pytest.raises(StudioError, match="set header=yes or header=no"):
        table(text)


@pytest.mark.parametrize("mark", ["", "NA", "NaN", "?", "null"])
def test_missing_cells(table, mark):
    text = PLAIN.replace("4.95", mark)
    with pytest.raises(StudioError, match=r"row 4, column 'a': the cell is empty.*missing=drop"):
        table(text)
    kept = [k for k in range(8) if k != 2]
    assert original(table(text, missing="drop"))[:, 0].tolist() == [A[k] for k in kept]
    data = table(text, missing="fill")
    x, _, train, _ = data._parts()
    known = [A[k] for k in train.tolist() if k != 2]
    assert x[2, 0] == np.median(known), "of the training rows alone"
    assert x[kept, 0].tolist() == [A[k] for k in kept]


def test_rows_without_a_target_are_never_filled(table):
    text = PLAIN.replace("-0.51,low", "-0.51,")
    data = table(text, missing="fill")
    assert len(original(data)) == 7
    assert data.classes == ("high", "low")
    assert "1 of 8 rows are left out" in " ".join(data.notes)


def test_truth_values_dates_and_words(table):
    text = "flag,when,colour,y\n" + "".join(
        f"{'TRUE' if k % 3 else 'false'},2024-02-{28 + k},{'red' if k else 'blue'},{k}.5\n"
        if k < 2 else f"TRUE,2024-03-{k:02d},green,{k}.5\n"
        for k in range(9)
    )  # fmt: skip
    with pytest.raises(StudioError, match="'blue' is no number; set words=one-hot to give each of"):
        table(text)
    data = table(text, words="one-hot")
    assert data.features == ("flag", "when", "colour=blue", "colour=green", "colour=red")
    x = original(data)
    assert x[:, 0].tolist() == [0] + [1] * 8
    assert np.diff(x[:, 1]).tolist() == [1, 2, 1, 1, 1, 1, 1, 1], "a leap year"
    assert x[:3, 2:].tolist() == [[1, 0, 0], [0, 0, 1], [0, 1, 0]]
    assert len(data.notes) >= 3


@pytest.mark.parametrize(
    ("cell", "first", "value"),
    [
        ("1970-01-02", DAY_FIRST, 1),
        ("1970-01-02T12:00:00Z", DAY_FIRST, 1.5),
        ("1970-01-02 14:00 +02:00", DAY_FIRST, 1.5),
        ("2.1.1970", MONTH_FIRST, 1),
        ("2/1/1970", DAY_FIRST, 1),
        ("2/1/1970", MONTH_FIRST, 31),
        ("1/2/1970 12:30 PM", MONTH_FIRST, 1 + 12.5 / 24),
        ("2024-02-30", DAY_FIRST, None),
        ("13/13/2024", DAY_FIRST, None),
        ("0001-01-01 00:00 +14:00", DAY_FIRST, None),
        ("2024-01-01 25:00", DAY_FIRST, None),
    ],
)
def test_dates_are_days(cell, first, value):
    assert days(cell, first) == (value if value is None else pytest.approx(value))


def test_day_or_month_first_is_decided_by_the_column(table):
    def dates(*days_):
        return "when,y\n" + "".join(f"{day},{k}.5\n" for k, day in enumerate(days_))

    decided = table(dates("1/2/2024", "2/2/2024", "13/2/2024", "14/2/2024"))
    assert np.diff(original(decided)[:, 0]).tolist() == [1, 11, 1]
    doubtful = dates("1/2/2024", "2/2/2024", "3/2/2024", "4/2/2024")
    with pytest.raises(StudioError, match="set dates=day-first or dates=month-first"):
        table(doubtful)
    assert np.diff(original(table(doubtful, dates="month-first"))[:, 0]).tolist() == [31, 29, 31]


def test_several_targets_are_learnt_together(table):
    text = "a,b,y1,y2\n" + "".join(f"{a},{b},{a + b},{a * b}\n" for a, b in zip(A, B, strict=True))
    for options in ({}, {"target": "y1,y2"}, {"target": "y1", "also_learn": "y2"}):
        data = table(text, **options)
        assert (data.features, data.targets, data.output_count) == (("a", "b"), ("y1", "y2"), 2)
        split = data.split()
        scale_x, scale_y = data.scalings()
        x = scale_x.original(split.test.x.numpy().astype(float))
        y = np.stack([x.sum(1), x.prod(1)], 1)
        assert np.allclose(scale_y.original(split.test.y.numpy()), y, atol=1e-4)
    assert table(text, target="y2").features == ("a", "b", "y1")
    with pytest.raises(StudioError, match="classes can be learnt from one target only"):
        table(text, task="classify")


def test_a_series_is_not_shuffled_and_says_so(table):
    u = np.random.default_rng(0).random(40)
    text = "time [s],u,y\n" + "".join(f"{k / 10},{v:.4f},{v**2:.4f}\n" for k, v in enumerate(u))
    data = table(text)
    _, _, train, test = data._parts()
    assert test.tolist() == list(range(30, 40))
    assert train.tolist() == list(range(30))
    assert "The last rows are tested, as column 'time [s]' is in order" in " ".join(data.notes)
    shuffled = table(text, order="random")
    assert shuffled._parts()[3].tolist() != test.tolist()
    sweep = table(text.replace("time [s]", "x"))
    assert sweep._parts()[3].tolist() != test.tolist()
    assert "Rows are in the order of column 'x'" in " ".join(sweep.notes)
    walk = np.cumsum(np.random.default_rng(1).standard_normal(60))
    steps = np.random.default_rng(2).random(60)
    silent = table(
        "u,y\n" + "".join(f"{a:.4f},{b:.4f}\n" for a, b in zip(steps, walk, strict=True))
    )
    assert "set order=kept for a series" in " ".join(silent.notes)


def test_classes_of_the_last_rows_only_are_refused_in_order(table):
    text = "t,x,kind\n" + "".join(f"{k},{k % 5}.5,{'ab'[k >= 9]}\n" for k in range(12))
    with pytest.raises(StudioError, match=r"class 'b' stands only in the last .*order=random"):
        table(text)


def test_cells_that_look_like_digits_are_words(table):
    for cell in ("²", "٣", "½", "Ⅳ"):
        with pytest.raises(StudioError, match="is no number"):
            table(PLAIN.replace("4.95", cell))
        with pytest.raises(StudioError, match="there is no column"):
            table(PLAIN, target=cell)


def test_constant_targets_and_huge_numbers(table):
    with pytest.raises(StudioError, match=r"the target 'y' is 0\.5 in every row"):
        table("x,y\n1,0.5\n2,0.5\n3,0.5\n4,0.5\n")
    with pytest.raises(StudioError, match="'1e300' is too large"):
        table(PLAIN.replace("4.95", "1e300"))
    data = table("c," + PLAIN.replace("\n", "\n5,").removesuffix("5,"))
    assert "Column 'c' is the same in every row." in data.notes
    assert torch.isfinite(data.split().test.x).all()


def test_classes_written_in_two_ways(table):
    assert table("x,y\n" + "1.5,1\n2.5,1.0\n3.5,2\n4.5,2.0\n").classes == ("1", "2")
    data = table("x,y\n" + "1.5,Low\n2.5,low\n3.5,Low\n4.5,low\n")
    assert "differ in capitals only" in " ".join(data.notes)


def test_the_project_s_own_cases_are_read():
    """The files that others reported, where this machine has them."""
    if not CASES.is_dir():
        pytest.skip("the folder of reported cases is not beside this checkout")
    for path in sorted(CASES.glob("*.[ct][sx][vt]")):
        data = CSV(path=str(path), words="one-hot")
        assert len(data.split().test) == data.preview().test > 0, path.name
