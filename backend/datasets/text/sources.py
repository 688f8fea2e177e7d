"""Labelled texts in the forms in which people have them: folders, lines, tables, JSON lines."""

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import InputError, StudioError
from ...reading import file_bytes, json_value, named, text_of
from ..images.picture_folders import TEST_NAMES, TRAIN_NAMES, hidden
from ..tables.table_file import lines_of, opened, shown
from .words import Text, has_words

JSON_LINES = (".jsonl", ".ndjson")
TABLES = {".csv": ",", ".tsv": "\t", ".txt": "\t", **dict.fromkeys(JSON_LINES, "")}
"""Endings of tables with their separator; nothing for JSON lines."""

TEXTS = (("sentence1", "sentence2"), ("premise", "hypothesis"), ("question1", "question2"),
         ("text",), ("review",), ("sentence",), ("comment",), ("content",),
         ("message",))  # fmt: skip
LABELS = ("gold_label", "label", "class", "sentiment", "target", "category", "is_duplicate")
NO_LABEL = ("-", "")
"""What stands where nobody agreed on a label."""

LARGEST_TEXT = 4 * 2**20
MOST = 2_000_000
"""Bytes of one text file, and examples of all."""

PARTS = {
    "train": {"train", "training"},
    "test": {"test", "testing"},
    "validation": {"dev", "val", "valid", "validation"},
}
"""Words in the names of files and folders of a part."""

LETTERS = re.compile(r"[a-z]+")

NO_CLASS = frozenset({"unsup"})
"""Folders of IMDb's public form that are no class."""

ABOUT = ("readme", "license", "licence")
"""In names of files that are about the texts."""


@dataclass
class Found:
    """Examples of one part, and what was assumed of it.

    Args:
        texts: by example.
        labels: names of classes, by example.
        notes: sentences.
        empty: texts without a word, which are left out.
    """

    texts: list[Text] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty: int = 0

    def add(self, text: Text, label: str) -> None:
        """One more example, unless there is no word in it.

        Raises:
            StudioError: they are too many.
        """
        if len(self.texts) >= MOST:
            raise StudioError(f"more than {MOST:,} texts are not read; give fewer")
        if not has_words(text):
            self.empty += 1
            return
        self.texts.append(text)
        self.labels.append(label)


def parts(path: Path, text: str = "", label: str = "") -> dict[str, Found]:
    """Examples by part: ``train``, and ``test`` and ``validation`` where the files say so.

    Args:
        path: a table, or a folder of folders, of files with a text a line, or of tables.
        text: name of the column with the text, or two with a comma between.
        label: name of the column with the class.

    Raises:
        StudioError: it cannot be read; says which form was expected.
    """
    try:
        if path.is_file():
            return {"train": table(path, text, label)}
        children = sorted(child for child in path.iterdir() if not hidden(child.name))
    except OSError as error:
        raise StudioError(f"{path}: cannot be read ({error.strerror}); correct the path") from None
    tables = [child for child in children if child.is_file() and child.suffix.lower() in TABLES]
    if by_part := _by_part(tables):
        return {part: table(each, text, label) for part, each in by_part.items()}
    folders = [child for child in children if child.is_dir()]
    if by_part := _by_folder(folders):
        return {part: _folder(each) for part, each in by_part.items()}
    return {"train": _folder(path)}


def table(path: Path, text: str = "", label: str = "") -> Found:
    """A table with a header, or JSON lines.

    Raises:
        StudioError: its columns are not there, or it cannot be read.
    """
    if path.suffix.lower() not in TABLES:
        raise StudioError(
            f"{path}: texts with classes are read from {', '.join(TABLES)} or from folders; save "
            "the file in one of these forms"
        )
    found, missing, columns = Found(), 0, None
    with opened(path) as (file, notes):
        found.notes += notes
        rows = _rows(path, lines_of(file, path))
        for number, row in rows:
            columns = columns or _columns(path, row, text, label)
            texts, name = columns
            cells = [row.get(each) for each in (*texts, name)]
            if any(cell is None for cell in cells):
                raise StudioError(
                    f"{path}, row {number}: the column {shown(_absent(row, columns))} is missing; "
                    "complete the row or leave it out"
                )
            *said, own = (str(cell).strip() for cell in cells)
            if own in NO_LABEL:
                missing += 1
            else:
                found.add(tuple(said), own)
    if missing:
        found.notes.append(f"{missing:,} rows of {path.name} have no class and are left out.")
    return found


def _rows(path: Path, lines: Iterator[str]) -> Iterator[tuple[int, dict[str, object]]]:
    separator = TABLES[path.suffix.lower()]
    try:
        if separator:
            quoting = csv.QUOTE_NONE if separator == "\t" else csv.QUOTE_MINIMAL
            reader = csv.DictReader(lines, delimiter=separator, quoting=quoting)
            for row in reader:
                if None in row:
                    raise StudioError(
                        f"{path}, row {reader.line_num}: there are more cells than columns in row "
                        "1; put texts that hold the separator in quotes, or save them as JSON lines"
                    )
                yield reader.line_num, dict(row)
            return
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, _object(path, number, line)
    except csv.Error as error:
        raise StudioError(f"{path}: cannot be read as a table ({error})") from None


