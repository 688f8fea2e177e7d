"""The residual network: its published size, and what it refuses."""

import pytest
import torch

from backend.errors import StudioError
from backend.models import MODELS, Data, Shape
from backend.models.baselines.resnet import ResidualBlock, ResidualNetwork


def parameters(module):
    return sum(value.numel() for value in module.parameters())


def test_it_is_the_resnet_20_of_cifar():
    """0.27 million parameters (He et al. 2016, table 6); projections add 2,752."""
    network = ResidualNetwork(3, 10, 16, 3)
    shortcuts = 16 * 32 + 64 + 32 * 64 + 128
    assert parameters(network) - shortcuts == 269_722


@pytest.mark.parametrize("sizes", [(1, 8, 8), (3, 32, 32), (1, 5, 3)])
def test_any_image_is_answered(sizes):
    network = ResidualNetwork(sizes[0], 4, 4, 1)
    answer = network(torch.rand(2, *sizes))
    assert answer.shape == (2, 4)
    answer.square().sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in network.parameters())


@torch.no_grad()
def test_a_block_without_weights_passes_positive_images():
    block = ResidualBlock(3, 3, 1).eval()
    block.second_norm.weight.zero_()
    x = torch.rand(2, 3, 6, 6)
    assert torch.equal(block(x), x)


def test_vectors_are_refused_in_words():
    data = Data("", "Vectors", "classify", Shape((4,)), Shape((2,)), ("a", "b"))
    with pytest.raises(StudioError, match="ResNet learns classes of images, and 'Vectors' has"):
        MODELS["resnet"].build(data, {"width": 4, "blocks": 1}, 0)
