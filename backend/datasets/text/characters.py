"""Running text, character by character."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ...errors import InputError, StudioError
from ...params import Param
from ...reading import file_text, named
from ...shapes import Data, Shape
from ..base import DATASETS, Dataset, Examples, Split
from ..folders import own_path
from ..preview import ROWS, Preview

LARGEST = 64 * 2**20
"""Bytes of a text."""

JUDGED = 500
"""Windows of the test and validation parts, spread evenly, as answers take much memory."""

UNKNOWN = 1


@DATASETS.register("characters")
class Characters(Dataset):
    """Your own running text: learn which character follows.

    The last shares of the text are kept to choose by and for testing, so that no part is in
    another. Characters that do not stand in the part to learn from are unknown.
    """

    title: ClassVar[str] = "Running text"
    source: ClassVar[str] = "user"
    task = "language"
    uploads: ClassVar[tuple[str, ...]] = (".txt",)
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="File of text."),
        Param("length", 64, low=4, high=1024, slider=(16, 256), doc="Characters of a window."),
        Param("test", 0.1, low=0.01, high=0.5, doc="Share kept for testing, the last one."),
        Param("validation", 0.1, low=0.01, high=0.5, doc="Share kept to choose by, before it."),
        Param("symbols", 256, low=4, high=4096, doc="Characters known, at most."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.input_count = int(self.options["length"])
        if self.options["path"]:
            self.notes = self._said()

    @property
    def output_count(self) -> int:
        """Symbols that may follow."""
        known = len(self._known) if self.options["path"] else int(self.options["symbols"])
        return 2 + known

    @property
    def data(self) -> Data:
        """What models are told of it."""
        symbols = self.output_count
        inputs = Shape((self.input_count,), "tokens", symbols=symbols)
        words = tuple(self._known) if self.options["path"] else ()
        return replace(super().data, inputs=inputs, outputs=Shape((symbols,)), words=words)

    def missing(self) -> str:
        """That nothing was chosen."""
        if self.options["path"]:
            return ""
        return f"{self.title}: no text was chosen; set its path to a file"

    def split(self) -> Split:
        """Windows of the text; those to learn from begin at every window's end.

        Raises:
            StudioError: no text was chosen, or it cannot be read or is too short.
        """
        if sentence := self.missing():
            raise StudioError(sentence)
        train, validation, test = (self._windows(part) for part in self._parts)
        return Split(train, _few(test), _few(validation))

    def preview(self) -> Preview:
        """How many windows there are, and the first ones.

        Raises:
            StudioError: as ``split``.
        """
        split = self.split()
        text, width = self._parts[0], self.input_count
        rows = [[text[k * width : (k + 1) * width]] for k in range(min(ROWS, len(split.train)))]
        return Preview(train=len(split.train), test=len(split.test), columns=("text",),
                       roles=("text",), rows=rows, notes=self.notes)  # fmt: skip

    @cached_property
    def _parts(self) -> tuple[str, str, str]:
        path = own_path(str(self.options["path"]))
        try:
            text = file_text(path, LARGEST)
        except InputError as error:
            raise StudioError(named(path, error)) from None
        shares = [float(self.options[name]) for name in ("validation", "test")]  # type: ignore[arg-type]
        kept = [int(share * len(text)) for share in shares]
        begin = len(text) - sum(kept)
        parts = text[:begin], text[begin : begin + kept[0]], text[begin + kept[0] :]
        short = min(parts, key=len)
        if len(short) <= self.input_count:
            raise StudioError(
                f"{path}: a part of the text has {len(short):,} characters, a window and the one "
                f"that follows need {self.input_count + 1:,}; give more text or a smaller length"
            )
        return parts

    @cached_property
    def _known(self) -> dict[str, int]:
        """Numbers of characters, the most frequent first."""
        counts = Counter(self._parts[0])
        order = sorted(counts, key=lambda character: (-counts[character], character))
        return {c: UNKNOWN + 1 + k for k, c in enumerate(order[: int(self.options["symbols"])])}

    def _said(self) -> tuple[str, ...]:
        """How much of the test text counts as one and the same unknown symbol, which is a gift."""
        text = self._parts[2]
        unknown = sum(count for c, count in Counter(text).items() if c not in self._known)
        if not unknown:
            return ()
        return (
            f"{100 * unknown / len(text):.3g} % of the characters tested are unknown and count as "
            "one symbol; symbols keeps more, as far as they stand in the text to learn from.",
        )

    def _windows(self, text: str) -> Examples:
        import torch  # menus list data sets without loading torch

        known, width = self._known, self.input_count
        numbers = np.fromiter((known.get(c, UNKNOWN) for c in text), np.int64, len(text))
        count = (len(numbers) - 1) // width
        x = numbers[: count * width].reshape(count, width)
        y = numbers[1 : count * width + 1].reshape(count, width)
        return Examples(torch.from_numpy(x.astype(np.float32)), torch.from_numpy(y.copy()))


def _few(examples: Examples) -> Examples:
    import torch  # as above

    places: Sequence[int] = np.linspace(0, len(examples) - 1, min(JUDGED, len(examples)))  # type: ignore[assignment]
    chosen = torch.from_numpy(np.unique(np.asarray(places).astype(np.int64)))
    return Examples(examples.x[chosen], examples.y[chosen])
