"""Data files that a visitor sends: tables as they are, folders of pictures from a zip archive."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path, PurePosixPath

from backend.errors import StudioError

from ..documents import write_atomic
from .archives import unpack

ARCHIVE = ".zip"
KEPT_BYTES = 4 * 2**30
"""What all files that were sent may take on the disk."""

STEM_LENGTH = 60


class Uploads:
    """Files of ``HOME/data/uploads``.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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
        if self._used() + len(data) > KEPT_BYTES:
            raise StudioError(
                f"{name[:80]}: the files sent before take {KEPT_BYTES // 2**30} GB, which is all "
                f"there is for them; remove some from {self.folder}"
            )
        if ending == ARCHIVE:
            return self._unpacked(name, data)
        for kept in _names(_stem(name), ending):
            path = self.folder / kept
            if not path.exists():
                write_atomic(path, data)
                return kept
            if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
                return kept
        raise AssertionError("names never end")

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
        """The path of a name that was sent; any other path as it is."""
        plain = bool(path) and path == Path(path).name and not path.startswith(".")
        return str((self.folder / path).absolute()) if plain else path

    def shorten(self, text: str) -> str:
        """A sentence with the names of sent files in the place of their paths."""
        return text.replace(f"{self.folder.absolute()}{os.sep}", "")

    def _used(self) -> int:
        """Bytes of everything that was sent."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

    def _unpacked(self, name: str, data: bytes) -> str:
        """The name of a folder with the pictures of an archive, new unless it was sent before."""
        name = name[:80]
        digest = hashlib.sha256(data).hexdigest()
        for mark in self.folder.glob(f".*.{digest}"):
            kept = mark.name[1 : -len(digest) - 1]
            if (self.folder / kept).is_dir():
                return kept
        part = self.folder / f".{secrets.token_hex(8)}.part"
        part.mkdir(parents=True)
        try:
            unpack(name, data, part)
            kept = next(kept for kept in _names(_stem(name)) if not (self.folder / kept).exists())
            os.replace(part, self.folder / kept)
            (self.folder / f".{kept}.{digest}").touch()
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return kept


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
