"""Acceptance tests 1, 3, 4, 5, 7 and 11: the rules against solvers and formulas of others."""

import math
from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from scipy.integrate import solve_ivp
from scipy.linalg import expm
from scipy.special import binom, gammainc

from backend.engine.scan import cascade, components, meters
from backend.engine.scan.transition import RULES

from .oracle import DOUBLE, distance, problem


def integrated(u, tau, kappa, state, step):
    """Voltages (L, n) of one channel after every step by a high-order solver."""
    found = []
    for now in u:

        def slope(t, v, now=now):
            return (kappa * np.concatenate([[now], v[:-1]]) - v) / tau

        solved = solve_ivp(slope, (0, step), state, "DOP853", rtol=3e-14, atol=1e-15)
        state = solved.y[:, -1]
        found.append(state)
    return np.array(found)


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_exact_is_the_differential_equation(cells):
    u, tau, kappa, initial = (each.detach() for each in problem(cells, 1, 8, 2, decades=(-0.5, 1)))
    taps = cascade(u, tau, kappa, step=0.7, initial=initial)
    for d in range(2):
        known = integrated(
            u[0, :, d].numpy(), tau[:, d].numpy(), kappa[:, d].numpy(), initial[0, d].numpy(), 0.7
        )
        assert distance(taps[0, :, d], torch.from_numpy(known)) <= 1e-12


def ends(rule, factor):
    """The last tap at the end of held inputs whose steps are cut into ``factor`` each."""
    torch.manual_seed(3)
    u = torch.randn(1, 12, 4, dtype=DOUBLE).repeat_interleave(factor, 1)
    tau = torch.tensor([0.6, 1.1, 1.9], dtype=DOUBLE)[:, None].expand(3, 4)
    return cascade(u, tau, step=1.0 / factor, rule=rule)[:, -1, :, -1]


@pytest.mark.parametrize(("rule", "order"), [("gs", 1), ("delay", 1), ("foh", 2)])
def test_orders_of_convergence(rule, order):
    exact = ends("exact", 1)
    errors = [float((ends(rule, 2**k) - exact).norm()) for k in range(2, 8)]
    slopes = np.diff(np.log2(errors))
    assert slopes[-1] == pytest.approx(-order, abs=0.1)
    assert np.polyfit(range(6), np.log2(errors), 1)[0] == pytest.approx(-order, abs=0.1)


def pulse(length=40):
    u = torch.zeros(1, length, 1, dtype=DOUBLE)
    u[:, 0] = 1.0
    return u


@pytest.mark.parametrize("cells", range(1, 7))
@pytest.mark.parametrize("x", [0.03, 0.7, 5.0])
def test_the_kernel_of_one_time_constant_is_a_difference_of_gamma_cdfs(cells, x):
    tau = torch.full((cells, 1), 1 / x, dtype=DOUBLE)
    taps = cascade(pulse(), tau)[0, :, 0].numpy()
    k = np.arange(40)[:, None]
    n = np.arange(1, cells + 1)
    np.testing.assert_allclose(taps, gammainc(n, (k + 1) * x) - gammainc(n, k * x), atol=1e-14)


def test_the_kernel_of_distinct_time_constants_is_a_sum_of_residues():
    tau = np.array([0.8, 2.5, 9.0])
    k = np.arange(40)
    known = np.zeros(40)
    for m in range(3):
        others = np.delete(tau, m)
        residue = np.prod(1 / tau) / np.prod(1 / others - 1 / tau[m])
        known += residue * tau[m] * -np.expm1(-1 / tau[m]) * np.exp(-k / tau[m])
    taps = cascade(pulse(), torch.from_numpy(tau)[:, None])[0, :, 0, -1]
    np.testing.assert_allclose(taps.numpy(), known, atol=1e-14)


@pytest.mark.parametrize("cells", range(1, 5))
def test_the_kernel_of_gs_is_negative_binomial(cells):
    tau = torch.full((cells, 1), 3.0, dtype=DOUBLE)
    taps = cascade(pulse(), tau, rule="gs")[0, :, 0, -1]
    a, k = math.exp(-1 / 3.0), np.arange(40)
    known = (1 - a) ** cells * binom(k + cells - 1, cells - 1) * a**k
    np.testing.assert_allclose(taps.numpy(), known, atol=1e-14)


