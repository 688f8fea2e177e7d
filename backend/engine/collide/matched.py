"""Collisions of disjoint pairs: every particle meets at most one other in a round."""

import torch
from torch import Tensor

from ..tracing import traced
from . import pairs_cpu, pairs_torch
from .ledger import Outcome
from .numbers import normal, uniform


def matched(
    x: Tensor, v: Tensor, coll: float, length: float | str, generator: torch.Generator | None
) -> Outcome:
    """One round: floor(n/2) random pairs of every group (G, n, d), each accepted by chance.

    v_i' = v_m + g r/2, v_j' = v_m - g r/2 with v_m = (v_i + v_j)/2, g = |v_i - v_j| and r a
    direction without preference: the elastic collision of equal masses. By a compiled kernel on
    the processor, elsewhere and for a compiler by gathers of constant shapes.
    """
    after, accepted, _ = met(x, v, coll, length, generator)
    share = accepted.to(torch.float32).mean()
    count = v.shape[1]
    return Outcome(after, share, share * (2 * (count // 2) / count))


def met(
    x: Tensor, v: Tensor, coll: float, length: float | str, generator: torch.Generator | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Velocities after a round, which pairs were accepted (G, pairs), and the order (G, n).

    Particles order[:, k] and order[:, k + floor(n/2)] are pair k of their group.
    """
    groups, count, coordinates = v.shape
    half = count // 2
    with torch.no_grad():
        order = uniform(v, (groups, count), generator).argsort(1)
        direction = normal(v, (groups, half, coordinates), generator)
        drawn = uniform(v, (groups, half), generator)
    way = pairs_cpu if v.device.type == "cpu" and not traced(v) else pairs_torch
    after, accepted = way.meet(v, x, order, direction, drawn, coll, length)
    return after, accepted, order
