"""The columns of a table that are to be learnt: classes, or one or several numbers."""

import re
from dataclasses import dataclass

import numpy as np

from ...errors import StudioError
from .dates import is_date
from .features import kind_of
from .missing import is_missing
from .numerals import is_number
from .table import Table
from .table_file import shown

# A target column of so many different whole numbers at most is taken for classes.
CLASS_LIMIT = 20
# Most different classes of a column of words: more of them are names.
MOST_CLASSES = 1000
_CALLED = ("target", "targets", "label", "labels")
_WITH_UNIT = re.compile(r"(?:[$€£¥<>≤≥~≈] ?)?[+-]?[0-9][0-9.,' ]*(?:[^0-9]{1,8})?")
_NUMBERED = re.compile(r"(y|target|label|output|out)[ _-]?\[?[0-9]{1,3}\]?", re.IGNORECASE)


@dataclass
class Target:
    """What is asked of every row.

    Args:
        task: ``classify`` or ``regress``.
        values: classes (n,), NaN where one is missing, or numbers (n, targets).
        classes: names in the order of their numbers.
    """

    task: str
    values: np.ndarray
    classes: tuple[str, ...] = ()


def target_columns(table: Table, target: str, more: str) -> list[int]:
    """The places of the targets: those named, else the last column and numbered ones before it.

    A column that is called target or label, or y beside no x and z, is one wherever it stands.

    A table that ends in y1, y2 has two targets: to take y1 for a feature would give the answer
    away, or learn half of what is asked.
    """
    chosen = table.indices(target) if target else [_called(table)]
    chosen += [k for k in table.indices(more) if k not in chosen]
    if not chosen:
        raise StudioError(f"target is {shown(target)}: name a column of the table")
    last = len(table.names) - 1
    if target or more or chosen != [last]:
        return chosen
    stem = _NUMBERED.fullmatch(table.names[last])
    while stem and last > 0:
        before = _NUMBERED.fullmatch(table.names[last - 1])
        if before is None or before[1].lower() != stem[1].lower():
            break
        last -= 1
        chosen.insert(0, last)
    return chosen


def _called(table: Table) -> int:
    """The only column that is called a target, else the last."""
    last = len(table.names) - 1
    names = [name.strip().lower() for name in table.names]
    called = [*_CALLED, *(() if {"x", "z"} & set(names) else ("y",))]
    found = [k for k, name in enumerate(names) if table.named and name in called]
    if len(found) != 1 or found == [last]:
        return last
    table.said["target"] = (
        f"Column {shown(table.names[found[0]])} is learnt, as it is called; the option target "
        "names another."
    )
    return found[0]


def target_of(table: Table, columns: list[int], task: str) -> Target:
    """The targets' values.

    Raises:
        StudioError: names the cell that does not fit, or why there are no classes.
    """
    if len(columns) > 1:
        return _several(table, columns, task)
    (column,) = columns
    kind = kind_of(table.present(column))
    if kind == "nothing":
        raise StudioError(
            f"{table.path}: the target {shown(table.names[column])} has no value in any row; "
            "choose another column"
        )
    if task == "auto":
        task = _task_of(table, column, kind)
        _say_numbers_as_classes(table, column, kind, task)
    if task == "classify":
        return _classes(table, column, kind)
    values = table.days(column) if kind == "date" else table.numbers(column)
    return Target("regress", _varied(table, column, values)[:, None])


def _several(table: Table, columns: list[int], task: str) -> Target:
    names = ", ".join(shown(table.names[k]) for k in columns[:5])
    if task == "classify":
        raise StudioError(
            f"{table.path}: classes can be learnt from one target only, not from {names}; name "
            "one under target and list the others under ignore"
        )
    table.said["targets"] = f"The targets {names} are learnt together."
    values = [_varied(table, k, table.numbers(k)) for k in columns]
    return Target("regress", np.stack(values, axis=1))


def _varied(table: Table, column: int, values: np.ndarray) -> np.ndarray:
    known = values[~np.isnan(values)]
    if len(known) and known.min() == known.max():
        raise StudioError(
            f"{table.path}: the target {shown(table.names[column])} is {known[0]:g} in every row; "
            "choose another column"
        )
    return values


def _task_of(table: Table, column: int, kind: str) -> str:
    """Classes, unless there are many numbers; a stray word among those is no class."""
    if kind == "date":
        return "regress"
    if kind != "number":
        return "classify"
    cells = table.present(column)
    numbers = [cell for cell in cells if is_number(cell)]
    if len(cells) > len(numbers):
        return "regress" if len(numbers) > CLASS_LIMIT else "classify"
    values = table.numbers(column)
    values = values[~np.isnan(values)]
    different = np.unique(values)
    whole = bool((different == np.round(different)).all())
    # Where no value comes again there is nothing that a class could have in common.
    few = len(different) <= min(CLASS_LIMIT, len(values) - 1)
    return "classify" if whole and few else "regress"


