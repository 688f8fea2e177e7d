"""Numbers as people write them: decimal points and commas, thousands in groups.

A cell may mean different numbers: '1,250' is 1250 or 1.25. Which one is decided by all cells of its
column, then by all columns of its file, and refused when nothing decides.
"""

import re
from collections.abc import Iterable

POINT, COMMA = "point", "comma"
LIMIT = 1e100
"""Larger numbers are refused: the range of a column would not be finite."""

PLAIN = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_WITH_COMMA = re.compile(r"[+-]?(?:[0-9]+,?[0-9]*|,[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
# Groups of three after one to three digits, all with one mark; India groups by two before the last.
_GROUPS = r"[+-]?[1-9][0-9]{{0,2}}([{marks}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:{decimal}[0-9]*)?"
_GROUPED = {
    POINT: re.compile(_GROUPS.format(marks=" ',", decimal=r"\.")),
    COMMA: re.compile(_GROUPS.format(marks=r" '.", decimal=",")),
}
_INDIAN = re.compile(r"[+-]?[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}(?:\.[0-9]*)?")
_SAME = str.maketrans({"\u2212": "-", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u2019": "'"})
# Plain digits of this length stay below the limit.
_SHORT = 90
# Texts of this length are no numbers that anybody measured, whatever their characters.
_LONGEST = 400


def reading(cell: str, decimal: str) -> float | None:
    """The number in a cell, or nothing.

    Args:
        cell: without blanks at its ends.
        decimal: ``point`` or ``comma``.
    """
    if len(cell) > _LONGEST:
        return None
    if PLAIN.fullmatch(cell) and (decimal == POINT or "." not in cell):
        return float(cell)
    cell = cell.translate(_SAME)
    plain = PLAIN if decimal == POINT else _WITH_COMMA
    if plain.fullmatch(cell):
        return float(cell.replace(",", "."))
    if _GROUPED[decimal].fullmatch(cell):
        groups = " '," if decimal == POINT else " '."
        bare = cell.translate(str.maketrans("", "", groups))
        return float(bare.replace(",", "."))
    if decimal == POINT and _INDIAN.fullmatch(cell):
        return float(cell.replace(",", ""))
    return None


def blank_groups(cell: str) -> bool:
    """Whether blanks group the digits of a number, which may be a telephone's."""
    return " " in cell.translate(_SAME) and PLAIN.fullmatch(cell) is None


def speaks_for(cell: str) -> str:
    """Which decimal mark a number needs.

    Returns:
        ``point`` or ``comma`` when it is a number with one of them only, ``whole`` when both read
        the same, ``either`` when they differ, and nothing when it is no number.
    """
    point, comma = reading(cell, POINT), reading(cell, COMMA)
    if point is None or comma is None:
        return COMMA if comma is not None else POINT if point is not None else ""
    return "whole" if point == comma else "either"


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number in some way of writing."""
    if len(cell) < _SHORT and PLAIN.fullmatch(cell) and "e" not in cell and "E" not in cell:
        return True
    return any((v := reading(cell, d)) is not None and abs(v) <= LIMIT for d in (POINT, COMMA))


def _spoken_plainly(cell: str) -> str:
    """What ``speaks_for`` says, quickly, of digits without a point or with one in a plain place."""
    if not PLAIN.fullmatch(cell) or len(cell) > _LONGEST:
        return ""
    _, point, decimals = cell.partition(".")
    if not point:
        return "whole"
    return "" if len(decimals) == 3 else POINT


def witnesses(cells: Iterable[str]) -> dict[str, str]:
    """The first cell that speaks for every mark: ``point``, ``comma``, ``whole``, ``either``."""
    found: dict[str, str] = {}
    for cell in cells:
        mark = _spoken_plainly(cell) or speaks_for(cell)
        if mark not in found:
            found[mark] = cell
    found.pop("", None)
    return found
