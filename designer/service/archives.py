"""Folders of pictures out of zip archives, within a budget of files and bytes."""

import errno
import lzma
import shutil
import stat
import zipfile
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from backend.datasets.images.picture_folders import hidden
from backend.datasets.images.pictures import FORMAT_NAMES, SUFFIXES
from backend.errors import StudioError

MOST_FILES = 100_000
MOST_BYTES = 512 * 2**20
"""What an archive may unpack to."""

FREE_BYTES = 64 * 2**20
MOST_RATIO = 20
"""Pictures hardly get smaller in an archive; what unpacks to more is none."""

# The list of files at the end of an archive, which is read whole.
MOST_LISTED = 32 * 2**20
_END = b"PK\x05\x06"
_REASON = 80
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES)
_DAMAGED = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError, zlib.error,
    lzma.LZMAError, OverflowError, IndexError, KeyError,
)  # fmt: skip


def unpack(name: str, data: bytes, folder: Path) -> None:
    """Write the pictures of an archive; their folders count from the last one all have in common.

    Only pictures are written, under checked names, and never more bytes than announced: an archive
    can neither leave the folder nor fill the disk.

    Args:
        name: of the archive, for messages.
        data: its contents.
        folder: an empty folder.

    Raises:
        StudioError: it is no archive, is damaged, or is too large.
        OSError: the disk takes no more.
    """
    try:
        with _opened(name, data) as archive:
            entries = [(info, _parts(info)) for info in archive.infolist()]
            chosen = [(info, parts) for info, parts in entries if parts]
            if not chosen:
                raise StudioError(f"{name}: found no {FORMAT_NAMES} pictures in folders; add some")
            _check_budget(name, len(data), [info for info, _ in chosen])
            common = _common([parts for _, parts in chosen])
            for info, parts in chosen:
                path = folder.joinpath(*parts[common:])
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(info) as source, path.open("wb") as written:
                    shutil.copyfileobj(_Bounded(source, info.file_size), written)
    except _DAMAGED as error:
        reason = str(error)[:_REASON]
        raise StudioError(f"{name}: cannot be read as a zip archive ({reason})") from None
    except OSError as error:
        if error.errno in _DISK:
            raise
        raise StudioError(f"{name}: cannot be unpacked ({error.strerror or 'damaged'})") from None


def unpacked_size(name: str, data: bytes) -> int:
    """What an archive says it unpacks to; 0 when it is none, which unpacking it will say."""
    try:
        with _opened(name, data) as archive:
            return sum(info.file_size for info in archive.infolist())
    except (*_DAMAGED, OSError):
        return 0


def _opened(name: str, data: bytes) -> zipfile.ZipFile:
    """An archive whose list of contents is of a sensible length."""
    end = data.rfind(_END)
    if end >= 0 and int.from_bytes(data[end + 12 : end + 16], "little") > MOST_LISTED:
        raise StudioError(f"{name}: lists too many files; at most {MOST_FILES:,} can be unpacked")
    return zipfile.ZipFile(BytesIO(data))


def _check_budget(name: str, packed: int, infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    most = min(MOST_BYTES, max(FREE_BYTES, MOST_RATIO * packed))
    if len(infos) > MOST_FILES or total > most:
        raise StudioError(
            f"{name}: {len(infos):,} pictures of {total / 2**20:,.0f} MB in all are too much; at "
            f"most {MOST_FILES:,} of {most // 2**20:,} MB can be unpacked, so make the pictures "
            "smaller, or give the path of a folder on the server's machine"
        )


def _parts(info: zipfile.ZipInfo) -> tuple[str, ...]:
    """Folders and name of a picture inside an archive; nothing for what is left out."""
    filename = info.filename
    path = PurePosixPath(filename.replace("\\", "/"))
    if path.suffix.lower() not in SUFFIXES or filename.endswith("/") or path.is_absolute():
        return ()
    if stat.S_ISLNK(info.external_attr >> 16):
        return ()
    if any(hidden(part) or ":" in part or "\0" in part for part in path.parts):
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
