"""Gradients of the end state: discrete adjoint, continuous adjoint, backprop.

For a loss ``L(y(t1))`` and ``lambda(t) = dL/dy(t)``:

* *discrete*: the exact transpose of every Runge-Kutta step, accepted step sizes constant. It is
  the gradient of the loss that was computed, to rounding.
* *continuous*: solves ``dlambda/dt = -J^T lambda`` backwards with the same solver. It is the
  gradient of the exact solution, to the solver's error; where the field has kinks the two differ
  by the error of the discretisation (0.1 to 1 % is usual).
* *backprop*: torch's graph through the steps, the witness for the first.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from ..engine.once import once_differentiable
from ..errors import SolveError
from .adjoint import Adjoint
from .base import DifferentiableField, Solver
from .continuous import continuous_adjoint as continuous_adjoint
from .discrete import backprop_adjoint as backprop_adjoint
from .discrete import discrete_adjoint as discrete_adjoint
from .fused import march_fields

ADJOINTS: dict[str, Callable[..., Adjoint]] = {
    "discrete": discrete_adjoint,
    "continuous": continuous_adjoint,
    "backprop": backprop_adjoint,
}


def integrate(
    field: DifferentiableField,
    y0: Tensor,
    t0: float,
    t1: float,
    solver: Solver,
    gradient: str = "discrete",
) -> Tensor:
    """``y(t1)``, differentiable by ``y0`` and ``field.parameter_tensors()``; made for training.

    Args:
        field: the right-hand side.
        y0: start state ``(N, B)``.
        t0: start time [s].
        t1: end time [s].
        solver: the method; its ``gradients`` lists what it allows.
        gradient: ``"discrete"``, ``"continuous"`` or ``"backprop"``.

    Returns:
        The end state ``(N, B)``. A fixed-step method returns values that are not finite as they
        are: the loss shows them, and the other samples of the batch are sound.

    Raises:
        SolveError: the solver has no such gradient, or an adaptive solve stopped before ``t1``.
    """
    if gradient not in solver.gradients:
        raise SolveError(
            f"{solver.title} has no {gradient} gradient: choose {' or '.join(solver.gradients)}."
        )
    if gradient == "discrete":
        end = march_fields([field], y0, [t1 - t0], solver)
        if end is not None:
            return end
    if gradient == "backprop":
        return solver.backprop(field, y0, t0, t1)
    return _Integral.apply(field, solver, t0, t1, gradient, y0, *field.parameter_tensors())  # type: ignore[no-any-return]


def integrate_all(
    fields: Sequence[Any], y0: Tensor, solver: Solver, gradient: str = "discrete"
) -> Tensor:
    """The state after all slices in turn, each over its own ``duration``; see ``integrate``."""
    if gradient == "discrete" and gradient in solver.gradients:
        end = march_fields(fields, y0, [field.duration for field in fields], solver)
        if end is not None:
            return end
    for field in fields:
        y0 = integrate(field, y0, 0.0, field.duration, solver, gradient)
    return y0


class _Integral(torch.autograd.Function):
    """The end state forward, an adjoint from ``ADJOINTS`` backward."""

    @staticmethod
    def forward(
        ctx: Any,
        field: DifferentiableField,
        solver: Solver,
        t0: float,
        t1: float,
        gradient: str,
        y0: Tensor,
        *parameters: Tensor,
    ) -> Tensor:
        march = solver.march(field, y0, t0, t1, check=False)
        if not march.status.ok:
            raise SolveError(march.status.message, march.status)
        ctx.problem = field, solver, ADJOINTS[gradient], march.tape
        # Reading them back makes torch refuse parameters that were changed in place meanwhile.
        ctx.save_for_backward(*parameters)
        return march.tape.states[-1].clone()

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *cotangents: Tensor
    ) -> tuple[Any, ...]:
        _ = ctx.saved_tensors
        field, solver, adjoint, tape = ctx.problem
        result = adjoint(solver, field, tape, cotangents[0], record=False)
        if not result.status.ok:
            raise SolveError(result.status.message, result.status)
        return (None, None, None, None, None, result.states[0], *result.gradients)
