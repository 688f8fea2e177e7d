"""What a gas keeps: I1 to I13 of the collision, for disjoint pairs and for all pairs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import torch
from torch import Tensor

from backend.engine.collide import collide, collided, dense, ledger, matched

from .gas import MODES, RANDOM, after, energy, gas, momentum, turn

SIZES = [(3, 2, 1), (3, 3, 2), (2, 16, 3), (4, 13, 5), (2, 128, 7)]
CHANGE = Callable[[Tensor], Tensor]


@contextmanager
def drawn_as(monkeypatch: pytest.MonkeyPatch, **changes: CHANGE) -> Iterator[None]:
    """The same random numbers, seen by somebody who counts or looks in another way."""
    with monkeypatch.context() as patch:
        for module in (matched, dense):
            for name, change in changes.items():
                usual = getattr(module, name)

                def drawn(*given, _usual=usual, _change=change):
                    return _change(_usual(*given))

                patch.setattr(module, name, drawn)
        yield


@pytest.mark.parametrize("mode", RANDOM)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("rounds", [1, 3])
def test_momentum_and_energy_stay(mode, sizes, rounds):
    """I1 and I2, in float64, float32 and by the ledger."""
    for dtype, tolerance in ((torch.double, 2e-14), (torch.float, 1e-6)):
        x, v = gas(*sizes, dtype=dtype)
        done = after(x, v, mode, rounds=rounds)
        assert sizes[2] == 1 or not torch.equal(done, v), "something collides"
        scale = sizes[1] * float(done.norm(dim=-1).max())
        assert float((momentum(done) - momentum(v)).abs().max()) <= tolerance * scale
        assert torch.allclose(energy(done), energy(v), rtol=tolerance, atol=0)
        books = ledger(v, collided(x, v, mode=mode))
        assert books.momentum <= tolerance
        assert books.energy == pytest.approx(1, abs=tolerance)
        assert 0 <= books.accepted <= 1


def test_a_pair_keeps_its_relative_speed():
    """I3: the ends of the relative velocity stay on a circle about the common mean."""
    x, v = gas(500, 2, 3)
    done = after(x, v, "matched")
    assert torch.allclose((done[:, 0] - done[:, 1]).norm(dim=-1), (v[:, 0] - v[:, 1]).norm(dim=-1),
                          rtol=1e-14)  # fmt: skip
    assert torch.allclose(done.mean(1), v.mean(1), atol=1e-15)


def test_pairs_are_disjoint_and_random():
    """A particle changes with one other at most; over rounds each meets each."""
    x, v = gas(1, 9, 2)
    met = torch.zeros(9, 9)
    for seed in range(200):
        change = (after(0 * x, v, "matched", seed) - v)[0]
        moved = change.norm(dim=-1).nonzero().flatten().tolist()
        assert len(moved) % 2 == 0
        for q in moved:
            partner = [r for r in moved if r != q and torch.allclose(change[r], -change[q])]
            assert len(partner) == 1
            met[q, partner[0]] += 1
    assert bool((met + torch.eye(9) > 0).all())


@pytest.mark.parametrize("mode", MODES)
def test_the_mean_over_particles_stays(mode):
    """I5: that of x + v', whatever collides."""
    x, v = gas(4, 12, 6)
    done = x + after(x, v, mode)
    assert torch.allclose(done.mean(1), (x + v).mean(1), atol=1e-15)


def test_relabelling_permutes(monkeypatch):
    """I7, with the same random numbers for the same particles."""
    x, v = gas(3, 8, 4)
    order = torch.tensor([3, 0, 7, 1, 6, 2, 5, 4])

    def relabelled(values: Tensor) -> Tensor:
        if values.shape[1:] == (8, 8):  # one number a pair, whichever comes first
            both = values.triu(1) + values.triu(1).mT
            return both[:, order][:, :, order]
        own = values.shape[1] == 8
        return values[:, order] if own else values

    for mode in MODES:
        whole = after(x, v, mode)
        directions = (lambda values: values) if mode == "matched" else relabelled
        with drawn_as(monkeypatch, uniform=relabelled, normal=directions):
            other = after(x[:, order], v[:, order], mode)
        assert torch.allclose(other, whole[:, order], atol=1e-13)


