"""Cards sorted into the netlist itself, its subcircuits and the block of control commands."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ...errors import CircuitError, clipped
from .lines import Card, Place
from .words import is_card, split

OPENS, CLOSES = {".subckt", ".macro"}, {".ends", ".eom"}

MAX_NESTED = 20
"""Subcircuits within subcircuits."""

MAX_EXPANDED = 200_000
"""Cards that subcircuits become where they are used."""


@dataclass
class Definition:
    """A subcircuit, or the netlist itself.

    Args:
        name: as it was written.
        place: of its first card.
        ports: names of its nodes to the outside.
        defaults: expressions of its parameters.
        cards: in order, without those of inner subcircuits.
        inner: subcircuits defined within, by names in small letters.
        outer: what it is defined within.
    """

    name: str
    place: Place
    ports: tuple[str, ...] = ()
    defaults: dict[str, str] = field(default_factory=dict[str, str])
    cards: list[Card] = field(default_factory=list[Card])
    inner: "dict[str, Definition]" = field(default_factory=lambda: dict[str, Definition]())
    outer: "Definition | None" = None

    def find(self, name: str) -> "Definition | None":
        """The subcircuit that a name means here."""
        if name.lower() in self.inner:
            return self.inner[name.lower()]
        return self.outer.find(name) if self.outer else None


def structured(cards: Iterable[Card]) -> tuple[Definition, list[Card]]:
    """The netlist with its subcircuits, and its control commands.

    Raises:
        CircuitError: blocks that do not open or close; names the line.
    """
    top = here = Definition("", Place(1))
    commands: list[Card] = []
    control: Card | None = None
    ended: Card | None = None
    for card in cards:
        if ended is not None:
            if (card.text[0] == "." and card.word != ".end") or is_card(
                card.text.split(maxsplit=4)
            ):
                raise card.place.refusal(
                    f"this card stands behind '.end' of {ended.place}, where some simulators still "
                    "read and others do not; remove it, or move '.end' to the last line"
                )
        elif control is not None:
            if card.word == ".endc":
                control = None
            else:
                commands.append(card)
        elif card.word == ".end":
            if not card.place.file:
                ended = card
        elif card.word == ".control":
            control = card
        elif card.word in OPENS:
            here = _opened(card, here)
        elif card.word in CLOSES:
            here = _closed(card, here)
        else:
            here.cards.append(card)
    if control is not None:
        raise control.place.refusal("'.control' is not closed; add '.endc'")
    if here is not top:
        raise here.place.refusal(f"the subcircuit '{clipped(here.name, 40)}' has no '.ends'")
    return top, commands


def _opened(card: Card, here: Definition) -> Definition:
    try:
        found = split(card.text)
        names = [word for word in found.words[1:] if word.lower() != "params:"]
        if not names:
            raise CircuitError(f"'{card.word}' needs a name and nodes")
        ports = tuple(name.lower() for name in names[1:])
        if len(set(ports)) < len(ports):
            raise CircuitError(f"the subcircuit '{clipped(names[0], 40)}' has a node twice")
        if names[0].lower() in here.inner:
            known = here.inner[names[0].lower()].place
            raise CircuitError(
                f"the subcircuit '{clipped(names[0], 40)}' is defined in {known} already"
            )
    except CircuitError as error:
        raise card.place.refusal(error) from None
    inner = Definition(names[0], card.place, ports, found.keys, outer=here)
    here.inner[names[0].lower()] = inner
    return inner


def _closed(card: Card, here: Definition) -> Definition:
    words = card.text.split()
    if here.outer is None or (len(words) > 1 and words[1].lower() != here.name.lower()):
        raise card.place.refusal(f"'{clipped(card.text, 40)}' closes no subcircuit that is open")
    return here.outer


def used(card: Card) -> str:
    """The subcircuit that an X card uses."""
    words = [word for word in split(card.text).words if word.lower() != "params:"]
    if len(words) < 2:
        raise CircuitError(f"'{clipped(words[0], 40)}' needs nodes and the name of a subcircuit")
    return words[-1]


def check_size(top: Definition) -> None:
    """Refuse subcircuits that use themselves, or become too many cards, before they do.

    Raises:
        CircuitError: names the line.
    """
    sizes: dict[int, int] = {}
    open_now: list[int] = []

    def size(here: Definition) -> int:
        key = id(here)
        if key in sizes:
            return sizes[key]
        open_now.append(key)
        total = 0
        for card in here.cards:
            total += 1
            if card.word[0] != "x":
                continue
            try:
                total += _size_inside(here, card)
            except CircuitError as error:
                raise card.place.refusal(error) from None
        open_now.pop()
        sizes[key] = total
        return total

    def _size_inside(here: Definition, card: Card) -> int:
        inner = here.find(used(card))
        if inner is None:
            return 0
        if id(inner) in open_now:
            raise CircuitError(f"the subcircuit '{clipped(inner.name, 40)}' uses itself")
        if len(open_now) > MAX_NESTED:
            raise CircuitError(f"more than {MAX_NESTED} subcircuits are used in one another")
        return size(inner)

    total = size(top) - len(top.cards)
    if total > MAX_EXPANDED:
        raise CircuitError(
            f"its subcircuits become {min(total, 10**12):,} cards or more, and at most "
            f"{MAX_EXPANDED:,} are read"
        )
