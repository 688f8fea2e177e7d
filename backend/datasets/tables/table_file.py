"""A table's file as lines of text: its encoding, and a refusal of what is no text or too large."""

import codecs
import os
import stat
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from ...errors import StudioError

FILE_LIMIT = 256 * 2**20
LINE_LIMIT = 4_000_000
SHOWN = 60
"""Characters of a cell or a name that a message quotes at most."""

ENCODINGS = ("auto", "utf-8", "utf-16", "cp1252", "latin-1", "mac-roman", "cp1250", "cp1251",
             "gb18030", "shift_jis")  # fmt: skip
# Longer marks first: that of UTF-32 begins like the one of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FOREIGN = (
    (b"PK\x03\x04", "an Excel workbook or another archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (b"\x1f\x8b", "a compressed file"),
    (b"PAR1", "a Parquet file"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"%PDF", "a PDF document"),
    (b"\x89HDF", "an HDF5 file"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "a database"),
)
CHUNK = 1 << 20
# Bytes that stand for nothing in Windows-1252.
UNKNOWN_BYTES = b"\x81\x8d\x8f\x90\x9d"


def shown(text: str) -> str:
    """A text from a file in quotes, cut where it is long."""
    return repr(text if len(text) <= SHOWN else text[: SHOWN - 1] + "…")


@contextmanager
def opened(path: Path, encoding: str = "auto") -> Generator[tuple[TextIO, list[str]]]:
    """A table's file for reading, and what was assumed of it.

    Args:
        path: the file.
        encoding: one of ``ENCODINGS``.

    Raises:
        StudioError: there is no such file, or it is no text.
    """
    name = encoding
    try:
        _check_regular(path)
        name, notes = encoding_of(path, encoding)
        with path.open(encoding=name) as file:
            yield file, notes
    except FileNotFoundError:
        raise StudioError(f"{path}: there is no such file; correct the path") from None
    except UnicodeError:
        raise StudioError(
            f"{path}: this is no text in {name.upper()}; save it as a CSV file in UTF-8, or set "
            "encoding"
        ) from None
    except (OSError, ValueError) as error:
        what = getattr(error, "strerror", None) or error
        raise StudioError(f"{path}: cannot be read as a CSV table ({what})") from None


def lines_of(file: TextIO, path: Path) -> Iterator[str]:
    """The lines of a file; one that never ends is refused before it fills the memory."""
    number = 0
    while line := file.readline(LINE_LIMIT + 1):
        number += 1
        if len(line) > LINE_LIMIT:
            raise StudioError(
                f"{path}: row {number} has more than {LINE_LIMIT:,} characters; give one row for "
                "each example and fewer columns"
            )
        yield line


def encoding_of(path: Path, chosen: str = "auto") -> tuple[str, list[str]]:
    """Python's name of a file's encoding, and what is to be said about it.

    A byte-order mark decides; without one a file is UTF-8 where that is possible, UTF-16 when
    every second byte is zero, and else Windows-1252.

    Raises:
        StudioError: it is no text, or its characters are damaged.
    """
    with path.open("rb") as file:
        start = file.read(CHUNK)
        for magic, what in FOREIGN:
            if start.startswith(magic):
                raise StudioError(f"{path}: this is {what}; save it as a CSV file in UTF-8")
        for mark, name in MARKS:
            if start.startswith(mark):
                return name, []
        if chosen != "auto":
            # Without a mark Python would take the order of bytes of this machine.
            return (_wide(path, start) if chosen == "utf-16" else chosen), []
        if b"\0" in start:
            return _wide(path, start), ["The file is read as UTF-16, for every second byte is 0."]
        decoder, row, chunk = codecs.getincrementaldecoder("utf-8")(), 1, start
        try:
            while chunk:
                if b"\0" in chunk:
                    raise StudioError(f"{path}: this is no text; save it as a CSV file in UTF-8")
                decoder.decode(chunk)
                row += chunk.count(b"\n")
                chunk = file.read(CHUNK)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError as error:
            return _narrow(path, chunk, row + chunk[: error.start].count(b"\n"))
    return "utf-8", []


def _check_regular(path: Path) -> None:
    """Devices and pipes never end, or make a reader wait for ever."""
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise StudioError(f"{path}: this is a folder; give the path of a file in it")
    if not stat.S_ISREG(found.st_mode):
        raise StudioError(f"{path}: this is no regular file; give the path of one")
    if found.st_size > FILE_LIMIT:
        raise StudioError(
            f"{path}: {found.st_size / 2**20:,.0f} MB are too much; at most "
            f"{FILE_LIMIT // 2**20} MB are read"
        )


def _wide(path: Path, start: bytes) -> str:
    """UTF-16 in one of the two orders of bytes, by where the zeros of plain letters stand."""
    first, second = start[::2].count(0), start[1::2].count(0)
    if max(first, second) < len(start) // 5 or min(first, second) > max(first, second) // 4:
        raise StudioError(f"{path}: this is no text; save it as a CSV file in UTF-8")
    return "utf-16-be" if first > second else "utf-16-le"


def _narrow(path: Path, chunk: bytes, row: int) -> tuple[str, list[str]]:
    """The encoding of a file that is not UTF-8 from a row on."""
    text = chunk.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(character > "\x7f" for character in text) - bad
    if good > bad:
        raise StudioError(
            f"{path}: row {row} has a damaged character, the others are UTF-8; write it anew"
        )
    if any(byte in chunk for byte in UNKNOWN_BYTES):
        raise StudioError(
            f"{path}: this is no text in UTF-8; save it as a CSV file in UTF-8, or set encoding"
        )
    return "cp1252", [
        "The file is no UTF-8 and is read as Windows-1252; set encoding if letters look wrong."
    ]
