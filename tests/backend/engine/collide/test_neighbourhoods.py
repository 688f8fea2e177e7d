"""Particles that meet only those of their window, or of their own channels."""

from itertools import product

import numpy as np
import pytest
import torch

from backend.engine.collide import ChannelGroups, Windows
from backend.errors import InputError

from .gas import after

WAYS = (Windows(2), Windows(), ChannelGroups(2), ChannelGroups(3))


@pytest.mark.parametrize(("points", "side"), [((12,), 3), ((4, 6), 2), ((2, 4, 6), 2)])
def test_a_window_holds_neighbouring_sites(points, side):
    maps = torch.arange(2.0 * 5 * np.prod(points)).reshape(2, 5, *points)
    particles = Windows(side).particles(maps)
    parts = [size // side for size in points]
    assert particles.shape == (2 * np.prod(parts), side ** len(points), 5)
    for batch in range(2):
        for place in product(*map(range, points)):
            window = np.ravel_multi_index([p // side for p in place], parts)
            site = np.ravel_multi_index([p % side for p in place], [side] * len(points))
            own = particles[batch * int(np.prod(parts)) + int(window), int(site)]
            assert torch.equal(own, maps[(batch, slice(None), *place)])
    assert torch.equal(Windows(side).restored(particles, maps.shape), maps)


def test_windows_where_no_side_is_asked_for():
    for points, count in (((64,), 16), ((8, 8), 16), ((14, 14), 4), ((7, 7), 7), ((43, 43), 43)):
        maps = torch.randn(2, 3, *points)
        particles = Windows().particles(maps)
        assert particles.shape[1] == count
        assert torch.equal(Windows().restored(particles, maps.shape), maps)


def test_a_group_of_channels_is_a_gas():
    maps = torch.randn(2, 6, 3, 4)
    particles = ChannelGroups(3).particles(maps)
    assert particles.shape == (6, 12, 2)
    assert torch.equal(particles[4, 5], maps[1, 2:4, 1, 1])
    assert torch.equal(ChannelGroups(3).restored(particles, maps.shape), maps)


@pytest.mark.parametrize("way", WAYS)
def test_channel_means_stay_and_groups_do_not_meet(way):
    """I5, and that what changes in one group moves no other."""
    generator = torch.Generator().manual_seed(0)
    x, v = torch.randn(2, 2, 6, 4, 8, generator=generator, dtype=torch.double)

    def done(v):
        return way.restored(after(way.particles(x), way.particles(v), "matched"), v.shape)

    assert not torch.equal(done(v), v)
    assert torch.allclose(done(v).mean((2, 3)), v.mean((2, 3)), atol=1e-15)
    changed = way.particles(v.clone())
    changed[0] *= 3
    moved = way.particles(done(way.restored(changed, v.shape)))
    assert torch.equal(moved[1:], way.particles(done(v))[1:])


def test_one_sentence_for_what_does_not_divide():
    with pytest.raises(InputError, match="side: 12 points of an axis are no multiple of 5"):
        Windows(5).particles(torch.zeros(1, 2, 12))
    with pytest.raises(InputError, match="groups: 6 channels are no multiple of 4"):
        ChannelGroups(4).particles(torch.zeros(1, 6, 12))
    with pytest.raises(InputError, match="x: maps are"):
        ChannelGroups(2).particles(torch.zeros(6, 12))
