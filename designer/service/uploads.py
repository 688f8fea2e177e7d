"""Data files that a visitor sends: tables as they are, folders of pictures from a zip archive."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath

from backend.errors import StudioError

from ..documents import DocumentError, write_atomic, writing
from ..locking import remove_parts
from .archives import unpack, unpacked_size

ARCHIVE = ".zip"
MOST_KEPT = 4096 * 2**20
"""What all files that were sent may take on the disk."""

DISK_RESERVE = 256 * 2**20
"""What stays free on the disk for runs and circuits."""

PART_AGE = 3600.0
STEM_LENGTH = 60


class Uploads:
    """Files of ``HOME/data/uploads``.

    Args:
        folder: where they lie.
        closed: whether no other file of this machine may be read, because visitors are elsewhere.
    """

    def __init__(self, folder: Path, closed: bool = False) -> None:
        self.folder = folder
        self.closed = closed

    def store(self, name: str, data: bytes, endings: tuple[str, ...]) -> str:
        """Keep a file, or the pictures of an archive; returns the name it is kept under.

        A file that is there already keeps its name; another one of the same name gets a number.

        Args:
            name: of the file on the visitor's machine.
            data: its contents.
            endings: of the names that fit the data set.

        Raises:
            StudioError: the file does not fit; names it.
            DocumentError: the disk refused it.
        """
        name = PurePosixPath(name.replace("\\", "/")).name
        ending = PurePosixPath(name).suffix.lower()
        if ending not in endings:
            raise StudioError(f"{name[:80]}: choose a file that ends in {_listed(endings)}")
        if not data:
            raise StudioError(f"{name[:80]}: the file is empty; choose another one")
        if ending == ARCHIVE:
            return self._unpacked(name, data)
        with writing(self.folder):
            for kept in _names(_stem(name), ending):
                path = self.folder / kept
                if not path.exists():
                    self._check_room(name, len(data))
                    write_atomic(path, data)
                    return kept
                if _holds(path, data):
                    return kept
        raise AssertionError("names never end")

    def tidy(self) -> None:
        """Remove what killed writers left, once it is too old to belong to a living one."""
        remove_parts(self.folder, PART_AGE)

    def names(self, endings: tuple[str, ...]) -> list[str]:
        """What was sent before and fits, newest first."""
        found = [path for path in self.folder.glob("*") if not path.name.startswith(".")]
        fit = [
            path
            for path in found
            if (path.is_dir() if ARCHIVE in endings else path.suffix in endings)
        ]
        return [path.name for path in sorted(fit, key=lambda path: -path.stat().st_mtime)]

    def resolve(self, path: str) -> str:
        """The path of a name that was sent; any other path as it is.

        Raises:
            StudioError: another path where only sent files are read.
        """
        plain = bool(path) and path == Path(path).name and not path.startswith(".")
        found = str((self.folder / path).absolute()) if plain else path
        self.check(found)
        return found

    def check(self, path: str) -> None:
        """Refuse a path that a visitor from elsewhere must not read.

        Raises:
            StudioError: it lies outside of what was sent.
        """
        inside = Path(path).resolve().is_relative_to(self.folder.resolve())
        if self.closed and path and not inside:
            raise StudioError(
                f"path: {path[:80]} lies on the server, which reads no files of its own for "
                "visitors from other machines; send the file instead"
            )

    def shorten(self, text: str) -> str:
        """A sentence with the names of sent files in the place of their paths."""
        return text.replace(f"{self.folder.absolute()}{os.sep}", "")

    def _unpacked(self, name: str, data: bytes) -> str:
        """The name of a folder with the pictures of an archive, new unless it was sent before."""
        name = name[:80]
        part = self.folder / f".{secrets.token_hex(8)}.part"
        digest = hashlib.sha256(data).hexdigest()
        with writing(self.folder):
            if (known := self._unpacked_before(digest)) is not None:
                return known
            self._check_room(name, unpacked_size(name, data))
            part.mkdir()
        try:
            unpack(name, data, part)
            with writing(self.folder):
                free = (kept for kept in _names(_stem(name)) if not (self.folder / kept).exists())
                kept = next(free)
                os.replace(part, self.folder / kept)
                write_atomic(self._mark(digest), kept.encode())
        except OSError as error:
            raise DocumentError(
                f"{name[:80]}: cannot be unpacked ({error.strerror})", 507
            ) from None
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return kept

    def _mark(self, digest: str) -> Path:
        """Remembers into which folder an archive was unpacked."""
        return self.folder / f".{digest}.sent"

    def _unpacked_before(self, digest: str) -> str | None:
        try:
            kept = self._mark(digest).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return None
        return kept if kept and (self.folder / kept).is_dir() else None

    def _check_room(self, name: str, size: int) -> None:
        """Uploads must neither fill the disk nor grow without end.

        Raises:
            StudioError: too much with what is there.
        """
        there = sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())
        free = shutil.disk_usage(self.folder).free - DISK_RESERVE
        if there + size > MOST_KEPT or size > free:
            room = max(0, min(MOST_KEPT - there, free))
            raise StudioError(
                f"{name[:80]}: needs {size / 2**20:,.0f} MB and there is room for "
                f"{room / 2**20:,.0f} MB in {self.folder.name}; remove older files there"
            )


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data


def _names(stem: str, ending: str = "") -> Iterator[str]:
    """``iris.csv``, ``iris-2.csv``, ``iris-3.csv`` and so on."""
    return (f"{stem}{'' if k == 1 else f'-{k}'}{ending}" for k in count(1))


def _stem(name: str) -> str:
    """Letters, digits, ``- _`` of a name without its ending; never empty."""
    stem = PurePosixPath(name).stem
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in stem)
    return safe.strip("-_")[:STEM_LENGTH] or "data"


def _listed(endings: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
