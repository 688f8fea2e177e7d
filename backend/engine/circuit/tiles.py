"""Between batch-last states (N, B) and tiles [tile][node][sample]."""

from typing import Any

import numpy as np
import torch

from .caching import kernel
from .lanes import WIDTHS, add, load, store, width


@kernel
def _to_tiles(v: Any, batch: int, y: Any, first: int) -> None:
    nodes = v.shape[0] // batch
    wide = width(y)
    for tile in range(y.shape[0]):
        begin = (first + tile) * wide
        inside = min(wide, batch - begin)
        into = y[tile]
        for node in range(nodes):
            at, start = node * wide, node * batch + begin
            if inside == wide:
                store(into, at, load(v, start))
            else:
                for lane in range(wide):
                    # The last sample fills the rest: it cannot fail where the sample does not.
                    into[at + lane] = v[start + min(lane, inside - 1)]
        into[nodes * wide :] = 0.0


@kernel
def _add_to_tiles(v: Any, batch: int, y: Any, first: int) -> None:
    wide = width(y)
    for tile in range(y.shape[0]):
        begin = (first + tile) * wide
        inside = min(wide, batch - begin)
        into = y[tile]
        for node in range(v.shape[0] // batch):
            at, start = node * wide, node * batch + begin
            if inside == wide:
                store(into, at, add(load(into, at), load(v, start)))
            else:
                for lane in range(inside):
                    into[at + lane] += v[start + lane]


@kernel
def _from_tiles(y: Any, v: Any, batch: int, first: int) -> None:
    wide = width(y)
    for tile in range(y.shape[0]):
        begin = (first + tile) * wide
        inside = min(wide, batch - begin)
        from_ = y[tile]
        for node in range(v.shape[0] // batch):
            at, start = node * wide, node * batch + begin
            if inside == wide:
                store(v, start, load(from_, at))
            else:
                for lane in range(inside):
                    v[start + lane] = from_[at + lane]


def room(*shape: int, dtype: torch.dtype) -> np.ndarray:
    """Uninitialised numbers that begin at a cache line, so that no vector straddles two."""
    return torch.empty(shape, dtype=dtype).numpy()


def tile_width(dtype: torch.dtype) -> int:
    """Samples of a tile."""
    return WIDTHS[number_of(dtype)]


def number_of(dtype: torch.dtype) -> np.dtype:
    """numpy's name of the type of real numbers."""
    return np.dtype(np.float64 if dtype == torch.float64 else np.float32)


def tile_count(batch: int, dtype: torch.dtype) -> int:
    """Tiles that hold a batch."""
    return -(-batch // tile_width(dtype))


def to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Fill the tiles ``y`` (tiles, rows samples), of which ``first`` is the first, from (N, B)."""
    _to_tiles(v.reshape(-1), v.shape[1], y, first)


def add_to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Add (N, B) to tiles; the lanes beyond the batch stay as they are."""
    _add_to_tiles(v.reshape(-1), v.shape[1], y, first)


def from_tiles(y: np.ndarray, v: np.ndarray, first: int) -> None:
    """Write tiles back to (N, B)."""
    _from_tiles(y, v.reshape(-1), v.shape[1], first)
