"""The published rule beside numbers of section 8.2, made here pair by pair without torch.

Every quantity is written down from the equations of section 2.1 in double precision: loops over
pairs, and slopes by hand instead of by autograd.
"""

from itertools import combinations, product

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from backend.engine.collide import published
from backend.engine.collide.verbatim import pairs_met

Array = NDArray[np.float64]
SIZES = [(2, 8, 6), (3, 6, 16), (2, 160, 128)]
"""Samples, coordinates, particles."""

APART = {0.3: 0.2, 0.5: 0.5, 0.9: 2.05}
"""By c, how far apart particles lie so that some pairs collide and some do not."""

TIE = 1e-6
"""A score so near to the threshold is decided by rounding: such a pair is no example."""

SEED = 2
"""With smaller ones there is such a pair."""


class Reference:
    """One sample (d, n) by the rule, step by step."""

    def __init__(self, x: Array, v: Array, directions: Array, coll: float, average: bool) -> None:
        self.x, self.v, self.average = x, v, average
        self.r = np.ascontiguousarray(directions.T)  # (pairs, d)
        count = x.shape[1]
        self.pairs = list(combinations(range(count), 2))
        self.distance, self.speed = np.zeros((count, count)), np.zeros((count, count))
        for i, j in self.pairs:
            self.distance[i, j] = self.distance[j, i] = np.sqrt(np.sum((x[:, i] - x[:, j]) ** 2))
            self.speed[i, j] = self.speed[j, i] = np.sqrt(np.sum((v[:, i] - v[:, j]) ** 2))
        self.score = self.speed / self.speed.max() * np.exp(-self.distance)
        self.met = self.score > 1 - coll
        self.degree = self.met.sum(0)
        self.after = v.copy()
        for p, (i, j) in enumerate(self.pairs):
            if self.met[i, j]:
                kick = self.speed[i, j] * self.r[p]
                self.after[:, j] += 0.5 * (v[:, j] - v[:, i]) + kick
                self.after[:, i] += 0.5 * (v[:, i] - v[:, j]) - kick
        self.centre = x.copy()
        if average:
            for j in range(count):
                partners = [0.5 * (x[:, i] + x[:, j]) for i in range(count) if self.met[i, j]]
                self.centre[:, j] = (x[:, j] + sum(partners)) / (1 + len(partners))
        self.place = self.centre + self.after

    def slopes(self) -> tuple[Array, Array]:
        """d(sum x'^2)/dx and /dv: who collides has no slope, speeds and differences have."""
        out = 2 * self.place
        to_x, to_v = out.copy(), out.copy()
        if self.average:
            share = out / (1 + self.degree)
            to_x = share * (1 + 0.5 * self.degree)
            for i, j in product(range(len(self.degree)), repeat=2):
                if self.met[i, j]:
                    to_x[:, i] += 0.5 * share[:, j]
        for p, (i, j) in enumerate(self.pairs):
            if self.met[i, j]:
                pull = out[:, j] - out[:, i]
                unit = (self.v[:, j] - self.v[:, i]) / self.speed[i, j]
                back = 0.5 * pull + unit * (pull @ self.r[p])
                to_v[:, j] += back
                to_v[:, i] -= back
        return to_x, to_v


def problem(size: tuple[int, int, int], coll: float) -> tuple[Array, Array, Array]:
    rng = np.random.default_rng(SEED + sum(size))
    batch, coordinates, count = size
    spread = APART[coll] / np.sqrt(2 * coordinates)
    x, v = spread * rng.normal(size=size), rng.normal(size=size)
    r = rng.normal(size=(batch, coordinates, count * (count - 1) // 2))
    return x, v, r / np.sqrt((r**2).sum(1, keepdims=True))


@pytest.mark.parametrize("coll", APART)
@pytest.mark.parametrize(
    ("size", "average"), [*product(SIZES, [True]), *product(SIZES[:2], [False])]
)
def test_every_quantity_of_the_rule(size, coll, average):
    x, v, r = problem(size, coll)
    whole = [Reference(x[k], v[k], r[k], coll, average) for k in range(len(x))]
    place, after = (torch.tensor(value, requires_grad=True) for value in (x, v))
    ours = published(place, after, torch.tensor(r), coll, average=average)
    slopes = torch.autograd.grad(ours[0].square().sum(), (place, after))
    met = pairs_met(torch.tensor(x).mT, torch.tensor(v).mT, coll).numpy()
    for k, one in enumerate(whole):
        assert np.abs(one.score - (1 - coll)).min() > TIE, "no pair is decided by rounding"
        assert np.array_equal(met[k], one.met)
        wanted = one.place, one.after, *one.slopes()
        for found, value in zip((*ours, *slopes), wanted, strict=True):
            error = np.abs(found[k].detach().numpy() - value).max()
            assert error <= 1e-12 * np.abs(value).max()
    count = size[2]
    share = np.mean([one.met.sum() / (count * (count - 1)) for one in whole])
    assert 0.03 < share < 0.8, "some pairs collide and some do not"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("coll", APART)
def test_single_precision_decides_and_counts_alike(size, coll):
    x, v, r = (torch.from_numpy(value).float() for value in problem(size, coll))
    place, after = published(x, v, r, coll)
    assert place.dtype == after.dtype == torch.float32
    for k in range(len(x)):
        one = Reference(
            x[k].double().numpy(), v[k].double().numpy(), r[k].double().numpy(), coll, True
        )
        assert np.abs(one.score - (1 - coll)).min() > TIE, "no pair is decided by rounding"
        for found, value in ((place, one.place), (after, one.after)):
            error = np.abs(found[k].numpy() - value).max()
            assert error <= 2e-6 * np.abs(value).max()
