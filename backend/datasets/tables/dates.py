"""Dates and truth values as numbers."""

import re
from collections.abc import Iterable, Set
from datetime import datetime, timedelta, timezone

DAY_FIRST, MONTH_FIRST = "day-first", "month-first"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)  # noqa: UP017

_TIME = (
    r"(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*([AaPp][Mm])?"
    r"\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})" + _TIME)
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})" + _TIME)
_LONGEST = 60

# The second word of every pair counts as 1.
TRUTHS = (
    ("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"), ("off", "on"), ("falsch", "wahr"),
    ("nein", "ja"), ("non", "oui"), ("faux", "vrai"), ("no", "si"), ("no", "sí"),
)  # fmt: skip


def days(cell: str, first: str) -> float | None:
    """A date as days since 1970, or nothing.

    Args:
        cell: such as ``2024-01-31``, ``2024-01-31 12:30``, ``31.1.2024`` or ``1/31/2024``.
        first: whether 1/2/2024 is a day in February (``day-first``) or January (``month-first``).
    """
    if len(cell) > _LONGEST:
        return None
    if match := _YEAR_FIRST.fullmatch(cell):
        year, month, day = match[1], match[3], match[4]
    elif match := _YEAR_LAST.fullmatch(cell):
        year, day, month = match[4], match[1], match[3]
        # Points are only used with the day first.
        if first == MONTH_FIRST and match[2] != ".":
            day, month = month, day
    else:
        return None
    try:
        moment = datetime(int(year), int(month), int(day), tzinfo=EPOCH.tzinfo)
        moment += _time_of_day(*match.groups()[4:])
    except (ValueError, OverflowError):
        return None
    return (moment - EPOCH) / timedelta(days=1)


def dates_speak_for(cells: Iterable[str]) -> dict[str, str]:
    """The first cell that is a date with only the day, only the month, or any of them first."""
    found: dict[str, str] = {}
    for cell in cells:
        day, month = days(cell, DAY_FIRST), days(cell, MONTH_FIRST)
        if day is None and month is None:
            continue
        if day is None or month is None:
            found.setdefault(MONTH_FIRST if day is None else DAY_FIRST, cell)
        else:
            found.setdefault("same" if day == month else "either", cell)
    return found


def is_date(cell: str) -> bool:
    """Whether a cell is a date in some way of writing."""
    return bool(dates_speak_for([cell]))


def truths(cells: Set[str]) -> dict[str, float]:
    """0 or 1 for every cell when all are of one pair, such as TRUE and FALSE; else nothing."""
    lower = {cell.lower() for cell in cells}
    for pair in TRUTHS:
        if lower and lower <= set(pair):
            return {cell: float(pair.index(cell.lower())) for cell in cells}
    return {}


def _time_of_day(
    hour: str | None,
    minute: str | None,
    second: str | None,
    fraction: str | None,
    half: str | None,
    zone: str | None,
) -> timedelta:
    if hour is None or minute is None:
        return timedelta()
    hours = int(hour)
    if half:
        if not 1 <= hours <= 12:
            raise ValueError("no hour of half a day")
        hours = hours % 12 + 12 * (half.lower() == "pm")
    if hours > 23 or int(minute) > 59 or int(second or 0) > 59:
        raise ValueError("no time of day")
    seconds = int(second or 0) + float(f"0.{fraction or 0}")
    since = timedelta(hours=hours, minutes=int(minute), seconds=seconds)
    if zone and zone[0] in "+-":
        sign = 1 if zone[0] == "+" else -1
        since -= sign * timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return since
