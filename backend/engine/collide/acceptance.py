"""How probable it is that a pair of particles collides."""

import torch
from torch import Tensor


def probability(speed: Tensor, distance: Tensor, coll: float, length: float | str) -> Tensor:
    """p = min(1, c g/g_max exp(-D/l)) of the pairs of every group.

    Pairs at rest relative to each other have p = 0, coincident ones exp(-D/l) = 1. Those whose
    speed or distance is no finite number have p = 0.

    Args:
        speed: g = |v_i - v_j|, (G, pairs), or (G, n, n) of all particles with each other.
        distance: D = |x_i - x_j|, of the same shape.
        coll: c.
        length: l, or ``rms`` for the root of the mean D^2 of a group, with which p does not
            depend on the number of coordinates.
    """
    pairs = tuple(range(1, speed.dim()))
    usable = (speed > slowest(speed.dtype)) & speed.isfinite() & distance.isfinite()
    speed, distance = (torch.where(usable, each, 0.0) for each in (speed, distance))
    ratio = speed / _positive(speed.amax(pairs, keepdim=True))
    if isinstance(length, str):
        own = speed.shape[1] if len(pairs) == 2 else 0  # a particle is no pair with itself
        count = max(1, speed[0].numel() - own)
        mean = _positive(distance.square().sum(pairs, keepdim=True)) / count
        near = torch.exp(-distance / mean.sqrt())
    else:
        near = torch.exp(-distance / length)
    return (coll * ratio * near).clamp(0, 1)


def slowest(dtype: torch.dtype) -> float:
    """The speed whose square has lost no digits yet; of slower pairs energy would not stay."""
    span = torch.finfo(dtype)
    return (span.tiny / span.eps) ** 0.5


def _positive(size: Tensor) -> Tensor:
    """The size, 1 where it is 0, so that 0/0 is 0."""
    return torch.where(size > 0, size, 1.0)
