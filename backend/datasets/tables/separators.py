"""Which character separates the cells of a table."""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ...errors import StudioError
from .numerals import is_number

# Where two of them fit equally well, the first one is meant.
SEPARATORS = {"tab": "\t", "semicolon": ";", "bar": "|", "comma": ",", "blanks": " "}
CHOICES = ("auto", *SEPARATORS)

# A first line that spreadsheets write for each other: sep=;
SEP_LINE = re.compile(r'\s*"?sep=(\\t|[,;|\t ])"?\s*', re.IGNORECASE)
_TOKEN = re.compile(r'"((?:[^"]|"")*)"(?=\s|$)|(\S+)')
# So many rows of a table fit its separator at least; the others are complained about.
_FITTING = 0.9
_JUDGED_CELLS = 5000


def cells_of(line: str, mark: str) -> list[str]:
    """The cells of one line.

    Raises:
        csv.Error: its quotes do not fit.
    """
    if mark == " ":
        return [plain or quoted.replace('""', '"') for quoted, plain in _TOKEN.findall(line)]
    rows = list(csv.reader([line], delimiter=mark))
    return [cell.strip() for cell in rows[0]] if rows else []


def sep_line(line: str) -> str:
    """The separator that a line ``sep=;`` names, or nothing."""
    match = SEP_LINE.fullmatch(line)
    return "" if match is None else match[1].replace("\\t", "\t")


def separator_of(sample: Sequence[str], path: Path) -> str:
    """The separator of a table by its first lines.

    Args:
        sample: lines that are rows.
        path: for messages.

    Raises:
        StudioError: two separators fit, and read different numbers.
    """
    fits = {mark: fit for mark in SEPARATORS.values() if (fit := _Fit(sample, mark)).width > 1}
    clean = {mark: fit for mark, fit in fits.items() if fit.first and fit.share >= _FITTING}
    if not clean:
        return max(fits, key=lambda mark: fits[mark].share) if fits else _commonest(sample)
    best = max(clean, key=lambda mark: clean[mark].numbers)
    rival = clean.get("," if best == " " else " ")
    numbers = clean[best].numbers
    if best in ", " and rival and numbers > 0 and rival.numbers == numbers:
        raise StudioError(
            f"{path}: commas or blanks may separate the cells, as both give numbers; set "
            "separator=comma or separator=blanks"
        )
    return best


class _Fit:
    """How well lines agree on a width.

    Attributes:
        width: number of cells that most lines have.
        share: of the lines that have it.
        first: whether the first line has it.
        numbers: share of numbers among the cells below the first line.
    """

    def __init__(self, sample: Sequence[str], mark: str) -> None:
        rows = [self._cells(line, mark) for line in sample]
        # Separators at the end of a line may be meant or not.
        spans = [(len(_trimmed(row)), len(row)) for row in rows]
        counts = Counter(length for span in spans for length in set(span))
        self.width = max(counts, key=lambda width: (counts[width], width), default=0)
        fitting = [low <= self.width <= high for low, high in spans]
        self.share = sum(fitting) / max(1, len(fitting))
        self.first = bool(fitting) and fitting[0]
        below = [cell for row in rows[1:] or rows for cell in _trimmed(row)][:_JUDGED_CELLS]
        self.numbers = sum(map(is_number, below)) / max(1, len(below))

    @staticmethod
    def _cells(line: str, mark: str) -> list[str]:
        try:
            return cells_of(line.rstrip("\n"), mark)
        except csv.Error:
            return []


def _trimmed(row: list[str]) -> list[str]:
    """A row without empty cells at its end."""
    width = len(row)
    while width and not row[width - 1]:
        width -= 1
    return row[:width]


def _commonest(sample: Sequence[str]) -> str:
    outside_quotes = re.sub('"[^"]*"', "", sample[0]) if sample else ""
    return max((m for m in SEPARATORS.values() if m != " "), key=outside_quotes.count)
