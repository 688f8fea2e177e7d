"""Simulation results by content hash, in memory and on disk, both bounded."""

import contextlib
import os
import secrets
import threading
from collections import OrderedDict
from pathlib import Path

from .locking import remove_parts

MEMORY_LIMIT = 96 * 2**20
DISK_LIMIT = 512 * 2**20
PART_AGE = 3600.0


class Results:
    """A least-recently-used store of immutable byte strings.

    The disk copy is a convenience: when it cannot be written, the result stays in memory only.

    Args:
        folder: where the files lie.
        memory_limit: bytes kept in memory.
        disk_limit: bytes kept on disk.
    """

    def __init__(
        self, folder: Path, memory_limit: int = MEMORY_LIMIT, disk_limit: int = DISK_LIMIT
    ) -> None:
        self.folder = folder
        self.memory_limit = memory_limit
        self.disk_limit = disk_limit
        self._entries: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """The bytes stored under `key`, or ``None``."""
        with self._lock:
            if key in self._entries:
                self._entries.move_to_end(key)
                return self._entries[key]
        path = self.path(key)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        with contextlib.suppress(OSError):
            os.utime(path)
        self._remember(key, data)
        return data

    def path(self, key: str) -> Path:
        """Where the file under `key` is, if there is one; who holds it open can read to its end."""
        return self.folder / f"{key}.bin"

    def put(self, key: str, data: bytes) -> None:
        """Store `data` under `key`."""
        self._remember(key, data)
        part = self.folder / f".{key}.{secrets.token_hex(4)}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            os.replace(part, self.path(key))
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            return
        self._prune()

    def tidy(self) -> None:
        """Remove what killed writers left, once it is too old to belong to a living one."""
        remove_parts(self.folder, PART_AGE)

    def _remember(self, key: str, data: bytes) -> None:
        with self._lock:
            self._entries[key] = data
            self._entries.move_to_end(key)
            total = sum(map(len, self._entries.values()))
            while total > self.memory_limit and len(self._entries) > 1:
                total -= len(self._entries.popitem(last=False)[1])

    def _prune(self) -> None:
        """Delete the files longest unused until the folder fits its limit."""
        entries: list[tuple[float, int, Path]] = []
        for path in self.folder.glob("*.bin"):
            with contextlib.suppress(OSError):
                stat = path.stat()
                entries.append((stat.st_mtime, stat.st_size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.disk_limit:
                return
            path.unlink(missing_ok=True)
            total -= size
