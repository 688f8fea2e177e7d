"""Which features are a particle, and that tokens never meet."""

import numpy as np
import pytest
import torch

from backend.engine.collide import Map, Slices, collide
from backend.errors import InputError

from .gas import after


@pytest.mark.parametrize("points", [(12,), (4, 6), (2, 3, 4)])
@pytest.mark.parametrize("divide", [1, 2, 3])
def test_a_map_by_its_index_rule(points, divide):
    """Channel c of site p is coordinate c k + p // n of particle p mod n."""
    maps = torch.arange(2.0 * 5 * np.prod(points)).reshape(2, 5, *points)
    particles = Map(divide).particles(maps)
    flat, count = maps.flatten(2), int(np.prod(points)) // divide
    assert particles.shape == (2, count, 5 * divide)
    for c in range(5):
        for p in range(count * divide):
            own = particles[:, p % count, c * divide + p // count]
            assert torch.equal(own, flat[:, c, p])
    assert torch.equal(Map(divide).restored(particles, maps.shape), maps)


def test_channel_means_of_a_map_stay():
    """I5: with k = 1 and with any k, so that global average pooling sees no collision."""
    generator = torch.Generator().manual_seed(0)
    x, v = torch.randn(2, 3, 4, 6, 6, generator=generator, dtype=torch.double)
    for divide in (1, 2, 9):
        way = Map(divide)
        done = way.restored(after(way.particles(x), way.particles(v), "matched"), v.shape)
        assert not torch.equal(done, v)
        assert torch.allclose(done.mean((2, 3)), v.mean((2, 3)), atol=1e-15)


def test_particles_where_none_are_asked_for():
    for points, count in (((32, 32), 128), ((8, 8), 64), ((43, 43), 43), ((421,), 421), ((1,), 1)):
        assert Map().particles(torch.zeros(2, 3, *points)).shape[1] == count
    for width, size in ((64, 8), (48, 6), (7, 1), (2, 1), (1, 1), (96, 8)):
        assert Slices().particles(torch.zeros(2, width)).shape[2] == size


def test_slices_are_neighbouring_features():
    tokens = torch.arange(2.0 * 3 * 8).reshape(2, 3, 8)
    particles = Slices(4).particles(tokens)
    assert particles.shape == (6, 2, 4)
    assert particles[1, 1].tolist() == tokens[0, 1, 4:].tolist()
    assert torch.equal(Slices(4).restored(particles, tokens.shape), tokens)


@pytest.mark.parametrize("mode", ["matched", "allpairs", "mean_field"])
def test_what_comes_later_changes_nothing_before(mode):
    """Causality: perturb token t, all others stay bit for bit."""
    generator = torch.Generator().manual_seed(0)
    x, v = torch.randn(2, 3, 10, 24, generator=generator)
    way = Slices(4)

    def run(x, v):
        return way.restored(after(way.particles(x), way.particles(v), mode), v.shape)

    whole = run(x, v)
    for t in (0, 4, 9):
        y, w = x.clone(), v.clone()
        y[:, t], w[:, t] = 100 * y[:, t] + 1, -30 * w[:, t]
        other = run(y, w)
        kept = [k for k in range(10) if k != t]
        assert torch.equal(other[:, kept], whole[:, kept])
        assert not torch.equal(other[:, t], whole[:, t])


def test_one_sentence_for_what_does_not_divide():
    with pytest.raises(InputError, match="divide: 12 sites are no multiple of 5; choose a divisor"):
        Map(5).particles(torch.zeros(1, 2, 12))
    with pytest.raises(InputError, match=r"x: maps are .* found shape \(2, 12\)"):
        Map().particles(torch.zeros(2, 12))
    with pytest.raises(InputError, match="size: 12 features are no multiple of 0"):
        Slices(0).particles(torch.zeros(2, 12))
    with pytest.raises(InputError, match="x: vectors are"):
        Slices().particles(torch.zeros(12))
    assert collide(*[Slices(4).particles(torch.ones(3, 8))] * 2).shape == (3, 2, 4)
