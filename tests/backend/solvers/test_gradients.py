"""Adjoints against autograd, against each other, against differences and exact answers."""

import pytest
import torch

from backend.circuit.compile import compile_circuit
from backend.solvers import (
    ADJOINTS,
    SOLVERS,
    Dopri5,
    Rodas4,
    TorchDiffEq,
    continuous_adjoint,
    discrete_adjoint,
    integrate,
)
from backend.solvers.runge_kutta import ClassicalRungeKutta, replay
from tests.backend.solvers.fields import (
    F64,
    DiodeClamp,
    Linear,
    Network,
    VanDerPol,
    start,
    worst,
)
from tests.strategies import SMOOTH, random_circuit

EXPLICIT = [name for name, kind in SOLVERS.items() if "discrete" in kind.gradients]
KINDS = [(name, gradient) for name, kind in SOLVERS.items() for gradient in kind.gradients]


def tape_of(solver, field, y0, t1=1.5):
    solution = solver.solve(field, y0, 0.0, t1)
    assert solution.status.ok
    return solution.tape


def relative(found, wanted):
    return worst(found, wanted) / float(wanted.abs().max())


@pytest.mark.parametrize("name", EXPLICIT)
def test_discrete_adjoint_is_autograd_through_the_same_steps(name):
    field, y0, w = Network(), start(3, 4).requires_grad_(), start(3, 4, seed=5)
    solver = SOLVERS[name](**({} if SOLVERS[name].adaptive else {"steps": 25}))
    tape = tape_of(solver, field, y0)
    end = replay(solver.tableau, field, y0, tape.times.tolist())
    assert worst(end, tape.states[-1]) < 1e-13
    expected = torch.autograd.grad(end, [y0, *field.parameter_tensors()], w)
    found = discrete_adjoint(solver, field, tape, w)
    for own, exact in zip((found.states[0], *found.gradients), expected, strict=True):
        assert relative(own, exact) < 1e-10


@pytest.mark.parametrize("name", EXPLICIT)
def test_every_step_of_the_discrete_adjoint_agrees_with_autograd(name):
    field, y0, w = Network(), start(3, 2), start(3, 2, seed=5)
    solver = SOLVERS[name](**({} if SOLVERS[name].adaptive else {"steps": 10}))
    tape = tape_of(solver, field, y0)
    own = discrete_adjoint(solver, field, tape, w)
    witness = ADJOINTS["backprop"](solver, field, tape, w)
    assert relative(own.states, witness.states) < 1e-12
    for found, wanted in zip(own.increments, witness.increments, strict=True):
        assert found.shape == (len(tape.times) - 1, *wanted.shape[1:])
        assert relative(found, wanted) < 1e-12


@pytest.mark.parametrize(("name", "gradient"), KINDS)
def test_gradient_of_a_linear_field_is_the_matrix_exponential(name, gradient):
    """``dL/dy0 = expm(A^T t) w``; ``dL/dA`` from autograd through ``expm``."""
    matrix = (start(3, 3) - torch.eye(3, dtype=F64)).requires_grad_()
    y0, w = start(3, 2, seed=2).requires_grad_(), start(3, 2, seed=3)
    exact = torch.autograd.grad(torch.linalg.matrix_exp(matrix) @ y0, [y0, matrix], w)
    end = integrate(Linear(matrix), y0, 0.0, 1.0, SOLVERS[name](), gradient)
    found = torch.autograd.grad(end, [y0, matrix], w)
    tolerance = {1: 2e-2, 2: 1e-4}.get(SOLVERS[name].order, 2e-6)
    for own, wanted in zip(found, exact, strict=True):
        assert relative(own, wanted) < tolerance


@pytest.mark.parametrize("name", ["rk4", "midpoint"])
def test_continuous_adjoint_converges_to_the_discrete_one(name):
    field, y0, w = Network(), start(3, 2), start(3, 2, seed=5)
    gaps = []
    for steps in (20, 40, 80):
        solver = SOLVERS[name](steps=steps)
        tape = tape_of(solver, field, y0)
        one, two = (f(solver, field, tape, w) for f in (discrete_adjoint, continuous_adjoint))
        pairs = zip(
            (one.states, *one.gradients, *one.increments),
            (two.states, *two.gradients, *two.increments),
            strict=True,
        )
        gaps.append(max(relative(b, a) for a, b in pairs))
    rate = 2 ** (solver.order - 0.5)
    assert gaps[2] < gaps[1] / rate < gaps[0] / rate**2


