"""Chance: how often pairs collide, where they go, and what a gas relaxes to."""

import math

import pytest
import torch

from backend.engine.collide import collide, collided

from .gas import after, energy, gas

MANY = 20_000


def repeated(*tensors):
    """Many copies of one group."""
    return [each.expand(MANY, -1, -1).contiguous() for each in tensors]


@pytest.mark.parametrize("coll", [0.4, 1.0])
@pytest.mark.parametrize("length", [0.7, 3.0])
def test_a_pair_collides_as_often_as_said(coll, length):
    """p = c exp(-D/l) of a lone pair, which is its own fastest, within four deviations."""
    x, v = repeated(*gas(1, 2, 3))
    chance = coll * math.exp(-float((x[0, 0] - x[0, 1]).norm()) / length)
    found = float((after(x, v, "matched", coll=coll, length=length) != v).any(-1)[:, 0].double()
                  .mean())  # fmt: skip
    assert abs(found - chance) < 4 * math.sqrt(chance * (1 - chance) / MANY)


def test_slower_pairs_collide_less_often():
    """Of four particles at one place: p = g/g_max of each matching, every matching a third."""
    v = torch.tensor([[[0.0], [1.0], [3.0], [10.0]]], dtype=torch.double)
    (many,) = repeated(v)
    change = after(torch.zeros_like(many), many, "matched") - many
    matchings = {(0, 1): (2, 3), (0, 2): (1, 3), (0, 3): (1, 2)}
    for (i, j), (k, m) in matchings.items():
        g, other = abs(v[0, i, 0] - v[0, j, 0]), abs(v[0, k, 0] - v[0, m, 0])
        # In one dimension half of all collisions swap, the others change nothing.
        chance = float(g / max(g, other)) / 3 / 2
        met = (change[:, i, 0] == v[0, j, 0] - v[0, i, 0]) & (change[:, i, 0] != 0)
        found = float(met.double().mean())
        assert abs(found - chance) < 4 * math.sqrt(chance * (1 - chance) / MANY)


def test_the_mean_over_directions_is_the_mean_field():
    """v_i + p (v_j - v_i)/2 of a pair within 2 %, and of any number within five deviations."""
    _, v = gas(1, 2, 3)
    mean = after(*repeated(0 * v, v), "matched", coll=0.8).mean(0)
    wanted = collide(0 * v, v, mode="mean_field", coll=0.8)[0]
    assert float((mean - wanted).norm() / (wanted - v[0]).norm()) < 0.02
    # At one place, with unequal speeds only by little: one g_max for all matchings.
    corners = torch.eye(6, dtype=torch.double)[None]
    found = after(*repeated(torch.zeros_like(corners), corners), "matched")
    wanted = collide(torch.zeros_like(corners), corners, mode="mean_field")[0]
    deviation = found.std(0) / math.sqrt(MANY)
    assert bool(((found.mean(0) - wanted).abs() < 5 * deviation).all())


@pytest.mark.parametrize("mode", ["matched", "allpairs"])
def test_directions_have_no_preference(mode):
    """Of r: mean 0 and second moment 1/d, from pairs that collided."""
    x, v = repeated(torch.zeros(1, 2, 3, dtype=torch.double), gas(1, 2, 3)[1])
    done = after(x, v, mode)
    r = (done[:, 0] - done[:, 1]) / float((v[0, 0] - v[0, 1]).norm())
    assert torch.allclose(r.norm(dim=-1), torch.ones(MANY, dtype=torch.double), atol=1e-14)
    assert float(r.mean(0).abs().max()) < 5 / math.sqrt(3 * MANY)
    second = r.mT @ r / MANY
    assert float((second - torch.eye(3) / 3).abs().max()) < 5 * math.sqrt(4 / 45 / MANY)


def test_a_gas_relaxes_to_maxwell():
    """From v_x = 1 or -1, v_y = 0: equal temperatures, then a kurtosis of 3.

    The tolerances are four deviations of a sample of so many normal numbers.
    """
    v = torch.zeros(1, MANY, 2)
    v[0, :, 0] = torch.tensor([1.0, -1.0]).repeat(MANY // 2)
    early, late = (after(torch.zeros_like(v), v, "matched", rounds=n) for n in (10, 40))
    for done, spread in ((early, 0.15), (late, 4 * math.sqrt(4 / MANY))):
        assert float(done[0, :, 0].var() / done[0, :, 1].var()) == pytest.approx(1, abs=spread)
        assert torch.allclose(energy(done), energy(v), rtol=1e-6)
    first, last = (float((each[0, :, 0] ** 4).mean() / (each[0, :, 0] ** 2).mean() ** 2)
                   for each in (early, late))  # fmt: skip
    assert 2 < first < last
    assert last == pytest.approx(3, abs=4 * math.sqrt(24 / MANY))


def test_acceptance_does_not_depend_on_the_number_of_coordinates():
    """With ``rms``; at a length of 1 nothing meets in many dimensions."""
    shares = []
    for d in (4, 64, 1024):
        x, v = gas(20, 32, d)
        shares.append(float(collided(x, v).accepted))
        if d == 1024:
            assert float(collided(x, v, length="unit").accepted) == 0
    assert min(shares) > 0.2
    assert max(shares) < 0.45


def test_a_seed_decides_and_groups_are_independent():
    x, v = gas(6, 8, 3)
    assert torch.equal(after(x, v, "matched"), after(x, v, "matched"))
    assert not torch.equal(after(x, v, "matched"), after(x, v, "matched", seed=2))
    torch.manual_seed(4)
    one = collide(x, v)
    torch.manual_seed(4)
    assert torch.equal(one, collide(x, v))
    # What a group becomes does not depend on another one's velocities.
    w = v.clone()
    w[3] *= 7
    kept = [0, 1, 2, 4, 5]
    for mode in ("matched", "allpairs", "mean_field"):
        assert torch.equal(after(x, w, mode)[kept], after(x, v, mode)[kept])
