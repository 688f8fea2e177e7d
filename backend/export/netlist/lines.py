"""Cards out of lines: continuations joined, remarks of every dialect taken away.

Every card keeps the file and the line where it begins, for messages.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...errors import CircuitError, clipped

BREAK = re.compile(r"\r\n|\r|\n")

REMARK = re.compile(r'"[^"]*"|(;|(?<![^\s,])\$|(?<!\S)//)')
"""A remark behind a card: ``; text``, ``$text`` and ``// text`` after a blank, none in quotes."""


class Refusal(CircuitError):
    """An error that names its place already."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a card begins.

    Args:
        line: counted from 1.
        file: name of an included file; empty for the netlist itself.
    """

    line: int
    file: str = ""

    def __str__(self) -> str:
        return f"{clipped(self.file, 60)}, line {self.line}" if self.file else f"line {self.line}"

    def refusal(self, error: CircuitError | str) -> Refusal:
        """The error with the place in front, unless it names one already."""
        return error if isinstance(error, Refusal) else Refusal(f"{self}: {error}")


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a netlist, continuations joined, single spaces.

    Args:
        text: never empty.
        place: where it begins.
    """

    text: str
    place: Place

    @property
    def word(self) -> str:
        """The first word in small letters."""
        return self.text.split(maxsplit=1)[0].lower()


def lines_of(text: str) -> list[str]:
    """The lines, whichever system ended them."""
    return BREAK.split(text.removeprefix("\ufeff"))


def cards(lines: Sequence[str], first: int = 1, file: str = "") -> Iterator[Card]:
    """The cards in some lines.

    Args:
        lines: without the title.
        first: number of the first of them.
        file: name of an included file.

    Raises:
        CircuitError: a continuation that continues nothing; names its line.
    """
    opened, pieces, ahead = Place(first, file), list[str](), False
    for number, line in enumerate(lines, start=first):
        text = _bare(line)
        if not text:
            continue
        place = Place(number, file)
        if text.startswith("+"):
            if not pieces:
                raise place.refusal("this line continues a card, and no card stands before it")
            text = text[1:]
        elif not ahead:
            if pieces:
                yield _card(pieces, opened)
            opened, pieces = place, []
        # A backslash at the end goes on in the next line, in LTspice and, doubled, in ngspice.
        ahead = text.endswith("\\")
        pieces.append(text.rstrip("\\") if ahead else text)
    if pieces:
        yield _card(pieces, opened)


def _card(pieces: list[str], place: Place) -> Card:
    return Card(" ".join(" ".join(pieces).split()) or "*", place)


def _bare(line: str) -> str:
    """The line without remarks; empty where it is one."""
    text = line.strip()
    if not text or text[0] == "*":
        return ""
    for match in REMARK.finditer(text):
        if match[1]:
            return text[: match.start()].rstrip()
    return text
