"""Data files that a visitor sends: tables as they are, folders of pictures from a zip archive."""

import hashlib
import os
import secrets
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from backend.datasets.pictures import SUFFIXES
from backend.errors import StudioError, clipped

from ..documents import DocumentError, write_atomic, writing
from ..locking import remove_parts

ARCHIVE = ".zip"
MOST_FILES = 100_000
MOST_BYTES = 1024 * 2**20
"""What an archive may unpack to."""

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
        """The path of a name that was sent; any other path as it is."""
        plain = bool(path) and path == Path(path).name and not path.startswith(".")
        return str((self.folder / path).absolute()) if plain else path

    def shorten(self, text: str) -> str:
        """A sentence with the names of sent files in the place of their paths."""
        return text.replace(f"{self.folder.absolute()}{os.sep}", "")

    def _unpacked(self, name: str, data: bytes) -> str:
        """The name of a new folder with the pictures of an archive."""
        part = self.folder / f".{secrets.token_hex(8)}.part"
        digest = hashlib.sha256(data).hexdigest()
        with writing(self.folder):
            if (known := self._unpacked_before(digest)) is not None:
                return known
            self._check_room(name, _unpacked_size(name, data))
            part.mkdir()
        try:
            _unpack(name, data, part)
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


def _unpack(name: str, data: bytes, folder: Path) -> None:
    """Write the pictures of an archive; their folders count from the last one all have in common.

    Only pictures are written, under checked names, and never more bytes than announced: an archive
    can neither leave the folder nor fill the disk.
    """
    try:
        with _opened(name, data) as archive:
            entries = [(info, _parts(info.filename)) for info in archive.infolist()]
            chosen = [(info, parts) for info, parts in entries if parts]
            if not chosen:
                raise StudioError(f"{name}: found no PNG or JPEG pictures in folders; add some")
            if len(chosen) > MOST_FILES or sum(i.file_size for i, _ in chosen) > MOST_BYTES:
                raise StudioError(
                    f"{name}: at most {MOST_FILES:,} pictures of {MOST_BYTES // 2**20} MB in all "
                    "can be unpacked; make the pictures smaller, or give the path of a folder on "
                    "the server's machine"
                )
            common = _common([parts for _, parts in chosen])
            for info, parts in chosen:
                path = folder.joinpath(*parts[common:])
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, path.open("wb") as written:
                    shutil.copyfileobj(_Bounded(source, info.file_size), written)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
    ) as error:
        raise StudioError(
            f"{name}: cannot be read as a zip archive ({clipped(str(error))})"
        ) from None


def _opened(name: str, data: bytes) -> zipfile.ZipFile:
    """An archive whose list of contents is of a sensible length."""
    if data.count(b"PK\x01\x02") > 2 * MOST_FILES:
        raise StudioError(f"{name[:80]}: at most {MOST_FILES:,} pictures can be unpacked")
    return zipfile.ZipFile(BytesIO(data))


def _unpacked_size(name: str, data: bytes) -> int:
    """What an archive says it unpacks to; 0 when it is none, which unpacking it will say."""
    try:
        with _opened(name, data) as archive:
            return sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        return 0


def _parts(filename: str) -> tuple[str, ...]:
    """Folders and name of a picture inside an archive; nothing for what is left out."""
    path = PurePosixPath(filename.replace("\\", "/"))
    if path.suffix.lower() not in SUFFIXES or filename.endswith("/") or path.is_absolute():
        return ()
    if any(part.startswith((".", "__MACOSX")) or ":" in part or "\0" in part
           for part in path.parts):  # fmt: skip
        return ()
    return path.parts if len(path.parts) > 1 else ()


def _common(paths: list[tuple[str, ...]]) -> int:
    """How many outer folders all pictures share, beyond the folders of their classes."""
    shared = 0
    while all(len(path) > shared + 2 for path in paths) and len({p[shared] for p in paths}) == 1:
        shared += 1
    return shared


class _Bounded:
    """A stream that ends with an error after `limit` bytes."""

    def __init__(self, stream: Any, limit: int) -> None:
        self.stream, self.left = stream, limit

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self.stream.read(min(size, self.left + 1) if size >= 0 else self.left + 1)
        self.left -= len(data)
        if self.left < 0:
            raise zipfile.BadZipFile("a picture is larger than it says")
        return data


def _stem(name: str) -> str:
    """Letters, digits, ``- _`` of a name without its ending; never empty."""
    stem = PurePosixPath(name).stem
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in stem)
    return safe.strip("-_")[:STEM_LENGTH] or "data"


def _listed(endings: tuple[str, ...]) -> str:
    return " or ".join(filter(None, [", ".join(endings[:-1]), endings[-1]]))
