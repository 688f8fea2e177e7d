"""Fixed-step kernels and their adjoint against float64 autograd and against mathematics."""

import itertools
import math

import pytest
import torch

from backend.circuit.compile import compile_circuit
from backend.engine.circuit import march_cpu, op
from backend.engine.circuit.march_cpu import Segment
from backend.engine.tableaus import EULER, HEUN, RK4
from backend.solvers import explicit_methods
from tests.backend.engine.circuit.oracle import (
    FUSED,
    METHODS,
    SEGMENTS,
    SMOOTH,
    VALUES,
    Errors,
    allowed,
    compare,
    problem,
    trajectory,
)
from tests.strategies import random_circuit


def check(errors: Errors, tolerance: float) -> None:
    assert errors.states < VALUES
    assert errors.log_det < VALUES
    assert errors.start < tolerance
    assert errors.params < tolerance


@pytest.mark.parametrize("kind", FUSED)
@pytest.mark.parametrize("method", METHODS)
def test_every_kind_and_method_agrees_with_autograd(kind: str, method: str):
    check(compare(problem([kind], each=20), method), allowed([kind]))


@pytest.mark.parametrize("method", METHODS)
def test_all_kinds_mixed_agree_with_autograd(method: str):
    check(compare(problem(FUSED, seed=1), method), allowed(FUSED))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kinds", [SMOOTH, FUSED], ids=["smooth", "all"])
def test_stages_made_again_agree_with_autograd(
    method: str, kinds: list[str], monkeypatch: pytest.MonkeyPatch
):
    given = problem(kinds, batch=65, each=4, seed=2)
    check(compare(given, method), allowed(kinds))
    monkeypatch.setattr(march_cpu, "BUDGET", 0)
    check(compare(given, method, flow=kinds == SMOOTH), allowed(kinds))


def test_without_budget_only_steps_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(march_cpu, "BUDGET", 0)
    given = problem(["tanh"], batch=3, slices=1)
    leaves = given.leaves()
    arguments = [
        leaves[0],
        leaves[1:],
        [given.plans[0].handle],
        RK4.key,
        [0],
        [5],
        [1.0],
        [0],
        False,
    ]
    assert torch.ops.kirchhoff.march(*arguments, True)[2].shape[1] == 5
    monkeypatch.undo()
    assert torch.ops.kirchhoff.march(*arguments, True)[2].shape[1] == 5 * 4
    assert torch.ops.kirchhoff.march(*arguments, False)[2].numel() == 0


@pytest.mark.parametrize("kind", SMOOTH)
def test_log_determinant_of_every_smooth_kind(kind: str):
    check(compare(problem([kind], each=20), flow=True), allowed([kind]))


@pytest.mark.parametrize("method", METHODS)
def test_log_determinant_of_every_method(method: str):
    check(compare(problem(SMOOTH, seed=3), method, flow=True), allowed(SMOOTH))


