"""Other files that a netlist names: only from beside it or below, never from anywhere else."""

import re
import stat
from collections.abc import Iterator
from pathlib import Path

from ...errors import CircuitError, clipped
from .lines import Card, cards, lines_of
from .text import decoded

MAX_BYTES = 64 * 2**20
"""Of a netlist with all that it includes."""

MAX_NESTED = 20
"""Files that include one another."""

MAX_FILES = 1000
"""Files in all, each counted as often as it is named."""

INCLUDES = {".include", ".inc", ".incl", ".lib"}

DRAWN = re.compile(r"[\\/]lib[\\/]cmp[\\/]standard\.\w+$", re.IGNORECASE)
"""LTspice's own libraries, which it names in every netlist with a semiconductor."""


def read_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """The bytes of a file that is not too large.

    Raises:
        CircuitError: no such file, no file at all, or too large; names it.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise CircuitError(f"{path}: this is not a file; give the path of a netlist")
        if found.st_size > limit:
            raise CircuitError(
                f"{path}: a netlist may have {MAX_BYTES // 2**20} MB with all that it includes"
            )
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not valid"
        raise CircuitError(f"{path}: cannot be read ({reason})") from None


class Files:
    """The files beside a netlist.

    Args:
        folder: of the netlist; None where only its text is known.
        size: bytes of the netlist itself.
    """

    def __init__(self, folder: Path | None, size: int = 0) -> None:
        self.folder = None if folder is None else folder.resolve()
        self.left = MAX_BYTES - size
        self.count = 0
        self.absent: list[Card] = []
        self.open: list[tuple[Path, str]] = []

    def included(self, found: Iterator[Card]) -> Iterator[Card]:
        """The cards, with those of other files in the place of ``.include`` and ``.lib``.

        Raises:
            CircuitError: a file that is not there, lies elsewhere or includes itself.
        """
        for card in found:
            if card.word not in INCLUDES:
                yield card
                continue
            try:
                path, section = self._named(card)
                if DRAWN.search(path):
                    self.absent.append(card)
                    continue
                inside = self._cards(path, section, card)
            except CircuitError as error:
                raise card.place.refusal(error) from None
            yield from inside
            self.open.pop()

    def _named(self, card: Card) -> tuple[str, str]:
        rest = card.text.split(maxsplit=1)[1:]
        match = (
            re.fullmatch(r"""(?:"([^"]*)"|'([^']*)'|(.*?))(?:\s+(\S+))?""", rest[0].strip())
            if rest
            else None
        )
        if match is None or not (match[1] or match[2] or match[3]):
            raise CircuitError(f"'{card.word}' needs the name of a file")
        name, section = match[1] or match[2] or match[3], match[4] or ""
        if section and card.word != ".lib":
            name, section = f"{name} {section}", ""
        return name, section.lower()

    def _cards(self, name: str, section: str, card: Card) -> Iterator[Card]:
        path = self._inside(name, card)
        key = path, section
        if key in self.open:
            raise CircuitError(f"the file '{clipped(name, 60)}' includes itself")
        self.count += 1
        if len(self.open) >= MAX_NESTED or self.count > MAX_FILES:
            raise CircuitError(
                f"more than {MAX_NESTED} files include one another, or {MAX_FILES} in all"
            )
        try:
            data = read_bytes(path, max(self.left, 0))
            text = decoded(data)
        except CircuitError as error:
            raise CircuitError(str(error).replace(str(path), f"'{clipped(name, 60)}'")) from None
        self.left -= len(data)
        shown = str(path.relative_to(self.folder)) if self.folder else name
        chosen = _section(cards(lines_of(text), file=shown), section)
        self.open.append(key)
        return self.included(chosen)

    def _inside(self, name: str, card: Card) -> Path:
        """The path of a file, which must lie beside the netlist or below."""
        if self.folder is None:
            raise CircuitError(
                f"'{clipped(name, 60)}' is another file, and only the text of the netlist is at "
                "hand; read it from its folder or put the other file's cards in its place"
            )
        path = Path(name.replace("\\", "/"))
        drive = re.match(r"[a-zA-Z]:|~", name)
        beside = self.open[-1][0].parent if self.open else self.folder
        try:
            full = (beside / path).resolve()
            outside = not full.is_relative_to(self.folder)
        except (OSError, ValueError, RuntimeError):
            raise CircuitError(f"'{clipped(name, 60)}' is not a path") from None
        if path.is_absolute() or drive or ".." in path.parts or outside:
            raise CircuitError(
                f"'{clipped(name, 60)}' lies elsewhere; only files beside the netlist or below it "
                "are read: copy it there and name it without a folder above"
            )
        return full


def _section(found: Iterator[Card], section: str) -> Iterator[Card]:
    """The cards of one section of a library, or all of a file without sections."""
    listed = list(found)
    closes = sum(card.word in {".endl", ".endlib"} for card in listed)
    if not section:
        if closes:
            raise CircuitError("the file has sections; name one with .lib FILE SECTION")
        return iter(listed)
    inside, chosen, met = False, list[Card](), False
    for card in listed:
        words = card.text.lower().split()
        if words[0] == ".lib" and len(words) == 2 and not inside and words[1] == section:
            inside = met = True
        elif words[0] in {".endl", ".endlib"}:
            inside = False
        elif inside:
            chosen.append(card)
    if not met:
        raise CircuitError(f"the file has no section '{clipped(section, 40)}'")
    return iter(chosen)
