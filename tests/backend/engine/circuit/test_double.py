"""The kernels in float64: against autograd of plain torch, finite differences and mathematics.

The bound of 1e-12 leaves a thousand roundings (1.1e-16 each) for the sums of a whole trajectory;
float32 would miss it by five decades.
"""

import math

import pytest
import torch
from torch import Tensor

from backend.circuit.compile import compile_circuit
from backend.engine.circuit import march_cpu, op
from backend.engine.circuit.march_cpu import Segment
from backend.engine.circuit.solve_cpu import Control
from backend.engine.tableaus import DORMAND_PRINCE, EULER, RK4
from backend.models.circuits.layer import CircuitLayer
from backend.simulation.simulate import make_solver
from backend.solvers import integrate, use
from tests.backend.engine.circuit.oracle import (
    FUSED,
    METHODS,
    SMOOTH,
    Problem,
    advance,
    compare,
    error,
    law_of,
    plan_of,
    problem,
)
from tests.strategies import random_circuit

ROUNDING = 1e-12
KINDS = ["relu", "leaky_relu", "tanh", "sigmoid", "softplus"]


def over_decades(kinds: list[str], each: int = 8, slices: int = 3, batch: int = 37) -> Problem:
    """Parameters of either sign between 1e-3 and 2, all 53 bits of them; more than one tile."""
    given = problem(kinds, each=each, slices=slices, batch=batch, seed=3)
    g = torch.Generator().manual_seed(4)

    def drawn(shape: torch.Size) -> Tensor:
        size, side = torch.rand((2, *shape), generator=g, dtype=torch.float64)
        return 10 ** (3.3 * size - 3) * torch.sign(side - 0.5)

    given.params = [drawn(value.shape) for value in given.params]
    given.v0 = torch.randn(given.v0.shape, generator=g, dtype=torch.float64)
    return given


SEGMENTS = (Segment(0, 3, 0.4), Segment(2, 2, 0.5), Segment(1, 4, 0.5))


@pytest.mark.parametrize("kinds", [*([kind] for kind in FUSED), FUSED], ids="+".join)
@pytest.mark.parametrize("kept", ["stages", "steps"])
def test_every_law_agrees_with_autograd(
    kinds: list[str], kept: str, monkeypatch: pytest.MonkeyPatch
):
    if kept == "steps":
        monkeypatch.setattr(march_cpu, "BUDGET", 0)
    errors = compare(over_decades(kinds), "rk4", SEGMENTS, dtype=torch.float64)
    assert max(errors.states, errors.start, errors.params) < ROUNDING


@pytest.mark.parametrize("method", METHODS)
def test_every_method_agrees_with_autograd(method: str):
    errors = compare(over_decades(FUSED), method, SEGMENTS, dtype=torch.float64)
    assert max(errors.states, errors.start, errors.params) < ROUNDING


@pytest.mark.parametrize("kind", SMOOTH)
def test_log_determinants_agree_with_autograd(kind: str):
    errors = compare(over_decades([kind]), "rk4", SEGMENTS, flow=True, dtype=torch.float64)
    assert max(errors.states, errors.log_det, errors.start, errors.params) < ROUNDING


@pytest.mark.parametrize("kinds", [SMOOTH, FUSED], ids=["smooth", "all"])
def test_adaptive_steps_agree_with_autograd_through_the_same_steps(kinds: list[str]):
    given = over_decades(kinds, each=3, slices=1, batch=70)
    own, exact = given.leaves(torch.float64), given.leaves(torch.float64)
    settings = [1e-7, 1e-7, 1000.0, 1.0]
    end, _, sizes, outcome, _ = torch.ops.kirchhoff.solve(
        own[0], own[1:], given.plans[0].handle, settings, True
    )
    ends = []
    for tile, v in enumerate(exact[0].split(32, dim=1)):
        for h in sizes[tile, : int(outcome[tile, 2])].tolist():
            v, _ = advance(DORMAND_PRINCE, given.plans[0], exact[1:], v, h)
        ends.append(v)
    wanted = torch.cat(ends, 1)
    assert len(ends) == len(outcome) == 3
    assert error(end, wanted) < ROUNDING
    weights = torch.randn(end.shape, generator=torch.Generator().manual_seed(0)).double()
    found = torch.autograd.grad((end * weights).sum(), own)
    expected = torch.autograd.grad(
        (wanted * weights).sum(), exact, allow_unused=True, materialize_grads=True
    )
    assert max(error(a, b) for a, b in zip(found, expected, strict=True)) < ROUNDING


