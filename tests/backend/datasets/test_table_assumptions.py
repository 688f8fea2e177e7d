"""What is assumed of the columns of a table is said, with the option that changes it."""

import pytest

from backend.errors import StudioError
from tests.backend.datasets.own_tables import KIND, PLAIN, A, B, original


def test_columns_that_number_the_rows_are_left_out(table):
    indexed = "".join(
        f"{'' if k == 0 else k - 1},{line}\n" for k, line in enumerate(PLAIN.splitlines())
    )
    data = table(indexed)
    assert data.features == ("a", "b")
    assert "Column 'column 1' only numbers the rows" in data.notes[0]
    assert table(indexed, index="keep").features == ("column 1", "a", "b")
    labelled = "a,b,kind\n" + "".join(f"car {k},{a},{b},{kind}\n" for k, (a, b, kind) in
                                      enumerate(zip(A, B, KIND, strict=True)))  # fmt: skip
    assert original(table(labelled)).tolist() == original(data).tolist(), "as R writes them"


@pytest.mark.parametrize("name", ["", "id", "index"])
def test_row_numbers_of_shuffled_tables_and_parts_are_left_out(table, name):
    numbers = [17, 3, 40, 8, 5, 21, 2, 33]
    rows = zip(numbers, A, B, KIND, strict=True)
    text = f"{name},a,b,kind\n" + "".join(f"{n},{a},{b},{k}\n" for n, a, b, k in rows)
    assert table(text).features == ("a", "b")
    assert len(table(text, index="keep").features) == 3
    assert len(table(text.replace("40,", "17,")).features) == 3, "a number twice numbers nothing"


def test_a_column_called_target_is_learnt_wherever_it_stands(table):
    rows = list(zip(A, B, KIND, strict=True))
    first = "target,a,b\n" + "".join(f"{k},{a},{b}\n" for a, b, k in rows)
    data = table(first)
    assert (data.targets, data.features) == (("target",), ("a", "b"))
    assert "Column 'target' is learnt, as it is called" in " ".join(data.notes)
    assert table(first.replace("target", "y")).targets == ("y",)
    assert table(first, target="b", ignore="target").targets == ("b",)
    # A place in space is no answer, and of two answers the last column is taken as before.
    space = "x,y,z\n" + "".join(f"{a},{b},{a + b}\n" for a, b, _ in rows)
    assert table(space).targets == ("z",)
    two = "target,label,b\n" + "".join(f"{a},{a},{b}\n" for a, b, _ in rows)
    assert table(two).targets == ("b",)


def test_numbers_that_are_learnt_as_classes_are_told(table):
    rows = list(zip(A, B, [3, 5, 4, 3, 5, 4, 3, 5], strict=True))
    whole = "a,b,grade\n" + "".join(f"{a},{b},{k}\n" for a, b, k in rows)
    data = table(whole)
    assert data.classes == ("3", "4", "5")
    assert "The 3 whole numbers of column 'grade' are learnt as classes" in " ".join(data.notes)
    assert not [n for n in table(whole, task="classify").notes if "learnt as classes" in n]
    # Few different cells with a unit may be classes, many are measurements.
    unit = table("a,b,speed\n" + "".join(f"{a},{b},{k} m/s\n" for a, b, k in rows))
    assert unit.task == "classify"
    assert "leave the unit out to learn numbers" in " ".join(unit.notes)
    many = "a,speed\n" + "".join(f"{k},{k / 4:.2f} m/s\n{k},{k / 4:.2f} m/s\n" for k in range(30))
    with pytest.raises(StudioError, match=r"row 2, column 'speed': '0.00 m/s' is a number with"):
        table(many)
    assert table(many, task="classify").task == "classify"
    codes = "a,code\n" + "".join(f"{k},grp{k % 25}\n" for k in range(100))
    assert len(table(codes).classes) == 25


def test_blanks_that_are_taken_for_thousands_are_told(table):
    rows = zip(A, B, KIND, strict=True)
    text = "phone,b,kind\n" + "".join(
        f"49 123 {k}56,{b},{w}\n" for k, (_, b, w) in enumerate(rows, 1)
    )
    data = table(text)
    assert original(data)[0, 0] == 49123156
    assert "'49 123 156' in column 'phone' is 49123156" in " ".join(data.notes)
