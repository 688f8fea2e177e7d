"""The words and keys of a card: ``R1 a b 1k tc=1m`` is four words and one key."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ...errors import CircuitError, clipped
from ...expressions.numbers import INSIDE, NUMBER, is_number, number

PIECE = re.compile(r"""\{[^{}]*\}|'[^']*'|"[^"]*"|=|[^\s=(),{}'"]+|[{}'"]""")
"""Brackets and commas part words as blanks do, save inside braces and quotes."""


@dataclass(frozen=True)
class Words:
    """A card in pieces.

    Args:
        words: what stands for itself, in order.
        keys: values by their names in small letters.
    """

    words: list[str]
    keys: dict[str, str] = field(default_factory=dict[str, str])


def split(text: str) -> Words:
    """The pieces of a card.

    Raises:
        CircuitError: an open brace or quote, a key without a name or value, or given twice.
    """
    pieces = PIECE.findall(text)
    words, keys = list[str](), dict[str, str]()
    k = 0
    while k < len(pieces):
        piece = pieces[k]
        if piece in "{}'\"":
            raise CircuitError(f"a {piece} stands alone; close the expression that it opens")
        if k + 1 < len(pieces) and pieces[k + 1] == "=" and piece != "=":
            if k + 2 >= len(pieces) or pieces[k + 2] == "=":
                raise CircuitError(f"'{clipped(piece, 40)}=' has no value")
            key = piece.lower()
            if key in keys:
                raise CircuitError(f"'{clipped(piece, 40)}=' is given twice")
            keys[key] = pieces[k + 2]
            k += 3
            continue
        if piece == "=":
            raise CircuitError("an = stands without a name before it")
        words.append(piece)
        k += 1
    return Words(words, keys)


def unquoted(text: str) -> str:
    """A word without the quotes or braces around it."""
    return text[1:-1].strip() if text[:1] in {"{", "'", '"'} else text


def plain_number(text: str, ltspice: bool = False) -> float | None:
    """The number that a word is; None for an expression.

    Raises:
        CircuitError: a number that simulators read differently, or too large.
    """
    if NUMBER.fullmatch(text) or INSIDE.fullmatch(text):
        return number(text, ltspice)
    return None


def is_word(text: str) -> bool:
    """Whether a word is a name rather than a number or an expression."""
    return text[:1].isalpha()


def is_card(words: Sequence[str]) -> bool:
    """Whether words have the form of an element card, and no prose does."""
    if len(words) < 4 or not re.fullmatch(r"[a-z]\w*", words[0][:50], re.IGNORECASE):
        return False
    letter, value = words[0][0].lower(), words[3]
    if letter in "rcl":
        return is_number(value[:50]) or value[0] in "{'" or "=" in value
    numbered = len(words[0]) > 1 and any(sign.isdigit() for sign in words[0])
    return letter in "ivdbegfhmqxjskt" and numbered
