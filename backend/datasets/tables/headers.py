"""Whether the first row of a table names its columns."""

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

from ...errors import StudioError
from .dates import is_date, truths
from .missing import is_missing
from .numerals import PLAIN, is_number
from .table_file import shown

HEADERS = ("auto", "yes", "no")
_SAMPLE = 2000
# Fewer equal steps between numbers in the first row do not make it names.
_LEAST_RUN = 3

NAMES, VALUES, UNKNOWN = 1, -1, 0


def names_columns(rows: Sequence[Sequence[str]], path: Path, line: int) -> bool:
    """Whether the first row holds names, by comparing its cells with those below them.

    Raises:
        StudioError: it may hold names or values.
    """
    first, below = rows[0], rows[1 : 1 + _SAMPLE]
    if not below:
        return not any(map(is_number, first))
    votes = [_vote(cell, [row[k] for row in below]) for k, cell in enumerate(first)]
    if VALUES in votes:
        return False
    numbers = [cell for cell in first if is_number(cell)]
    if NAMES in votes:
        if numbers and not _increasing(numbers):
            raise StudioError(_doubt(first, path, line))
        return True
    if len(numbers) < len(first):
        distinct = len({cell for cell in first if cell}) == sum(map(bool, first))
        return distinct and not numbers and any(map(is_number, below[0]))
    return _numbers_as_names(first, below, path, line)


def _vote(cell: str, column: Sequence[str]) -> int:
    """What one cell of the first row says by the values below it."""
    values = [value for value in column if not is_missing(value)]
    if not cell or not values:
        return UNKNOWN
    for fits in (is_number, is_date, _is_truth(values)):
        if sum(map(fits, values)) * 2 > len(values):
            if fits(cell) or is_missing(cell):
                # Numbers can be names; the others are values for certain.
                return UNKNOWN if fits is is_number or is_missing(cell) else VALUES
            return NAMES
    counts = Counter(values)
    if cell in counts:
        return VALUES
    # Words that all come again, but for the first of them, are named by it.
    return NAMES if min(counts.values()) > 1 and len(values) >= 4 else UNKNOWN


def _is_truth(values: Sequence[str]) -> Callable[[str], bool]:
    known = truths(set(values))
    return lambda cell: bool(known) and bool(truths({*known, cell}))


def _increasing(cells: Sequence[str]) -> bool:
    """Whether numbers are whole and grow, as years and wavelengths do above columns."""
    if not all(PLAIN.fullmatch(cell) and cell.isdigit() and len(cell) < 10 for cell in cells):
        return False
    return all(int(a) < int(b) for a, b in pairwise(cells))


def _doubt(first: Sequence[str], path: Path, line: int) -> str:
    return (
        f"{path}: row {line} ({shown(first[0])} to {shown(first[-1])}) may name the columns or be "
        "an example; set header=yes or header=no"
    )


def _numbers_as_names(
    first: Sequence[str], below: Sequence[Sequence[str]], path: Path, line: int
) -> bool:
    """Whether a first row of numbers counts columns or years above values that do not."""
    if len(first) < _LEAST_RUN or not _increasing(first):
        return False
    low = int(first[0])
    if int(first[-1]) - low != len(first) - 1 or not (low in (0, 1) or 1000 <= low <= 2200):
        return False
    fractions = [any(not row[k].isdigit() for row in below if row[k]) for k in range(len(first))]
    if all(fractions):
        return True
    raise StudioError(_doubt(first, path, line))
