"""Examples that do not fit into memory: their rows are made when they are asked for."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

VOLT = np.float32(1 / 255)
"""Of one step of a byte."""

SAMPLED = 2048
"""Rows that stand for all where statistics of the whole set are asked for."""


@dataclass
class Shelf:
    """Rows of bytes that are kept once they were made, as many as there is room for.

    Examples come in another order every epoch, so that no kept row is likelier to be asked for than
    another: what came first stays.

    Args:
        room: rows.

    Attributes:
        rows: by their place.
        made: how many rows were made in all.
        most: how many rows there were at once, kept and handed out but not yet given back.
    """

    room: int
    rows: dict[int, np.ndarray] = field(default_factory=dict)
    made: int = 0
    most: int = 0
    _out: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def get(self, place: int) -> np.ndarray | None:
        """The row at a place, if it is kept."""
        return self.rows.get(place)

    def take(self, place: int, row: np.ndarray) -> None:
        """Count a row that was made and keep it if there is room."""
        with self._lock:
            self.made += 1
            if len(self.rows) < self.room:
                self.rows[place] = row

    def hand_out(self, count: int) -> None:
        """So many rows are in the making for a batch; a negative number: they are done with."""
        with self._lock:
            self._out += count
            self.most = max(self.most, len(self.rows) + self._out)


class Streamed:
    """Inputs (n, features) [V] in the place of a tensor: indexed by rows it gives tensors of them.

    Bytes are made by several threads, travel to the device as bytes and become volts there.

    Args:
        count: n.
        features: of a row.
        read: makes the bytes (features,) of the row at a place; called by several threads.
        shelf: keeps rows.
        threads: how many make rows.
        device: where tensors are made.
    """

    def __init__(
        self,
        count: int,
        features: int,
        read: Callable[[int], np.ndarray],
        shelf: Shelf,
        threads: int,
        device: Any = "cpu",
    ) -> None:
        self.shape = (count, features)
        self.device, self.shelf = device, shelf
        self._read = read
        self._pool = ThreadPoolExecutor(threads, "kirchhoff-read")

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: Any) -> "Tensor":
        """One row (features,) by its place, or several (k, features) by a slice or places."""
        if isinstance(rows, int):
            return self._volts([rows])[0]
        return self._volts(np.arange(len(self))[np.asarray(rows) if not isinstance(rows, slice)
                                                else rows].tolist())  # fmt: skip

    def to(self, device: Any) -> "Streamed":
        """The same rows with tensors on another device."""
        found = copy(self)
        found.device = device
        return found

    def split(self, size: int) -> Iterator["Tensor"]:
        """All rows in order, so many at a time, the next ones made meanwhile."""
        starts = range(0, len(self), size)
        with ThreadPoolExecutor(1, "kirchhoff-stream") as ahead:
            waiting: Future[Tensor] | None = None
            for start in starts:
                ready = waiting.result() if waiting is not None else self[start : start + size]
                after = start + size
                waiting = None
                if after < len(self):
                    waiting = ahead.submit(self.__getitem__, slice(after, after + size))
                yield ready

    def sampled(self, most: int = SAMPLED) -> np.ndarray:
        """Places of rows that stand for all: every one where there are few, else spread evenly."""
        return np.linspace(0, len(self) - 1, min(most, len(self))).round().astype(np.int64)

    def _volts(self, places: Sequence[int]) -> "Tensor":
        import torch

        self.shelf.hand_out(len(places))
        try:
            table = np.empty((len(places), self.shape[1]), np.uint8)
            for row, found in zip(table, self._rows(places), strict=True):
                row[:] = found
            whole = torch.from_numpy(table).to(self.device)
            return whole.float().mul_(float(VOLT))
        finally:
            self.shelf.hand_out(-len(places))

    def _rows(self, places: Sequence[int]) -> Iterator[np.ndarray]:
        return self._pool.map(self._row, places)

    def _row(self, place: int) -> np.ndarray:
        kept = self.shelf.get(place)
        if kept is None:
            kept = self._read(place)
            self.shelf.take(place, kept)
        return kept


def in_memory(x: "Tensor | Streamed", y: "Tensor") -> "tuple[Tensor, Tensor]":
    """Inputs and targets for statistics of a whole set: of what is streamed ``SAMPLED`` rows."""
    if not isinstance(x, Streamed):
        return x, y
    places = x.sampled()
    return x[places], y[places]
