"""Every registered method converges at the order it claims."""

import itertools
import math

import pytest
import torch

from backend.params import check_params
from backend.solvers import SOLVERS, FixedStepSolver, TorchDiffEq
from backend.solvers.adaptive import AdaptiveSolver
from tests.backend.solvers.fields import Follower, Logistic, Network, VanDerPol, reference, start
from tests.backend.solvers.fields import worst as largest

FIXED = [name for name, kind in SOLVERS.items() if issubclass(kind, FixedStepSolver)]
ADAPTIVE = [name for name, kind in SOLVERS.items() if issubclass(kind, AdaptiveSolver)]


def slope(errors: list[float]) -> float:
    """Order of convergence from errors at steps halved each time."""
    return math.log2(errors[0] / errors[-1]) / (len(errors) - 1)


def test_every_solver_belongs_to_a_tested_family():
    assert set(FIXED) | set(ADAPTIVE) | {"torchdiffeq"} == set(SOLVERS)


@pytest.mark.parametrize("name", list(SOLVERS))
def test_registered_solvers_describe_themselves(name):
    kind = SOLVERS[name]
    assert kind.title
    assert kind.__doc__
    assert kind.gradients
    made = kind()
    assert {p.name: getattr(made, p.name) for p in kind.params} == check_params(kind.params, {})
    for param in kind.params:
        assert param.doc
    with pytest.raises(ValueError, match=kind.params[-1].name):
        kind(**{kind.params[-1].name: "nonsense"})


@pytest.mark.parametrize("name", FIXED)
@pytest.mark.parametrize("field", [VanDerPol(), Network(2)], ids=["oscillator", "driven network"])
def test_fixed_step_order(name, field):
    kind, y0 = SOLVERS[name], start(2, 2)
    exact = reference(field, y0, 2.0)[-1]
    counts = (40, 80, 160, 320) if kind.order < 3 else (20, 40, 80)
    errors = [largest(kind(steps=n).solve(field, y0, 0, 2).final, exact) for n in counts]
    assert errors[-1] > 1e-12  # above round-off, or the slope means nothing
    assert slope(errors[-2:]) == pytest.approx(kind.order, abs=0.2)


def march(solver, field, y0, t1, steps):
    """Equal steps with an adaptive method: its ends, largest mid-step error, local estimates."""
    h, y = t1 / steps, y0
    begin = solver.start(field, 0.0, y)
    middle, estimate = 0.0, 0.0
    for n in range(steps):
        trial = solver.attempt(field, n * h, y, h, begin)
        for theta in (0.3, 0.5, 0.8):
            inside = trial.interpolate(theta)
            middle = max(middle, largest(inside, field.exact((n + theta) * h, y0)))
        estimate = max(estimate, float(trial.error.abs().max()))
        assert torch.allclose(trial.interpolate(0.0), y, atol=1e-14)
        assert torch.allclose(trial.interpolate(1.0), trial.state, atol=1e-13)
        y, begin = trial.state, solver.advance(field, (n + 1) * h, trial)
    return y, middle, estimate


@pytest.mark.parametrize("name", ADAPTIVE)
@pytest.mark.parametrize(
    "field",
    [Logistic(torch.tensor([[1.0], [2.5]], dtype=torch.float64)), Follower()],
    ids=["logistic", "driven"],
)
def test_adaptive_method_order_with_equal_steps(name, field):
    solver = SOLVERS[name]()
    y0 = torch.tensor([[0.1, 0.3], [0.2, 0.05]], dtype=torch.float64)
    exact = field.exact(2.0, y0)
    runs = [march(solver, field, y0, 2.0, n) for n in (16, 32, 64)]
    ends = [largest(y, exact) for y, _, _ in runs]
    assert slope(ends[-2:]) == pytest.approx(solver.order, abs=0.35)
    assert slope([m for _, m, _ in runs]) > 3.7  # dense output: local error h^4 or better
    assert slope([e for _, _, e in runs]) == pytest.approx(solver.error_order, abs=0.35)


def test_output_between_fixed_steps_is_fourth_order():
    field, y0 = VanDerPol(), start(2, 2)
    times = torch.linspace(0, 2, 48, dtype=torch.float64)
    exact = reference(field, y0, 2.0, times)
    errors = [
        largest(SOLVERS["rk4"](steps=n).solve(field, y0, 0, 2, times).states, exact)
        for n in (20, 40, 80)
    ]
    assert slope(errors) == pytest.approx(4, abs=0.3)


def test_peer_implicit_adams_converges():
    field, y0 = VanDerPol(), start(2, 2)
    exact = reference(field, y0, 2.0)[-1]
    errors = [
        largest(
            TorchDiffEq(method="implicit_adams", steps=n, rtol=1e-10, atol=1e-12)
            .solve(field, y0, 0, 2)
            .final,
            exact,
        )
        for n in (40, 80, 160)
    ]
    assert all(b < a / 3 for a, b in itertools.pairwise(errors))