def test_adaptive_ends_meet_tight_tolerances():
    """1e-11, far beyond float32; against the plain steps at the same tolerance."""
    field = next(compile_circuit(random_circuit(1, SMOOTH, slices=1), torch.float64).fields())
    v0 = torch.randn(6, 5, generator=torch.Generator().manual_seed(0)).double()
    solver = make_solver("dopri5", rtol=1e-11, atol=1e-11)
    end = integrate(field, v0, 0.0, 1.0, solver)
    with use("reference"):
        plain = integrate(field, v0, 0.0, 1.0, solver)
    assert error(end, plain) < 1e-9


@pytest.mark.parametrize("adaptive", [False, True])
def test_gradients_are_those_of_finite_differences(adaptive: bool):
    """Adaptive steps are constants of the gradient: with tight ones that matters no more."""
    given = problem(SMOOTH, nodes=3, each=1, batch=2, slices=1, seed=6)
    plan = given.plans[0]

    def end(v0: Tensor, *params: Tensor) -> Tensor:
        if adaptive:
            return op.solve(v0, plan, params, Control(1e-10, 1e-10, 1000, 1.0))[0]
        return op.march(v0, [plan], params, RK4, [Segment(0, 3, 1.0)])[0][-1]

    assert torch.autograd.gradcheck(end, given.leaves(torch.float64))


def through(kind: str, u: Tensor) -> tuple[Tensor, Tensor]:
    """phi(u) and phi'(u): node 0 at u drives node 1, which begins at 0 V."""
    plan = plan_of(torch.tensor([0]), torch.tensor([1]), [kind], torch.ones(2), 1)
    v0 = torch.stack([u, torch.zeros_like(u)]).requires_grad_()
    params = [torch.tensor([[value]], dtype=torch.float64) for value in (1.0, 0.0, 0.0)]
    states, _ = op.march(v0, [plan], params, EULER, [Segment(0, 1, 1.0)])
    (slope,) = torch.autograd.grad(states[0, 1].sum(), v0)
    return states[0, 1].detach(), slope[0]


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_slopes_within_a_few_roundings(kind: str):
    """Relative, and so where sigmoid and softplus are as small as 1e-300."""
    g = torch.Generator().manual_seed(0)
    small = torch.logspace(-300, 0, 3_001, dtype=torch.float64)
    near = 20 * torch.randn(20_000, generator=g, dtype=torch.float64)
    u = torch.cat([torch.linspace(-690, 690, 20_001, dtype=torch.float64), near, small, -small])
    u = u[u != 0]
    found, slope = through(kind, u)
    activation = law_of(kind).activation
    wanted = torch.nn.functional.softplus(u, threshold=800) if kind == "softplus" else None
    wanted = activation.value(u) if wanted is None else wanted
    flat = (found == 0) & (wanted == 0)
    assert float(((found - wanted) / wanted)[~flat].abs().max()) < 1e-15
    assert float((slope - activation.slope(u, wanted)).abs().max()) < 1e-15


@pytest.mark.parametrize("kind", KINDS)
def test_values_without_bound_and_nan(kind: str):
    inf = float("inf")
    u = torch.tensor([inf, -inf, float("nan"), 1.0, 0.0], dtype=torch.float64)
    found, slope = through(kind, u)
    low, high = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "leaky_relu": (-inf, inf)}.get(
        kind, (0.0, inf)
    )
    assert found[0] == high
    assert math.isclose(float(found[1]), low, abs_tol=1e-300)
    assert found[2].isnan()
    assert found[3:].isfinite().all()
    assert slope[3:].isfinite().all()


def everything(threads: int) -> list[Tensor]:
    given, before = over_decades(FUSED, batch=200), torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        own = given.leaves(torch.float64)
        states, _ = op.march(own[0], given.plans, own[1:], RK4, SEGMENTS)
        return [states.detach(), *torch.autograd.grad((states**2).sum(), own)]
    finally:
        torch.set_num_threads(before)


def test_threads_change_no_bit():
    assert all(map(torch.equal, everything(1), everything(2)))


def test_a_layer_in_float64_is_that_in_plain_torch():
    """The ordinary door: values, and gradients by inputs and parameters."""
    circuit = random_circuit(5, FUSED, slices=3)
    results = []
    for kernels in ("compiled", "reference"):
        layer = CircuitLayer(circuit, "rk4", steps=5, dtype=torch.float64)
        x = torch.linspace(-1, 1, 40 * layer.in_features, dtype=torch.float64)
        x = x.reshape(40, layer.in_features).requires_grad_()
        with use(kernels):
            y = layer(x)
            (y**2).sum().backward()
        results.append([y, x.grad, *(p.grad for p in layer.parameters() if p.requires_grad)])
    assert results[0][0].dtype == torch.float64
    for left, right in zip(*results, strict=True):
        assert error(left, right) < ROUNDING
