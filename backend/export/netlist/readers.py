"""Readers of element cards by their first letter; a new kind of element is one entry."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from ...errors import CircuitError, clipped
from ...registry import Registry
from .cell import Cell
from .deck import Element
from .lines import Card
from .words import Words, split


@dataclass(frozen=True)
class Piece:
    """An element card and the level at which it stands.

    Args:
        card: as it was written.
        cell: where it stands.
        found: its words and keys.
    """

    card: Card
    cell: Cell
    found: Words

    @property
    def words(self) -> list[str]:
        """Name, nodes, and what stands behind them."""
        return self.found.words

    @property
    def name(self) -> str:
        """As written, shortened for messages."""
        return clipped(self.words[0], 40)

    def nodes(self, count: int) -> tuple[str, ...]:
        """The first nodes of the card."""
        return tuple(self.cell.node(word) for word in self.words[1 : 1 + count])

    def key(self, *names: str, usual: float = 0.0) -> float:
        """The value of a key under any of its names."""
        for name in names:
            if name in self.found.keys:
                return self.cell.value(self.found.keys[name])
        return usual

    def only(self, keys: Collection[str], *, words: int, what: str) -> None:
        """Refuse keys and words that this reader would pass over.

        Raises:
            CircuitError: names the first.
        """
        if len(self.words) > words:
            raise CircuitError(
                f"'{self.name}' has more than {what}: '{clipped(self.words[words], 40)}'"
            )
        for key, text in self.found.keys.items():
            if key not in keys and key not in NOTES:
                raise CircuitError(
                    f"'{self.name}' has more than {what}: '{clipped(f'{key}={text}', 40)}'"
                )

    def add(self, kind: str, nodes: tuple[str, ...], suffix: str = "", **rest: object) -> None:
        """Enter an element of this card into the deck."""
        name = self.cell.name(self.words[0]) + suffix
        self.cell.add(Element(name, kind, nodes, self.card.place, **rest))  # type: ignore[arg-type]


NOTES = {
    "tol", "pwr", "mfg", "pn", "type", "v", "irms", "ipk", "vpk", "noisy", "noise", "ac", "value2",
    "description", "footprint", "part", "manufacturer", "lib", "power",
}  # fmt: skip
"""Keys that say nothing of a card's current in time: ratings, makers, noise, the part for AC."""

Reader = Callable[[Piece], None]

READERS: "Registry[Reader]" = Registry("element card")

NEEDS = {"x": 2}
"""Words that a card needs at least; others need four: a name, two nodes and a value."""


def read_element(card: Card, cell: Cell) -> None:
    """Enter what a card says into the deck.

    Raises:
        CircuitError: a card, form or value that is not read.
    """
    letter = card.word[0]
    shown = clipped(card.text.split(maxsplit=1)[0], 40)
    if letter not in READERS:
        raise CircuitError(f"'{shown}' is not read here; this reader knows {KNOWN}")
    found = Words([*card.text.split(maxsplit=3)]) if letter == "b" else split(card.text)
    given = len(found.words) + len(found.keys)
    if letter not in "xvib" and (len(found.words) < 3 or given < 4):
        raise CircuitError(f"'{shown}' needs a name, two nodes and a value")
    if letter in "vib" and len(found.words) < 3:
        raise CircuitError(f"'{shown}' needs a name, two nodes and a value")
    cell.take(found.words[0], card.place)
    READERS[letter](Piece(card, cell, found))


KNOWN = (
    "R, C, L, I, V, D, M, Q, B, E, F, G, H and X cards, .model, .param, .func, .subckt, .include, "
    ".lib, .global, .ic, .tran, .temp, .options, .end, and what only shows results"
)