def test_delay_is_gs_later():
    u, tau, kappa, _ = problem(3, steps=30)
    later, now = (cascade(u, tau, kappa, rule=rule) for rule in ("delay", "gs"))
    for m in range(3):  # every cell but the first holds its sample for a step
        assert distance(later[:, m:, :, m], now[:, : 30 - m, :, m]) <= 1e-14


def test_the_step_response_is_monotone_and_its_mean_delay_is_the_sum():
    tau = torch.tensor([[0.5], [2.0], [3.0]], dtype=DOUBLE)
    kappa = torch.tensor([[2.0], [0.5], [3.0]], dtype=DOUBLE)
    u = torch.ones(1, 200, 1, dtype=DOUBLE)
    taps = cascade(u, tau, kappa)[..., -1]
    assert (taps.diff(dim=1) >= -1e-15).all()
    assert float(taps[0, -1, 0]) == pytest.approx(3.0, abs=1e-14)
    # ∫ (1 - v_n) dt, by the integrals of the meters
    unit = cascade(u, tau)
    charge, _ = meters(u, unit, tau)
    through = charge.leaked[0, :, 0, -1] * tau[-1]
    assert float((1 - through).sum()) == pytest.approx(5.5, abs=1e-10)


@pytest.mark.parametrize("shared", [True, False])
def test_differences_across_taps_are_derivatives(shared):
    tau = np.array([1.3, 1.3, 1.3] if shared else [0.7, 1.3, 2.9])
    kappa = np.ones(3) if shared else np.array([1.5, -0.7, 1.1])
    torch.manual_seed(1)
    u = torch.randn(1, 6, 1, dtype=DOUBLE)
    given = [torch.from_numpy(each)[:, None] for each in (tau, kappa)]
    taps = cascade(u, *given)
    z = components(u, taps, *given)[0, -1, 0].numpy()
    h = 2e-3
    matrix = np.zeros((4, 4))
    for i in range(3):
        matrix[i + 1, i + 1], matrix[i + 1, i] = -1 / tau[i], kappa[i] / tau[i]
    now = np.concatenate([u[0, -1, 0, None], taps[0, -1, 0]])
    near = np.array([(expm(matrix * h * s) @ now)[-1] for s in range(-3, 4)])
    stencils = (
        np.array([0, 0, 0, 1, 0, 0, 0]),
        np.array([-1, 9, -45, 0, 45, -9, 1]) / (60 * h),
        np.array([2, -27, 270, -490, 270, -27, 2]) / (180 * h**2),
    )
    for k, (stencil, scale) in enumerate(zip(stencils, (1, tau[2], tau[2] * tau[1]), strict=True)):
        assert z[k] == pytest.approx(scale * (stencil @ near), abs=1e-7)
    if shared:
        v = [float(u[0, -1, 0]), *taps[0, -1, 0].tolist()]
        assert z[3] == pytest.approx(v[3] * -1 + 3 * v[2] - 3 * v[1] + v[0], abs=1e-13)


@pytest.mark.parametrize("cells", [1, 2, 3, 4])
def test_many_steps_of_a_held_input_are_one(cells):
    u, tau, kappa, initial = problem(cells, steps=1)
    many = cascade(u.expand(-1, 24, -1), tau, kappa, step=0.25, initial=initial)[:, -1]
    once = cascade(u, tau, kappa, step=6.0, initial=initial)[:, 0]
    assert distance(many, once) <= 1e-13


@pytest.mark.parametrize("rule", RULES)
def test_one_cell_is_exact_by_every_rule(rule):
    u, tau, kappa, initial = problem(1)
    one = cascade(u, tau, kappa, rule=rule, initial=initial)
    assert distance(one, cascade(u, tau, kappa, initial=initial)) <= 1e-15


@pytest.fixture
def fifty_digits():
    with localcontext(prec=50):
        yield


@pytest.mark.parametrize("ratio", [1e-12, 1e-8, 1e-3, 40.0, 1e5, 1e12])
@pytest.mark.usefixtures("fifty_digits")
def test_stiff_pairs_are_exact(ratio):
    """A slow cell behind or before one that follows almost at once."""
    for x in ((0.5, ratio), (ratio, 0.5)):
        tau = torch.tensor(x, dtype=DOUBLE)[:, None].reciprocal()
        found = cascade(torch.ones(1, 1, 1, dtype=DOUBLE), tau)[0, 0, 0].tolist()
        p, q = (1 / Decimal(float(t)) for t in tau)
        known = 1 - (q * (-p).exp() - p * (-q).exp()) / (q - p)
        assert found[1] == pytest.approx(float(known), rel=1e-12)
