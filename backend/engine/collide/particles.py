"""Particles in the features of a network: no copy of a meaning, only another reading of memory."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from ...errors import InputError

MOST = 128
"""Particles of a map where none are asked for, as in the published experiments."""


@dataclass(frozen=True)
class Map:
    """A particle is k sites of a map with all their channels.

    Channel c of site p is coordinate c k + p // n of particle p mod n, with n sites over k.

    Args:
        divide: k, a divisor of the number of sites; ``None`` for the one with most particles up to
            128 (or the fewest above, where there is none).
    """

    divide: int | None = None

    def particles(self, maps: Tensor) -> Tensor:
        """(B, n, C k) of maps (B, C, points...).

        Raises:
            InputError: no map, or k does not divide its sites.
        """
        if maps.dim() < 3:
            raise InputError(
                f"maps are (batch, channels, points...), found shape {tuple(maps.shape)}", ("x",)
            )
        sites = maps[:1, 0].numel() if len(maps) else maps.shape[2:].numel()
        divide = _divide(sites) if self.divide is None else self.divide
        if divide < 1 or sites % divide:
            raise InputError(
                f"{sites} sites are no multiple of {divide}; choose a divisor of {sites}",
                ("divide",),
            )
        return maps.reshape(len(maps), maps.shape[1] * divide, sites // divide).mT

    def restored(self, particles: Tensor, shape: torch.Size | Sequence[int]) -> Tensor:
        """Maps of a shape, of their particles."""
        return particles.mT.reshape(shape)


@dataclass(frozen=True)
class Slices:
    """A particle is a slice of a feature vector: no two vectors ever meet.

    So tokens stay apart from each other, and a causal model stays causal.

    Args:
        size: coordinates d, a divisor of the vector's length; ``None`` for the one nearest to its
            square root that leaves two particles.
    """

    size: int | None = None

    def particles(self, vectors: Tensor) -> Tensor:
        """(G, W/d, d) of vectors (..., W), G how many there are.

        Raises:
            InputError: no vectors, or d does not divide their length.
        """
        if vectors.dim() < 2 or not vectors.shape[-1]:
            raise InputError(
                f"vectors are (batch..., features), found shape {tuple(vectors.shape)}", ("x",)
            )
        width = vectors.shape[-1]
        size = _size(width) if self.size is None else self.size
        if size < 1 or width % size:
            raise InputError(
                f"{width} features are no multiple of {size}; choose a divisor of {width}",
                ("size",),
            )
        return vectors.reshape(-1, width // size, size)

    def restored(self, particles: Tensor, shape: torch.Size | Sequence[int]) -> Tensor:
        """Vectors of a shape, of their particles."""
        return particles.reshape(shape)


def _divide(sites: int) -> int:
    few = range(min(MOST, sites), 1, -1)
    for count in (*few, *range(MOST + 1, sites + 1)):
        if sites % count == 0:
            return sites // count
    return 1


def _size(width: int) -> int:
    best = width
    for d in range(1, width // 2 + 1):
        if width % d == 0 and (best == width or abs(d - width**0.5) < abs(best - width**0.5)):
            best = d
        if d > 2 * width**0.5:
            break
    return best
