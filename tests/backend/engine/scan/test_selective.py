"""Time constants of every step: the time warp of acceptance test 11, gates and gradients."""

import numpy as np
import pytest
import torch
from scipy.special import gammainc

from backend.engine.scan import cascade, selective
from backend.engine.scan.selective import plain

from .oracle import DOUBLE, distance


def changing(order, batch=2, steps=21, channels=5, dtype=DOUBLE):
    torch.manual_seed(order)
    values = (
        torch.randn(batch, steps, channels, dtype=dtype),
        (1.5 * torch.randn(batch, steps, channels, dtype=dtype)).exp(),
        torch.randn(batch, channels, order, dtype=dtype),
    )
    return [value.requires_grad_() for value in values]


@pytest.mark.parametrize("order", [1, 2, 4])
def test_a_changing_time_constant_warps_time(order):
    u, tau, _ = (each.detach() for each in changing(order))
    taps = selective(u, tau, order=order, step=0.5)
    warped = np.concatenate([np.zeros((2, 1, 5)), np.cumsum(0.5 / tau.numpy(), 1)], 1)
    for k in (0, 7, 20):
        left = warped[:, k + 1, None] - warped[:, : k + 2]
        reached = gammainc(order, left)
        known = ((reached[:, :-1] - reached[:, 1:]) * u.numpy()[:, : k + 1]).sum(1)
        np.testing.assert_allclose(taps[:, k, :, -1].numpy(), known, atol=1e-12)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_a_constant_one_is_the_cascade(order):
    torch.manual_seed(0)
    for decade in np.linspace(-2.5, 4, 14):
        u = torch.randn(2, 9, 3, dtype=DOUBLE)
        tau = torch.full((3,), 10**decade, dtype=DOUBLE)
        one = selective(u, tau.expand(2, 9, 3), order=order)
        assert distance(one, cascade(u, tau.expand(order, 3))) <= 1e-13


def test_order_one_is_a_gated_recurrence():
    torch.manual_seed(0)
    z, u = torch.randn(2, 2, 12, 4, dtype=DOUBLE)
    taps = selective(u, 1 / torch.nn.functional.softplus(z), order=1)[..., 0]
    v = torch.zeros(2, 4, dtype=DOUBLE)
    for k in range(12):
        v = torch.sigmoid(-z[:, k]) * v + torch.sigmoid(z[:, k]) * u[:, k]
        torch.testing.assert_close(taps[:, k], v, atol=1e-14, rtol=1e-13)


@pytest.mark.parametrize(("dtype", "limit"), [(DOUBLE, 1e-12), (torch.float32, 4e-6)], ids=str)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_kernel_and_plain_form_agree(order, dtype, limit):
    exact = changing(order, dtype=dtype)
    doubles = [each.detach().double().requires_grad_() for each in exact]
    weights = torch.randn(2, 21, 5, order, dtype=DOUBLE)
    found = selective(exact[0], exact[1], order=order, initial=exact[2])
    known = plain(doubles[0], 1 / doubles[1], doubles[2])
    assert distance(found, known) <= limit / 4
    one = torch.autograd.grad((found * weights.to(dtype)).sum(), exact)
    other = torch.autograd.grad((known * weights).sum(), doubles)
    for a, b in zip(one, other, strict=True):
        assert distance(a, b) <= limit


def test_gradients_are_those_of_finite_differences():
    u, tau, initial = changing(3, 1, 4, 2)

    def run(u, tau, initial):
        return selective(u, tau, order=3, initial=initial)

    assert torch.autograd.gradcheck(run, (u, tau, initial))


def test_extreme_time_constants_have_finite_gradients():
    u = torch.randn(1, 5, 4, requires_grad=True)
    tau = torch.tensor([0.0, 1e-38, 1e38, torch.inf]).expand(1, 5, 4).clone().requires_grad_()
    taps = selective(u, tau, order=3)
    torch.testing.assert_close(taps[..., :2, :], u.detach()[..., :2, None].expand(-1, -1, -1, 3))
    assert (taps[..., 2:, :].abs() < 1e-25).all()
    for grad in torch.autograd.grad(taps.sum(), (u, tau)):
        assert grad.isfinite().all()