def _object(path: Path, number: int, line: str) -> dict[str, object]:
    try:
        value = json_value(line)
    except InputError as error:
        why = str(error).removeprefix("line 1, ")
        raise StudioError(f"{path}, line {number}: {why}") from None
    if not isinstance(value, dict):
        raise StudioError(f"{path}, line {number}: expected an object, found {shown(line.strip())}")
    return value


def _columns(
    path: Path, row: dict[str, object], text: str, label: str
) -> tuple[tuple[str, ...], str]:
    """Which columns are text and class: those that were named, else those with usual names."""
    names = {str(name).strip().lower(): str(name) for name in row if name}
    texts = tuple(part.strip() for part in text.split(",")) if text else next(
        (each for each in TEXTS if all(name in names for name in each)), ())  # fmt: skip
    own = label or next((name for name in LABELS if name in names), "")
    for what, option, given in (("text", "text", texts), ("class", "label", (own,) if own else ())):
        absent = [name for name in given if name.lower() not in names]
        if absent or not given:
            which = f"no column {shown(absent[0])}" if absent else f"no column with the {what}"
            listed = ", ".join(map(shown, list(names.values())[:12]))
            raise StudioError(f"{path}: there is {which}; set {option} to one of {listed}")
    return tuple(names[name.lower()] for name in texts), names[own.lower()]


def _absent(row: dict[str, object], columns: tuple[tuple[str, ...], str]) -> str:
    return next(name for name in (*columns[0], columns[1]) if row.get(name) is None)


def _folder(path: Path) -> Found:
    """One folder a class with a file a text, or one file a class with a line a text."""
    children = sorted(child for child in path.iterdir() if not hidden(child.name))
    folders = [c for c in children if c.is_dir() and c.name not in NO_CLASS]
    found = Found()
    if len(folders) >= 2:
        for folder in folders:
            for file in sorted(folder.glob("*.txt")):
                found.add((_text(file),), folder.name)
        empty = [folder.name for folder in folders if folder.name not in found.labels]
        if empty:
            raise StudioError(
                f"{path / empty[0]}: this class has no .txt files with words; add some"
            )
        return found
    files, others = _classes([child for child in children if child.is_file()])
    if others:
        some = ", ".join(shown(file.name) for file in others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        found.notes.append(f"Left out, as they are no class: {some}{more}.")
    for file, name in zip(files, _names(files), strict=True):
        with opened(file) as (lines, notes):
            found.notes += [f"{file.name}: {note}" for note in notes]
            for line in lines_of(lines, file):
                if line.strip():
                    found.add((line.strip(),), name)
    if len(set(found.labels)) < 2:
        raise StudioError(
            f"{path}: no classes were found; give two folders or more with .txt files, two files "
            "or more with a text a line, or name a table with a column for text and one for the "
            "class; tables called train and test are the parts"
        )
    return found


def _classes(files: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The files that are a class each, and those that are not.

    Where some differ in their ending alone, as ``reviews.pos`` and ``reviews.neg``, it is these.
    """
    kept = [file for file in files if file.suffix.lower() not in (".csv", ".tsv", *JSON_LINES)
            and not any(word in file.name.lower() for word in ABOUT)]  # fmt: skip
    counts = Counter(file.stem for file in kept)
    stem, most = counts.most_common(1)[0] if counts else ("", 0)
    if most > 1:
        kept = [file for file in kept if file.stem == stem]
    return kept, [file for file in files if file not in kept]


def _names(files: Sequence[Path]) -> list[str]:
    """Classes by file: what differs, endings or stems."""
    endings = [file.suffix.removeprefix(".") for file in files]
    stems = [file.stem for file in files]
    return endings if len(set(stems)) == 1 and all(endings) else stems


def _text(path: Path) -> str:
    try:
        data = file_bytes(path, LARGEST_TEXT)
        try:
            return text_of(data)
        except InputError:
            return data.decode("cp1252", errors="replace")
    except InputError as error:
        raise StudioError(named(path, error)) from None


def _by_part(files: Sequence[Path]) -> dict[str, Path]:
    """Tables whose names say which part they are, if one is to learn from."""
    found: dict[str, Path] = {}
    for part, names in PARTS.items():
        for file in files:
            if names & set(LETTERS.findall(file.stem.lower())):
                found.setdefault(part, file)
    return found if "train" in found else {}


def _by_folder(folders: Sequence[Path]) -> dict[str, Path]:
    """Folders of the parts; one to choose by is the one to test with where there is no other."""
    names = {folder.name.lower(): folder for folder in folders}
    train = next((names[name] for name in TRAIN_NAMES if name in names), None)
    test = next((names[name] for name in TEST_NAMES if name in names), None)
    if not (train and test):
        return {}
    found = {"train": train, "test": test}
    other = next((names[name] for name in sorted(PARTS["validation"]) if name in names), test)
    return found if other == test else {**found, "validation": other}
