"""The Fourier neural operator: parameters of the paper, and what its layers compute."""

import pytest
import torch

from backend.models.baselines.fno import FourierNetwork, SpectralConvolution

DOUBLE = torch.double


def parameters(network):
    return sum(value.numel() for value in network.parameters())


def test_parameters_are_those_of_the_published_network():
    """A complex weight counts as two numbers."""
    assert parameters(FourierNetwork(1, 1, 1, width=32, modes=16)) == 139_745
    assert parameters(FourierNetwork(1, 1, 1, width=32, modes=16, layers=6)) == 207_393
    assert parameters(FourierNetwork(1, 1, 2, width=32, modes=12)) == 2_368_001
    assert parameters(FourierNetwork(1, 1, 2, width=16, modes=8)) == 265_601


@pytest.mark.parametrize("axes", [1, 2])
def test_a_layer_is_a_periodic_convolution(axes):
    """It commutes with shifts and passes nothing above its modes."""
    layer = SpectralConvolution(3, 4, axes).double()
    x = torch.randn(2, 3, *[16] * axes, dtype=DOUBLE)
    y = layer(x)
    assert torch.allclose(layer(x.roll(5, -1)), y.roll(5, -1), atol=1e-13)
    spectrum = torch.fft.fftn(y, dim=tuple(range(2, 2 + axes)))
    k = torch.fft.fftfreq(16, 1 / 16).abs()
    assert float(spectrum[..., k >= 5].detach().abs().max()) < 1e-12
    assert float(spectrum[..., k < 4].detach().abs().max()) > 1e-3


@pytest.mark.parametrize("axes", [1, 2])
def test_waves_are_treated_alike_on_every_grid(axes):
    layer = SpectralConvolution(2, 4, axes).double()
    fine = torch.zeros(1, 2, *[32] * axes, dtype=torch.cdouble)
    fine[..., :3] = torch.randn(1, 2, *[32] * (axes - 1), 3, dtype=torch.cdouble)
    if axes == 2:
        fine[:, :, 3:-2] = 0
    field = torch.fft.ifftn(fine, dim=tuple(range(2, 2 + axes))).real * 32
    coarse = field[(..., *[slice(None, None, 2)] * axes)]
    answer = layer(field)[(..., *[slice(None, None, 2)] * axes)]
    assert torch.allclose(layer(coarse), answer, atol=1e-13)


@pytest.mark.parametrize("axes", [1, 2])
@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("size", [5, 12])
def test_any_grid_is_answered_on_its_own_points(axes, periodic, size):
    net = FourierNetwork(2, 3, axes, width=4, modes=6, layers=2, periodic=periodic)
    x = torch.randn(2, 2, *[size] * axes)
    answer = net(x)
    assert answer.shape == (2, 3, *[size] * axes)
    answer.square().sum().backward()
    assert all(bool(p.grad.isfinite().all()) for p in net.parameters())


@torch.no_grad()
def test_padding_keeps_the_ends_apart():
    """A layer alone is periodic; behind the padding the far end sees less of the near one."""
    torch.manual_seed(0)
    x = torch.zeros(1, 1, 64)
    changed = x.clone()
    changed[..., 0] = 1.0
    moved = {}
    for periodic in (True, False):
        torch.manual_seed(0)
        net = FourierNetwork(1, 1, 1, width=8, modes=16, layers=1, periodic=periodic)
        moved[periodic] = float((net(changed) - net(x)).abs()[0, 0, -1])
    assert moved[False] < moved[True]


def test_gradients():
    layer = SpectralConvolution(2, 2, 2).double()
    x = torch.randn(1, 2, 5, 4, dtype=DOUBLE, requires_grad=True)

    def answer(x, weight):
        return torch.func.functional_call(layer, {"weight": weight}, (x,))

    assert torch.autograd.gradcheck(answer, (x, layer.weight))
