"""Collisions of particles: the public function."""

import warnings

import torch
from torch import Tensor

from .checked import (
    checked_count,
    checked_generator,
    checked_length,
    checked_mode,
    checked_number,
    checked_pair,
)
from .dense import allpairs, mean_field
from .ledger import Outcome
from .matched import matched
from .numbers import wide

AXES = ("groups", "particles", "coordinates")
LONELY = "a group has a single particle, so nothing collides; give groups of two or more"


def collide(
    x: Tensor,
    v: Tensor,
    *,
    coll: float = 1.0,
    rounds: int = 1,
    length: float | str = "rms",
    mode: str = "matched",
    generator: torch.Generator | None = None,
) -> Tensor:
    """Velocities after random elastic collisions within groups of particles of equal mass.

    A pair with relative speed g at distance D collides with the probability
    min(1, c g/g_max exp(-D/l)); its relative velocity then turns into any direction. Momentum and
    kinetic energy of every group stay. Groups never see each other. In half precision all is
    computed in float32 and rounded once.

    Args:
        x: positions (G, n, d) of n particles with d coordinates in each of G groups; a gradient
            reaches them in ``mean_field`` only.
        v: velocities of the same shape.
        coll: c, not negative.
        rounds: how often; positions stay.
        length: l, a positive number; ``rms`` for the root of the mean squared distance of a group's
            pairs; ``unit`` for 1.
        mode: ``matched`` has disjoint random pairs and takes O(n d); ``allpairs`` lets all pairs
            collide at once and brings the energy back, O(n² d); ``mean_field`` is the mean of
            ``matched`` without chance, in which energy is lost, O(n² d); ``off`` gives ``v`` back.
        generator: of the random numbers, on any device; ``None`` for torch's own.

    Returns:
        (G, n, d) of the type of ``v``, differentiable in ``v``; once by the processor's kernels.

    Raises:
        InputError: an argument does not fit; the message says which.

    Warns:
        RuntimeWarning: groups have a single particle; ``v`` comes back.

    References:
        Feng et al. 2025, arXiv 2505.17919, for collisions between residual branches; G. A. Bird
        1994, Molecular gas dynamics and the direct simulation of gas flows, for the rule.
    """
    return collided(x, v, coll=coll, rounds=rounds, length=length, mode=mode, generator=generator).v


def collided(
    x: Tensor,
    v: Tensor,
    *,
    coll: float = 1.0,
    rounds: int = 1,
    length: float | str = "rms",
    mode: str = "matched",
    generator: torch.Generator | None = None,
) -> Outcome:
    """What ``collide`` gives, with the share of pairs that met; ``ledger`` makes books of it."""
    x, v = checked_pair(x, v, AXES)
    mode, coll = checked_mode(mode), checked_number(coll, "coll", 0.0)
    rounds, reach = checked_count(rounds, "rounds"), checked_length(length)
    generator = checked_generator(generator)
    none = v.new_zeros((), dtype=torch.float32)
    if mode == "off" or not v.numel():
        return Outcome(v, none, none)
    if v.shape[1] < 2:
        if not torch.compiler.is_compiling():
            warnings.warn(LONELY, RuntimeWarning, stacklevel=3)
        return Outcome(v, none, none)
    # Products of matrices would lose digits in a surrounding autocast.
    with torch.autocast(v.device.type, enabled=False):
        place, moving = wide(x if mode == "mean_field" else x.detach()), wide(v)
        accepted, partners = none, none
        for _ in range(rounds):
            if mode == "mean_field":
                found = mean_field(place, moving, coll, reach)
            else:
                rule = matched if mode == "matched" else allpairs
                found = rule(place, moving, coll, reach, generator)
            moving = found.v
            accepted, partners = accepted + found.accepted / rounds, partners + found.partners
        return Outcome(moving.to(v.dtype), accepted, partners)
