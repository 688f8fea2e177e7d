"""What a collision did: how many met, and whether momentum and energy stayed."""

from typing import NamedTuple

import torch
from torch import Tensor

from .numbers import wide


class Outcome(NamedTuple):
    """Velocities after collisions.

    Args:
        v: (G, n, d).
        accepted: the share of looked-at pairs that collided, a scalar.
        partners: collisions of a particle, the mean of all, a scalar.
    """

    v: Tensor
    accepted: Tensor
    partners: Tensor


class Ledger(NamedTuple):
    """The books of one collision.

    Args:
        accepted: the share of looked-at pairs that collided.
        partners: collisions of a particle, the mean of all.
        momentum: the largest |sum v' - sum v| of a group, over n times its largest |v|.
        energy: sum |v'|^2 over sum |v|^2, of all groups together; 1 where nothing moves.
    """

    accepted: float
    partners: float
    momentum: float
    energy: float


def ledger(v: Tensor, outcome: Outcome) -> Ledger:
    """The books of velocities (G, n, d) and what became of them."""
    return Ledger(*balance(v, outcome).tolist())


@torch.no_grad()
def balance(v: Tensor, outcome: Outcome) -> Tensor:
    """The figures of a ``Ledger``, (4,), where the velocities live: nobody waits for them."""
    before, after = wide(v.detach()), wide(outcome.v.detach())
    moved = torch.linalg.vector_norm((after - before).sum(1), dim=-1)
    size = torch.linalg.vector_norm(before, dim=-1).amax(1) * v.shape[1]
    error = torch.where(size > 0, moved / size, moved)
    energy, rest = torch.linalg.vector_norm(after), torch.linalg.vector_norm(before)
    ratio = torch.where(rest > 0, energy / rest, torch.ones_like(rest)).square()
    figures = outcome.accepted, outcome.partners, error.amax(), ratio
    return torch.stack([each.to(error.dtype) for each in figures])
