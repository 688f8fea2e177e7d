"""Rows whose order means something: series in time, and columns that only number the rows."""

import re

import numpy as np

from .features import Feature, kind_of
from .table import Table
from .table_file import shown

ORDERS = ("auto", "random", "kept")
INDEX = ("auto", "keep")

_TIME = re.compile(
    r"(?:t|time|zeit|datetime|timestamp|date|datum|when|step|tick|epoch|sample|frame|cycle|"
    r"year|month|week|day|hour|minute|second|jahr|monat|tag|stunde|seconds|days|hours|years)"
    r"(?:[ _]*[\[(].*|[ _](?:s|ms|us|ns|min|h|sec|seconds))?",
    re.IGNORECASE,
)
_INDEX = re.compile(
    r"(?:unnamed: ?0(?:_level_0)?|index|idx|id|row|row[ _]?(?:id|number|nr)|nr\.?|no\.?|#)",
    re.IGNORECASE,
)
_WHOLE = re.compile(r"[0-9]{1,12}")
_LEAST = 4
# Neighbours in a series resemble each other more than this; random rows do not.
_ALIKE, _LEAST_ALIKE = 0.6, 30


def index_columns(table: Table, columns: list[int]) -> list[int]:
    """Columns that number the rows and say nothing else: unnamed, or called so."""
    return [k for k in columns if table.named and _numbers_rows(table, k)]


def _numbers_rows(table: Table, column: int) -> bool:
    name, rows = table.names[column], len(table.rows)
    unnamed = name == f"column {column + 1}" and column == 0
    if rows < _LEAST or not (unnamed or _INDEX.fullmatch(name) or _TIME.fullmatch(name)):
        return False
    cells = table.cells(column)
    if unnamed and kind_of(cells[:200]) == "word":
        return len(set(cells)) == rows
    if unnamed or _INDEX.fullmatch(name):
        # Shuffled rows and parts of a table keep their numbers, which then have gaps.
        return len(set(cells)) == rows and all(map(_WHOLE.fullmatch, cells))
    start = cells[0]
    if start not in ("0", "1"):
        return False
    return all(cell == str(k) for k, cell in enumerate(cells, int(start)))


def series_column(table: Table, columns: list[int]) -> int | None:
    """The first column of times that grow or fall from row to row, if there is one."""
    return next((k for k in columns if _is_time(table, k)), None)


def _is_time(table: Table, column: int) -> bool:
    if len(table.rows) < _LEAST:
        return False
    kind = kind_of([row[column] for row in table.rows[:200]])
    if kind == "date":
        return _monotone(table.days(column), 3)
    if kind == "number" and _TIME.fullmatch(table.names[column]):
        return _monotone(table.numbers(column), max(3, len(table.rows) // 2))
    return False


def _monotone(values: np.ndarray, least: int) -> bool:
    """Whether values never turn, and so many of them differ."""
    values = values[~np.isnan(values)]
    steps = np.diff(values)
    return len(np.unique(values)) >= least and bool((steps >= 0).all() or (steps <= 0).all())


def order_hint(features: list[Feature], target: np.ndarray) -> str:
    """What to say of rows that are shuffled although their order may mean something."""
    for feature in features:
        if feature.dated:
            return (
                f"Dates in column {shown(feature.name)} are in no order and random rows are "
                "tested; sort the rows, or set order=kept if they are a series all the same."
            )
        if not feature.words and _monotone(feature.values, max(_LEAST, len(feature.values))):
            return (
                f"Rows are in the order of column {shown(feature.name)} and random ones are "
                "tested; set order=kept for a series, to test the last ones."
            )
    if len(target) >= _LEAST_ALIKE and target.ndim == 2 and not np.isnan(target).any():
        y = target[:, 0] - target[:, 0].mean()
        alike = float((y[1:] * y[:-1]).mean() / max(float((y * y).mean()), 1e-300))
        if alike > _ALIKE:
            return (
                f"Neighbouring rows have similar targets (correlation {alike:.2f}) and random "
                "ones are tested; set order=kept for a series, to test the last ones."
            )
    return ""
