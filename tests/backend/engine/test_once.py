"""Second derivatives: refused where kernels are compiled, instead of silently 0."""

import pytest
import torch
from torch import Tensor
from torch.autograd import grad

from backend.engine.collide import collide
from backend.engine.scan import cascade
from backend.models.circuits.layer import CircuitLayer
from backend.topologies import TOPOLOGIES


def penalty(y: Tensor, x: Tensor) -> Tensor:
    """|dy/dx|², as gradient penalties and physics-informed losses have it."""
    (slope,) = grad(y.sum(), x, create_graph=True)
    return slope.square().sum()


def layer(dtype: torch.dtype, **options: object) -> CircuitLayer:
    circuit = TOPOLOGIES["layered"](inputs=3, width=4, outputs=2)()
    return CircuitLayer(circuit, dtype=dtype, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("solver", ["rk4", "dopri5"])
def test_a_gradient_penalty_through_a_circuit_is_refused(dtype: torch.dtype, solver: str) -> None:
    x = torch.randn(2, 3, dtype=dtype, requires_grad=True)
    with pytest.raises(RuntimeError, match="give a circuit layer gradient='backprop'"):
        penalty(layer(dtype, solver=solver)(x), x).backward()


def test_backprop_has_it() -> None:
    net = layer(torch.float64, gradient="backprop", steps=2)
    x = torch.randn(1, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradgradcheck(net, (x,))
    assert grad(penalty(net(x), x), x)[0].abs().max() > 0


def test_a_cascade_and_a_collision_refuse_too() -> None:
    u = torch.randn(1, 4, 2, requires_grad=True)
    tau = torch.ones(1, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="first derivatives only"):
        penalty(cascade(u, tau), u).backward()
    x, v = torch.randn(1, 4, 2), torch.randn(1, 4, 2, requires_grad=True)
    with pytest.raises(RuntimeError, match="first derivatives only"):
        penalty(collide(x, v), v).backward()


def test_a_first_derivative_has_no_graph_of_its_own() -> None:
    x = torch.randn(2, 3, requires_grad=True)
    (slope,) = grad(layer(torch.float32)(x).sum(), x)
    assert not slope.requires_grad
