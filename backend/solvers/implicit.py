"""The gradient of a rest by its parameters and by what is held: the implicit function theorem.

f(y, p) = 0 in the free components gives dy/dp = -J^-1 df/dp. For a loss L one transposed system,

    J^T lambda = -dL/dy,     dL/dp = lambda . df/dp,     dL/du = dL/du + lambda . df/du,

holds all gradients, those by the held components u among them (Almeida 1987, Pineda 1987).
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from ..engine.once import once_differentiable
from .rest import Equations, Rest, rest, transposed

TWICE = (
    "a rest has first derivatives only; for a derivative of a gradient, unroll Newton's method in "
    "torch"
)


def differentiable_rest(equations: Equations, start: Tensor) -> tuple[Tensor, Rest]:
    """The states (N, B) in which a field rests, differentiable by held components and parameters.

    Columns that are not ``usable`` are constants of the graph: they pass no gradient.

    Args:
        equations: of the free components.
        start: (N, B); the free components are a guess, by which nothing can be differentiated.
    """
    y, report = rest(equations, start)
    parameters = equations.field.parameter_tensors()
    found = _Implicit.apply(equations, y, report.usable, start, *parameters)
    return found, report  # type: ignore[return-value]


class _Implicit(torch.autograd.Function):
    """A known rest, to which its gradient is attached."""

    @staticmethod
    def forward(
        ctx: Any, equations: Equations, y: Tensor, usable: Tensor, start: Tensor,
        *parameters: Tensor,
    ) -> Tensor:  # fmt: skip
        del start
        ctx.equations, ctx.y, ctx.usable = equations, y, usable
        # Reading them back makes torch refuse parameters that were changed in place meanwhile.
        ctx.save_for_backward(*parameters)
        return y.clone()

    @staticmethod
    @partial(once_differentiable, words=TWICE)
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *cotangents: Tensor
    ) -> tuple[Any, ...]:
        _ = ctx.saved_tensors
        equations, y = ctx.equations, ctx.y
        given = torch.where(ctx.usable, cotangents[0], 0.0)
        free = equations.free
        adjoint = transposed(equations.jacobian(y), -given[free])
        adjoint = torch.where(ctx.usable, adjoint, 0.0)
        w = torch.zeros_like(y).index_copy(0, free, adjoint)
        pulled, gradients = equations.field.vjp(equations.t, y, w)
        held = (given + pulled).index_fill(0, free, 0.0)
        return (None, None, None, held, *gradients)
