"""A collision pair by pair: who could meet whom and how probably, who did, and what came of it."""

from typing import NamedTuple

import torch
from torch import Tensor

from .acceptance import probability
from .checked import (
    checked_generator,
    checked_length,
    checked_mode,
    checked_number,
    checked_pair,
)
from .dense import allpairs, drawn_pairs, mean_chances, mean_field
from .matched import met
from .numbers import wide
from .verbatim import pairs_met

AXES = ("groups", "particles", "coordinates")
SHOWN = ("matched", "allpairs", "mean_field")
"""Modes of ``collide`` in which particles meet."""


class Meeting(NamedTuple):
    """One round in groups (G, n, d) of particles.

    Args:
        v: velocities after it, (G, n, d).
        first: one particle of every candidate pair, (G, P).
        second: the other one.
        probability: that the pair collides.
        accepted: whether it did; never in ``mean_field``, which is the mean of all outcomes.
    """

    v: Tensor
    first: Tensor
    second: Tensor
    probability: Tensor
    accepted: Tensor


@torch.no_grad()
def meeting(
    x: Tensor,
    v: Tensor,
    *,
    coll: float = 1.0,
    length: float | str = "rms",
    mode: str = "matched",
    generator: torch.Generator | None = None,
) -> Meeting:
    """One round of ``collide`` pair by pair: the same code with the same random numbers.

    Candidates of ``matched`` are the floor(n/2) pairs that were drawn; all n (n - 1)/2 of the other
    modes.

    Args:
        x: positions (G, n, d) of two or more particles.
        v: velocities of the same shape.
        coll: as of ``collide``.
        length: as of ``collide``.
        mode: ``matched``, ``allpairs`` or ``mean_field``.
        generator: as of ``collide``.

    Raises:
        InputError: an argument does not fit; the message says which.
    """
    x, v = checked_pair(x, v, AXES)
    mode, coll = checked_mode(mode, SHOWN), checked_number(coll, "coll", 0.0)
    reach, generator = checked_length(length), checked_generator(generator)
    place, moving = wide(x), wide(v)
    if mode == "matched":
        after, accepted, order = met(place, moving, coll, reach, generator)
        half = v.shape[1] // 2
        first, second = order[:, :half], order[:, half : 2 * half]
        speed, distance = (_apart(each, first, second) for each in (moving, place))
        chance = probability(speed, distance, coll, reach)
        return Meeting(after.to(v.dtype), first, second, chance, accepted)
    if mode == "mean_field":
        chances = mean_chances(place, moving, coll, reach)
        after, accepted = mean_field(place, moving, coll, reach).v, torch.zeros_like(chances)
    else:
        again = _repeated(generator, v)
        chances, accepted = drawn_pairs(place, moving, coll, reach, again)
        after = allpairs(place, moving, coll, reach, generator).v
    return _of_all(after.to(v.dtype), chances, accepted.bool())


@torch.no_grad()
def published_meeting(x: Tensor, v: Tensor, after: Tensor, coll: float) -> Meeting:
    """The published rule pair by pair: p is 1 for pairs above its threshold, else 0.

    Args:
        x: positions (G, n, d), particles as rows.
        v: velocities before.
        after: velocities that ``published_outcome`` made of them.
        coll: c.
    """
    accepted = pairs_met(wide(x).contiguous(), wide(v).contiguous(), coll)
    return _of_all(after, accepted.to(x.dtype), accepted)


def _apart(rows: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """|a_i - a_j| of pairs (G, P)."""
    size = (*first.shape, rows.shape[2])
    one, other = (rows.gather(1, each[..., None].expand(size)) for each in (first, second))
    return torch.linalg.vector_norm(one - other, dim=-1)


def _repeated(generator: torch.Generator | None, like: Tensor) -> torch.Generator:
    """A generator that draws what this one will draw."""
    device = like.device if generator is None else generator.device
    again = torch.Generator(device)
    if generator is not None:
        return again.set_state(generator.get_state())
    own = torch.cuda.get_rng_state(device) if device.type == "cuda" else torch.get_rng_state()
    return again.set_state(own)


def _of_all(after: Tensor, chances: Tensor, accepted: Tensor) -> Meeting:
    groups, count, _ = after.shape
    one, other = torch.triu_indices(count, count, 1, device=after.device)
    first, second = (each.expand(groups, -1) for each in (one, other))
    return Meeting(after, first, second, chances[:, one, other], accepted[:, one, other])
