"""Columns of a table as inputs: numbers, truth values, dates, and words as one input for each."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...errors import StudioError
from .dates import is_date, truths
from .missing import is_missing
from .numerals import is_number
from .table import Table
from .table_file import shown

WORDS = ("refuse", "one-hot")
WORD_LIMIT = 100
"""Most different words of a column; more would be names, which say nothing about other rows."""


@dataclass
class Feature:
    """A column of a table.

    Args:
        name: of the column.
        values: (n,) numbers, places of words, or NaN where one is missing.
        words: the different words in the order of their inputs; empty for numbers.
        counted: whether the values are a few that come again, as truth values and words do.
        dated: whether the values are dates.
    """

    name: str
    values: np.ndarray
    words: tuple[str, ...] = ()
    counted: bool = False
    dated: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Of the inputs."""
        return tuple(f"{self.name}={word}" for word in self.words) or (self.name,)

    def fill(self, train: np.ndarray) -> None:
        """Put the median, or what is commonest, of the training rows where values are missing.

        Raises:
            StudioError: no training row has a value.
        """
        gaps = np.isnan(self.values)
        if not gaps.any():
            return
        known = self.values[train]
        known = known[~np.isnan(known)]
        if not len(known):
            raise StudioError(
                f"column {shown(self.name)} has no value among the rows to learn from; list it "
                "under ignore"
            )
        if self.counted:
            different, counts = np.unique(known, return_counts=True)
            value = different[np.argmax(counts)]
        else:
            value = np.median(known)
        self.values = np.where(gaps, value, self.values)

    def inputs(self) -> np.ndarray:
        """The values (n, inputs); a word is 1 at its place and 0 elsewhere."""
        if not self.words:
            return self.values[:, None]
        return (self.values[:, None] == np.arange(len(self.words))).astype(float)


def kind_of(cells: Iterable[str]) -> str:
    """What most of the different cells of a column are: number, truth, date, word or nothing."""
    present = [cell for cell in cells if not is_missing(cell)]
    if not present:
        return "nothing"
    if truths(set(present)):
        return "truth"
    if sum(map(is_number, present)) * 2 >= len(present):
        return "number"
    return "date" if sum(map(is_date, present)) * 2 > len(present) else "word"


def feature_of(table: Table, column: int, words: str) -> Feature:
    """A column as a feature.

    Args:
        table: the table.
        column: its place.
        words: ``one-hot`` to give each of its words an input, ``refuse`` to want numbers.

    Raises:
        StudioError: names the cell that does not fit.
    """
    name, cells = table.names[column], table.present(column)
    kind = kind_of(cells)
    if kind == "nothing":
        raise StudioError(
            f"{table.path}: column {shown(name)} has no value in any row; list it under ignore"
        )
    if kind == "truth":
        known = truths(set(cells))
        one = next((cell for cell, value in known.items() if value), next(iter(known)))
        table.said.setdefault(
            "truths", f"{shown(one)} in column {shown(name)} counts as {known[one]:.0f}."
        )
        return Feature(name, table.looked_up(column, known), counted=True)
    if kind == "word":
        return _words(table, column, words)
    if kind == "date":
        return Feature(name, table.days(column), dated=True)
    return Feature(name, table.numbers(column))


def _words(table: Table, column: int, words: str) -> Feature:
    name = table.names[column]
    different = sorted(cell for cell in table.different(column) if cell)
    if words == "refuse":
        first = table.present(column)[0]
        remedy = (
            f"set words=one-hot to give each of its {len(different)} words an input, or list the "
            "column under ignore"
        )
        if len(different) > WORD_LIMIT:
            remedy = "list the column under ignore"
        raise StudioError(f"{table.place(first, column)}: {shown(first)} is no number; {remedy}")
    if len(different) > WORD_LIMIT:
        raise StudioError(
            f"{table.path}: column {shown(name)} has {len(different):,} different words; at most "
            f"{WORD_LIMIT} get inputs, so list the column under ignore"
        )
    table.said.setdefault(
        "words", f"Column {shown(name)} has {len(different)} words, each an input of 0 or 1."
    )
    known = {word: float(k) for k, word in enumerate(different)}
    return Feature(name, table.looked_up(column, known), tuple(different), counted=True)