@pytest.mark.parametrize("kind", FUSED)
def test_trace_is_that_of_the_whole_jacobian(kind: str):
    """One Euler step of 1 s sums h tr J once, at the start."""
    circuit = random_circuit(4, [kind], slices=1)
    field, exact = (
        next(compile_circuit(circuit, dtype).fields()) for dtype in (torch.float32, torch.float64)
    )
    v = torch.randn(6, 66, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        params, plan = list(field.parameter_tensors()), field.plan()
        assert plan is not None
        found = op.march(v, [plan], params, EULER, [Segment(0, 1, 1.0)], True)[1]
        jacobian = exact.jacobian(0.0, v.double())
    wanted = jacobian.diagonal(dim1=1, dim2=2).sum(-1)
    # Relative to the sum of absolute entries: opposite entries may cancel in the trace.
    scale = jacobian.diagonal(dim1=1, dim2=2).abs().sum(-1).max() + 1e-12
    assert float((found - wanted).abs().max() / scale) < 1e-6


@pytest.mark.parametrize(
    ("method", "order"), [("euler", 1), ("midpoint", 2), ("heun", 2), ("rk4", 4)]
)
def test_order_of_convergence(method: str, order: int):
    """Long steps keep the method's error above 1e-5, a hundred times float32 rounding."""
    given = problem(["tanh", "softplus"], each=20, batch=65, slices=1, seed=5)
    leaves = given.leaves(torch.float64)
    with torch.no_grad():
        exact = trajectory(given.plans, leaves, RK4, [Segment(0, 100, 2.0)])[0]
        errors = [
            float(
                (
                    op.march(
                        given.v0,
                        given.plans,
                        given.params,
                        explicit_methods()[method],
                        [Segment(0, n, 2.0)],
                    )[0]
                    - exact
                )
                .abs()
                .max()
            )
            for n in ((4, 8, 16) if order == 4 else (32, 64, 128))
        ]
    assert errors[-1] > 1e-5
    rates = [math.log2(a / b) for a, b in itertools.pairwise(errors)]
    assert rates[-1] == pytest.approx(order, abs=0.35)


def test_segments_of_one_slice_are_one_march():
    """States in between are outputs; the steps are the same."""
    given = problem(FUSED, slices=1)
    whole = op.march(given.v0, given.plans, given.params, RK4, [Segment(0, 8, 1.0)])[0]
    halves = [Segment(0, 4, 0.5), Segment(0, 4, 0.5)]
    assert torch.equal(op.march(given.v0, given.plans, given.params, RK4, halves)[0][-1], whole[-1])


def test_only_the_states_asked_for():
    """The others are the same march, without their outputs and cotangents."""
    given = problem(FUSED, batch=70)
    own = given.leaves()
    whole = op.march(own[0], given.plans, own[1:], RK4, SEGMENTS)[0]
    some = op.march(own[0], given.plans, own[1:], RK4, SEGMENTS, outputs=[0, 2])[0]
    assert torch.equal(some, whole[[0, 2]])
    gradients = [torch.autograd.grad((s**2).sum(), own) for s in (whole[[0, 2]], some)]
    assert all(map(torch.equal, *gradients))


def test_a_segment_without_steps_changes_nothing():
    given = problem(["tanh"], slices=1)
    own = given.leaves()
    states, _ = op.march(own[0], given.plans, own[1:], RK4, [Segment(0, 0, 1.0)])
    assert torch.equal(states[0], given.v0)
    gradients = torch.autograd.grad((states[0] * 3).sum(), own)
    assert (gradients[0] == 3).all()
    assert all((gradient == 0).all() for gradient in gradients[1:])


def test_gradient_is_the_slope_of_the_loss():
    """Differences of the float32 loss itself: no float64, no autograd.

    ``gradcheck`` needs float64 (``test_double``). The best difference quotient in float32 errs by
    about 1e-3, from rounding (eps / step) and curvature (step^2).
    """
    given = problem(["tanh", "sigmoid"], each=6, batch=4, slices=1, seed=6)

    def loss(tensors: list[torch.Tensor]) -> torch.Tensor:
        states, _ = op.march(tensors[0], given.plans, tensors[1:], RK4, [Segment(0, 5, 1.0)])
        return (states[-1].double() ** 2).sum()

    own = given.leaves()
    gradients = torch.autograd.grad(loss(own), own)
    g = torch.Generator().manual_seed(0)
    for _ in range(5):
        direction = [torch.randn(tensor.shape, generator=g) for tensor in own]
        ahead, behind = (
            loss([x.detach() + sign * 1e-2 * d for x, d in zip(own, direction, strict=True)])
            for sign in (1, -1)
        )
        slope = sum((a * d).sum() for a, d in zip(gradients, direction, strict=True))
        size = math.sqrt(sum(float((a * a).sum()) for a in gradients))
        length = math.sqrt(sum(float((d * d).sum()) for d in direction))
        assert abs(float((ahead - behind) / 2e-2 - slope)) < 1e-3 * size * length


@pytest.mark.parametrize("flow", [False, True])
@pytest.mark.parametrize("keep", [False, True])
def test_the_operator_keeps_torchs_rules(flow: bool, keep: bool):
    given = problem(["tanh"], batch=5)
    own = given.leaves() if keep else [tensor.detach() for tensor in given.leaves()]
    arguments = (
        own[0], own[1:], [plan.handle for plan in given.plans], HEUN.key, [0, 1], [2, 3],
        [0.5, 0.7], [0, 1], flow, keep,
    )  # fmt: skip
    torch.library.opcheck(torch.ops.kirchhoff.march.default, arguments)


def test_parameters_changed_in_place_are_refused():
    given = problem(["tanh"], batch=5, slices=1)
    own = given.leaves()
    states, _ = op.march(own[0], given.plans, own[1:], RK4, [Segment(0, 2, 1.0)])
    with torch.no_grad():
        own[1].add_(1.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        states.sum().backward()


def test_gradients_lie_in_memory_as_their_parameters_do():
    """Torch copies any other into the parameter's ``grad``, on one thread."""
    given = problem(["tanh", "threshold_relu"], batch=5)
    own = given.leaves()
    states, _ = op.march(own[0], given.plans, own[1:], RK4, SEGMENTS)
    gradients = torch.autograd.grad(states.sum(), own)
    assert [g.stride() for g in gradients] == [leaf.stride() for leaf in own]
