"""The rows of a table's file: cells as texts, without remarks, with their lines in the file."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path

from ...errors import StudioError
from .numerals import is_number
from .separators import SEPARATORS, cells_of, sep_line, separator_of
from .table_file import lines_of, opened, shown

ROW_LIMIT = 2_000_000
COLUMN_LIMIT = 4096
"""More inputs would take a circuit of their own to build before anything could be shown."""

MEMORY_LIMIT = 512 * 2**20
"""Bytes that the cells of a table may take."""

REMARK = re.compile(r"\s*(?:#(?![,;\t|])|//|%(?![,;\t|]))\s*(.*)", re.DOTALL)
_SAMPLE = 200
# What Python needs for a place in a list, and for a text without its characters.
_PLACE, _TEXT = 8, 56
_KEPT_TEXTS = 200_000


@dataclass
class Rows:
    """Cells of a file.

    Args:
        cells: of every row that is not blank, without blanks at their ends.
        lines: number in the file of every row, counted from 1.
        separator: what stands between cells.
        heading: names in a remark above the first row, as NumPy writes them; or nothing.
        notes: what was assumed.
    """

    cells: list[list[str]] = field(default_factory=list[list[str]])
    lines: list[int] = field(default_factory=list[int])
    separator: str = ","
    heading: list[str] = field(default_factory=list[str])
    notes: list[str] = field(default_factory=list[str])


def read_rows(path: Path, separator: str = "auto", encoding: str = "auto") -> Rows:
    """The rows of a file.

    Args:
        path: the file.
        separator: one of ``separators.CHOICES``.
        encoding: one of ``table_file.ENCODINGS``.

    Raises:
        StudioError: names the file, the row and what is wrong.
    """
    with opened(path, encoding) as (file, notes):
        source = lines_of(file, path)
        begin = list(islice(source, _SAMPLE))
        if begin and begin[0].lstrip()[:9].lower().startswith(("<!doctype", "<html")):
            raise StudioError(f"{path}: this is a web page; save the table itself as a CSV file")
        named = sep_line(begin[0]) if begin else ""
        feed = _Feed(chain(begin, source), bool(named), begin)
        if separator != "auto":
            mark = SEPARATORS[separator]
        else:
            sample = [line for line in begin[bool(named) :] if line.strip()]
            mark = named or separator_of([x for x in sample if not feed.is_remark(x)], path)
        rows = Rows(separator=mark, notes=notes)
        if named:
            rows.notes.append(f"The first line names the separator, {shown(named)}.")
        _fill(rows, feed, path)
    _judge_remarks(rows, feed, path)
    return rows


class _Feed:
    """Lines for the csv reader, which leaves out remarks where a row begins.

    Attributes:
        begins: whether the next line begins a row.
        row: number of the line with which the row began.
        remarks: number and text of those left out.
    """

    def __init__(self, lines: Iterator[str], named: bool, begin: list[str]) -> None:
        self.lines = lines
        self.number, self.row, self.begins = int(named), 0, True
        self.remarks: list[tuple[int, str]] = []
        if named:
            next(lines)
        texts = [line for line in begin[named:] if line.strip()]
        # Where most lines look like remarks they are rows, such as colours written #ff0000.
        self.has_remarks = sum(REMARK.match(line) is not None for line in texts) * 2 <= len(texts)

    def is_remark(self, line: str) -> bool:
        """Whether a line at which a row may begin is none."""
        return self.has_remarks and REMARK.match(line) is not None

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while True:
            line = next(self.lines)
            self.number += 1
            if not self.begins:
                return line
            if self.is_remark(line):
                self.remarks.append((self.number, line))
                continue
            self.begins, self.row = False, self.number
            return line


def _fill(rows: Rows, feed: _Feed, path: Path) -> None:
    """Read all rows, counting the memory they take."""
    texts: dict[str, str] = {}
    used = 0
    for row in _split(feed, rows.separator, path):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        if len(cells) > COLUMN_LIMIT:
            raise StudioError(
                f"{path}: row {feed.row} has {len(cells):,} cells; at most {COLUMN_LIMIT:,} "
                "columns are read, so leave some out"
            )
        # Equal cells share their text, of which a table of pixels has few.
        before = len(texts)
        cells = [texts.setdefault(cell, cell) for cell in cells]
        if new := len(texts) - before:
            used += new * _TEXT + sum(map(len, cells))
        if len(texts) > _KEPT_TEXTS:
            texts.clear()
        used += _TEXT + _PLACE * len(cells)
        rows.cells.append(cells)
        rows.lines.append(feed.row)
        if len(rows.cells) > ROW_LIMIT or used > MEMORY_LIMIT:
            raise StudioError(
                f"{path}: row {feed.row}: the table is too large; at most {ROW_LIMIT:,} rows and "
                f"{MEMORY_LIMIT // 2**20} MB of cells are read, so leave some out"
            )


def _split(feed: _Feed, mark: str, path: Path) -> Iterator[list[str]]:
    """Rows of cells one after the other."""
    if mark == " ":
        reader: Iterator[list[str]] = (cells_of(line.rstrip("\n"), mark) for line in feed)
    else:
        reader = csv.reader(feed, delimiter=mark, strict=True)
    while True:
        feed.begins = True
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise StudioError(f"{path}: row {feed.row}: {_cause(error)}") from None
        if row is None:
            return
        yield row


def _cause(error: csv.Error) -> str:
    """What the csv reader found, in words."""
    text = str(error)
    if "unexpected end" in text:
        return "a quote is opened and never closed, so this cannot be read as a CSV table; close it"
    if "expected after" in text:
        return (
            "text follows a closing quote, so this cannot be read as a CSV table; double quotes "
            "that belong to the text"
        )
    if "field limit" in text:
        return (
            f"a cell has more than {csv.field_size_limit():,} characters; shorten it, or close "
            "a quote that was left open"
        )
    return f"this cannot be read as a CSV table ({text})"


def _judge_remarks(rows: Rows, feed: _Feed, path: Path) -> None:
    """Say what was left out; a remark that may be a row is refused, or names the columns."""
    if not feed.remarks or not rows.cells:
        return
    width, first = len(rows.cells[0]), rows.lines[0]
    left_out = len(feed.remarks)
    numeric = [is_number(row[0]) for row in rows.cells[1:][-_SAMPLE:] if row[0]]
    for number, line in feed.remarks:
        match = REMARK.match(line)
        text = match[1].rstrip("\n") if match else ""
        try:
            cells = [cell.strip() for cell in cells_of(text, rows.separator)]
        except csv.Error:
            continue
        if len(cells) != width or width < 2:
            continue
        if number < first:
            rows.heading = cells if not any(map(is_number, cells)) else []
        elif not all(numeric):
            raise StudioError(
                f"{path}: row {number} begins like a remark and has as many cells as a row; put "
                "its first cell into quotes, or remove the row"
            )
    words = f"{left_out} lines are" if left_out > 1 else "One line is"
    rows.notes.append(f"{words} left out as remarks, such as row {feed.remarks[0][0]}.")
