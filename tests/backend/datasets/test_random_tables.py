"""Known numbers written in random ways are read right, or refused, or what was assumed is said."""

import random

import numpy as np
import pytest

from backend.datasets import DATASETS
from backend.errors import StudioError

CSV = DATASETS["csv"]
TABLES = 40
NUMBERS = {
    "%d": lambda r: r.randint(-5000, 99_999),
    "%.1f": lambda r: round(r.uniform(0, 50), 1),
    "%.2f": lambda r: round(r.uniform(-5000, 99_999), 2),
    "%.3f": lambda r: round(r.uniform(0, 9), 3),
}


def grouped(digits: str, mark: str) -> str:
    sign, digits = ("-", digits[1:]) if digits.startswith("-") else ("", digits)
    first = len(digits) % 3 or 3
    groups = [digits[:first], *(digits[k : k + 3] for k in range(first, len(digits), 3))]
    return sign + (mark.join(groups) if mark else digits)


def written(rng: random.Random) -> tuple[bytes, np.ndarray]:
    """A file and the numbers in it."""
    separator, decimal = rng.choice(",;\t| "), rng.choice(".,")
    other = "," if decimal == "." else "."
    mark = rng.choice(["", "'"] if separator == " " else ["", other, "'", " "])
    forms = rng.choices(list(NUMBERS), k=rng.randint(2, 5))
    values = [[NUMBERS[form](rng) for form in forms] for _ in range(rng.randint(8, 40))]

    def cell(form: str, value: float) -> str:
        whole, point, fraction = (form % value).partition(".")
        text = grouped(whole, mark) + (point and decimal + fraction)
        return f'"{text}"' if separator in text else text

    lines = [[cell(*each) for each in zip(forms, row, strict=True)] for row in values]
    if rng.random() < 0.8:
        lines.insert(0, [f"n{k}" for k in range(len(forms))])
    if rng.random() < 0.2 and separator != " ":
        lines = [[*line, ""] for line in lines]
    text = "# measured by me, 3\n" if rng.random() < 0.2 else ""
    text += "".join(separator.join(line) + "\n" for line in lines)
    encoding = rng.choice(["utf-8", "utf-8-sig", "utf-16", "cp1252"])
    return text.encode(encoding), np.array(values, float)


@pytest.mark.parametrize("seed", range(5))
def test_no_table_is_silently_read_wrong(tmp_path, seed):
    rng, right = random.Random(seed), 0
    refusals: list[str] = []
    path = tmp_path / "t.csv"
    for _ in range(TABLES):
        data, values = written(rng)
        path.write_bytes(data)
        try:
            table = CSV(path=str(path), task="regress", order="kept")
        except StudioError as error:
            refusals.append(str(error))
            continue
        x, y, _, _ = table._parts()
        found = np.concatenate([x, y], axis=1)
        same = found.shape == values.shape and np.allclose(found, values, rtol=1e-12, atol=0)
        assert same or any("decimal=" in note for note in table.notes), data
        right += same
    assert right >= 0.9 * TABLES
    assert all("set decimal=" in text for text in refusals)
