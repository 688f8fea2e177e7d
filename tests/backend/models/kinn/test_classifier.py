"""Networks of images."""

import pytest
import torch
from torch import nn

from backend.models.kinn.classifier import ImageBlock, ImageNetwork
from backend.models.kinn.lines import CascadeLines


def stage(number, width):
    return ImageBlock(width, CascadeLines(width, 2, 2, held=True))


@pytest.mark.parametrize("halvings", [0, 1, 2])
@pytest.mark.parametrize("sizes", [(1, 8, 8), (3, 13, 10)])
def test_images_of_any_shape_become_numbers(sizes, halvings):
    network = ImageNetwork(sizes[0], 5, (8, 12), halvings, stage)
    answer = network(torch.rand(3, *sizes))
    assert answer.shape == (3, 5)
    answer.square().sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in network.parameters())


@torch.no_grad()
def test_images_of_a_batch_do_not_meet():
    network = ImageNetwork(1, 3, (6, 8), 1, stage).double()
    x = torch.rand(4, 1, 12, 9, dtype=torch.double)
    alone = torch.cat([network(each) for each in x.split(1)])
    assert torch.allclose(network(x), alone, atol=1e-12)


@torch.no_grad()
def test_every_pixel_reaches_every_point_of_a_block():
    """Lanes along rows, then along columns: two blocks connect all points."""
    blocks = nn.Sequential(stage(0, 8), stage(0, 8)).double()
    x = torch.randn(6, 7, 1, 8, dtype=torch.double)
    changed = x.clone()
    changed[0, 0] = torch.randn(8, dtype=torch.double)
    moved = (blocks(changed) - blocks(x)).abs().amax(-1)
    assert float(moved.min()) > 0


@torch.no_grad()
def test_branches_rest_only_in_training_and_their_mean_stays():
    torch.manual_seed(0)
    block = ImageBlock(4, CascadeLines(4, 2, 1, held=True), drop=0.5)
    x = torch.randn(3, 3, 4000, 4)
    x[:] = x[:, :, :1]
    usual = block.eval()(x)
    assert torch.equal(usual, ImageBlock.forward(block, x))
    kept = block.train()._kept(torch.ones(1, 1, 4000, 4))
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert float(kept.mean()) == pytest.approx(1.0, abs=0.1)
    block.drop = 0.0
    assert torch.equal(block(x), usual)
