"""Cells whose time is the depth of the network."""

import math

import pytest
import torch

from backend.models.kinn.depth import DepthCell, DepthLayer, DepthStage
from backend.models.kinn.network import FieldNetwork
from backend.models.kinn.ring import RingCells

DOUBLE = torch.double


def test_a_held_current_charges_as_an_rc_cell_does():
    """k steps of one cell are v = I + (v_0 - I) exp(-k step / tau)."""
    cell = DepthCell(3, 1).double()
    with torch.no_grad():
        cell.raw.copy_(torch.tensor([[0.1, 0.5, 2.0]]).expm1().log())
    v0, current = torch.randn(4, 3, dtype=DOUBLE), torch.randn(4, 3, dtype=DOUBLE)
    v = [v0]
    for _ in range(5):
        v = cell(v, current)
    exact = current + (v0 - current) * torch.exp(-5 * torch.tensor([0.1, 0.5, 2.0]).double())
    # The steps 0.1, 0.5 and 2 were stored in single precision.
    assert torch.allclose(v[0], exact, atol=1e-6)


def test_potentials_stay_in_range_whatever_the_parameters():
    cell = DepthCell(200, 4)
    with torch.no_grad():
        cell.raw.normal_(0, 50)
    v = [torch.zeros(8, 200)] * 4
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        v = cell(v, torch.rand(8, 200, generator=generator) * 2 - 1)
    assert max(float(each.detach().abs().max()) for each in v) <= 1 + 1e-6
    sum(each.sum() for each in v).backward()
    assert bool(cell.raw.grad.isfinite().all())


@pytest.mark.parametrize(("axes", "periodic"), [(1, True), (1, False), (2, True), (2, False)])
def test_layers_of_fields(axes, periodic):
    cells = RingCells(5, axes) if periodic else None
    layers = [DepthLayer(6, 2, cells, axes, periodic) for _ in range(2)]
    network = FieldNetwork(1, 2, 6, [DepthStage(layers)], axes=0 if periodic else axes).double()
    x = torch.randn(3, 1, *[9] * axes, dtype=DOUBLE)
    answer = network(x)
    assert answer.shape == (3, 2, *[9] * axes)
    shifted = network(x.roll(4, -1))
    assert torch.allclose(shifted, answer.roll(4, -1), atol=1e-12) == periodic


def test_a_stage_carries_its_potentials():
    layers = [DepthLayer(5, 2, None, 2, False) for _ in range(2)]
    x = torch.randn(4, 4, 2, 5)
    once = layers[1](layers[0]([x, x]))
    assert torch.equal(DepthStage(layers)(x), once[-1])
    assert torch.equal(DepthStage(layers, 2)(x), layers[1](layers[0](once))[-1])


def test_a_cell_that_forgets_at_once_is_a_plain_layer():
    """tau -> 0 gives v = F(v): no potential is carried."""
    layer = DepthLayer(4, 1, RingCells(3), 1, True).double()
    with torch.no_grad():
        layer.cell.raw.fill_(100.0)
    v = torch.randn(7, 2, 4, dtype=DOUBLE)
    hidden = layer.near(v.permute(1, 2, 0)).permute(2, 0, 1)
    hidden = hidden + layer.cells.mixed(v, layer.inward, layer.outward)
    current = layer.last(torch.nn.functional.gelu(hidden))
    assert torch.allclose(layer([v])[0], current, atol=math.exp(-100) + 1e-15)


def test_gradients():
    layer = DepthLayer(2, 2, None, 1, False).double()
    v = torch.randn(4, 1, 2, dtype=DOUBLE, requires_grad=True)
    w = torch.randn(4, 1, 2, dtype=DOUBLE, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v, w: tuple(layer([v, w])), (v, w))
