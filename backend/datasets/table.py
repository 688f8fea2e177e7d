"""A table in a CSV file: columns by name, with every complaint naming row and column."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import StudioError
from ..registry import nearest

DELIMITERS = ",;\t|"
ROW_LIMIT = 2_000_000


@dataclass(frozen=True)
class Table:
    """The cells of a CSV file.

    Args:
        path: the file.
        names: of the columns, ``column 1`` and so on when the file names none.
        rows: cells as texts, without blanks at their ends.
        lines: number in the file of every row, counted from 1; blank lines are no rows.
    """

    path: Path
    names: tuple[str, ...]
    rows: list[list[str]]
    lines: list[int]

    def index(self, name: str) -> int:
        """The place of a column given by its name or its number from 1; empty for the last.

        Raises:
            StudioError: there is no such column.
        """
        if not name:
            return len(self.names) - 1
        if name in self.names:
            return self.names.index(name)
        if name.isdigit() and 1 <= int(name) <= len(self.names):
            return int(name) - 1
        raise StudioError(
            f"{self.path}: there is no column {name!r}: {nearest(name, list(self.names))}"
        )

    def texts(self, column: int) -> list[str]:
        """The cells of a column.

        Raises:
            StudioError: a cell is empty.
        """
        cells = [row[column] for row in self.rows]
        if "" in cells:
            raise StudioError(
                f"{self._place(cells.index(''), column)}: the cell is empty; fill it or remove "
                "the row"
            )
        return cells

    def numbers(self, column: int) -> np.ndarray:
        """The cells of a column as numbers (n,).

        Raises:
            StudioError: names the first cell that is no finite number.
        """
        for row, cell in enumerate(cells := self.texts(column)):
            if not is_number(cell):
                raise StudioError(
                    f"{self._place(row, column)}: {cell!r} is no number; write it with a decimal "
                    "point, or list the column under ignore"
                )
        return np.array(cells, dtype=float)

    def _place(self, row: int, column: int) -> str:
        return f"{self.path}: row {self.lines[row]}, column {self.names[column]!r}"


def is_number(text: str) -> bool:
    """Whether a cell is a finite number."""
    try:
        return abs(float(text)) < float("inf")
    except ValueError:
        return False


def read_table(path: Path, header: str = "auto") -> Table:
    """The table in a CSV file; commas, semicolons, tabs or bars separate its cells.

    Args:
        path: the file, in UTF-8.
        header: whether the first row names the columns: ``yes``, ``no``, or ``auto``, which says
            yes when no cell of it is a number and the names do not repeat, unless every column
            of the second row is text as well.

    Raises:
        StudioError: names the file, the row and what is wrong.
    """
    numbered = _cells(path)
    lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
    if len(rows) > ROW_LIMIT:
        raise StudioError(f"{path}: {len(rows)} rows are too many; at most {ROW_LIMIT} are read")
    if not rows:
        raise StudioError(f"{path}: the file is empty; give it one row for each example")
    width = len(rows[0])
    if width < 2:
        raise StudioError(
            f"{path}: row {lines[0]} has one cell only; separate cells by commas, semicolons, "
            "tabs or bars, and give at least two columns"
        )
    named = header == "yes" or (header == "auto" and _names_columns(rows))
    for number, row in numbered:
        if len(row) != width:
            raise StudioError(
                f"{path}: row {number} has {len(row)} cells, the first row {width}; make them "
                "equal, and put texts that hold a separator into quotes"
            )
    names = tuple(rows[0]) if named else tuple(f"column {k + 1}" for k in range(width))
    if len(set(names)) < width or "" in names:
        raise StudioError(f"{path}: row 1 must name every column once; or set header=no")
    return Table(path, names, rows[named:], lines[named:])


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """The rows that are not blank, with their numbers in the file.

    Raises:
        StudioError: the file is not there or is no text.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            outside_quotes = re.sub('"[^"]*"', "", file.readline())
            file.seek(0)
            delimiter = max(DELIMITERS, key=outside_quotes.count)
            reader = csv.reader(file, delimiter=delimiter, strict=True)
            cells = ((reader.line_num, [cell.strip() for cell in row]) for row in reader)
            return [(line, row) for line, row in cells if any(row)]
    except FileNotFoundError:
        raise StudioError(f"{path}: there is no such file; correct the path") from None
    except UnicodeDecodeError:
        raise StudioError(
            f"{path}: this is no text in UTF-8; save it as a CSV file in UTF-8"
        ) from None
    except (OSError, csv.Error) as error:
        what = getattr(error, "strerror", None) or error
        raise StudioError(f"{path}: cannot be read as a CSV table ({what})") from None


def _names_columns(rows: list[list[str]]) -> bool:
    first = rows[0]
    if any(map(is_number, first)) or len(set(first)) < len(first) or "" in first:
        return False
    return len(rows) == 1 or any(map(is_number, rows[1]))
