"""Acceptance tests 2 and 8: bounds, finite numbers and balances, whatever the parameters."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from backend.engine.scan import cascade, meters, selective
from backend.engine.scan.transition import RULES

from .oracle import DOUBLE, distance, problem, stepwise


def largest(tensor):
    return float(tensor.detach().abs().max())


@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32], ids=str)
@pytest.mark.parametrize("rule", RULES)
def test_wild_parameters_stay_bounded_with_finite_gradients(rule, dtype):
    torch.manual_seed(0)
    theta = 50 * torch.randn(3, 40, dtype=dtype)
    if dtype == torch.float32:
        theta = theta.clamp(-87, 88)  # exp itself ends there
    theta.requires_grad_()
    u = torch.randint(0, 2, (1, 10_000, 40)).to(dtype) * 2 - 1
    u.requires_grad_()
    taps = cascade(u, theta.exp(), rule=rule)
    assert largest(taps) <= 1 + 1e-6
    for grad in torch.autograd.grad((taps * torch.randn_like(taps)).sum(), (u, theta)):
        assert grad.isfinite().all()


@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32], ids=str)
def test_the_ends_of_all_numbers(dtype):
    """A time constant of nothing follows at once, one without end stands still."""
    tau = torch.tensor([[0.0, math.inf, 1e-30, 1e30]], dtype=dtype, requires_grad=True)
    u = torch.randn(1, 9, 4, dtype=dtype)
    initial = torch.ones(1, 4, 1, dtype=dtype)
    for rule in RULES:
        taps = cascade(u, tau, rule=rule, initial=initial)[..., 0]
        torch.testing.assert_close(taps[..., 0::2], u[..., 0::2])
        torch.testing.assert_close(taps[..., 1::2], torch.ones(1, 9, 2, dtype=dtype))
        (grad,) = torch.autograd.grad(taps.sum(), tau)
        assert grad.isfinite().all()


decades = st.floats(-9, 9)
shapes = st.tuples(st.integers(1, 3), st.integers(1, 40), st.integers(1, 20), st.integers(1, 5))


@given(
    shape=shapes, rule=st.sampled_from(RULES), low=decades, step=decades, seed=st.integers(0, 99)
)
def test_bounds_over_decades(shape, rule, low, step, seed):
    batch, steps, channels, cells = shape
    u, tau, kappa, initial = problem(cells, batch, steps, channels, seed=seed, decades=(low, 9))
    length = 10**step
    taps = cascade(u, tau, step=length, rule=rule, initial=initial)
    most = max(largest(u), largest(initial))
    assert largest(taps) <= most * (1 + 1e-12)
    loud = cascade(u, tau, kappa, step=length, rule=rule, initial=initial)
    gain = largest(kappa.abs().clamp_min(1).prod(0))
    assert largest(loud) <= most * gain * (1 + 1e-12)
    grads = torch.autograd.grad(loud.square().sum(), (u, tau, kappa, initial))
    assert all(grad.isfinite().all() for grad in grads)


@given(shape=shapes, rule=st.sampled_from(RULES), step=st.floats(-1, 1), seed=st.integers(0, 99))
def test_only_the_ratio_of_step_and_time_constant_matters(shape, rule, step, seed):
    batch, steps, channels, cells = shape
    u, tau, kappa, initial = problem(cells, batch, steps, channels, seed=seed)
    length = 10**step
    one = cascade(u, tau, kappa, step=length, rule=rule, initial=initial)
    other = stepwise(u, tau / length, kappa, rule=rule, initial=initial)
    assert distance(one, other) <= 1e-11  # torch's exponential, up to Δ/τ = 100


def test_float32_keeps_a_memory_of_a_million_steps():
    tau, u = torch.full((1, 1), 1e6), torch.ones(1, 65_536, 1)
    taps = cascade(u, tau)[0, :, 0, 0].double()
    known = -torch.expm1(-torch.arange(1, 65_537, dtype=DOUBLE) / 1e6)
    assert float(((taps - known).abs() / known).max()) <= 1e-4
    assert float((taps[-1] - known[-1]) / known[-1]) == pytest.approx(0, abs=5e-5)


@pytest.mark.parametrize("cells", [1, 2, 3])
def test_charge_and_energy_balance(cells):
    u, tau, kappa, initial = problem(cells, decades=(-0.7, 2))
    taps = cascade(u, tau, kappa, step=0.5, initial=initial)
    balances = meters(u, taps, tau, kappa, step=0.5, initial=initial, capacitance=2e-9)
    for balance in balances:
        scale = max(largest(term) for term in balance)
        assert largest(balance.residual) <= 2e-14 * scale
    # A resistor only takes.
    assert (balances[1].leaked >= 0).all()


def test_energy_of_a_discharge():
    """½ C v² of the start ends up in the leak."""
    u = torch.zeros(1, 1, 1, dtype=DOUBLE)
    initial = torch.full((1, 1, 1), 3.0, dtype=DOUBLE)
    tau = torch.full((1, 1), 0.05, dtype=DOUBLE)
    taps = cascade(u, tau, initial=initial)
    charge, energy = meters(u, taps, tau, initial=initial, capacitance=1e-6)
    assert float(charge.leaked) == pytest.approx(3e-6 * -math.expm1(-20), rel=1e-12)
    assert float(energy.leaked) == pytest.approx(4.5e-6 * -math.expm1(-40), rel=1e-12)


@pytest.mark.parametrize("order", [1, 3])
def test_trajectories_under_changing_conductances_never_part(order):
    torch.manual_seed(0)
    u = torch.randn(2, 300, 6, dtype=DOUBLE)
    tau = (4 * torch.randn(2, 300, 6, dtype=DOUBLE)).exp()
    start = torch.randn(2, 2, 6, order, dtype=DOUBLE)
    one, other = (selective(u, tau, order=order, initial=each) for each in start)
    distances = torch.cat([(start[0] - start[1])[:, None], one - other], 1).abs().amax(-1)
    assert (distances.diff(dim=1) <= 1e-15).all()
    assert largest(one) <= max(largest(u), largest(start)) + 1e-12
