"""The published rule: golden examples, its broadcast form, and which invariants it breaks."""

import math
from itertools import pairwise

import pytest
import torch
from torch import Tensor

from backend.engine.collide import collide, matched, published, verbatim

from .gas import gas, turn

DOUBLE = torch.double
X = torch.tensor([[[0, 0.2, 0.1], [0, 0, 0.3]]], dtype=DOUBLE)
V = torch.tensor([[[1, -1, 0.5], [0, 0.5, -1]]], dtype=DOUBLE)
R = torch.tensor([[[0.6, 0, -1], [0.8, 1, 0]]], dtype=DOUBLE)

# Section 8.1 of the specification: c, average, v', x', and half the sum of squares of v'.
GOLDEN = [
    (0.25, False, [[0.763068312, -0.763068312, 0.5], [-1.89924225, 2.39924225, -1]],
     [[0.763068312, -0.563068312, 0.6], [-1.89924225, 2.39924225, -0.7]], 5.889015500),
    (0.25, True, [[0.763068312, -0.763068312, 0.5], [-1.89924225, 2.39924225, -1]],
     [[0.813068312, -0.613068312, 0.6], [-1.89924225, 2.39924225, -0.7]], 5.889015500),
    (0.5, True, [[0.763068312, 0.608252031, -0.871320344], [-1.89924225, 3.14924225, -1.75]],
     [[0.813068312, 0.758252031, -0.746320344], [-1.89924225, 3.19924225, -1.525]], None),
    (0.9, True, [[1.013068312, 0.608252031, -1.121320344],
                 [-2.517276239, 3.14924225, -1.131966011]],
     [[1.063068312, 0.758252031, -1.021320344], [-2.467276239, 3.19924225, -0.931966011]],
     10.094695358),
]  # fmt: skip


@pytest.mark.parametrize(("coll", "average", "v", "x", "energy"), GOLDEN)
def test_the_golden_examples(coll, average, v, x, energy):
    place, velocity = published(X, V, R, coll, average=average)
    assert torch.allclose(velocity, torch.tensor([v], dtype=DOUBLE), atol=6e-10)
    assert torch.allclose(place, torch.tensor([x], dtype=DOUBLE), atol=6e-10)
    if energy is not None:
        assert float(0.5 * velocity.square().sum()) == pytest.approx(energy, abs=5e-9)


def test_two_particles_of_the_specification():
    x = torch.tensor([[[0, 0.1], [0, 0]]], dtype=DOUBLE)
    v = torch.tensor([[[1.0, -1], [0, 0]]], dtype=DOUBLE)
    r = torch.tensor([[[0.0], [1]]], dtype=DOUBLE)
    place, velocity = published(x, v, r, 0.9)
    assert velocity.tolist() == [[[2, -2], [-2, 2]]]
    assert torch.allclose(place, torch.tensor([[[2.025, -1.925], [-2, 2]]], dtype=DOUBLE))


def test_the_elastic_golden_example(monkeypatch):
    """The same pair, its direction given: v_0' and v_1' of the table, energy 1.75."""
    # Particles 0 and 1 meet for certain, the third one stays alone.
    draws = iter([torch.tensor([[0.1, 0.2, 0.3]]), torch.tensor([[0.0]])])
    monkeypatch.setattr(matched, "uniform", lambda *_: next(draws).double())
    monkeypatch.setattr(matched, "normal", lambda *_: 3 * R[:, None, :, 0])
    done = collide(X.mT, V.mT)
    wanted = [[0.618465844, -0.618465844, 0.5], [1.074621125, -0.574621125, -1]]
    assert torch.allclose(done.mT[0], torch.tensor(wanted, dtype=DOUBLE), atol=6e-10)
    assert float(0.5 * done.square().sum()) == pytest.approx(1.75, abs=1e-14)


def broadcast(x: Tensor, v: Tensor, directions: Tensor, coll: float, average: bool, dt: float):
    """As the paper's public code works: every quantity of every pair at once, (B, d, n, n)."""
    count = x.shape[-1]
    distance = (x[..., :, None] - x[..., None, :]).norm(dim=1)
    relative = v[..., None, :] - v[..., :, None]  # at i, j: v_j - v_i
    speed = relative.norm(dim=1)
    score = speed / speed.amax((1, 2), keepdim=True) * torch.exp(-distance)
    met = (score > 1 - coll).to(x.dtype)
    first, second = torch.triu_indices(count, count, 1)
    r = torch.zeros_like(relative)
    r[..., first, second], r[..., second, first] = directions, -directions
    after = v + (met[:, None] * (0.5 * relative + speed[:, None] * r)).sum(2)
    if average:
        middle = 0.5 * (x[..., :, None] + x[..., None, :])
        x = (x + (met[:, None] * middle).sum(2)) / (1 + met.sum(1, keepdim=True))
    return x + dt * after, after, met


