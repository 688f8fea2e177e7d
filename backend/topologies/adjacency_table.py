"""Square tables of weights: one row and one column for every node, with or without names."""

import math

from ..errors import InputError
from .graph_lines import first_separator, number, rows_of

SQUARE = 4
"""Fewest rows by which a table of plain numbers is told from a list of edges."""

Entry = tuple[int, int, float]


Rows = list[tuple[int, list[str]]]


def looks_like_table(text: str) -> bool:
    """Whether a text is as many numbers wide as it is high, beside names; edges are not."""
    rows = list(rows_of(text))
    if not rows:
        return False
    *_, body = _split(rows)
    fewest = SQUARE if first_separator(text) == " " else 2
    return len(body) >= fewest and all(
        len(words) == len(body) and _numbers(words) for _, words in body
    )


def read_table(text: str) -> tuple[list[str], list[Entry], bool]:
    """Names, entries that are not 0, and whether the table is symmetric; of such a one its half.

    Raises:
        InputError: it is not square, or holds something else than numbers; names the line.
    """
    rows = list(rows_of(text))
    if not rows:
        raise InputError("the table is empty")
    names, beside, body = _split(rows)
    for line, words in body:
        if len(words) != len(body):
            raise InputError(
                f"line {line}: there are {len(words)} numbers and {len(body)} rows; an adjacency "
                "table has a row and a column for every node"
            )
    if names and beside and names != beside:
        raise InputError("rows and columns of the table have different names")
    names = names or beside or [str(k) for k in range(len(body))]
    return names, *_entries(body)


def _split(rows: Rows) -> tuple[list[str], list[str], Rows]:
    """Names above, names beside, and the numbers with their lines."""
    above: list[str] = []
    if _is_header(rows[0][1], len(rows)):
        above, rows = rows[0][1], rows[1:]
    count = len(rows)
    if len(above) == count + 1:
        above = above[1:]
    if not count or len(rows[0][1]) != count + 1:
        return above, [], rows
    beside = [words[0] for _, words in rows]
    return above, beside, [(line, words[1:]) for line, words in rows]


def _is_header(words: list[str], rows: int) -> bool:
    """Whether the first row names the columns."""
    if (len(words) > 1 and not words[0]) or rows == len(words) + 1:
        return True
    return not _numbers(words[1:]) or (rows == len(words) and not _numbers(words[:1]))


def _numbers(words: list[str]) -> bool:
    try:
        return all(math.isfinite(float(word or "0")) for word in words)
    except ValueError:
        return False


def _entries(rows: Rows) -> tuple[list[Entry], bool]:
    values = [[number(word or "0", line) for word in words] for line, words in rows]
    entries = [
        (a, b, value) for a, row in enumerate(values) for b, value in enumerate(row) if value
    ]
    symmetric = all(values[b][a] == value for a, b, value in entries)
    return [entry for entry in entries if not symmetric or entry[0] <= entry[1]], symmetric
