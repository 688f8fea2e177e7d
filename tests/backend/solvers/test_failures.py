"""A failed solve is a result: what exists, and which component stopped it when."""

import pytest
import torch

from backend.errors import SolveError
from backend.solvers import (
    SOLVERS,
    Dopri5,
    FixedStepSolver,
    Rodas4,
    TorchDiffEq,
    discrete_adjoint,
    integrate,
)
from tests.backend.solvers.fields import F64, BlowUp, Linear, Logistic, VanDerPol, start

FIXED = [name for name, kind in SOLVERS.items() if issubclass(kind, FixedStepSolver)]
BURSTING = torch.tensor([[0.5], [1.0], [0.5]], dtype=F64)  # component 1 is infinite at 1 s
TIMES = torch.linspace(0, 2, 41, dtype=F64)


@pytest.mark.parametrize("name", list(SOLVERS))
def test_blow_up_is_cut_and_named(name):
    solution = SOLVERS[name]().solve(BlowUp(), BURSTING, 0.0, 2.0, TIMES)
    status = solution.status
    assert not status.ok
    assert torch.isfinite(solution.states).all()
    assert torch.isfinite(solution.final).all()
    assert len(solution.times) == len(solution.states) < len(TIMES)
    if name == "torchdiffeq":  # it gives nothing back and names nothing
        assert "underflow" in status.message
        return
    assert status.node == 1
    assert status.time == pytest.approx(1.0, abs=0.3)
    assert "omponent 1" in status.message
    assert len(solution.times) == int((status.time >= TIMES).sum())
    assert float(solution.tape.times[-1]) == status.time


@pytest.mark.parametrize("name", list(SOLVERS))
def test_a_start_that_is_not_finite_is_reported(name):
    y0 = torch.tensor([[1.0], [float("nan")]], dtype=F64)
    solution = SOLVERS[name]().solve(Linear(torch.eye(2, dtype=F64)), y0, 0.0, 1.0, [0.0, 1.0])
    assert (solution.status.ok, solution.status.node, solution.status.time) == (False, 1, 0.0)
    assert len(solution.times) == 0
    assert solution.stats.steps == 0


@pytest.mark.parametrize("name", FIXED)
def test_a_bad_sample_leaves_the_others_alone(name):
    solver = SOLVERS[name](steps=50)
    rate = torch.tensor([[1.0], [2.0]], dtype=F64)
    sound = torch.tensor([[0.1, 0.2], [0.3, 0.4]], dtype=F64)
    bad = torch.cat([sound, torch.full((2, 1), float("nan"), dtype=F64)], dim=1)
    end = integrate(Logistic(rate), bad, 0.0, 1.0, solver)
    assert torch.equal(end[:, :2], integrate(Logistic(rate), sound, 0.0, 1.0, solver))
    assert end[:, 2].isnan().all()


@pytest.mark.parametrize("kind", [Dopri5, Rodas4])
def test_too_many_steps(kind):
    solution = kind(max_steps=20, rtol=1e-10, atol=1e-12).solve(
        VanDerPol(), start(2, 1), 0.0, 100.0, torch.linspace(0, 100, 11)
    )
    assert not solution.status.ok
    assert "20 tried steps" in solution.status.message
    assert solution.stats.steps + solution.stats.rejected == 20
    assert solution.status.node in (0, 1)
    assert 0 < solution.status.time < 100
    assert ("stiff" in solution.status.message) == (kind is Dopri5)


def test_a_field_that_jumps_without_end_underflows_the_step():
    class Chatter:
        """A huge slope that swings faster than any step can resolve."""

        def __call__(self, t, y):
            return 1e18 * torch.cos(1e25 * torch.as_tensor(t, dtype=F64) + y)

    solution = Dopri5().solve(Chatter(), torch.ones((2, 1), dtype=F64), 0.0, 1.0)
    assert not solution.status.ok
    assert "step size fell to nothing" in solution.status.message
    assert solution.status.node in (0, 1)


def test_training_hears_of_a_failed_adaptive_solve():
    with pytest.raises(SolveError, match="component 1 changes too abruptly") as caught:
        integrate(Growing(), BURSTING, 0.0, 2.0, Dopri5())
    assert caught.value.status.node == 1


class Growing(BlowUp):
    def parameter_tensors(self):
        return ()


def test_torchdiffeq_gives_up_with_a_sentence():
    solver = TorchDiffEq(max_steps=3, rtol=1e-10, atol=1e-12, steps=1)
    solution = solver.solve(VanDerPol(), start(2, 1), 0.0, 20.0)
    assert "torchdiffeq gave up" in solution.status.message
    with pytest.raises(SolveError, match="torchdiffeq gave up"):
        integrate(VanDerPol(), start(2, 1), 0.0, 20.0, solver, "backprop")


def test_malformed_problems_are_refused():
    field, solver = VanDerPol(), SOLVERS["rk4"]()
    with pytest.raises(ValueError, match=r"\(N, B\)"):
        solver.solve(field, torch.ones(2, dtype=F64), 0.0, 1.0)
    with pytest.raises(ValueError, match="int64"):
        solver.solve(field, torch.ones((2, 1), dtype=torch.int64), 0.0, 1.0)
    with pytest.raises(ValueError, match="not before t0"):
        solver.solve(field, start(2, 1), 1.0, 0.0)
    with pytest.raises(ValueError, match="ascend"):
        solver.solve(field, start(2, 1), 0.0, 1.0, [0.5, 0.2])
    with pytest.raises(ValueError, match=r"got 1\.5 s"):
        solver.solve(field, start(2, 1), 0.0, 1.0, [0.5, 1.5])
    with pytest.raises(ValueError, match="steps must be at least 1"):
        SOLVERS["rk4"](steps=0)


def test_gradients_a_method_does_not_have_are_refused():
    field, y0 = VanDerPol(), start(2, 1)
    with pytest.raises(SolveError, match="has no discrete gradient: choose continuous"):
        integrate(field, y0, 0.0, 1.0, Rodas4())
    tape = Rodas4().solve(field, y0, 0.0, 1.0).tape
    with pytest.raises(SolveError, match="no discrete adjoint"):
        discrete_adjoint(Rodas4(), field, tape, y0)
    with pytest.raises(SolveError, match="cannot be differentiated step by step"):
        Rodas4().backprop(field, y0, 0.0, 1.0)


@pytest.mark.parametrize("name", list(SOLVERS))
def test_no_time_at_all(name):
    y0 = start(2, 3)
    solution = SOLVERS[name]().solve(VanDerPol(), y0, 0.5, 0.5, [0.5])
    assert solution.status.ok
    assert torch.equal(solution.final, y0)
    assert torch.equal(solution.states[0], y0)
    gradient = SOLVERS[name].gradients[0]
    y0.requires_grad_()
    end = integrate(VanDerPol(), y0, 0.5, 0.5, SOLVERS[name](), gradient)
    (found,) = torch.autograd.grad(end.sum(), y0)
    assert torch.equal(found, torch.ones_like(y0))
