"""Lines of graph files as words: separators, remarks, numbers."""

import math
from collections.abc import Iterator

from ..errors import InputError, quoted

SEPARATORS = (",", ";", "\t")
MAX_LINES = 2_000_000
HEADERS = ({"source", "target"}, {"from", "to"})
"""Names of columns that open a table of edges."""


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and words, without remarks, empty lines and a row of headers.

    Raises:
        InputError: more lines than are read.
    """
    separator = None
    for line, row in enumerate(text.splitlines(), start=1):
        if line > MAX_LINES:
            raise InputError(f"there are more than {MAX_LINES:,} lines; use a smaller graph")
        bare = row.split("#", 1)[0].strip(" ")  # a tab may stand for an empty corner
        if not bare.strip():
            continue
        if separator is None:
            separator = separator_of(bare)
            named = {word.lower() for word in words_of(bare, separator)}
            if any(names <= named for names in HEADERS):
                continue
        yield line, words_of(bare, separator)


def first_separator(text: str) -> str:
    """What separates the words of the first line that is no remark."""
    lines = (line.split("#", 1)[0].strip(" ") for line in text.splitlines())
    return separator_of(next((line for line in lines if line.strip()), ""))


def separator_of(line: str) -> str:
    """What stands between the words of a line: a comma, semicolon or tab, or else spaces."""
    outside = line.split("{", 1)[0]
    return next((mark for mark in SEPARATORS if mark in outside), " ")


def words_of(line: str, separator: str) -> list[str]:
    """The words of a line; attributes in braces stay together."""
    outside, brace, inside = line.partition("{")
    if separator == " ":
        words = outside.split()
    else:
        words = [word.strip().strip('"') for word in outside.split(separator)]
        words = words[:-1] if brace and not words[-1] else words
    return [*words, brace + inside] if brace else words


def number(word: str, line: int) -> float:
    """A finite number.

    Raises:
        InputError: it is none; names the line.
    """
    try:
        value = float(word) if "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"line {line}: {quoted(word)} is not a finite number")
    return value
