"""Acceptance tests 6 and 12: the continuous response, and sequences that are periodic."""

import math

import numpy as np
import pytest
import torch

from backend.engine.scan import cascade, filtered, response
from backend.engine.scan.cascades import make_table
from backend.engine.scan.checked import broadcast_cells
from backend.engine.scan.fourier import circular
from backend.engine.scan.transition import RULES

from .oracle import DOUBLE, distance, problem


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_roll_off_and_gain_at_rest(cells):
    tau = torch.full((cells, 1), 0.3, dtype=DOUBLE)
    kappa = torch.full((cells, 1), 1.7, dtype=DOUBLE)
    angular = torch.tensor([0.0, 1e2, 1e3], dtype=DOUBLE) / 0.3
    rest, near, far = response(angular / (2 * math.pi), tau, kappa)[:, 0, -1].abs().tolist()
    assert rest == pytest.approx(1.7**cells, rel=1e-14)
    assert 20 * math.log10(far / near) == pytest.approx(-20 * cells, abs=0.1)


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_order_of_contact_is_the_number_of_cells(cells):
    """The step response begins as t^n / (n! τ_1 .. τ_n)."""
    tau = torch.linspace(0.5, 2.0, cells, dtype=DOUBLE)[:, None]
    for t in (1e-3, 1e-4):
        tap = float(cascade(torch.ones(1, 1, 1, dtype=DOUBLE), tau, step=t)[0, 0, 0, -1])
        known = t**cells / (math.factorial(cells) * float(tau.prod()))
        assert tap == pytest.approx(known, rel=4 * t)


def test_mean_and_variance_of_the_response():
    tau = torch.tensor([[0.5], [2.0], [3.0]], dtype=DOUBLE)
    k = torch.zeros(1, dtype=DOUBLE, requires_grad=True)
    logarithm = response(k, tau)[0, 0, -1].log()
    # log E[e^(-iωt)] = -i ω mean - ω² variance / 2 + ..
    (slope,) = torch.autograd.grad(logarithm.imag, k, create_graph=True)
    (again,) = torch.autograd.grad(logarithm.real, k, create_graph=True)
    (curvature,) = torch.autograd.grad(again.sum(), k)
    assert float(slope.detach()) / (-2 * math.pi) == pytest.approx(5.5, abs=1e-10)
    assert float(curvature.detach()) / -((2 * math.pi) ** 2) == pytest.approx(13.25, abs=1e-10)


def circulant(u, tau, kappa, rule):
    """The answer of one channel, (L, n): its impulse response wrapped around and multiplied out."""
    steps = len(u)
    pulse = torch.zeros(1, 60 * steps, 1, dtype=DOUBLE)
    pulse[:, 0] = 1.0
    kernel = cascade(pulse, tau, kappa, rule=rule)[0, :, 0].numpy()
    wrapped = kernel.reshape(60, steps, -1).sum(0)
    spectrum = np.fft.fft(wrapped, axis=0) * np.fft.fft(u)[:, None]
    return np.fft.ifft(spectrum, axis=0).real


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("steps", [16, 17])
def test_periodic_is_circulant_both_ways(rule, steps):
    u, tau, kappa, _ = (each.detach() for each in problem(3, 2, steps, 3, decades=(-0.5, 1.2)))
    taps = cascade(u, tau, kappa, rule=rule, boundary="periodic")
    on_grid = circular(u, make_table(*broadcast_cells(tau, kappa), 1.0, rule))
    assert distance(on_grid, taps) <= 1e-12
    for d in range(3):
        known = circulant(u[1, :, d].numpy(), tau[:, d, None], kappa[:, d, None], rule)
        assert distance(taps[1, :, d], torch.from_numpy(known)) <= 1e-12


def test_periodic_does_not_care_where_it_begins():
    u, tau, kappa, _ = problem(3, steps=20, decades=(-1, 4))
    taps = cascade(u, tau, kappa, boundary="periodic")
    rolled = cascade(u.roll(7, 1), tau, kappa, boundary="periodic")
    assert distance(rolled, taps.roll(7, 1)) <= 1e-12


@pytest.mark.parametrize("boundary", ["periodic", "replicate"])
def test_gradients_of_boundaries(boundary):
    u, tau, kappa, _ = problem(2, 1, 5, 2)

    def run(u, tau, kappa):
        return cascade(u, tau, kappa, boundary=boundary)

    assert torch.autograd.gradcheck(run, (u, tau, kappa))


def test_a_very_slow_period_is_its_mean():
    u = torch.randn(1, 50, 2)
    taps = cascade(u, torch.full((3, 2), 1e15), boundary="periodic")
    wanted = u.mean(1)[:, None, :, None].expand_as(taps)
    torch.testing.assert_close(taps, wanted, atol=1e-6, rtol=1e-5)


def test_replicate_is_at_rest_under_what_came_first():
    u, tau, kappa, _ = problem(3)
    padded = torch.cat([u[:, :1].expand(-1, 10_000, -1), u], 1)
    long = cascade(padded, tau, kappa)[:, 10_000:]
    assert distance(cascade(u, tau, kappa, boundary="replicate"), long) <= 1e-12


def test_a_filtered_field_is_the_periodic_solution_on_any_grid():
    """τ dv/dx = κ v_before - v on a circle of length 1, for one sine."""
    tau, kappa = torch.tensor([[0.1], [0.3]], dtype=DOUBLE), torch.tensor([2.0], dtype=DOUBLE)
    for points in (8, 32, 33):
        x = np.arange(points) / points
        u = torch.from_numpy(np.sin(2 * np.pi * 3 * x))[None, :, None]
        gain = np.cumprod(2.0 / (1 + 2j * np.pi * 3 * tau[:, 0].numpy()))
        known = (gain * np.exp(2j * np.pi * 3 * x)[:, None]).imag
        found = filtered(u, tau, kappa)[0, :, 0]
        np.testing.assert_allclose(found.numpy(), known, atol=1e-14)
    twice = filtered(u, 2 * tau, kappa, length=2.0)
    torch.testing.assert_close(twice[0, :, 0], found, atol=1e-14, rtol=0)


def test_fine_steps_come_to_the_continuous_response():
    torch.manual_seed(0)
    coarse = torch.randn(1, 8, 2, dtype=DOUBLE)
    tau = torch.tensor([[0.05, 0.4], [0.2, 0.1]], dtype=DOUBLE)
    errors = []
    for points in (64, 128, 256):
        spectrum = torch.fft.rfft(coarse, dim=1)[:, :4]
        u = torch.fft.irfft(spectrum, n=points, dim=1) * points / 8
        held = cascade(u, tau, step=1 / points, boundary="periodic")
        # An input held from its sample on comes half a step late; taps are read at its end.
        k = torch.arange(points // 2 + 1, dtype=DOUBLE)
        turn = torch.polar(torch.ones_like(k), math.pi * k / points)[:, None, None]
        smooth = torch.fft.rfft(u, dim=1)[..., None] * response(k, tau)
        known = torch.fft.irfft(smooth * turn, n=points, dim=1)
        errors.append(distance(held, known))
    assert np.diff(np.log2(errors)) == pytest.approx([-2, -2], abs=0.1)
