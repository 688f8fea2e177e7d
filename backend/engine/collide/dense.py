"""Collisions of all pairs of a group at once, and their mean."""

from typing import Any

import torch
from torch import Tensor

from .acceptance import probability
from .ledger import Outcome
from .numbers import normal, uniform


class _Distances(torch.autograd.Function):
    """|a_i - a_j| of rows (G, n, d), by differences, so that 0 is 0; back by products."""

    @staticmethod
    def forward(rows: Tensor) -> Tensor:
        return torch.cdist(rows, rows, compute_mode="donot_use_mm_for_euclid_dist")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        ctx.save_for_backward(*inputs, output)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        rows, distance = ctx.saved_tensors
        # The slope of |w| is w/|w|, and 0 at 0.
        pull = (grads[0] + grads[0].mT) / torch.where(distance > 0, distance, torch.inf)
        return pull.sum(-1, keepdim=True) * rows - pull @ rows


def _distances(rows: Tensor) -> Tensor:
    if torch.compiler.is_compiling():  # the compiler differentiates it by itself
        return _Distances.forward(rows)
    return _Distances.apply(rows)  # type: ignore[return-value]


def _roughly(rows: Tensor) -> Tensor:
    """The same by products, quick: to some sqrt(eps) of the largest, which chance does not see."""
    centred = rows - rows.mean(1, keepdim=True)
    squares = centred.square().sum(-1)
    apart = squares[:, :, None] + squares[:, None, :] - 2 * (centred @ centred.mT)
    return apart.clamp_min(0).sqrt()


def allpairs(
    x: Tensor, v: Tensor, coll: float, length: float | str, generator: torch.Generator | None
) -> Outcome:
    """Every pair of a group (G, n, d) may collide, all at the same time.

    With M_ij the accepted pairs, s_i ~ N(0, 1) and r_ij = (s_i - s_j)/|s_i - s_j|, which has no
    preferred direction and changes its sign with the pair's order,

        v_i' = v_i + sum_j M_ij/2 (v_j - v_i + g_ij r_ij).

    Collisions at once do not keep the energy; what the particles have about their mean is
    therefore brought to the energy it had. Directions that share a particle are correlated, and a
    particle of many partners gets the sum of many kicks: over many rounds a dense gas gives its
    energy to few particles instead of relaxing to Maxwell's distribution.
    """
    count = v.shape[1]
    speed = _distances(v)
    with torch.no_grad():
        _, accepted = drawn_pairs(x, v, coll, length, generator, speed)
        met = accepted.to(v.dtype)
        source = normal(v, tuple(v.shape), generator)
        apart = _roughly(source)
        weight = met / torch.where(apart > 0, 2 * apart, torch.inf)
    kick = torch.where(met > 0, weight * speed, 0.0)  # a speed may be no finite number
    sent = kick.sum(-1, keepdim=True) * source - kick @ source
    drawn_in = 0.5 * (met @ v - met.sum(-1, keepdim=True) * v)
    partners = met.sum(-1)
    share = partners.sum() / max(1, met.shape[0] * count * (count - 1))
    touched = partners.sum(-1)[:, None, None] > 0
    return Outcome(_of_energy(v, v + drawn_in + sent, touched), share, partners.mean())


@torch.no_grad()
def drawn_pairs(
    x: Tensor,
    v: Tensor,
    coll: float,
    length: float | str,
    generator: torch.Generator | None,
    speed: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """p of all pairs (G, n, n) and which of them meet: symmetric, none with itself.

    Args:
        x: positions (G, n, d).
        v: velocities.
        coll: of ``probability``.
        length: of ``probability``.
        generator: of the random numbers.
        speed: |v_i - v_j| where it is known.
    """
    speed = _distances(v) if speed is None else speed
    chance = probability(speed, _roughly(x), coll, length)
    drawn = uniform(v, tuple(speed.shape), generator).triu(1)
    return chance, (drawn + drawn.mT) < chance


def _of_energy(v: Tensor, changed: Tensor, touched: Tensor) -> Tensor:
    """``changed`` with the momentum of ``v`` and its energy about the mean, where ``touched``."""
    mean = v.mean(1, keepdim=True)
    now = changed - changed.mean(1, keepdim=True)
    before, after = ((each.square().sum((1, 2), keepdim=True)) for each in (v - mean, now))
    usable = touched & (before > 0) & (after > 0) & after.isfinite()
    one = torch.ones_like(before)
    factor = torch.sqrt(torch.where(usable, before, one) / torch.where(usable, after, one))
    return torch.where(usable, mean + factor * torch.where(usable, now, 0.0), v)


def mean_field(x: Tensor, v: Tensor, coll: float, length: float | str) -> Outcome:
    """What disjoint pairs do on average, over partners and directions: no chance is left.

    v_i' = v_i + sum_j q p_ij/2 (v_j - v_i), q the probability that a random matching has the pair
    i, j: 1/(n - 1) for even n, 1/n for odd n. Momentum stays, energy never grows. As nothing is
    drawn, p is differentiated, too.
    """
    count = v.shape[1]
    chance = mean_chances(x, v, coll, length)
    share = chance / (count - 1 if count % 2 == 0 else count)
    partners = share.sum(-1, keepdim=True)
    moved = 0.5 * (share @ v - partners * v)
    mean = partners.detach().mean()
    return Outcome(v + moved, mean * count / (2 * (count // 2)), mean)


def mean_chances(x: Tensor, v: Tensor, coll: float, length: float | str) -> Tensor:
    """p of all pairs (G, n, n), differentiable."""
    return probability(_distances(v), _distances(x), coll, length)
