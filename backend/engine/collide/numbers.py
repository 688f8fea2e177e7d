"""Random numbers of a seeded stream, and the type that collisions are computed in."""

import torch
from torch import Tensor


def wide(values: Tensor) -> Tensor:
    """In float32 at least: a sum of squares of half precision overflows at 65,504."""
    return values.float() if values.dtype in (torch.float16, torch.bfloat16) else values


def uniform(like: Tensor, sizes: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    """Numbers in [0, 1) of type and device of ``like``; drawn where the generator lives."""
    device = like.device if generator is None else generator.device
    drawn = torch.rand(sizes, generator=generator, dtype=like.dtype, device=device)
    return drawn.to(like.device)


def normal(like: Tensor, sizes: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    """Numbers of N(0, 1), as ``uniform`` draws."""
    device = like.device if generator is None else generator.device
    drawn = torch.randn(sizes, generator=generator, dtype=like.dtype, device=device)
    return drawn.to(like.device)
