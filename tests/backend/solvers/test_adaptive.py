"""Adaptive solvers reach the tolerance they are asked for, on easy and on stiff fields."""

import math

import pytest
import torch

from backend.solvers import SOLVERS, Dopri5, Rodas4
from tests.backend.solvers.fields import (
    F64,
    DiodeClamp,
    Follower,
    Linear,
    Network,
    Robertson,
    VanDerPol,
    reference,
    start,
    worst,
)

TOLERANT = [name for name, kind in SOLVERS.items() if kind.adaptive]
PROBLEMS = {"oscillator": VanDerPol(), "driven network": Network(2)}


@pytest.mark.parametrize("name", TOLERANT)
@pytest.mark.parametrize("problem", list(PROBLEMS))
def test_error_is_proportional_to_the_tolerance(name, problem):
    field, y0 = PROBLEMS[problem], start(2, 3)
    exact = reference(field, y0, 5.0)[-1]
    tolerances = (1e-4, 1e-6, 1e-8)
    errors = [
        worst(SOLVERS[name](rtol=r, atol=r).solve(field, y0, 0, 5).final, exact) for r in tolerances
    ]
    for tolerance, error in zip(tolerances, errors, strict=True):
        assert error < 50 * tolerance
    # A hundredth of the tolerance gives about a hundredth of the error.
    fall = math.log10(errors[0] / errors[-1]) / 4
    assert 0.7 < fall < 1.3


@pytest.mark.parametrize("name", TOLERANT)
def test_output_times_do_not_change_the_steps_and_are_as_accurate(name):
    field, y0 = VanDerPol(), start(2, 2)
    times = torch.linspace(0, 3, 97, dtype=F64)
    solver = SOLVERS[name](rtol=1e-7, atol=1e-7)
    solution = solver.solve(field, y0, 0.0, 3.0, times)
    assert solution.states.shape == (97, 2, 2)
    assert worst(solution.states, reference(field, y0, 3.0, times)) < 1e-5
    assert torch.equal(solution.states[0], y0)
    plain = solver.solve(field, y0, 0.0, 3.0)
    assert torch.allclose(plain.final, solution.final, atol=1e-12, rtol=0)
    assert torch.equal(plain.states, plain.tape.states)
    assert plain.stats.steps == solution.stats.steps == len(plain.tape.times) - 1


@pytest.mark.parametrize("name", TOLERANT)
def test_agrees_with_the_matrix_exponential(name):
    matrix, y0 = start(4, 4) - 2 * torch.eye(4, dtype=F64), start(4, 5, seed=2)
    solution = SOLVERS[name](rtol=1e-8, atol=1e-10).solve(Linear(matrix), y0, 1.0, 3.0)
    assert worst(solution.final, torch.linalg.matrix_exp(2 * matrix) @ y0) < 1e-6


def test_single_precision_output_times_are_taken_as_meant():
    """``torch.linspace`` in float32 ends a little beyond a span of 0.1 s."""
    span = 0.1
    times = torch.linspace(0, span, 5)
    assert float(times[-1]) > span
    solution = Dopri5().solve(VanDerPol(), start(2, 1), 0.0, span, times)
    assert torch.equal(solution.states[-1], solution.final)


def test_every_step_is_shown_and_counted():
    solution = Dopri5().solve(VanDerPol(), start(2, 1), 0.0, 5.0)
    steps = solution.tape.times.diff()
    assert solution.stats.smallest_step == pytest.approx(float(steps.min()))
    assert solution.stats.largest_step == pytest.approx(float(steps.max()))
    # First stage, first step guess, and six new stages for every try.
    tries = solution.stats.steps + solution.stats.rejected
    assert solution.stats.evaluations == 2 + 6 * tries


