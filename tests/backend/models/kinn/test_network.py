"""Whole networks: sizes as in the design search, and what holds on every grid."""

import math

import pytest
import torch

from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cascade import CascadeRing
from backend.models.kinn.network import FieldNetwork
from backend.models.kinn.ring import RingCells
from backend.models.kinn.sheet import SheetCells

DOUBLE = torch.double


def network(channels, make, blocks=4, rounds=1, axes=0):
    made = [GatedBlock(channels, make()) for _ in range(blocks)]
    return FieldNetwork(1, 1, channels, made, rounds, axes)


def parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_parameters_are_those_of_the_search():
    assert parameters(network(32, lambda: RingCells(64))) == 52_417
    assert parameters(network(48, lambda: RingCells(96))) == 115_425
    assert parameters(network(32, lambda: RingCells(64), blocks=1, rounds=4)) == 14_785
    assert parameters(network(48, lambda: RingCells(96), blocks=2, rounds=3)) == 59_361
    assert parameters(network(32, lambda: SheetCells(32, 2), axes=2)) == 39_809
    assert parameters(network(32, lambda: CascadeRing(64))) == 68_545


@pytest.mark.parametrize("axes", [1, 2])
def test_shifted_fields_give_shifted_answers(axes):
    made = [GatedBlock(8, RingCells(6, axes)) for _ in range(2)]
    net = FieldNetwork(1, 2, 8, made).double()
    x = torch.randn(2, 1, *[16] * axes, dtype=DOUBLE)
    assert torch.allclose(net(x.roll(3, -1)), net(x).roll(3, -1), atol=1e-12)


def test_the_answer_hardly_depends_on_the_grid():
    """Lanes are exact on every grid; only the gates' high waves fold, less on finer grids."""
    torch.manual_seed(0)
    net = network(16, lambda: RingCells(16), blocks=2).double()
    generator = torch.Generator().manual_seed(1)
    c = torch.randn(2, 5, generator=generator, dtype=DOUBLE)

    def answer(size):
        angle = 2 * math.pi * torch.outer(torch.arange(size).double() / size, torch.arange(5))
        field = angle.cos() @ c[0] + angle.sin() @ c[1]
        return net(field[None, None])[0, 0].detach()

    fine = answer(512)
    errors = [float((answer(size) - fine[:: 512 // size]).norm() / fine[:: 512 // size].norm())
              for size in (32, 64, 128, 256)]  # fmt: skip
    assert errors[0] < 1e-2
    assert errors[1] < errors[0] / 10
    assert max(errors[2:]) < 1e-8


def test_places_reach_from_end_to_end():
    net = network(4, lambda: SheetCells(2, 2), blocks=1, axes=2)
    placed = net.placed(torch.zeros(1, 1, 5, 3))[:, :, 0]
    assert placed.shape == (5, 3, 3)
    assert placed[:, 0, 1].tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert placed[0, :, 2].tolist() == [0, 0.5, 1]


def test_rounds_go_through_the_same_blocks():
    net = network(4, lambda: RingCells(3), blocks=1, rounds=3)
    x, block = torch.randn(2, 1, 8), net.blocks[0]
    once = FieldNetwork(1, 1, 4, [torch.nn.Sequential(block, block, block)])
    for name in ("lift", "widen", "project"):
        setattr(once, name, getattr(net, name))
    assert torch.equal(net(x), once(x))
