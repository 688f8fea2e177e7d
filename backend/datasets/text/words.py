"""Texts as sequences of numbers: what a word is, and which words have a number of their own."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

PADDING, UNKNOWN, SEPARATOR = 0, 1, 2
FIRST = 3
"""The number of the most frequent word."""

LEAST = 2
"""Texts in which a word must stand to have a number of its own."""

BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
"""The end of a line in HTML, of which IMDb's public texts are full."""

WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|[^\w\s]|_")

Text = tuple[str, ...]
"""An example: one text, or several that belong together, such as a premise and a hypothesis."""


def words_of(text: str) -> list[str]:
    """Words in small letters and marks, one by one.

    A word is letters and digits, with apostrophes and hyphens inside; each other mark stands alone.
    HTML's ``<br />`` is a space.
    """
    return WORD.findall(BREAK.sub(" ", text).lower())


def has_words(example: Text) -> bool:
    """Whether there is a word or a mark in any part of an example."""
    return any(WORD.search(BREAK.sub(" ", text)) for text in example)


def parts_of(example: Text) -> list[str | None]:
    """The words of all parts of an example, ``None`` between two parts."""
    found: list[str | None] = []
    for number, text in enumerate(example):
        found += ([None] if number else []) + words_of(text)
    return found


class Vocabulary:
    """Words by their number, most frequent first, words of one frequency in alphabetical order.

    Args:
        examples: that words are counted in: those to learn from, and no others.
        size: numbers in all, those for the end, for unknown words and between two texts included.
    """

    def __init__(self, examples: Iterable[Text], size: int) -> None:
        counts: Counter[str] = Counter()
        for example in examples:
            counts.update({word for word in parts_of(example) if word is not None})
        known = sorted((-count, word) for word, count in counts.items() if count >= LEAST)
        self.words = tuple(word for _, word in known[: max(0, size - FIRST)])
        self._numbers = {word: FIRST + k for k, word in enumerate(self.words)}

    def __len__(self) -> int:
        return FIRST + len(self.words)

    def numbers(self, examples: Sequence[Text], length: int) -> tuple[np.ndarray, int]:
        """Numbers (n, length), float32, 0 after a text's end; and how many texts were cut.

        Of several parts each has its share of the length, and what one leaves the others take.
        """
        rows, cut = np.zeros((len(examples), length), np.float32), 0
        for row, example in zip(rows, examples, strict=True):
            pieces = [[self._numbers.get(word, UNKNOWN) for word in words_of(part)]
                      for part in example]  # fmt: skip
            kept = _shared([len(piece) for piece in pieces], length - len(pieces) + 1)
            cut += sum(kept) < sum(map(len, pieces))
            found: list[int] = []
            for number, (piece, count) in enumerate(zip(pieces, kept, strict=True)):
                found += ([SEPARATOR] if number else []) + piece[:count]
            found = found or [UNKNOWN]
            row[: len(found)] = found
        return rows, cut


def _shared(lengths: Sequence[int], room: int) -> list[int]:
    """How much of every part is kept where all of them do not fit."""
    kept = [0] * len(lengths)
    for left, place in enumerate(sorted(range(len(lengths)), key=lengths.__getitem__)):
        kept[place] = min(lengths[place], (room - sum(kept)) // (len(lengths) - left))
    return kept
