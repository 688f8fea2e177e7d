"""Between batch-last states (N, B) and tiles [tile][node][64]."""

from typing import Any

import numpy as np
import torch

from .caching import kernel
from .lanes import WIDTH, add, load, store


@kernel
def _to_tiles(v: Any, batch: int, y: Any, first: int) -> None:
    nodes = v.shape[0] // batch
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        inside = min(WIDTH, batch - begin)
        into = y[tile]
        for node in range(nodes):
            at, start = node * WIDTH, node * batch + begin
            if inside == WIDTH:
                store(into, at, load(v, start))
            else:
                for lane in range(WIDTH):
                    # The last sample fills the rest: it cannot fail where the sample does not.
                    into[at + lane] = v[start + min(lane, inside - 1)]
        into[nodes * WIDTH :] = 0.0


@kernel
def _add_to_tiles(v: Any, batch: int, y: Any, first: int) -> None:
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        inside = min(WIDTH, batch - begin)
        into = y[tile]
        for node in range(v.shape[0] // batch):
            at, start = node * WIDTH, node * batch + begin
            if inside == WIDTH:
                store(into, at, add(load(into, at), load(v, start)))
            else:
                for lane in range(inside):
                    into[at + lane] += v[start + lane]


@kernel
def _from_tiles(y: Any, v: Any, batch: int, first: int) -> None:
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        inside = min(WIDTH, batch - begin)
        from_ = y[tile]
        for node in range(v.shape[0] // batch):
            at, start = node * WIDTH, node * batch + begin
            if inside == WIDTH:
                store(v, start, load(from_, at))
            else:
                for lane in range(inside):
                    v[start + lane] = from_[at + lane]


def room(*shape: int) -> np.ndarray:
    """Uninitialised float32 numbers that begin at a cache line, so that no vector straddles two."""
    return torch.empty(shape, dtype=torch.float32).numpy()


def tile_count(batch: int) -> int:
    """Tiles of 64 samples that hold a batch."""
    return -(-batch // WIDTH)


def to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Fill the tiles ``y`` (tiles, rows 64), of which ``first`` is the first, from (N, B)."""
    _to_tiles(v.reshape(-1), v.shape[1], y, first)


def add_to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Add (N, B) to tiles; the lanes beyond the batch stay as they are."""
    _add_to_tiles(v.reshape(-1), v.shape[1], y, first)


def from_tiles(y: np.ndarray, v: np.ndarray, first: int) -> None:
    """Write tiles back to (N, B)."""
    _from_tiles(y, v.reshape(-1), v.shape[1], first)
