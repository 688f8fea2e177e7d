"""When fields take compiled kernels, and that the plain steps give the same."""

import pytest
import torch
from torch import Tensor

from backend.circuit.compile import CompiledCircuit, compile_circuit
from backend.engine.circuit import op
from backend.simulation.simulate import make_solver
from backend.solvers import integrate, integrate_all, use
from tests.backend.engine.circuit.oracle import FUSED, METHODS, SMOOTH, allowed, error
from tests.strategies import random_circuit


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the operators as they are called; they still do their work."""
    made: list[str] = []
    for name in ("march", "solve"):
        original = getattr(op, name)

        def counted(*args, name=name, original=original, **options):
            made.append(name)
            return original(*args, **options)

        monkeypatch.setattr(op, name, counted)
    return made


def network(kinds: list[str], dtype: torch.dtype = torch.float32) -> CompiledCircuit:
    return compile_circuit(random_circuit(2, kinds, slices=3), dtype)


def start(dtype: torch.dtype = torch.float32) -> Tensor:
    v0 = torch.randn(6, 66, generator=torch.Generator().manual_seed(0))
    return v0.to(dtype).requires_grad_()


def everything(
    net: CompiledCircuit, solver: str, scale: float = 1.0, **options: float
) -> list[Tensor]:
    """The end state and all gradients of its squares."""
    v0 = (scale * start(net.v0.dtype)).detach().requires_grad_()
    end = integrate_all(list(net.fields()), v0, make_solver(solver, **options))
    return [end, *torch.autograd.grad((end**2).sum(), [v0, *net.parameters()])]


def agree(left: list[Tensor], right: list[Tensor], tolerance: float) -> None:
    assert error(left[0], right[0]) < 1e-5
    for a, b in zip(left[1:], right[1:], strict=True):
        assert error(a, b) < tolerance


@pytest.mark.parametrize("kinds", [SMOOTH, FUSED], ids=["smooth", "all"])
@pytest.mark.parametrize("solver", METHODS)
def test_reference_and_compiled_agree(kinds: list[str], solver: str, calls: list[str]):
    net = network(kinds)
    compiled = everything(net, solver, steps=6)
    assert calls == ["march"]
    with use("reference"):
        plain = everything(net, solver, steps=6)
    assert calls == ["march"]
    agree(compiled, plain, allowed(kinds))


def test_reference_and_compiled_agree_with_steps_of_their_own(calls: list[str]):
    """Tolerances of 1e-6: both are that near the solution, whatever their steps."""
    net = network(SMOOTH)
    compiled = everything(net, "dopri5", rtol=1e-6, atol=1e-6)
    assert calls == ["solve"] * 3
    with use("reference"):
        plain = everything(net, "dopri5", rtol=1e-6, atol=1e-6)
    assert calls == ["solve"] * 3
    agree(compiled, plain, 1e-4)


@pytest.mark.parametrize("solver", ["rk4", "dopri5"])
def test_float64_is_compiled_too_and_agrees(solver: str, calls: list[str]):
    """Plain steps in float64 are the same numbers to rounding; float32 is near them."""
    options = {"steps": 6} if solver == "rk4" else {"rtol": 1e-6, "atol": 1e-6}
    exact = everything(network(SMOOTH, torch.float64), solver, **options)
    assert calls == ["march"] if solver == "rk4" else ["solve"] * 3
    assert exact[0].dtype == torch.float64
    with use("reference"):
        plain = everything(network(SMOOTH, torch.float64), solver, **options)
    # The steps of dopri5 are chosen for a tile here and for the batch there.
    bound = 1e-12 if solver == "rk4" else 1e-4
    for left, right in zip(exact, plain, strict=True):
        assert error(left, right) < bound
    compiled = everything(network(SMOOTH), solver, **options)
    agree(compiled, exact, 1e-5 if solver == "rk4" else 1e-4)


def test_a_diode_takes_plain_steps_and_agrees(calls: list[str]):
    """Passive and below 0.2 V, where diodes are not stiff."""
    found, exact = (
        everything(network(["resistor", "diode"], dtype), "rk4", scale=0.05, steps=6)
        for dtype in (torch.float32, torch.float64)
    )
    assert not calls
    agree(found, exact, 1e-4)


def test_one_field_with_a_diode_keeps_the_others_compiled(calls: list[str]):
    plain = network(["resistor"])
    mixed = network(["diode", "resistor"])
    fields = [next(plain.fields()), next(mixed.fields()), next(plain.fields())]
    solver = make_solver("rk4", steps=6)
    v0 = 0.05 * start().detach()
    end = integrate_all(fields, v0, solver)
    assert end.isfinite().all()
    assert calls == ["march"] * 2
    with use("reference"):
        assert error(end, integrate_all(fields, v0, solver)) < 1e-5


@pytest.mark.parametrize("gradient", ["continuous", "backprop"])
def test_other_gradients_take_plain_steps(gradient: str, calls: list[str]):
    field = next(network(["tanh"]).fields())
    integrate(field, start(), 0.0, 1.0, make_solver("rk4", steps=3), gradient)
    assert not calls


def test_the_choice_ends_with_its_block_and_knows_its_names(calls: list[str]):
    field, solver = next(network(["tanh"]).fields()), make_solver("rk4", steps=3)
    with pytest.raises(ZeroDivisionError), use("reference"):
        raise ZeroDivisionError
    integrate(field, start(), 0.0, 1.0, solver)
    assert calls == ["march"]
    with pytest.raises(ValueError, match="'compiled' or 'reference', not 'fast'"), use("fast"):
        pass
