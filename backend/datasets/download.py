"""Fetch public files: checked, resumable, and in place only when complete."""

import contextlib
import hashlib
import json
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Generator
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

from ..errors import StudioError

Progress = Callable[[str, int, int], None]
"""Called with a file's name, the bytes so far and the bytes in all (0 when unknown)."""

CHUNK = 1 << 20
TIMEOUT = 30.0
RECORD = "downloads.json"
# A server answers so when everything asked for is there already, or the rest cannot be served.
RANGE_REFUSED = 416
PARTIAL = 206


@dataclass(frozen=True)
class Remote:
    """A file at its public home.

    Args:
        url: its address.
        md5: published checksum; empty when none is known, then size and SHA-256 are written to
            ``downloads.json`` beside it at the first download and hold from then on.
    """

    url: str
    md5: str = ""

    @property
    def name(self) -> str:
        """The name of the file."""
        return self.url.rsplit("/", 1)[-1]


def fetch(remote: Remote, folder: Path, progress: Progress | None = None) -> Path:
    """The file in a folder, downloaded unless it is there; an interrupted download goes on.

    Raises:
        StudioError: the server cannot be reached, or what it sent is not the file.
    """
    target = folder / remote.name
    if target.exists():
        return target
    part = target.with_name(target.name + ".part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _receive(remote, part, progress)
        _check(remote, part)
        os.replace(part, target)
    except urllib.error.URLError as error:
        raise StudioError(
            f"{remote.url}: cannot be downloaded ({error.reason}); try again, or put the file "
            f"into {folder}"
        ) from None
    except OSError as error:
        raise StudioError(f"{target}: the download stopped ({error}); try again") from None
    return target


def _receive(remote: Remote, part: Path, progress: Progress | None) -> None:
    """Append to the part what is missing of it."""
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(remote.url, headers={"User-Agent": "kirchhoff-studio"})
    if have:
        request.add_header("Range", f"bytes={have}-")
    with _opened(request) as answer:
        if answer is None:
            return
        resumed = answer.status == PARTIAL
        done = have if resumed else 0
        left = int(answer.headers.get("Content-Length") or 0)
        total = done + left if left else 0
        with part.open("ab" if resumed else "wb") as file:
            while chunk := answer.read(CHUNK):
                file.write(chunk)
                done += len(chunk)
                if progress:
                    progress(remote.name, done, total)
    if total and done != total:
        raise OSError(f"{done} of {total} bytes came")


@contextlib.contextmanager
def _opened(request: urllib.request.Request) -> Generator[HTTPResponse | None]:
    """The answer; ``None`` when the part is complete already."""
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        if error.code != RANGE_REFUSED:
            raise
        yield None


def _check(remote: Remote, part: Path) -> None:
    """Whether the part is the file; a wrong one is removed, so that the next try begins anew."""
    name = "md5" if remote.md5 else "sha256"
    with part.open("rb") as file:
        found = hashlib.file_digest(file, lambda: hashlib.new(name, usedforsecurity=False))
    digest, size = found.hexdigest(), part.stat().st_size
    if remote.md5:
        right = digest == remote.md5
    else:
        right = _recorded(part.with_name(RECORD), remote.name, {"size": size, "sha256": digest})
    if not right:
        part.unlink()
        raise StudioError(
            f"{remote.url}: what came is not the expected file (its {name} is {digest}); "
            "try again later"
        )


def _recorded(path: Path, name: str, found: dict[str, int | str]) -> bool:
    """Whether a file is as it was first seen; the first sight is written down."""
    try:
        known: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    except ValueError:
        known = {}
    if name not in known:
        known[name] = found
        path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    return known[name] == found
