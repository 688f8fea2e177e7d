"""Errors whose text can be shown to a user as it stands."""

import json
from collections.abc import Sequence
from typing import Any

Place = Sequence[str | int]

QUOTED = 80
"""Characters of what was found that a message repeats."""


def place_text(where: Place) -> str:
    """The place as a path: ``("nodes", 2, "voltage")`` becomes ``nodes[2].voltage``."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = clipped(part)
            text += f".{name}" if text else name
    return text


def clipped(text: str, length: int = QUOTED) -> str:
    """The text in one line of printable characters, at most ``length`` of them."""
    text = text if len(text) <= length else f"{text[: length - 3]}..."
    return "".join(c if c.isprintable() else "?" for c in text)


def shown(data: Any) -> str:
    """A value as it looks in a file, shortened to what a message may quote."""
    text = ""
    try:
        if isinstance(data, str):  # only its beginning: a text can have millions of characters
            text = json.dumps(data[: QUOTED + 1])
        else:
            for piece in json.JSONEncoder(default=_named).iterencode(data):
                text += piece
                if len(text) > QUOTED:
                    break
    except (ValueError, RecursionError):  # a number of thousands of digits, a cycle
        text = _named(data)
    return clipped(text)


def quoted(data: Any) -> str:
    """A value as it was typed, texts in single quotes, shortened."""
    if not isinstance(data, str):
        return shown(data)
    text = repr(data[: QUOTED - 4])
    return clipped(text if len(data) <= QUOTED - 4 else f"{text[:-1]}...'", QUOTED)


def _named(data: Any) -> str:
    if isinstance(data, int):
        return f"a whole number of {data.bit_length()} bits"
    if isinstance(data, float):
        return f"{data}"
    return f"a {type(data).__name__}"


class StudioError(Exception):
    """Anything the user can mend; the message is one plain sentence."""


class UnknownNameError(StudioError, KeyError):
    """A name that no registry knows."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class InputError(StudioError):
    """Something from outside that cannot be read.

    Args:
        message: what was found and what to do.
        where: the place in the file, outermost part first.
    """

    def __init__(self, message: str, where: Place = ()) -> None:
        super().__init__(message)
        self.message = message
        self.where = tuple(where)

    def __str__(self) -> str:
        place = place_text(self.where)
        return f"{place}: {self.message}" if place else self.message


class CircuitError(InputError):
    """A circuit description that cannot be accepted."""


class NoMatchError(CircuitError):
    """An expression that no device kind with a law of its own follows."""


class SolveError(StudioError):
    """A solve that stopped before its end.

    Args:
        message: which node, when, and what to do.
        status: the status of the partial solution.
    """

    def __init__(self, message: str, status: object = None) -> None:
        super().__init__(message)
        self.status = status


class RunError(StudioError):
    """A training run that cannot be read, started or resumed."""


class ExportError(StudioError):
    """A circuit that cannot be written in the wanted form."""
