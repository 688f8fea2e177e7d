"""Netlists as every tool writes them: text, cards, a flat deck of typed elements, a circuit."""

from .describe import circuit_of as circuit_of
from .front import read_deck as read_deck
from .text import decoded as decoded
