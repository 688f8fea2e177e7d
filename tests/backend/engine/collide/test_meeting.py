"""A round pair by pair: what ``collide`` does with the same random numbers, said in full."""

import pytest
import torch

from backend.engine.collide import collide, collided, meeting, published_meeting, published_outcome
from backend.errors import InputError
from tests.backend.engine.collide.gas import gas


def stream(seed: int = 4) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("mode", ["matched", "allpairs", "mean_field"])
@pytest.mark.parametrize("length", ["rms", 2.0])
def test_velocities_are_those_of_collide_bit_for_bit(mode, length):
    x, v = gas(3, 9, 4, dtype=torch.float)
    found = meeting(x, v, coll=0.8, length=length, mode=mode, generator=stream())
    told = collided(x, v, coll=0.8, length=length, mode=mode, generator=stream())
    assert torch.equal(found.v, told.v)
    if mode == "mean_field":
        assert not found.accepted.any()
        return
    assert float(found.accepted.float().mean()) == pytest.approx(float(told.accepted))
    assert found.accepted.any()


def test_without_a_generator_it_draws_as_collide_does():
    x, v = gas(2, 8, 3, dtype=torch.float)
    for mode in ("matched", "allpairs"):
        torch.manual_seed(3)
        found = meeting(x, v, mode=mode)
        torch.manual_seed(3)
        assert torch.equal(found.v, collide(x, v, mode=mode))
        assert found.accepted.any()


def test_pairs_are_disjoint_and_what_is_accepted_is_what_changed():
    """Each accepted pair keeps its momentum and relative speed; nobody else moves."""
    x, v = gas(4, 11, 3)
    found = meeting(x, v, coll=1.0, generator=stream())
    for group in range(4):
        met = found.accepted[group].nonzero().flatten()
        i, j = found.first[group, met], found.second[group, met]
        both = torch.cat((found.first[group], found.second[group]))
        assert len(both) == 10 == len(set(both.tolist()))
        before, after = v[group], found.v[group]
        torch.testing.assert_close(after[i] + after[j], before[i] + before[j])
        torch.testing.assert_close(
            (after[i] - after[j]).norm(dim=1), (before[i] - before[j]).norm(dim=1)
        )
        rest = torch.ones(11, dtype=torch.bool)
        rest[torch.cat((i, j))] = False
        assert torch.equal(after[rest], before[rest])
        assert (after[i] != before[i]).any(1).all()


@pytest.mark.parametrize("mode", ["matched", "allpairs", "mean_field"])
def test_probabilities_are_the_formula(mode):
    """p = c g/g_max exp(-D/l), the largest g among the candidates."""
    x, v = gas(1, 7, 3)
    found = meeting(x, v, coll=0.6, length=1.5, mode=mode, generator=stream())
    i, j = found.first[0], found.second[0]
    speed, distance = (v[0, i] - v[0, j]).norm(dim=1), (x[0, i] - x[0, j]).norm(dim=1)
    wanted = 0.6 * speed / speed.max() * torch.exp(-distance / 1.5)
    # The distances of many pairs are products of matrices, to some sqrt(eps).
    torch.testing.assert_close(found.probability[0], wanted, rtol=1e-6, atol=1e-6)


def test_pairs_are_accepted_as_often_as_their_probability_says():
    x, v = gas(1, 6, 2)
    many = [each.expand(4000, -1, -1).contiguous() for each in (x, v)]
    found = meeting(*many, coll=0.9, length=2.0, generator=stream())
    spread = (found.probability * (1 - found.probability)).sum().sqrt()
    assert abs(float(found.accepted.sum() - found.probability.sum())) < 4 * float(spread)


def test_the_published_rule_says_who_is_above_its_threshold():
    """Golden example of the rule: at c = 0.5 the pairs 01 and 12 collide."""
    x = torch.tensor([[[0, 0.2, 0.1], [0, 0, 0.3]]], dtype=torch.double)
    v = torch.tensor([[[1, -1, 0.5], [0, 0.5, -1]]], dtype=torch.double)
    directions = torch.tensor([[[0.6, 0, -1], [0.8, 1, 0]]], dtype=torch.double)
    _, outcome = published_outcome(x, v, directions, 0.5)
    found = published_meeting(x.mT, v.mT, outcome.v.mT, 0.5)
    pairs = zip(found.first[0].tolist(), found.second[0].tolist(), strict=True)
    assert dict(zip(pairs, found.accepted[0].tolist(), strict=True)) == {
        (0, 1): True, (0, 2): False, (1, 2): True
    }  # fmt: skip
    assert torch.equal(found.probability, found.accepted.double())


def test_rules_without_pairs_are_refused():
    with pytest.raises(InputError, match="no such way to collide 'off'"):
        meeting(*gas(1, 4, 2), mode="off")
