"""Values as they are typed on the command line, and JSON files beside it."""

import json
from pathlib import Path
from typing import Any

from ..checks import is_object
from ..errors import InputError, StudioError, quoted
from ..reading import file_json, named


def pairs(given: list[str] | None, option: str) -> dict[str, str]:
    """``["a=1"]`` as ``{"a": "1"}``.

    Raises:
        StudioError: an entry without ``=``.
    """
    result: dict[str, str] = {}
    for entry in given or []:
        name, equals, value = entry.partition("=")
        if not equals or not name:
            raise StudioError(f"{option} wants key=value, got {quoted(entry)}")
        result[name] = value
    return result


def volts(given: list[str] | None, option: str) -> dict[str, float]:
    """``["n1=0.3"]`` as ``{"n1": 0.3}``.

    Raises:
        StudioError: a value that is not a finite number.
    """
    result: dict[str, float] = {}
    for name, text in pairs(given, option).items():
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if value - value != 0:
            raise StudioError(
                f"{option} {name}: expected a finite voltage in V, got {quoted(text)}"
            )
        result[name] = value
    return result


def read_object(path: Path) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        StudioError: the file cannot be read, or holds something else.
    """
    try:
        data = file_json(path)
    except InputError as error:
        raise StudioError(named(path, error)) from None
    if not is_object(data):
        raise StudioError(f"{path}: expected one JSON object, got a {type(data).__name__}")
    return data


def write_json(value: Any, path: Path) -> None:
    """Write one JSON object.

    Raises:
        StudioError: the file cannot be written.
    """
    try:
        path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StudioError(f"{path}: cannot be written ({error.strerror})") from None