def problem(batch: int, size: int, count: int, spread: float):
    x, v = gas(batch, size, count)
    directions = gas(batch, size, count * (count - 1) // 2, seed=3)[0]
    return spread * x, v, directions / directions.norm(dim=1, keepdim=True)


@pytest.mark.parametrize("coll", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("average", [False, True])
@pytest.mark.parametrize(("size", "spread"), [((2, 8, 6), 0.2), ((3, 6, 16), 0.3),
                                              ((2, 1, 5), 0.5)])  # fmt: skip
def test_it_is_the_broadcast_form(size, spread, coll, average):
    x, v, r = problem(*size, spread)
    x.requires_grad_()
    v.requires_grad_()
    ours = published(x, v, r, coll, average=average, dt=0.7)
    theirs = broadcast(x, v, r, coll, average, 0.7)
    assert coll < 0.9 or float(theirs[2].mean()) > 0.1, "pairs collide"
    slopes = [torch.autograd.grad(run[0].square().sum(), (x, v)) for run in (ours, theirs)]
    for one, other in zip((*ours, *slopes[0]), (*theirs[:2], *slopes[1]), strict=True):
        assert torch.allclose(one, other, rtol=1e-11, atol=1e-12)


def test_which_invariants_it_keeps_and_which_it_breaks():
    """I1, I7 to I13; energy of isolated pairs grows by 8 (1 + cos) and eightfold in the mean."""
    x, v, r = problem(2, 5, 8, 0.1)
    place, after = published(x, v, r, 0.6, average=False)
    assert torch.allclose(after.sum(-1), v.sum(-1), atol=1e-12)
    assert torch.allclose(place.mean(-1), (x + v).mean(-1), atol=1e-14)
    q = turn(5)
    turned = published(q @ x, q @ v, q @ r, 0.6)
    for one, other in zip(turned, published(x, v, r, 0.6), strict=True):
        assert torch.allclose(one, q @ other, atol=1e-12)
    wind = torch.ones(5, 1, dtype=DOUBLE)
    assert torch.allclose(published(x + 2 * wind, v + wind, r, 0.6)[1],
                          published(x, v, r, 0.6)[1] + wind, atol=1e-12)  # fmt: skip
    assert torch.allclose(published(x, 7 * v, r, 0.6)[1], 7 * published(x, v, r, 0.6)[1],
                          rtol=1e-12)  # fmt: skip
    masks = [verbatim.pairs_met(x.mT, v.mT, coll) for coll in (0.0, 0.3, 0.6, 1.0)]
    for fewer, more in pairwise(masks):
        assert bool((more | ~fewer).all())
        assert torch.equal(more, more.mT)
        assert not bool(more.diagonal(dim1=1, dim2=2).any())
    assert not bool(masks[0].any())
    pair, _, turns = problem(4000, 3, 2, 0.0)
    w = torch.tensor([[[0.5, -0.5], [0, 0], [0, 0]]], dtype=DOUBLE).expand(4000, -1, -1)
    after = published(pair, w, turns, 1.0)[1]
    growth = (after[..., 1] - after[..., 0]).square().sum(1)
    assert torch.allclose(growth, 8 * (1 - turns[:, 0, 0]), atol=1e-12)
    assert float(growth.mean()) == pytest.approx(8, abs=4 * 8 / math.sqrt(3 * 4000))


def test_relabelling_permutes():
    """I7: directions go along, with their sign."""
    x, v, r = problem(1, 4, 5, 0.2)
    order = torch.tensor([2, 0, 4, 1, 3])
    first, second = torch.triu_indices(5, 5, 1)
    whole = torch.zeros(1, 4, 5, 5, dtype=DOUBLE)
    whole[..., first, second], whole[..., second, first] = r, -r
    moved = whole[..., order, :][..., order][..., first, second]
    found = published(x[..., order], v[..., order], moved, 0.7)
    for one, other in zip(found, published(x, v, r, 0.7), strict=True):
        assert torch.allclose(one, other[..., order], atol=1e-13)


def test_positions_are_averaged_within_their_hull():
    """I6, along every coordinate; the centroid stays only where all have as many partners."""
    x, v, r = problem(3, 2, 9, 0.4)
    moved, velocity = published(x, v, r, 0.9)
    centres = moved - velocity
    assert bool((centres <= x.amax(-1, keepdim=True)).all())
    assert bool((centres >= x.amin(-1, keepdim=True)).all())
    assert not torch.allclose(centres.mean(-1), x.mean(-1), atol=1e-6)
    moved, velocity = published(0 * x + x[..., :1], v, r, 1.0)
    assert torch.allclose(moved - velocity, x[..., :1].expand_as(x), atol=1e-13)


def test_nothing_moves_without_relative_motion():
    """I11: 0/0 is above no threshold, and no gradient is NaN."""
    x, v, r = problem(2, 3, 4, 0.2)
    same = v[..., :1].expand_as(v).clone().requires_grad_()
    place, after = published(x, same, r, 1.0, average=False)
    assert torch.equal(after, same)
    place.square().sum().backward()
    assert bool(same.grad.isfinite().all())
    lone = published(x[..., :1], v[..., :1], r[..., :0], 0.9)
    assert torch.equal(lone[0], x[..., :1] + v[..., :1])
