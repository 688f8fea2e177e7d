"""The textbook fields' own derivatives, or the other tests would prove nothing."""

import pytest
import torch

from tests.backend.solvers.fields import (
    BlowUp,
    DiodeClamp,
    Follower,
    Linear,
    Logistic,
    Network,
    Robertson,
    VanDerPol,
    start,
    worst,
)

RATES = torch.tensor([[1.0], [2.5]], dtype=torch.float64)
FIELDS = [
    (Linear(start(3, 3).requires_grad_()), 3),
    (Logistic(RATES.clone().requires_grad_()), 2),
    (Follower(), 2),
    (VanDerPol(), 2),
    (Network(), 3),
    (Robertson(), 3),
    (DiodeClamp(), 1),
    (BlowUp(), 3),
]


@pytest.mark.parametrize(("field", "size"), FIELDS, ids=[type(f).__name__ for f, _ in FIELDS])
def test_derivatives_agree_with_autograd(field, size):
    y = (0.3 * start(size, 2)).requires_grad_()
    w = start(size, 2, seed=3)
    wanted = torch.autograd.functional.jacobian(lambda z: field(0.4, z), y)
    own = torch.stack([wanted[:, b, :, b] for b in range(2)])
    assert worst(field.jacobian(0.4, y), own) < 1e-9 * float(own.abs().max())
    if not hasattr(field, "vjp"):
        return
    parameters = field.parameter_tensors()
    expected = torch.autograd.grad(field(0.4, y), [y, *parameters], w)
    pulled, parts = field.vjp(0.4, y, w)
    for found, exact in zip((pulled, *parts), expected, strict=True):
        assert found.shape == exact.shape
        assert worst(found, exact) <= 1e-9 * float(exact.abs().max())
