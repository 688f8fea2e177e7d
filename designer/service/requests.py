"""Shapes of what a request may hold, checked before anything is done with it."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.checks import (
    a_choice,
    a_flag,
    a_list,
    a_number,
    a_text,
    a_whole_number,
    an_object,
)
from backend.errors import InputError, Place, clipped, quoted
from backend.reading import json_value

Check = Callable[[Any, Place], Any]

MOST_NUMBERS = 100_000
"""Entries of a list of numbers, such as the voltages of a network's inputs."""

MOST_WORDS = 2_000
"""Entries of a list of words, such as the outputs of a callback."""

__all__ = [
    "InputError", "a_choice", "a_flag", "a_list", "a_number", "a_text", "a_whole_number",
    "an_object", "clipped", "json_value", "optional", "plain_values", "quoted", "required",
    "settings", "texts", "voltages",
]  # fmt: skip


def required(data: Mapping[str, Any], name: str, check: Check) -> Any:
    """A field of a request.

    Raises:
        InputError: it is missing or of another form.
    """
    if name not in data:
        raise InputError(f"the field '{name}' is missing")
    return check(data[name], (name,))


def optional(data: Mapping[str, Any], name: str, check: Check, usual: Any) -> Any:
    """A field of a request, or `usual` where it is missing or ``null``.

    Raises:
        InputError: it is of another form.
    """
    value = data.get(name)
    return usual if value is None else check(value, (name,))


def plain_values(data: Any, where: Place) -> dict[str, Any]:
    """An object of numbers, truth values and short texts, as options are; ``null`` is left out."""
    return {
        a_text(name, where): _plain(value, (*where, name))
        for name, value in an_object(data, where).items()
        if value is not None
    }


def _plain(value: Any, where: Place) -> Any:
    if isinstance(value, bool | str):
        return a_text(value, where) if isinstance(value, str) else value
    if isinstance(value, int | float):
        a_number(value, where)
        return value
    raise InputError(f"expected a number, a text or a truth value, got {quoted(value)}", where)


def settings(data: Any, where: Place = ("settings",)) -> dict[str, Any]:
    """Settings of a simulation: known ones of their type, options of a solver plain values."""
    given = {k: v for k, v in an_object(data, where).items() if v is not None}
    known = {name: check(given.pop(name), (*where, name))
             for name, check in SETTINGS.items() if name in given}  # fmt: skip
    return {**plain_values(given, where), **known}


def _targets(data: Any, where: Place) -> dict[str, float]:
    return {name: a_number(value, (*where, name)) for name, value in an_object(data, where).items()}


SETTINGS: Mapping[str, Check] = {
    "solver": a_text,
    "loss": a_text,
    "gradient": a_text,
    "outputs": a_whole_number,
    "adjoint": a_flag,
    "targets": _targets,
}


def voltages(data: Any, where: Place = ("voltages",)) -> list[float]:
    """Voltages of inputs, in their order [V]."""
    values = a_list(data, where, MOST_NUMBERS)
    return [a_number(value, (*where, place)) for place, value in enumerate(values)]


def texts(data: Any, where: Place) -> list[str]:
    """A list of short texts, such as ids of nodes."""
    return [a_text(name, (*where, place))
            for place, name in enumerate(a_list(data, where, MOST_WORDS))]  # fmt: skip