@pytest.mark.parametrize("kind", [Dopri5, Rodas4])
def test_adaptive_continuous_adjoint_follows_the_tolerance(kind):
    field, y0, w = Network(), start(3, 2), start(3, 2, seed=5)
    sharp = ClassicalRungeKutta(steps=1000)
    exact = discrete_adjoint(sharp, field, tape_of(sharp, field, y0), w, record=False)
    gaps = []
    for tolerance in (1e-4, 1e-6, 1e-8):
        solver = kind(rtol=tolerance, atol=tolerance)
        found = continuous_adjoint(solver, field, tape_of(solver, field, y0), w)
        pairs = zip(
            (found.states[0], *found.gradients), (exact.states[0], *exact.gradients), strict=True
        )
        gaps.append(max(relative(a, b) for a, b in pairs))
        assert found.states.shape[0] == len(found.times)
        assert gaps[-1] < 100 * tolerance
    assert gaps[2] < gaps[0] / 100


def test_increments_add_up_and_lambda_ends_at_the_cotangent():
    field, y0, w = Network(), start(3, 2), start(3, 2, seed=5)
    for name, gradient in [("rk4", "discrete"), ("rk4", "continuous"), ("rodas4", "continuous")]:
        solver = SOLVERS[name]()
        result = ADJOINTS[gradient](solver, field, tape_of(solver, field, y0), w)
        assert torch.equal(result.states[-1], w)
        for total, rows in zip(result.gradients, result.increments, strict=True):
            assert torch.allclose(rows.sum(0), total, rtol=1e-12, atol=1e-14)
        bare = ADJOINTS[gradient](solver, field, tape_of(solver, field, y0), w, record=False)
        assert bare.increments == ()
        assert torch.equal(bare.states[0], result.states[0])
        for short, full in zip(bare.gradients, result.gradients, strict=True):
            assert torch.allclose(short, full, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("method", ["dopri5", "implicit_adams"])
@pytest.mark.parametrize("adjoint", [False, True])
def test_torchdiffeq_agrees(method, adjoint):
    field, y0, w = Network(), start(3, 2).requires_grad_(), start(3, 2, seed=5)
    peer = TorchDiffEq(method=method, adjoint=adjoint, rtol=1e-9, atol=1e-11)
    wanted = [y0, *field.parameter_tensors()]
    theirs = integrate(field, y0, 0.0, 1.5, peer, "backprop")
    ours = integrate(field, y0, 0.0, 1.5, Dopri5(rtol=1e-9, atol=1e-11))
    tolerance = 1e-7 if method == "dopri5" else 1e-5
    assert worst(theirs, ours) < tolerance
    pairs = zip(
        torch.autograd.grad(theirs, wanted, w), torch.autograd.grad(ours, wanted, w), strict=True
    )
    for a, b in pairs:
        assert relative(a, b) < tolerance


@pytest.mark.parametrize("gradient", ["discrete", "backprop"])
@pytest.mark.parametrize("name", EXPLICIT)
def test_integrate_passes_gradcheck(name, gradient):
    """Against finite differences of the very same function, parameters included."""
    field, y0 = Network(2), start(2, 2).requires_grad_()
    # A loose tolerance keeps the accepted steps the same under the small differences.
    solver = SOLVERS[name](rtol=1e-3) if SOLVERS[name].adaptive else SOLVERS[name](steps=6)
    if SOLVERS[name].adaptive:
        solver = Frozen(solver, tape_of(solver, field, y0).times.tolist())

    def end(start, *parameters):
        return integrate(field, start, 0.0, 1.5, solver, gradient)

    inputs = (y0, *field.parameter_tensors())
    assert torch.autograd.gradcheck(end, inputs, eps=1e-6, atol=1e-7, rtol=1e-6)


class Frozen:
    """An adaptive solver held at steps it once chose: its gradient is that of these steps."""

    gradients = ("discrete", "backprop")

    def __init__(self, solver, times):
        self.tableau, self.times = solver.tableau, times

    def march(self, field, y0, t0, t1, check=False):
        from backend.solvers.base import March, Stats, Status, Tape, as_times

        with torch.no_grad():
            states = [
                replay(self.tableau, field, y0, self.times[: n + 1]) for n in range(len(self.times))
            ]
        return March(Tape(as_times(self.times), torch.stack(states)), Status(), Stats())

    def backprop(self, field, y0, t0, t1):
        return replay(self.tableau, field, y0, self.times)


@pytest.mark.parametrize("name", ["rodas4", "dopri5"])
def test_stiff_diode_gradient_against_differences(name):
    field, y0 = DiodeClamp(), torch.zeros((1, 1), dtype=F64, requires_grad=True)
    solver = SOLVERS[name](rtol=1e-8, atol=1e-10)
    end = integrate(field, y0, 0.0, 0.05, solver, "continuous")
    before, leak = torch.autograd.grad(end.sum(), [y0, field.leak])

    def value(y, g):
        other = DiodeClamp()
        with torch.no_grad():
            other.leak.fill_(g)
        return float(solver.solve(other, torch.full((1, 1), y, dtype=F64), 0.0, 0.05).final)

    eps = 1e-4
    by_leak = (value(0.0, 1 + eps) - value(0.0, 1 - eps)) / (2 * eps)
    assert float(leak) == pytest.approx(by_leak, rel=1e-4)
    # The diode forgets its start: expm(-50) and less.
    assert abs(float(before)) < 1e-8


def test_stiff_adjoint_takes_few_steps_over_a_long_rest():
    """The last forward step is long, lambda dies within a microsecond of it: both are resolved."""
    rate = 1e6
    matrix = torch.tensor([[-rate]], dtype=F64, requires_grad=True)
    field, y0 = Linear(matrix), torch.ones((1, 1), dtype=F64)
    solver = Rodas4(rtol=1e-7, atol=1e-9)
    tape = tape_of(solver, field, y0, 2e-6)
    found = continuous_adjoint(solver, field, tape, torch.ones_like(y0))
    exact = torch.linalg.matrix_exp(matrix * 2e-6)
    assert float(found.states[0]) == pytest.approx(float(exact.detach()), rel=1e-5)
    assert float(found.gradients[0]) == pytest.approx(2e-6 * float(exact.detach()), rel=1e-5)


def test_accepted_steps_are_constants_of_the_gradient():
    """Autograd must not see the controller: same number as with the times written down."""
    field, y0 = VanDerPol(), start(2, 3).requires_grad_()
    solver = Dopri5(rtol=1e-4, atol=1e-4)
    tape = tape_of(solver, field, y0)
    by_hand = replay(solver.tableau, field, y0, tape.times.tolist())
    wanted = torch.autograd.grad(by_hand.sum(), [y0, field.mu])
    for gradient in ("discrete", "backprop"):
        end = integrate(field, y0, 0.0, 1.5, solver, gradient)
        for a, b in zip(torch.autograd.grad(end.sum(), [y0, field.mu]), wanted, strict=True):
            assert relative(a, b) < 1e-12


def test_parameters_changed_between_forward_and_backward_are_noticed():
    field, y0 = Network(), start(3, 2)
    end = integrate(field, y0, 0.0, 1.0, SOLVERS["rk4"](steps=5))
    with torch.no_grad():
        field.w.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        end.sum().backward()


def test_adjoint_that_cannot_be_solved_says_so():
    field, y0 = VanDerPol(1000.0), torch.tensor([[2.0], [0.0]], dtype=F64)
    tape = Rodas4().solve(field, y0, 0.0, 5.0).tape
    result = continuous_adjoint(Rodas4(max_steps=8), field, tape, torch.ones_like(y0))
    assert not result.status.ok
    assert "adjoint, running backwards" in result.status.message
    assert result.status.time is not None
    assert 0 < result.status.time <= 5.0
    assert result.states[0].isnan().all()
    assert result.gradients[0].isnan().all()


@pytest.fixture(scope="module")
def circuit_answer():
    """A compiled circuit, its start, and a sharp end state and gradient by torch's autograd."""
    compiled = compile_circuit(random_circuit(3, SMOOTH, nodes=5, devices=12, slices=1))
    field = next(iter(compiled.fields()))
    y0 = torch.stack([compiled.v0, -compiled.v0], dim=1).requires_grad_()
    times = torch.linspace(0, 1, 101, dtype=F64).tolist()
    end = replay(ClassicalRungeKutta.tableau, field, y0, times)
    exact = torch.autograd.grad(end.sum(), [y0, *field.parameter_tensors()])
    return field, y0, end.detach(), exact


@pytest.mark.parametrize("name", list(SOLVERS))
def test_solvers_serve_a_real_circuit(name, circuit_answer):
    """The compiled field with its own derivatives, against the sharp solve."""
    field, y0, sharp, exact = circuit_answer
    solver, gradient = SOLVERS[name](), SOLVERS[name].gradients[0]
    end = integrate(field, y0, 0.0, 1.0, solver, gradient)
    tolerance = {1: 5e-2, 2: 1e-4}.get(solver.order, 2e-6)
    assert worst(end, sharp) < tolerance
    found = torch.autograd.grad(end.sum(), [y0, *field.parameter_tensors()])
    for own, autograd in zip(found, exact, strict=True):
        assert worst(own, autograd) < tolerance * max(1.0, float(autograd.abs().max()))
