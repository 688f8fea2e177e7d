"""Experiments on a gas by itself, which need no training: what the rule of a layer does to it.

All of them use the functions that train, in the precision of a training, so that its compiled
kernels serve. Random numbers are seeded.
"""

import numpy as np
import torch
from torch import Tensor

from ...engine.collide import collided, published_outcome

PARTICLES, ROUNDS = 2000, 10
BINS, FASTEST = 24, 3.0
LANDINGS = 160
DIMENSIONS = tuple(2**k for k in range(11))
SMALL_GASES, SMALL = 24, 32
PUBLISHED_COLL = 0.9
"""c of the published networks for fields; with 0.5, that of its ResNet, fewer collide."""

PAIR = ((0.9, 0.5), (-0.5, -0.1))
"""Velocities of the two particles that collide."""

Arrays = dict[str, np.ndarray]


def experiments(coll: float) -> Arrays:
    """All of them.

    Args:
        coll: c of the acceptance fractions; the other experiments have 1.
    """
    return {**relaxation(), **landings(), **fractions(coll)}


def relaxation(rounds: int = ROUNDS) -> Arrays:
    """A gas of two beams, v = (+-1, 0), that relaxes by disjoint pairs (``matched``, c = 1).

    All particles are at one place, so that only relative speeds decide.

    Returns:
        ``speed`` (bins,) middles, ``speeds`` (rounds + 1, bins) the density of |v|, ``rayleigh``
        (bins,) that of Maxwell's gas in two dimensions of the same energy, the mean of each bin;
        ``temperature`` (rounds + 1, 2): T_xx and T_yy; ``kurtosis`` (rounds + 1,) of v_x, 3 in
        Maxwell's gas; ``gas_energy`` (rounds + 1,) and ``gas_momentum`` (rounds + 1,): energy over
        that of the start, and the size of the change of the mean velocity.
    """
    generator = torch.Generator().manual_seed(1)
    v = torch.zeros(1, PARTICLES, 2)
    v[0, : PARTICLES // 2, 0], v[0, PARTICLES // 2 :, 0] = 1.0, -1.0
    x, states = torch.zeros_like(v), [v[0].double()]
    for _ in range(rounds):
        v = collided(x, v, coll=1.0, generator=generator).v
        states.append(v[0].double())
    edges = torch.linspace(0, FASTEST, BINS + 1, dtype=torch.double)
    first = states[0]
    power = float(first.square().sum(1).mean())  # 2 T, so that exp(-s^2/power) is left above s
    tail = torch.exp(-edges.square() / power)
    return {
        "speed": (0.5 * (edges[1:] + edges[:-1])).numpy(),
        "speeds": np.stack([_density(each, edges) for each in states]),
        "rayleigh": ((tail[:-1] - tail[1:]) / edges.diff()).numpy(),
        "temperature": np.stack([each.var(0, correction=0).numpy() for each in states]),
        "kurtosis": np.array([_kurtosis(each[:, 0]) for each in states]),
        "gas_energy": np.array([float(each.square().sum() / first.square().sum())
                                for each in states]),
        "gas_momentum": np.array([float((each.mean(0) - first.mean(0)).norm()) for each in states]),
    }  # fmt: skip


def _density(v: Tensor, edges: Tensor) -> np.ndarray:
    counts = torch.histogram(torch.linalg.vector_norm(v, dim=1), edges)[0]
    return (counts / (len(v) * edges.diff())).numpy()


def _kurtosis(values: Tensor) -> float:
    centred = values - values.mean()
    return float(centred.pow(4).mean() / centred.square().mean() ** 2)


def landings() -> Arrays:
    """One pair at one place, colliding again and again: where both velocities end.

    Returns:
        ``pair`` (2, 2) before; ``ends`` (N, 2, 2) after elastic collisions, ``ends_published`` (N,
        2, 2) after those of the published rule.
    """
    generator = torch.Generator().manual_seed(2)
    pair = torch.tensor(PAIR)
    v = pair.expand(LANDINGS, -1, -1).contiguous()
    x = torch.zeros_like(v)
    ends = collided(x, v, coll=1.0, generator=generator).v
    drawn = torch.randn(LANDINGS, 2, 1, generator=generator)
    directions = torch.nn.functional.normalize(drawn, dim=1)
    _, other = published_outcome(x.mT, v.mT, directions, PUBLISHED_COLL, average=False)
    return {"pair": pair.numpy(), "ends": ends.numpy(), "ends_published": other.v.mT.numpy()}


def fractions(coll: float) -> Arrays:
    """How many pairs of a Gaussian gas collide, by the number of coordinates.

    Returns:
        ``dimension`` (D,) and ``fraction`` (3, D): of ``matched`` with the length 1 and ``rms``,
        and of the published rule, whose length is 1.
    """
    generator = torch.Generator().manual_seed(3)
    found = []
    for size in DIMENSIONS:
        x, v = torch.randn(2, SMALL_GASES, SMALL, size, generator=generator)
        ours = [float(collided(x, v, coll=coll, rounds=4, length=length, generator=generator)
                      .accepted) for length in ("unit", "rms")]  # fmt: skip
        # The share does not depend on the directions; of length 0 they cost least to make.
        directions = torch.zeros(1, 1, 1).expand(SMALL_GASES, size, SMALL * (SMALL - 1) // 2)
        theirs = published_outcome(x.mT, v.mT, directions, PUBLISHED_COLL, average=False)[1]
        found.append([*ours, float(theirs.accepted)])
    return {"dimension": np.array(DIMENSIONS, float), "fraction": np.array(found).T}
