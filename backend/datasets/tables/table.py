"""A table in a CSV file: columns by name, with every complaint naming row and column."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from ...errors import StudioError
from ...registry import nearest
from .dates import DAY_FIRST, MONTH_FIRST, dates_speak_for, days
from .headers import names_columns
from .missing import is_missing
from .numerals import COMMA, LIMIT, POINT, blank_groups, is_number, reading, witnesses
from .table_file import shown
from .table_rows import Rows, read_rows

DECIMALS = ("auto", POINT, COMMA)
DATES = ("auto", DAY_FIRST, MONTH_FIRST)


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Args:
        path: the file.
        names: of the columns, ``column 1`` and so on where the file names none.
        rows: cells as texts, without blanks at their ends.
        lines: number in the file of every row, counted from 1; blank lines are no rows.
        named: whether the file names its columns.
        separator: what stands between cells.
        decimal: ``point``, ``comma``, or ``auto``, where the cells decide.
        dates: ``day-first``, ``month-first``, or ``auto``.
        notes: what was assumed of the file.
        said: what was assumed of its columns, by the subject of the sentence.
        kept: the different cells of columns that were asked for.
    """

    path: Path
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]
    named: bool = True
    separator: str = ","
    decimal: str = "auto"
    dates: str = "auto"
    notes: tuple[str, ...] = ()
    said: dict[str, str] = field(default_factory=dict)
    kept: dict[int, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def index(self, name: str) -> int:
        """The place of a column given by its name or its number from 1; empty for the last.

        Raises:
            StudioError: there is no such column.
        """
        if not name:
            return len(self.names) - 1
        if name in self.names:
            return self.names.index(name)
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 9 else 0
        if 1 <= number <= len(self.names):
            return number - 1
        raise StudioError(
            f"{self.path}: there is no column {shown(name)}: {nearest(name, self._listed())}"
        )

    def indices(self, text: str) -> list[int]:
        """The places of columns separated by commas; names that hold one stand in quotes."""
        if text.strip() in self.names:
            return [self.index(text.strip())]
        try:
            names = next(csv.reader([text], skipinitialspace=True), [])
        except csv.Error:
            names = text.split(",")
        return list(dict.fromkeys(self.index(name.strip()) for name in names if name.strip()))

    def cells(self, column: int) -> list[str]:
        """The cells of a column."""
        return [row[column] for row in self.rows]

    def different(self, column: int) -> tuple[str, ...]:
        """The different cells of a column, in the order of their first rows."""
        if column not in self.kept:
            self.kept[column] = tuple(dict.fromkeys(row[column] for row in self.rows))
        return self.kept[column]

    def present(self, column: int) -> list[str]:
        """The different cells of a column that are not missing."""
        return [cell for cell in self.different(column) if not is_missing(cell)]

    def numbers(self, column: int) -> np.ndarray:
        """The cells of a column as numbers (n,), NaN where one is missing.

        Raises:
            StudioError: names the first cell that is no finite number.
        """
        cells = self.present(column)
        decimal = self._decimal_of(column, cells)
        known: dict[str, float] = {}
        for cell in cells:
            value = reading(cell, decimal)
            if value is None or abs(value) > LIMIT:
                raise StudioError(f"{self.place(cell, column)}: {_not_a_number(cell, decimal)}")
            known[cell] = value
        if grouped := next(filter(blank_groups, cells), ""):
            self.said.setdefault(
                "blanks",
                f"Blanks between digits are left out: {shown(grouped)} in column "
                f"{shown(self.names[column])} is {known[grouped]:.15g}; list the column under "
                "ignore if it holds no numbers.",
            )
        return self.looked_up(column, known)

    def days(self, column: int) -> np.ndarray:
        """The cells of a column of dates as days since 1970 (n,), NaN where one is missing.

        Raises:
            StudioError: a cell is no date, or nothing says whether day or month stands first.
        """
        cells = self.present(column)
        found = dates_speak_for(cells)
        first = self.dates
        if first == "auto":
            first = MONTH_FIRST if MONTH_FIRST in found else DAY_FIRST
            if "either" in found and DAY_FIRST not in found and MONTH_FIRST not in found:
                cell = found["either"]
                raise StudioError(
                    f"{self.place(cell, column)}: {shown(cell)} may be a day of two months; "
                    "set dates=day-first or dates=month-first"
                )
        known = {}
        for cell in cells:
            value = days(cell, first)
            if value is None:
                raise StudioError(
                    f"{self.place(cell, column)}: {shown(cell)} is no date with the "
                    f"{first.replace('-', ' ')}; mend it, or list the column under ignore"
                )
            known[cell] = value
        self.said.setdefault(
            "dates",
            f"Dates such as {shown(cells[0])} in column {shown(self.names[column])} count as days.",
        )
        return self.looked_up(column, known)

    def line(self, cell: str, column: int) -> int:
        """The line of the first row with a cell."""
        return self.lines[self.cells(column).index(cell)]

    def place(self, cell: str, column: int) -> str:
        """Where a cell stands first, for messages."""
        return f"{self.path}: row {self.line(cell, column)}, column {shown(self.names[column])}"

    def looked_up(self, column: int, known: Mapping[str, float]) -> np.ndarray:
        """The values of a column's cells (n,), NaN for cells that have none."""
        every = {**dict.fromkeys(self.different(column), float("nan")), **known}
        values = map(every.__getitem__, self.cells(column))
        return np.fromiter(values, float, len(self.rows))

    def _decimal_of(self, column: int, cells: list[str]) -> str:
        """The decimal mark of a column.

        Raises:
            StudioError: its cells contradict each other, or nothing decides between two readings.
        """
        if self.decimal != "auto":
            return self.decimal
        found = witnesses(cells)
        if POINT in found and COMMA in found:
            commas = sum(COMMA in witnesses([cell]) for cell in cells)
            points = sum(POINT in witnesses([cell]) for cell in cells)
            odd, usual = (COMMA, POINT) if commas <= points else (POINT, COMMA)
            beside = f"{shown(found[usual])} (row {self.line(found[usual], column)})"
            raise StudioError(
                f"{self.place(found[odd], column)}: {shown(found[odd])} is no number with "
                f"a decimal {usual} like {beside}; write all with the same mark, or list the "
                "column under ignore"
            )
        decimal = POINT if POINT in found else COMMA if COMMA in found else ""
        if "either" in found and not decimal:
            cell = found["either"]
            decimal = self._file_decimal or self._guess(column, cell, found)
            self.said.setdefault("numbers", self._say(column, cell, decimal))
        elif decimal == COMMA:
            self.said.setdefault("numbers", self._say(column, found[COMMA], COMMA))
        return decimal or POINT

    @cached_property
    def _file_decimal(self) -> str:
        """The only decimal mark for which any column speaks, or nothing."""
        marks: set[str] = set()
        for column in range(len(self.names)):
            cells = self.present(column)
            if sum(map(is_number, cells)) * 2 > len(cells):
                marks |= {POINT, COMMA} & set(witnesses(cells))
        return marks.pop() if len(marks) == 1 else ""

    def _guess(self, column: int, cell: str, found: Mapping[str, str]) -> str:
        """A point in every cell, always before three digits, is a decimal point."""
        if "." in cell and "whole" not in found and self.separator != ";":
            return POINT
        one, other = reading(cell, POINT), reading(cell, COMMA)
        raise StudioError(
            f"{self.place(cell, column)}: {shown(cell)} may be {one:.12g} or "
            f"{other:.12g}; set decimal=point or decimal=comma"
        )

    def _say(self, column: int, cell: str, decimal: str) -> str:
        value = reading(cell, decimal)
        return (
            f"Numbers have decimal {decimal}s: {shown(cell)} in column "
            f"{shown(self.names[column])} is {value:.12g}; decimal="
            f"{COMMA if decimal == POINT else POINT} reads it otherwise."
        )

    def _listed(self) -> list[str]:
        few = [name if len(name) <= 40 else name[:39] + "…" for name in self.names[:20]]
        return few if len(self.names) <= 20 else [*few[:19], "…"]


def read_table(
    path: Path,
    header: str = "auto",
    separator: str = "auto",
    encoding: str = "auto",
    decimal: str = "auto",
    dates: str = "auto",
) -> Table:
    """The table in a CSV file.

    Args:
        path: the file.
        header: whether the first row names the columns: ``yes``, ``no``, or ``auto``, which
            compares its cells with those below.
        separator: one of ``separators.CHOICES``.
        encoding: one of ``table_file.ENCODINGS``.
        decimal: one of ``DECIMALS``.
        dates: one of ``DATES``.

    Raises:
        StudioError: names the file, the row and what is wrong.
    """
    found = read_rows(path, separator, encoding)
    rows = found.cells
    if not rows:
        raise StudioError(f"{path}: the file is empty; give it one row for each example")
    _trim(found, path)
    _check_widths(found, path)
    named = header == "yes" or (header == "auto" and names_columns(rows, path, found.lines[0]))
    names = rows[0] if named else [""] * len(rows[0])
    notes, first = list(found.notes), int(named)
    if header == "auto" and not named:
        if found.heading and len(set(found.heading)) == len(names):
            names, named = found.heading, True
            notes.append("The columns are named by the remark above the first row.")
        else:
            notes.append("The first row is taken for an example; header=yes takes it for names.")
    names = _complete_names(names, path, found.lines[0])
    table = Table(path, names, rows[first:], found.lines[first:], named, found.separator,
                  decimal, dates, tuple(notes))  # fmt: skip
    return _without_empty(table)


def _trim(found: Rows, path: Path) -> None:
    """Bring rows to the width of most rows where only empty cells at their ends differ."""
    rows = found.cells
    if len(rows[0]) == 1 and all(len(row) == 1 for row in rows):
        raise StudioError(
            f"{path}: row {found.lines[0]} has one cell only; separate cells by commas, "
            "semicolons, tabs, bars or blanks, and give at least two columns"
        )
    width = max(len(row) for row in rows[:1000])
    while width > 1 and all(len(row) < width or not row[width - 1] for row in rows):
        width -= 1
    trimmed = 0
    for row in rows:
        if len(row) > width and not any(row[width:]):
            del row[width:]
            trimmed += 1
    if trimmed:
        found.notes.append("Separators at the ends of rows are left out.")
    if len(rows[0]) > 1 and len(rows) > 1 and all(len(row) == len(rows[0]) + 1 for row in rows[1:]):
        labels = [row[0] for row in rows[1:]]
        if len(set(labels)) == len(labels) and not any(map(is_number, rows[0])):
            # R leaves the name of the column of row names out.
            rows[0].insert(0, "")


def _check_widths(found: Rows, path: Path) -> None:
    rows, width = found.cells, len(found.cells[0])
    for line, row in zip(found.lines, rows, strict=True):
        if len(row) == width:
            continue
        remedy = "make them equal, and put texts that hold a separator into quotes"
        if found.separator == "," and len(row) > width > 1 and len(row) % width == 0:
            remedy = "numbers with decimal commas need semicolons between cells, or quotes"
        elif line == found.lines[1] and width < len(row):
            remedy = "remove a title above the names, or begin its line with #; or " + remedy
        raise StudioError(
            f"{path}: row {line} has {len(row)} cells, the first row {width}; {remedy}"
        )


def _complete_names(names: list[str], path: Path, line: int) -> tuple[str, ...]:
    """Names for columns that have none.

    Raises:
        StudioError: two columns have the same name.
    """
    given = [name for name in names if name]
    if len(set(given)) < len(given):
        twice = next(name for k, name in enumerate(given) if name in given[:k])
        raise StudioError(
            f"{path}: row {line} must name every column once, and has {shown(twice)} twice; "
            "rename one, or set header=no"
        )
    return tuple(name or f"column {k + 1}" for k, name in enumerate(names))


def _without_empty(table: Table) -> Table:
    """A table without columns that hold nothing and have no name."""
    empty = [k for k, name in enumerate(table.names) if name == f"column {k + 1}"
             and table.rows and not any(row[k] for row in table.rows)]  # fmt: skip
    if not empty:
        return table
    kept = [k for k in range(len(table.names)) if k not in empty]
    rows = [[row[k] for k in kept] for row in table.rows]
    note = f"Column {empty[0] + 1} has neither a name nor a value and is left out."
    return replace(
        table, names=tuple(table.names[k] for k in kept), rows=rows, notes=(*table.notes, note)
    )


def _not_a_number(cell: str, decimal: str) -> str:
    if is_number(cell):
        return (
            f"{shown(cell)} is no number with a decimal {decimal}; set decimal to what the table "
            "has"
        )
    if reading(cell, decimal) is not None or cell.lower().lstrip("+-") in ("inf", "infinity"):
        return f"{shown(cell)} is too large; correct it, or list the column under ignore"
    return (
        f"{shown(cell)} is no number; write it with a decimal point, or list the column under "
        "ignore"
    )
