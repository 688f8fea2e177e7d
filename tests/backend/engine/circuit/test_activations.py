"""phi and phi' of 64 lanes against float64, through one step of 1 s into 1 F."""

import numpy as np
import pytest
import torch
from torch import Tensor

from backend.engine.circuit import op
from backend.engine.circuit.march_cpu import Segment
from backend.engine.tableaus import EULER
from tests.backend.engine.circuit.oracle import law_of, plan_of

KINDS = ["relu", "leaky_relu", "tanh", "sigmoid", "softplus"]

# Errors allowed: absolute, or relative to phi beyond 1. relu is exact, leaky_relu rounds once.
PHI = {"relu": 0.0, "leaky_relu": 6e-8, "tanh": 3e-7, "sigmoid": 2e-7, "softplus": 3e-7}
SLOPE = {"relu": 0.0, "leaky_relu": 1e-9, "tanh": 5e-7, "sigmoid": 3e-7, "softplus": 3e-7}

EDGES = (0.0, -0.0, 1e-30, -1e-30, 1e-8, -1e-8, 8.3, -8.3, 16.6, -16.6, 87.0, -87.0, 88.0, -88.0)


def points() -> Tensor:
    rng = np.random.default_rng(0)
    spread = [np.linspace(-100, 100, 20_001), rng.normal(0, 3, 5_000), np.array(EDGES)]
    small = np.geomspace(1e-7, 1, 500)
    return torch.from_numpy(np.concatenate([*spread, small, -small]).astype(np.float32))


def through(kind: str, u: Tensor) -> tuple[Tensor, Tensor]:
    """phi(u) and phi'(u): node 0 at u drives node 1, which begins at 0 V."""
    plan = plan_of(torch.tensor([0]), torch.tensor([1]), [kind], torch.ones(2), 1)
    v0 = torch.stack([u, torch.zeros_like(u)]).requires_grad_()
    params = [torch.tensor([[value]]) for value in (1.0, 0.0, 0.0)]
    states, _ = op.march(v0, [plan], params, EULER, [Segment(0, 1, 1.0)])
    (slope,) = torch.autograd.grad(states[0, 1].sum(), v0)
    return states[0, 1].detach(), slope[0]


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_slopes(kind: str):
    u = points()
    found, slope = through(kind, u)
    activation = law_of(kind).activation
    wanted = activation.value(u.double())
    size = wanted.abs().clamp(min=1.0)
    assert float(((found - wanted).abs() / size).max()) <= PHI[kind]
    assert float((slope - activation.slope(u.double(), wanted)).abs().max()) <= SLOPE[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_values_without_bound_and_nan(kind: str):
    inf = float("inf")
    found, slope = through(kind, torch.tensor([inf, -inf, float("nan"), 1.0]))
    exact = law_of(kind).activation.value(torch.tensor([1e4, -1e4], dtype=torch.float64))
    if kind in ("tanh", "sigmoid"):
        assert float((found[:2] - exact).abs().max()) <= PHI[kind]
    else:
        assert found[0] == inf
        assert found[1] == -inf if kind == "leaky_relu" else abs(found[1]) < 1e-30
    assert found[2].isnan()
    assert found[3].isfinite()
    assert slope[3].isfinite()


@pytest.mark.parametrize("kind", ["relu", "leaky_relu"])
def test_the_kink_counts_as_the_flat_side(kind: str):
    """phi'(0) = 0, as in torch; the leak for leaky_relu."""
    _, slope = through(kind, torch.tensor([0.0, -0.0]))
    torch.testing.assert_close(slope, torch.full((2,), 0.01 if kind == "leaky_relu" else 0.0))


@pytest.mark.parametrize("kind", ["tanh", "sigmoid"])
def test_bounded_laws_stay_within_their_bounds(kind: str):
    """To rounding: phi' = phi (1 - phi) may not turn negative by more."""
    found, slope = through(kind, points())
    assert float(found.abs().max()) <= 1.0 + PHI[kind]
    assert float(slope.min()) >= -SLOPE[kind]