def _say_numbers_as_classes(table: Table, column: int, kind: str, task: str) -> None:
    """Say that numbers are learnt as classes; refuse measurements that were written with units.

    Raises:
        StudioError: most cells hold a number with a unit, too many for classes.
    """
    if task != "classify" or kind not in ("number", "word"):
        return
    cells, name = table.present(column), shown(table.names[column])
    if kind == "number":
        if len(cells) > 2:
            table.said["whole"] = (
                f"The {len(cells)} whole numbers of column {name} are learnt as classes; "
                "task=regress learns them as numbers."
            )
        return
    measured = [cell for cell in cells if _WITH_UNIT.fullmatch(cell)]
    if len(measured) * 2 <= len(cells):
        return
    cell = measured[0]
    if len(cells) > CLASS_LIMIT:
        raise StudioError(
            f"{table.place(cell, column)}: {shown(cell)} is a number with a unit or a sign; leave "
            "those out to learn numbers, or set task=classify to learn classes"
        )
    table.said["whole"] = (
        f"Cells such as {shown(cell)} in column {name} are learnt as classes; leave the unit out "
        "to learn numbers."
    )


def _classes(table: Table, column: int, kind: str) -> Target:
    """Classes in the order of their numbers, or else of their names."""
    words = kind in ("word", "date")
    cells = [cell for cell in table.cells(column) if cell and (words or not is_missing(cell))]
    numeric = kind == "number" and all(map(is_number, set(cells)))
    place = f"{table.path}: column {shown(table.names[column])}"
    if numeric:
        values = table.numbers(column)
        # 1 and 1.0 are one class; it is called as it is written first.
        called: dict[float, str] = {}
        for cell, value in zip(table.cells(column), values.tolist(), strict=True):
            if value == value:
                called.setdefault(value, cell)
        order = sorted(called)
        known = {called[value]: value for value in order}
        numbering = {value: float(k) for k, value in enumerate(order)}
        numbers = np.array([numbering.get(value, np.nan) for value in values.tolist()])
        names = tuple(known)
    else:
        names = tuple(sorted(set(cells)))
        numbers = table.looked_up(column, {name: float(k) for k, name in enumerate(names)})
        _say_alike(table, column, names)
    if len(names) > MOST_CLASSES:
        raise StudioError(
            f"{place}: {len(names):,} classes are too many; at most {MOST_CLASSES:,} are learnt"
        )
    return Target("classify", numbers, names)


def check_classes(table: Table, column: int, classes: tuple[str, ...], y: np.ndarray) -> None:
    """Refuse classes that cannot be learnt and tested.

    Args:
        table: the table.
        column: of the target.
        classes: their names.
        y: (n,) the class of every row that is used.
    """
    place = f"{table.path}: column {shown(table.names[column])}"
    if len(classes) < 2:
        found = ", ".join(map(shown, classes))
        raise StudioError(f"{place}: found only the class {found}; two are needed")
    counts = np.bincount(y, minlength=len(classes))
    if counts.min() >= 2:
        return
    name, count = classes[int(np.argmin(counts))], int(counts.min())
    if len(y) < len(table.rows):
        raise StudioError(
            f"{place}: the class {shown(name)} has {count or 'no'} row{'s' * (count != 1)} without "
            "missing values, and two are needed; set missing=fill, or remove the class"
        )
    raise StudioError(f"{place}: {_rare(name, classes)}")


def _rare(name: str, names: tuple[str, ...]) -> str:
    numbers = sum(map(is_number, names))
    if numbers * 2 > len(names):
        remedy = "give it more, or set task=regress if the column holds numbers"
    elif any(map(is_date, names)):
        remedy = "choose another target if the column holds dates"
    else:
        remedy = "give it more, or remove it"
    return f"the class {shown(name)} has only one row; {remedy}"


def _say_alike(table: Table, column: int, names: tuple[str, ...]) -> None:
    """Classes that differ in capitals only are rarely meant."""
    known: dict[str, str] = {}
    for name in names:
        other = known.setdefault(name.casefold(), name)
        if other != name:
            table.said.setdefault(
                "classes",
                f"Classes {shown(other)} and {shown(name)} in column "
                f"{shown(table.names[column])} differ in capitals only and count as two.",
            )
