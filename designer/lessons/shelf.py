"""The lessons there are: those of the studio, and those in a teacher's folders."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .errors import LessonError
from .markdown import PICTURE_NAME
from .parsing import ID, MOST_BYTES, Check, parse

FOLDER = Path(__file__).parent
MOST_LESSONS = 200
OWN = "own-"
"""Ids of lessons in a teacher's folders begin so: none hides one of the studio's."""


class Lessons:
    """Reads lesson files; a file that changed is read anew.

    Args:
        folders: of a teacher, looked through in this order; missing ones count as empty.
        examples: ids of the circuits that come with the studio.
        check: returns a circuit with its defaults, or raises with a sentence.
    """

    def __init__(self, folders: Iterable[Path], examples: Iterable[str], check: Check) -> None:
        self._folders = [*folders]
        self._examples = frozenset(examples)
        self._check = check
        self._read: dict[Path, tuple[tuple[int, int], dict[str, Any] | LessonError]] = {}

    def listed(self) -> list[dict[str, Any]]:
        """Id, title, summary, minutes, number of steps of each, in order; faults as ``error``."""
        found: list[dict[str, Any]] = []
        for id, path in self._files().items():
            try:
                lesson = self._lesson(id, path)
            except LessonError as error:
                found.append({"id": id, "title": path.name, "error": str(error), "order": 1e6})
                continue
            about = {name: lesson[name] for name in ("id", "title", "summary", "order", "minutes")}
            found.append({**about, "steps": len(lesson["steps"]), "own": id.startswith(OWN)})
        return sorted(found, key=lambda lesson: (lesson.get("own", False), lesson["order"]))

    def load(self, id: str) -> dict[str, Any]:
        """A whole lesson.

        Raises:
            KeyError: there is no such lesson.
            LessonError: its file cannot be read.
        """
        return self._lesson(id, self._files()[id])

    def picture(self, id: str, name: str) -> Path:
        """A picture beside a lesson.

        Raises:
            KeyError: there is no such lesson, or no such picture beside it.
        """
        folder = self._files()[id].parent
        path = folder / name
        # A link may not lead out of the folder.
        if not PICTURE_NAME.fullmatch(name) or not path.is_file():
            raise KeyError(name)
        if path.resolve().parent != folder.resolve():
            raise KeyError(name)
        return path

    def read(self, text: str, id: str = "own-file", name: str = "") -> dict[str, Any]:
        """A lesson that lies in no folder.

        Raises:
            LessonError: with the line.
        """
        try:
            return parse(text, id, self._examples, self._check)
        except LessonError as error:
            raise error.at(name=name) from None

    def _files(self) -> dict[str, Path]:
        found = {path.stem: path for path in sorted(FOLDER.glob("*.md")) if ID.fullmatch(path.stem)}
        for folder in self._folders:
            for path in sorted(folder.glob("*.md"))[:MOST_LESSONS] if folder.is_dir() else []:
                id = OWN + re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:50]
                if path.is_file() and ID.fullmatch(id):
                    found.setdefault(id, path)
        return found

    def _lesson(self, id: str, path: Path) -> dict[str, Any]:
        try:
            stat = path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            known = self._read.get(path)
            if known is None or known[0] != stamp:
                known = (stamp, self._from_file(id, path, stat.st_size))
                self._read[path] = known
        except OSError as error:
            raise LessonError(
                f"it cannot be read: {error.strerror or error}", 0, path.name
            ) from None
        if isinstance(known[1], LessonError):
            raise known[1]
        return known[1]

    def _from_file(self, id: str, path: Path, size: int) -> dict[str, Any] | LessonError:
        try:
            if size > MOST_BYTES:
                raise LessonError(
                    f"a lesson has at most {MOST_BYTES // 1000} kB, this one {size // 1000}"
                )
            return parse(decoded(path.read_bytes()), id, self._examples, self._check)
        except LessonError as error:
            return error.at(name=path.name)


def decoded(data: bytes) -> str:
    """The text of a lesson file.

    Raises:
        LessonError: it is too large, or no text.
    """
    if len(data) > MOST_BYTES:
        raise LessonError(
            f"a lesson has at most {MOST_BYTES // 1000} kB, this one {len(data) // 1000}"
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise LessonError("the file is not text in UTF-8", line) from None
