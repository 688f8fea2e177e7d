"""The one way in for files and JSON: regular files only, bounded, strict, refused in words.

Whatever comes from outside passes here first, and then the checks of single values (``checks``).
"""

import json
import math
import os
import re
import stat
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from .checks import is_list, is_object, is_unicode
from .errors import InputError, Place, clipped, quoted, shown

MAX_DEPTH = 32
"""Objects and lists inside each other; no file of ours has more than eight."""

MAX_JSON_BYTES = 16 * 2**20
"""Parsed JSON takes some twenty times its size in memory."""

SUSPECT = re.compile(r"\\u[dD][89a-fA-F]|[eE]\+?[0-9]{3}|[0-9]{200}")
"""What half a character or a number beyond double precision looks like; then all are checked."""

BLOCK = 2**22
MARKS = (
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
"""Byte-order marks and what they announce, longer ones first."""


def file_bytes(path: str | Path, limit: int, remedy: str = "use a smaller one") -> bytes:
    """The content of a regular file.

    A pipe would wait for ever and a device never end, so both are refused; so is a folder. The
    size counts before the file is opened and again while it is read.

    Args:
        path: of the file.
        limit: bytes that are accepted.
        remedy: what to do when it is larger.

    Raises:
        InputError: says why it cannot be read, without the path.
    """
    with open_file(path, limit, remedy) as file:
        blocks: list[bytes] = []
        size = 0
        while block := file.read(min(BLOCK, limit + 1 - size)):
            blocks.append(block)
            size += len(block)
            if size > limit:
                raise _too_large(size, limit, remedy)
    return b"".join(blocks)


@contextmanager
def open_file(
    path: str | Path, limit: int, remedy: str = "use a smaller one"
) -> Generator[BinaryIO]:
    """A regular file opened for reading; what fails while it is read is said in words, too.

    Raises:
        InputError: as ``file_bytes``.
    """
    check_file(path, limit, remedy)
    try:
        # Between the check and here it may have become something else: never wait for a pipe.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(number, "rb") as file:
            _check_regular(os.fstat(number), limit, remedy)
            yield file
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or 'unknown reason'})") from None


def check_file(path: str | Path, limit: int, remedy: str = "use a smaller one") -> None:
    """Whether a path names a regular file of at most ``limit`` bytes.

    Raises:
        InputError: it does not; without the path.
    """
    try:
        _check_regular(os.stat(path), limit, remedy)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or 'unknown reason'})") from None
    except ValueError:  # a zero byte in the path
        raise InputError("cannot be read (no file has such a name)") from None


def _check_regular(found: os.stat_result, limit: int, remedy: str) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise InputError("cannot be read (it is a folder; name a file in it)")
    if not stat.S_ISREG(found.st_mode):
        raise InputError("cannot be read (it is no regular file but a pipe or a device)")
    if found.st_size > limit:
        raise _too_large(found.st_size, limit, remedy)
    if found.st_size == 0 and found.st_dev in _kernel_devices():
        raise InputError("cannot be read (the kernel makes its content up; name a file of yours)")


@cache
def _kernel_devices() -> frozenset[int]:
    """File systems whose files have no size and may keep a reader waiting for ever."""
    found: set[int] = set()
    for folder in ("/proc", "/sys"):
        with suppress(OSError):
            found.add(os.stat(folder).st_dev)
    return frozenset(found - {os.stat("/").st_dev})


def _too_large(size: int, limit: int, remedy: str) -> InputError:
    return InputError(
        f"the file has {math.ceil(size / 2**20):,} MB and at most {limit / 2**20:g} MB are read; "
        f"{remedy}"
    )


def text_of(data: bytes) -> str:
    """Text in UTF-8, or in what its byte-order mark says; the mark itself is left out.

    Raises:
        InputError: it is not text in that encoding.
    """
    mark, encoding = next((known for known in MARKS if data.startswith(known[0])), (b"", "utf-8"))
    try:
        return data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError(
            f"the file is not text in {encoding.upper()} (byte {error.start + len(mark)})"
        ) from None


def file_text(path: str | Path, limit: int, remedy: str = "use a smaller one") -> str:
    """The text in a regular file, see ``file_bytes`` and ``text_of``."""
    return text_of(file_bytes(path, limit, remedy))


def file_json(path: str | Path, limit: int = MAX_JSON_BYTES) -> Any:
    """The value in a JSON file, see ``file_bytes`` and ``json_value``."""
    return json_value(file_bytes(path, limit))


def json_value(source: str | bytes, limit: int = MAX_JSON_BYTES) -> Any:
    """The value of JSON text.

    Stricter than ``json.loads``: no name twice in an object, no ``NaN`` or ``Infinity``, no number
    beyond double precision, no half of a character, no deep nesting.

    Raises:
        InputError: names the line and column or the place.
    """
    if len(source) > limit:
        raise InputError(
            f"the JSON has {math.ceil(len(source) / 2**20):,} MB and at most {limit / 2**20:g} MB "
            "are read"
        )
    text = text_of(source) if isinstance(source, bytes) else source.removeprefix("\ufeff")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole,
        )
    except json.JSONDecodeError as error:
        raise InputError(
            f"line {error.lineno}, column {error.colno}: not valid JSON ({error.msg})"
        ) from None
    except RecursionError:
        raise InputError(_NESTED) from None
    _check_depth(value)
    if SUSPECT.search(text) or "NaN" in text or "Infinity" in text or not is_unicode(text):
        _check_values(value)
    return value


_NESTED = f"the JSON is nested too deeply; at most {MAX_DEPTH} levels are read"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        met: set[str] = set()
        for name, _ in pairs:
            if name in met:
                raise InputError(f"the field {quoted(name)} stands twice in one object")
            met.add(name)
    return found


def _whole(digits: str) -> int | float:
    # Python refuses to read longer ones at all, and nothing here counts so far.
    return int(digits) if len(digits) <= 300 else math.inf


def _check_depth(value: Any) -> None:
    level: list[Any] = [value] if isinstance(value, dict | list) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [
            inner
            for outer in level
            for inner in (outer.values() if is_object(outer) else outer)
            if isinstance(inner, dict | list)
        ]
    raise InputError(_NESTED)


def _check_values(value: Any, where: Place = ()) -> None:
    """Numbers that are finite and texts that are whole, down to the last one."""
    if is_object(value):
        for name, inner in value.items():
            _check_text(name, where)
            _check_values(inner, (*where, name))
    elif is_list(value):
        for place, inner in enumerate(value):
            _check_values(inner, (*where, place))
    elif isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, float) and not math.isfinite(value):
        if math.isnan(value):
            raise InputError("NaN is no number in JSON; write a finite one", where)
        sign = "-" if value < 0 else ""
        raise InputError(
            f"expected a finite number; {sign}Infinity is no number in JSON, nor is one beyond "
            "double precision",
            where,
        )


def _check_text(text: str, where: Place) -> None:
    if not is_unicode(text):
        raise InputError(f"the text holds half a character, got {shown(text)}", where)


def named(path: str | Path, error: Exception) -> str:
    """A complaint with the file's name in front, as messages have it."""
    return f"{clipped(str(path), 200)}: {error}"
