"""Gases to test with, and their sums."""

import torch
from torch import Tensor

from backend.engine.collide import collide

RANDOM = ("matched", "allpairs")
MODES = (*RANDOM, "mean_field")


def gas(*sizes: int, seed: int = 0, dtype: torch.dtype = torch.double) -> tuple[Tensor, Tensor]:
    """Positions and velocities (G, n, d), with a mean velocity that is not 0."""
    generator = torch.Generator().manual_seed(seed)
    x, v = torch.randn(2, *sizes, generator=generator, dtype=torch.double)
    return x.to(dtype), (v + 0.5).to(dtype)


def after(x: Tensor, v: Tensor, mode: str, seed: int = 1, **options) -> Tensor:
    """Velocities after collisions with the random numbers of a seed."""
    generator = torch.Generator().manual_seed(seed)
    return collide(x, v, mode=mode, generator=generator, **options)


def energy(v: Tensor) -> Tensor:
    """|v|^2/2 of every group, (G,)."""
    return 0.5 * v.square().sum((1, 2))


def momentum(v: Tensor) -> Tensor:
    """Of every group, (G, d)."""
    return v.sum(1)


def turn(size: int, seed: int = 0) -> Tensor:
    """A rotation (d, d), perhaps with a reflection."""
    generator = torch.Generator().manual_seed(seed)
    return torch.linalg.qr(torch.randn(size, size, generator=generator, dtype=torch.double))[0]
