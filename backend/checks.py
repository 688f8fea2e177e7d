"""Checks of single values from outside; each names the place and what was found."""

import math
from collections.abc import Collection
from typing import Any, TypeGuard

from .errors import CircuitError, Place, quoted, shown
from .registry import nearest

MAX_ID = 100
MAX_TEXT = 10_000
"""Characters of a label or a name."""


def is_object(data: object) -> TypeGuard[dict[Any, Any]]:
    """Whether it is what JSON calls an object, whatever stands in it."""
    return isinstance(data, dict)


def is_list(data: object) -> TypeGuard[list[Any]]:
    """Whether it is a list, whatever stands in it."""
    return isinstance(data, list)


def a_record(data: Any, where: Place, required: set[str], optional: set[str]) -> dict[str, Any]:
    """An object with all required fields and no unknown one."""
    if not is_object(data):
        raise CircuitError(f"expected an object, got {shown(data)}", where)
    for name in data:
        if name not in required and name not in optional:
            raise CircuitError(
                f"unknown field {quoted(name)}: {nearest(name, sorted(required | optional))}",
                where,
            )
    missing = sorted(required - set(data))
    if missing:
        raise CircuitError(f"the field '{missing[0]}' is missing", where)
    return data


def a_list(data: Any, where: Place, most: int | None = None) -> list[Any]:
    """A list, of at most ``most`` entries."""
    if not is_list(data):
        raise CircuitError(f"expected a list, got {shown(data)}", where)
    if most is not None and len(data) > most:
        raise CircuitError(f"there are {len(data):,} entries and at most {most:,} fit here", where)
    return data


def an_object(data: Any, where: Place) -> dict[str, Any]:
    """An object whose fields have names of their own."""
    if not is_object(data):
        raise CircuitError(f"expected an object, got {shown(data)}", where)
    for name in data:
        if not isinstance(name, str):
            raise CircuitError(f"expected a text as name, got {shown(name)}", where)
    return data


def a_text(data: Any, where: Place) -> str:
    """A text of a sensible length, in valid Unicode."""
    if not isinstance(data, str):
        raise CircuitError(f"expected text, got {shown(data)}", where)
    if len(data) > MAX_TEXT:
        raise CircuitError(
            f"the text has {len(data):,} characters and may have {MAX_TEXT:,}, got {shown(data)}",
            where,
        )
    if not is_unicode(data):
        raise CircuitError(f"the text holds half a character, got {shown(data)}", where)
    return data


def is_unicode(text: str) -> bool:
    """Whether a text can be written in UTF-8; halves of characters cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def a_choice(data: Any, where: Place, known: Collection[str]) -> str:
    """One of some texts."""
    if not isinstance(data, str) or data not in known:
        raise CircuitError(f"{quoted(data)} is unknown: {nearest(data, list(known))}", where)
    return data


def an_identifier(data: Any, where: Place) -> str:
    """A name that is not empty, not long, and free of control characters."""
    if not isinstance(data, str) or not data.strip():
        raise CircuitError(f"an id must be a text that is not empty, got {shown(data)}", where)
    if len(data) > MAX_ID or any(ord(letter) < 32 or ord(letter) == 127 for letter in data):
        raise CircuitError(
            f"an id has at most {MAX_ID} characters and no line breaks, got {shown(data)}", where
        )
    if not is_unicode(data):
        raise CircuitError(f"the id holds half a character, got {shown(data)}", where)
    return data


def a_number(data: Any, where: Place) -> float:
    """A finite number."""
    if isinstance(data, bool) or not isinstance(data, int | float):
        raise CircuitError(f"expected a number, got {shown(data)}", where)
    try:
        number = float(data)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise CircuitError(f"expected a finite number, got {number}", where)
    return number


def a_whole_number(data: Any, where: Place) -> int:
    """A whole number; ``3.0`` is one."""
    number = a_number(data, where)
    if number != int(number):
        raise CircuitError(f"expected a whole number, got {shown(data)}", where)
    return int(data)


def a_flag(data: Any, where: Place) -> bool:
    """True or false."""
    if not isinstance(data, bool):
        raise CircuitError(f"expected true or false, got {shown(data)}", where)
    return data
