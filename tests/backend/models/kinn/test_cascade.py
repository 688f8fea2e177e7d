"""Cascades on a periodic field against the transfer function and its realisation."""

import math

import numpy as np
import pytest
import scipy.signal
import torch

from backend.models.kinn.block import GatedBlock
from backend.models.kinn.cascade import CascadeRing, directions
from backend.models.kinn.cells import Cells

DOUBLE = torch.double


def test_lanes_run_both_ways_along_every_axis():
    assert directions(5, 1).tolist() == [[1, -1, 1, -1, 1]]
    assert directions(6, 2).tolist() == [[1, -1, 0, 0, 1, -1], [0, 0, 1, -1, 0, 0]]


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_components_are_the_rational_response(order):
    """(i w tau)^k / (1 + i w tau)^n, by SciPy's evaluation of polynomials."""
    cells = CascadeRing(2, 1, order).double()
    tau = cells.log_tau.exp().detach().numpy()
    omega = 2 * math.pi * np.arange(9)
    found = cells.responses([torch.from_numpy(omega)])
    for k, ((p, q),) in enumerate(found):
        response = (p + 1j * q).detach().numpy()
        for lane, sign in ((0, 1), (1, -1)):
            top = [tau[lane] ** k, *[0] * k]
            bottom = np.poly([-1 / tau[lane]] * order) * tau[lane] ** order
            _, exact = scipy.signal.freqs(top, bottom, sign * omega)
            assert np.abs(response[:, lane] - exact).max() < 1e-13


def test_a_wave_meets_the_differential_equation():
    """(1 + tau D) v = u, then again: the derivative by the wave's own wavenumber."""
    cells = CascadeRing(2, 1, 2).double()
    tau = float(cells.log_tau.exp()[0].detach())
    x = torch.arange(32, dtype=DOUBLE) / 32
    wave = torch.sin(2 * math.pi * 3 * x) + 0.4 * torch.cos(2 * math.pi * 5 * x)
    z = cells(wave[:, None, None].expand(32, 1, 2))[:, 0, 0::2].detach()
    v2, v1, u = z[:, 0], z[:, 0] + z[:, 1], z[:, 0] + 2 * z[:, 1] + z[:, 2]
    assert torch.allclose(u, wave, atol=1e-13)
    for v, before in ((v1, wave), (v2, v1)):
        k = torch.arange(17)
        slope = torch.fft.irfft(torch.fft.rfft(v) * 2j * math.pi * k, n=32)
        assert torch.allclose(v + tau * slope, before, atol=1e-12)


def test_lanes_of_one_axis_leave_the_other_alone():
    cells = CascadeRing(4, 2, 1).double()
    field = torch.randn(8, 9, 1, 4, dtype=DOUBLE)
    lone = CascadeRing(4, 1, 1).double()
    with torch.no_grad():
        lone.log_tau.copy_(cells.log_tau)
    found = cells(field)
    along_x = lone(field.flatten(1, 2)[..., [0, 1, 0, 1]])
    assert torch.allclose(found[..., 0, 0], along_x[..., 0].detach(), atol=1e-13)
    assert torch.allclose(found[..., 0, 1], along_x[..., 1].detach(), atol=1e-13)


def test_nothing_grows_whatever_the_parameters():
    """|H| <= 1 for every component: y^k / (1 + y^2)^(n/2) with k <= n."""
    cells = CascadeRing(100, 2, 3).double()
    with torch.no_grad():
        cells.log_tau.normal_(0, 50)
    field = torch.randn(12, 12, 1, 100, dtype=DOUBLE)
    answer = cells(field)
    before = field.square().sum((0, 1, 2)).repeat(4)
    assert (answer.square().sum((0, 1, 2)) <= before * (1 + 1e-12)).all()
    answer.square().sum().backward()
    assert bool(cells.log_tau.grad.isfinite().all())


def test_channels_mix_among_waves_as_among_points():
    block = GatedBlock(5, CascadeRing(4, 2, 2, modes=3)).double()
    x = torch.randn(8, 7, 2, 5, dtype=DOUBLE)
    found = block.cells.mixed(x, block.inward, block.outward)
    plain = Cells.mixed(block.cells, x, block.inward, block.outward)
    assert torch.allclose(found, plain, atol=1e-12)


def test_gradients():
    cells = CascadeRing(4, 1, 2).double()
    x = torch.randn(6, 1, 4, dtype=DOUBLE, requires_grad=True)

    def answer(x, tau):
        return torch.func.functional_call(cells, {"log_tau": tau}, (x,))

    assert torch.autograd.gradcheck(answer, (x, cells.log_tau))
