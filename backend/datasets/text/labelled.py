"""The user's own texts with classes."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ...shapes import Data, Shape
from ..base import DATASETS, Dataset, Examples, Split, examples
from ..folders import own_path
from ..preview import ROWS, Preview, spread
from .sources import Found, parts
from .words import Text, Vocabulary

SHOWN = 160
"""Characters of a text in a preview."""


@DATASETS.register("text")
class LabelledText(Dataset):
    """Your own texts with classes, as sequences of words.

    Read are a folder with one folder a class and a file a text (IMDb's form), a folder with one
    file a class and a line a text, a table (CSV, TSV) or JSON lines with a column for the text, or
    two (SNLI's form), and one for the class. Where ``train`` and ``test`` are told apart by folders
    or names of files, these are the parts; else a share is kept. Words are told apart by small
    letters and marks; those of fewer than two of the texts to learn from are unknown. Texts
    without a word are left out.
    """

    title: ClassVar[str] = "Texts with classes"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".jsonl")
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="Folder or table that holds the texts."),
        Param("text", "", doc="Column of the text, or two with a comma; empty for usual names."),
        Param("label", "", doc="Column of the class; empty for usual names."),
        Param("length", 48, low=4, high=1024, slider=(16, 256), doc="Words of a text, at most."),
        Param("words", 8000, low=10, high=200_000, slider=(1000, 30_000), doc="Words known."),
        Param("n", 0, low=0, high=2_000_000, doc="Texts to learn from, at most; 0 for all."),
        Param("test", 0.1, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("validation", 0.1, low=0.01, high=0.5, doc="Share of the rest kept to choose by."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which texts are kept."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.input_count = int(self.options["length"])
        if self.options["path"]:
            found = self._found["train"]
            self.classes = tuple(sorted(set(found.labels)))
            if len(self.classes) < 2:
                count = "one class" if self.classes else "no class"
                raise StudioError(
                    f"{self.options['path']}: {len(found.labels)} texts of {count} were found, and "
                    "two classes are needed; set label to the column of the class"
                )
            self.notes = self._said()

    @property
    def data(self) -> Data:
        """What models are told of it."""
        words = self._vocabulary.words if self.options["path"] else ()
        symbols = len(self._vocabulary) if words else int(self.options["words"])
        inputs = Shape((self.input_count,), "tokens", symbols=symbols)
        return replace(super().data, inputs=inputs, words=words)

    def missing(self) -> str:
        """That nothing was chosen."""
        if self.options["path"]:
            return ""
        return f"{self.title}: no texts were chosen; set its path to a folder or a table"

    def split(self) -> Split:
        """The texts as numbers of their words.

        Raises:
            StudioError: no texts were chosen, or they cannot be read.
        """
        if sentence := self.missing():
            raise StudioError(sentence)
        made = {part: self._examples(found) for part, found in self._parts.items()}
        return Split(made["train"], made["test"], made["validation"])

    def preview(self) -> Preview:
        """Counts of all classes, and the first texts of each.

        Raises:
            StudioError: as ``split``.
        """
        if sentence := self.missing():
            raise StudioError(sentence)
        train = self._parts["train"]
        places = spread([self.classes.index(name) for name in train.labels], ROWS).tolist()
        counts = Counter(name for found in self._parts.values() for name in found.labels)
        rows = [[" | ".join(train.texts[k])[:SHOWN], train.labels[k]] for k in places]
        return Preview(
            train=len(train.texts),
            test=len(self._parts["test"].texts),
            counts={name: counts[name] for name in self.classes},
            columns=("text", "class"),
            roles=("text", "target"),
            rows=rows,
            notes=self.notes,
        )

    @cached_property
    def _found(self) -> dict[str, Found]:
        path = own_path(str(self.options["path"]))
        return parts(path, str(self.options["text"]), str(self.options["label"]))

    @cached_property
    def _parts(self) -> dict[str, Found]:
        """Examples by part; what the files do not tell apart is drawn by lot."""
        rng = np.random.default_rng(int(self.options["seed"]))
        made = dict(self._found)
        for part in ("test", "validation"):
            if part not in made:
                made["train"], made[part] = _divided(made["train"], float(self.options[part]), rng)  # type: ignore[arg-type]
        for part, found in made.items():
            if not found.texts:
                raise StudioError(
                    f"{self.options['path']}: the {part} part holds no text with a class and a "
                    "word; add some, or leave that part out"
                )
        unknown = sorted({n for found in made.values() for n in found.labels} - set(self.classes))
        if unknown:
            raise StudioError(
                f"{self.options['path']}: the class {unknown[0]!r} is in no text to learn from; "
                "add some, or leave it out"
            )
        count = int(self.options["n"])
        if count and count < len(made["train"].texts):
            order = rng.permutation(len(made["train"].texts))[:count].tolist()
            made["train"] = _some(made["train"], order)
        return made

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self._parts["train"].texts, int(self.options["words"]))

    def _examples(self, found: Found) -> Examples:
        x, _ = self._vocabulary.numbers(found.texts, self.input_count)
        return examples(x, np.array([self.classes.index(name) for name in found.labels]))

    def _said(self) -> tuple[str, ...]:
        texts: Sequence[Text] = self._parts["train"].texts
        _, cut = self._vocabulary.numbers(texts, self.input_count)
        said = list(dict.fromkeys(note for found in self._found.values() for note in found.notes))
        if empty := sum(found.empty for found in self._found.values()):
            said.append(f"{empty:,} texts without a word are left out.")
        if cut:
            said.append(
                f"{100 * cut / len(texts):.3g} % of the texts have more than {self.input_count} "
                "words and are cut; length keeps more."
            )
        return tuple(said)


def _divided(found: Found, share: float, rng: np.random.Generator) -> tuple[Found, Found]:
    """Two parts, every class in both by its share."""
    labels = np.array(found.labels)
    kept: list[int] = []
    for name in sorted(set(found.labels)):
        own = np.flatnonzero(labels == name)
        if len(own) < 2:
            raise StudioError(f"the class {name!r} has {len(own)} text; at least two are needed")
        count = min(max(1, round(share * len(own))), len(own) - 1)
        kept += rng.permutation(own)[:count].tolist()
    chosen = set(kept)
    rest = [k for k in range(len(labels)) if k not in chosen]
    return _some(found, rest), _some(found, sorted(kept))


def _some(found: Found, places: Sequence[int]) -> Found:
    return Found([found.texts[k] for k in places], [found.labels[k] for k in places])
