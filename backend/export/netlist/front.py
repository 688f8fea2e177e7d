"""The front end: from the text of a netlist to a flat deck of typed elements."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ...errors import CircuitError, clipped
from . import commands, driven, passive, semiconductors
from .cell import Cell
from .commands import NAMES, SETTINGS, STARTS, command_of
from .control import read_command
from .deck import Deck
from .files import Files
from .lines import Card, cards, lines_of
from .readers import READERS, Piece, read_element
from .scope import Scope
from .structure import Definition, check_size, structured, used
from .words import is_card

__all__ = ["commands", "driven", "passive", "read_deck", "semiconductors"]

TITLE_LENGTH = 200
DRAWN = re.compile(r"\.asc$", re.IGNORECASE)
"""A title that LTspice wrote: the path of its drawing."""


def read_deck(text: str, folder: Path | None = None) -> Deck:
    """The deck in the text of a netlist.

    Args:
        text: of the netlist.
        folder: from which it may include files; None for none at all.

    Raises:
        CircuitError: whatever is not read; names the file and line.
    """
    try:
        return _deck(lines_of(text), Files(folder, len(text)))
    except RecursionError:
        raise CircuitError("the netlist is nested too deeply to be read") from None


def _deck(lines: Sequence[str], files: Files) -> Deck:
    title = _title(lines[0])
    listed = list(files.included(cards(lines[1:], first=2)))
    top, control = structured(listed)
    check_size(top)
    deck = Deck(title, ltspice=_by_ltspice(lines[0], listed, files))
    if files.absent:
        card = files.absent[0]
        deck.hint = (
            f"; {card.place} names a library of LTspice's own, which is not at hand: copy the "
            "model into the netlist"
        )
    cell = Cell(deck, top, Scope(ltspice=deck.ltspice))
    _settle(cell, control)
    return deck


def _by_ltspice(first: str, listed: Sequence[Card], files: Files) -> bool:
    drawn = first.lstrip().startswith("*") and DRAWN.search(first.strip())
    return bool(drawn or files.absent or any(card.word == ".backanno" for card in listed))


def _title(line: str) -> str:
    """The first line, unless it is plainly a card."""
    words = line.split(maxsplit=4)
    if words and words[0].lower() == ".title":
        line = line.strip()[6:]
    elif line.lstrip().startswith(".") or is_card(words):
        raise CircuitError("line 1: SPICE takes the first line as the title; put a title above it")
    return _shown(line.lstrip("* "))


def _shown(title: str) -> str:
    return "".join(letter for letter in title if letter.isprintable()).strip()[:TITLE_LENGTH]


def _settle(cell: Cell, control: Sequence[Card] = ()) -> None:
    """Read the cards of one level, and the subcircuits that it uses."""
    dots = [card for card in cell.definition.cards if card.text[0] == "."]
    for when in (NAMES, SETTINGS):
        _command_cards(cell, dots, when)
    for card in control:
        _placed(read_command, card, cell)
    for card in cell.definition.cards:
        if card.text[0] != ".":
            _placed(read_element, card, cell)
    _command_cards(cell, dots, STARTS)


def _command_cards(cell: Cell, dots: Sequence[Card], when: int) -> None:
    for card in dots:
        _placed(lambda card, cell: _command_card(card, cell, when), card, cell)


def _command_card(card: Card, cell: Cell, when: int) -> None:
    if card.word == ".title":
        cell.deck.title = _shown(card.text[6:])
        return
    command = command_of(card)
    if command is None or command.when != when:
        return
    if cell.prefix and not command.inner:
        raise CircuitError(f"'{card.word}' stands in a subcircuit; put it outside")
    command.read(card, cell)


def _placed(read: Callable[[Card, Cell], None], card: Card, cell: Cell) -> None:
    try:
        read(card, cell)
    except CircuitError as error:
        raise card.place.refusal(error) from None


@READERS.register("x")
def subcircuit(piece: Piece) -> None:
    """``X1 a b cell r=2k``: the cells's elements carry the name of the card in front of theirs."""
    cell, name = piece.cell, used(piece.card)
    definition = cell.definition.find(name)
    if definition is None:
        raise CircuitError(f"there is no subcircuit '{clipped(name, 40)}'{cell.deck.hint}")
    nodes = [word for word in piece.words[1:] if word.lower() != "params:"][:-1]
    if len(nodes) != len(definition.ports):
        raise CircuitError(
            f"'{piece.name}' has {len(nodes)} nodes, and the subcircuit '{clipped(name, 40)}' of "
            f"{definition.place} has {len(definition.ports)}"
        )
    inner = Cell(
        cell.deck,
        definition,
        Scope(_home(cell, definition).scope, cell.deck.ltspice),
        outer=cell,
        prefix=f"{cell.prefix}{piece.words[0]}.",
        shared=cell.shared,
    )
    for port, node in zip(definition.ports, nodes, strict=True):
        inner.nodes[port] = cell.node(node)
    _give(piece, definition, inner)
    _settle(inner)


def _home(cell: Cell, definition: Definition) -> Cell:
    """The level in which a subcircuit is defined, whose names it knows."""
    while cell.definition is not definition.outer and cell.outer is not None:
        cell = cell.outer
    return cell


def _give(piece: Piece, definition: Definition, inner: Cell) -> None:
    """The parameters of a use: the card's, else the defaults, which may be made of others."""
    given = {
        key: text
        for key, text in piece.found.keys.items()
        if key != "m" or "m" in definition.defaults
    }
    if len(given) < len(piece.found.keys) and piece.key("m", usual=1.0) != 1:
        raise CircuitError(f"'{piece.name}' stands there m times; write as many cards")
    for key, text in given.items():
        if key not in definition.defaults:
            raise CircuitError(
                f"'{piece.name}' gives '{clipped(key, 40)}', which the subcircuit of "
                f"{definition.place} does not have"
            )
        inner.scope.numbers[key] = piece.cell.value(text)
    for key, text in definition.defaults.items():
        if key not in given:
            inner.scope.define(key, text, definition.place)
