"""Cascades along lines with ends, against the differential equation of their cells."""

import numpy as np
import pytest
import scipy.integrate
import torch

from backend.models.kinn.lines import CascadeLines

DOUBLE = torch.double


def current(x):
    return np.sin(5 * x) + x**2


def truth(tau, order, first, points):
    """Taps v_1 ... v_n (n, points) of tau dv_m/dx = v_{m-1} - v_m, v_0 the current."""

    def flow(x, v):
        before = np.concatenate(([current(x)], v[:-1]))
        return (before - v) / tau

    found = scipy.integrate.solve_ivp(
        flow, (0, 1), [first] * order, t_eval=points, rtol=1e-10, atol=1e-12
    )
    return found.y


def tau_derivative(taps, k):
    """(tau D)^k v_n (points,) of taps v_0 ... v_n, as tau D v_m = v_{m-1} - v_m."""
    return taps[-1] if k == 0 else tau_derivative(taps[:-1] - taps[1:], k - 1)


@torch.no_grad()
@pytest.mark.parametrize("matched", [False, True])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_components_converge_to_the_circuit(matched, order):
    """Value, slope, ... of the last cell; the error falls with h^2, a quarter for half of h."""
    cells = CascadeLines(1, 1, order, matched=matched).double()
    cells.log_tau.fill_(np.log(0.1))
    errors = []
    for size in (65, 129, 257):
        x = np.linspace(0, 1, size)
        z = cells(torch.from_numpy(current(x))[:, None, None])[:, 0].numpy()
        taps = np.stack((current(x), *truth(0.1, order, current(0) if matched else 0.0, x)))
        exact = np.stack([tau_derivative(taps, k) for k in range(order + 1)])
        errors.append(np.abs(z - exact.T).max())
    assert errors[0] < 0.02
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.15)
    assert errors[1] / errors[2] == pytest.approx(4, rel=0.08)


@torch.no_grad()
def test_lanes_run_along_their_own_axis_and_direction():
    """A pulse is seen behind it only: below, above, to the right, to the left of it."""
    cells = CascadeLines(4, 2, 1, held=True)
    cells.log_tau.fill_(0.0)
    field = torch.zeros(5, 7, 1, 4)
    field[2, 3] = 1.0
    value = cells(field)[:, :, 0, :4]
    seen = [set(map(tuple, (value[..., lane] > 1e-9).nonzero().tolist())) for lane in range(4)]
    assert seen[0] == {(i, 3) for i in (2, 3, 4)}
    assert seen[1] == {(i, 3) for i in (0, 1, 2)}
    assert seen[2] == {(2, j) for j in (3, 4, 5, 6)}
    assert seen[3] == {(2, j) for j in (0, 1, 2, 3)}


@torch.no_grad()
def test_a_mirrored_field_gives_mirrored_answers_of_the_other_lanes():
    cells = CascadeLines(2, 1, 2).double()
    cells.log_tau.fill_(-2.0)
    field = torch.randn(9, 3, 2, dtype=DOUBLE)
    found = cells(field).reshape(9, 3, 3, 2)
    mirrored = cells(field.flip(0, -1)).reshape(9, 3, 3, 2)
    assert torch.allclose(mirrored.flip(0, -1), found, atol=1e-14)


@torch.no_grad()
@pytest.mark.parametrize("held", [False, True])
def test_a_matched_lane_passes_a_constant(held):
    cells = CascadeLines(6, 2, 2, held=held, matched=True).double()
    answer = cells(torch.full((4, 5, 1, 6), 0.7, dtype=DOUBLE))
    assert torch.allclose(answer[..., :6], torch.full_like(answer[..., :6], 0.7), atol=1e-14)
    assert float(answer[..., 6:].abs().max()) < 1e-14


@pytest.mark.parametrize("held", [False, True])
def test_nothing_leaves_the_range_of_the_currents_whatever_the_parameters(held):
    cells = CascadeLines(100, 1, 3, held=held)
    with torch.no_grad():
        cells.log_tau.normal_(0, 50)
    answer = cells(torch.rand(40, 2, 100) * 2 - 1)
    assert float(answer[..., :100].detach().abs().max()) <= 1 + 1e-6
    answer.square().sum().backward()
    assert bool(cells.log_tau.grad.isfinite().all())


@pytest.mark.parametrize("held", [False, True])
@pytest.mark.parametrize("matched", [False, True])
def test_gradients(held, matched):
    cells = CascadeLines(5, 2, 2, held=held, matched=matched).double()
    x = torch.randn(3, 4, 1, 5, dtype=DOUBLE, requires_grad=True)

    def answer(x, tau):
        return torch.func.functional_call(cells, {"log_tau": tau}, (x,))

    assert torch.autograd.gradcheck(answer, (x, cells.log_tau))