def test_rotating_the_gas_rotates_the_answer(monkeypatch):
    """I8, with the same random directions seen from the other side."""
    x, v = gas(3, 8, 4)
    q = turn(4)
    for mode in MODES:
        whole = after(x, v, mode)
        with drawn_as(monkeypatch, normal=lambda values: values @ q):
            assert torch.allclose(after(x @ q, v @ q, mode), whole @ q, atol=1e-12)


@pytest.mark.parametrize("mode", MODES)
def test_no_place_no_motion_and_no_unit_is_special(mode):
    """I9 and I10, and as much for the positions with a length that goes with them."""
    x, v = gas(3, 8, 4)
    wind = torch.tensor([2.0, -1.0, 0.3, 5.0], dtype=torch.double)
    whole = after(x, v, mode)
    assert torch.allclose(after(x, v + wind, mode), whole + wind, atol=1e-12)
    assert torch.allclose(after(x + wind, v, mode), whole, atol=1e-12)
    for factor in (1e-6, 0.5, 1e6):
        assert torch.allclose(after(x, factor * v, mode), factor * whole, rtol=1e-12, atol=0)
        assert torch.allclose(after(factor * x, v, mode), whole, rtol=1e-12, atol=0)
    far = after(1000 * x, v, mode, length="unit")
    assert torch.equal(far, v), "at a length of 1 distant particles do not meet"


@pytest.mark.parametrize("mode", MODES)
def test_equal_velocities_and_lonely_particles_are_left_alone(mode):
    """I11, bit for bit."""
    x, v = gas(2, 7, 3)
    same = v[:, :1].expand_as(v).contiguous()
    assert torch.equal(after(x, same, mode), same)
    assert torch.equal(after(x, 0 * v, mode), 0 * v)
    with pytest.warns(RuntimeWarning, match="single particle, so nothing collides"):
        assert torch.equal(collide(x[:, :1], v[:, :1], mode=mode), v[:, :1])
    assert collide(x[:0], v[:0], mode=mode).shape == (0, 7, 3)
    assert collide(x[:, :, :0], v[:, :, :0], mode=mode).shape == (2, 7, 0)


def test_the_fastest_pair_at_no_distance_collides_for_certain():
    """I12: its probability is c."""
    _, v = gas(400, 2, 3)
    done = after(torch.zeros_like(v), v, "matched")
    assert bool((done != v).any(-1).all())


@pytest.mark.parametrize("mode", RANDOM)
def test_more_collide_with_a_larger_coefficient(mode):
    """I13, with the same random numbers: what has collided still does."""
    x, v = gas(50, 10, 3)
    before = torch.zeros(50, 10, dtype=torch.bool)
    for coll in (0.0, 0.2, 0.5, 1.0, 3.0):
        moved = (after(x, v, mode, coll=coll) != v).any(-1)
        if mode == "allpairs":  # rescaling moves the whole group
            moved = moved.any(-1, keepdim=True).expand(50, 10)
        assert bool((moved | ~before).all())
        assert int(moved.sum()) >= int(before.sum())
        assert bool(moved.any()) == (coll > 0)
        before = moved


def test_off_is_the_same_tensor():
    x, v = gas(2, 4, 3)
    assert collide(x, v, mode="off") is v


def test_mean_field_loses_energy_and_nothing_else():
    """Over a pair the relative velocity becomes (1 - p) of itself, p = 1/e with ``rms``."""
    x, v = gas(3, 2, 4)
    done = collide(x, v, mode="mean_field")
    share = 1 - torch.exp(torch.tensor(-1.0, dtype=torch.double))
    assert torch.allclose(done[:, 0] - done[:, 1], share * (v[:, 0] - v[:, 1]), rtol=1e-14)
    x, v = gas(20, 15, 4)
    for coll in (0.3, 1.0, 100.0):
        done = collide(x, v, mode="mean_field", coll=coll)
        assert torch.equal(done, collide(x, v, mode="mean_field", coll=coll))
        assert bool((energy(done) < energy(v)).all())
        assert torch.allclose(momentum(done), momentum(v), atol=1e-13)
