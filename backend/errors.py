"""Errors whose text can be shown to a user as it stands."""

from collections.abc import Sequence

Place = Sequence[str | int]


def place_text(where: Place) -> str:
    """The place as a path: ``("nodes", 2, "voltage")`` becomes ``nodes[2].voltage``."""
    text = ""
    for part in where:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text


class StudioError(Exception):
    """Anything the user can mend; the message is one plain sentence."""


class UnknownNameError(StudioError, KeyError):
    """A name that no registry knows."""

    def __str__(self) -> str:
        return Exception.__str__(self)


class CircuitError(StudioError):
    """A circuit description that cannot be accepted.

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
