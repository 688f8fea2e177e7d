"""Checks of single values in a file; each names the place and what was found."""

import json
import math
from typing import Any

from .errors import CircuitError, Place
from .registry import nearest

MAX_ID = 100


def a_record(data: Any, where: Place, required: set[str], optional: set[str]) -> dict[str, Any]:
    """An object with all required fields and no unknown one."""
    if not isinstance(data, dict):
        raise CircuitError(f"expected an object, got {shown(data)}", where)
    for name in data:
        if name not in required | optional:
            raise CircuitError(
                f"unknown field {name!r}: {nearest(name, sorted(required | optional))}", where
            )
    missing = sorted(required - set(data))
    if missing:
        raise CircuitError(f"the field '{missing[0]}' is missing", where)
    return data


def a_list(data: Any, where: Place) -> list[Any]:
    """A list."""
    if not isinstance(data, list):
        raise CircuitError(f"expected a list, got {shown(data)}", where)
    return data


def a_text(data: Any, where: Place) -> str:
    """A text."""
    if not isinstance(data, str):
        raise CircuitError(f"expected text, got {shown(data)}", where)
    return data


def an_identifier(data: Any, where: Place) -> str:
    """A name that is not empty, not long, and free of control characters."""
    if not isinstance(data, str) or not data.strip():
        raise CircuitError(f"an id must be a text that is not empty, got {shown(data)}", where)
    if len(data) > MAX_ID or any(ord(letter) < 32 or ord(letter) == 127 for letter in data):
        raise CircuitError(
            f"an id has at most {MAX_ID} characters and no line breaks, got {shown(data)}", where
        )
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


def shown(data: Any) -> str:
    """A value as it looks in the file, shortened."""
    text = json.dumps(data, default=str)
    return text if len(text) <= 40 else text[:37] + "..."