def test_dopri5_takes_the_steps_of_an_independent_implementation():
    """Work and accuracy like scipy's method of the same name at the same tolerance."""
    from scipy.integrate import solve_ivp

    field, y0 = VanDerPol(), start(2, 1)
    ours = Dopri5(rtol=1e-6, atol=1e-8).solve(field, y0, 0.0, 20.0)

    def flat(t, y):
        return field(t, torch.from_numpy(y)).detach().numpy()

    theirs = solve_ivp(flat, (0, 20), y0[:, 0].numpy(), method="RK45", rtol=1e-6, atol=1e-8)
    assert 0.6 < ours.stats.evaluations / theirs.nfev < 1.4


def test_robertson_over_five_decades():
    y0 = torch.tensor([[1.0], [0.0], [0.0]], dtype=F64)
    solution = Rodas4(rtol=1e-7, atol=1e-10).solve(Robertson(), y0, 0.0, 1e5)
    exact = reference(Robertson(), y0, 1e5, method="Radau")[-1]
    assert solution.status.ok
    assert worst(solution.final, exact) < 1e-6
    assert solution.stats.steps < 400
    assert float(solution.final.sum()) == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize(
    ("field", "y0", "t1"),
    [
        (DiodeClamp(), torch.zeros((1, 2), dtype=F64), 0.5),
        (Follower(rate=1e4), torch.zeros((1, 1), dtype=F64), 1.0),
        (VanDerPol(300.0), torch.tensor([[2.0], [0.0]], dtype=F64), 40.0),
    ],
    ids=["diode clamp", "fast follower", "stiff oscillator"],
)
def test_stiff_fields_need_far_fewer_implicit_steps(field, y0, t1):
    stiff = Rodas4(rtol=1e-5, atol=1e-7).solve(field, y0, 0.0, t1)
    explicit = Dopri5(rtol=1e-5, atol=1e-7).solve(field, y0, 0.0, t1)
    assert stiff.status.ok
    assert explicit.status.ok
    assert stiff.stats.steps * 5 < explicit.stats.steps
    exact = reference(field, y0, t1, method="Radau")[-1]
    assert worst(stiff.final, exact) < 1e-4
    assert worst(explicit.final, exact) < 1e-4


def test_dense_output_of_a_stiff_solve_stays_with_the_solution():
    field, y0 = Follower(rate=1e4), torch.zeros((1, 1), dtype=F64)
    times = torch.linspace(0, 1, 301, dtype=F64)
    states = Rodas4(rtol=1e-6, atol=1e-8).solve(field, y0, 0.0, 1.0, times).states
    exact = torch.stack([field.exact(t, y0) for t in times.tolist()])
    assert worst(states, exact) < 1e-4


def test_implicit_method_is_l_stable():
    """One step a million time constants long lands on the equilibrium."""
    decay = Linear(torch.tensor([[-1e6]], dtype=F64))
    solver, y = Rodas4(), torch.ones((1, 1), dtype=F64)
    trial = solver.attempt(decay, 0.0, y, 1.0, solver.start(decay, 0.0, y))
    assert abs(float(trial.state)) < 1e-5


def test_a_field_without_time_costs_no_time_derivative():
    class Silent(VanDerPol):
        autonomous = False

    y0 = start(2, 1)
    knows = Rodas4().solve(VanDerPol(), y0, 0.0, 1.0)
    asks = Rodas4().solve(Silent(), y0, 0.0, 1.0)
    tries = asks.stats.steps + asks.stats.rejected
    assert asks.stats.evaluations - knows.stats.evaluations == tries
    assert torch.equal(asks.final, knows.final)


@pytest.mark.parametrize("name", list(SOLVERS))
def test_single_precision_stays_single_and_close(name):
    y0 = start(3, 2)
    single = SOLVERS[name]().solve(Network(dtype=torch.float32), y0.float(), 0.0, 1.0)
    double = SOLVERS[name]().solve(Network(), y0, 0.0, 1.0)
    assert single.final.dtype == torch.float32
    assert single.tape.times.dtype == F64
    assert worst(single.final.double(), double.final) < 2e-5
