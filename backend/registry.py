"""Names for everything a file, a menu or a command line can choose."""

import difflib
from collections.abc import Callable, ItemsView, Iterator
from typing import Generic, TypeVar

from .errors import UnknownNameError, clipped, quoted

T = TypeVar("T")
E = TypeVar("E")


COMPARED = 1000
"""Names that a misspelt one is compared with; a comparison takes some 10 microseconds."""

LISTED = 30
"""Names that a message lists."""


def nearest(name: object, names: list[str]) -> str:
    """A hint for a misspelt name: the closest known name, else all of them or the first."""
    if isinstance(name, str):
        close = difflib.get_close_matches(name[:100], names[:COMPARED], n=1)
        if close:
            return f"did you mean '{clipped(close[0])}'?"
    listed = ", ".join(clipped(known) for known in names[:LISTED])
    more = f", ... ({len(names)} in all)" if len(names) > LISTED else ""
    return f"choose one of {listed}{more}."


class Registry(Generic[T]):
    """An append-only table from name to class or object.

    Args:
        family: what one entry is called in messages, e.g. ``"device kind"``.
    """

    def __init__(self, family: str) -> None:
        self.family = family
        self.__doc__ = f"Every {family} by its name in files, menus and on the command line."
        self._entries: dict[str, T] = {}
        self._names: dict[int, str] = {}

    def register(self, name: str) -> Callable[[E], E]:
        """A decorator that enters the decorated class under ``name``.

        Raises:
            ValueError: the name is taken.
        """

        def enter(entry: E) -> E:
            if name in self._entries:
                raise ValueError(f"the {self.family} '{name}' is registered twice")
            self._entries[name] = entry  # type: ignore[assignment]  # the class keeps its own type
            self._names[id(entry)] = name
            return entry

        return enter

    def __getitem__(self, name: str) -> T:
        if name not in self:
            raise UnknownNameError(
                f"unknown {self.family} {quoted(name)}: {nearest(name, self.names())}"
            )
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def names(self) -> list[str]:
        """All names in order of registration."""
        return list(self._entries)

    def name_of(self, entry: object) -> str:
        """The name under which an entry was registered; empty for what was not."""
        return self._names.get(id(entry), "")

    def items(self) -> ItemsView[str, T]:
        """Pairs of name and entry in order of registration."""
        return self._entries.items()
