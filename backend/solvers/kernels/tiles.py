"""Between batch-last states (N, B) and tiles [tile][node][64]."""

from typing import Any

import numpy as np
import torch

from .caching import kernel
from .lanes import WIDTH


@kernel
def _to_tiles(v: Any, y: Any, first: int) -> None:
    nodes, batch = v.shape
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        inside = min(WIDTH, batch - begin)
        for node in range(nodes):
            at = node * WIDTH
            for lane in range(inside):
                y[tile, at + lane] = v[node, begin + lane]
            # The last sample fills the rest: values that cannot fail where the sample does not.
            for lane in range(inside, WIDTH):
                y[tile, at + lane] = v[node, batch - 1]
        for lane in range(nodes * WIDTH, y.shape[1]):
            y[tile, lane] = 0.0


@kernel
def _add_to_tiles(v: Any, y: Any, first: int) -> None:
    nodes, batch = v.shape
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        for node in range(nodes):
            for lane in range(min(WIDTH, batch - begin)):
                y[tile, node * WIDTH + lane] += v[node, begin + lane]


@kernel
def _from_tiles(y: Any, v: Any, first: int) -> None:
    nodes, batch = v.shape
    for tile in range(y.shape[0]):
        begin = (first + tile) * WIDTH
        for node in range(nodes):
            for lane in range(min(WIDTH, batch - begin)):
                v[node, begin + lane] = y[tile, node * WIDTH + lane]


def room(*shape: int) -> np.ndarray:
    """Uninitialised float32 numbers that begin at a cache line, so that no vector straddles two."""
    return torch.empty(shape, dtype=torch.float32).numpy()


def tile_count(batch: int) -> int:
    """Tiles of 64 samples that hold a batch."""
    return -(-batch // WIDTH)


def to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Fill the tiles ``y`` (tiles, rows 64), of which ``first`` is the first, from (N, B)."""
    _to_tiles(v, y, first)


def add_to_tiles(v: np.ndarray, y: np.ndarray, first: int) -> None:
    """Add (N, B) to tiles; the lanes beyond the batch stay as they are."""
    _add_to_tiles(v, y, first)


def from_tiles(y: np.ndarray, v: np.ndarray, first: int) -> None:
    """Write tiles back to (N, B)."""
    _from_tiles(y, v, first)
