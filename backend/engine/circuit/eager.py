"""The operators without torch's dispatcher, for calls that nobody traces.

On small networks the way through dispatcher and registered gradient costs a quarter of a solve.
"""

from typing import Any

import torch
from torch import Tensor, nn

from ..once import once_differentiable
from .backends import MARCH, PULL, PULL_SOLVE, SOLVE
from .plan import plan_of


def possible(v0: Tensor) -> bool:
    """Whether this is a plain call: no compiler listens, and the tensor is no stand-in."""
    return type(v0) in (Tensor, nn.Parameter) and not torch.compiler.is_compiling()


class March(torch.autograd.Function):
    """``kirchhoff::march`` with its gradient: states and log-determinant."""

    @staticmethod
    def forward(ctx: Any, settings: Any, v0: Tensor, *params: Tensor) -> tuple[Tensor, Tensor]:
        """``settings`` are the operator's, from ``plans`` to ``trace``."""
        states, log_det, kept, terms = MARCH[v0.device.type](v0, params, *settings, True)
        ctx.settings = settings
        ctx.alive = [plan_of(handle) for handle in settings[0]]
        # Reading the parameters back makes torch refuse those that were changed in place meanwhile.
        ctx.save_for_backward(kept, terms, *params)
        return states, log_det

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Gradients of start and parameters."""
        kept, terms, *params = ctx.saved_tensors
        pull = PULL[kept.device.type]
        start, gradients = pull(*cotangents, kept, terms, params, *ctx.settings)
        return None, start, *gradients


class Solve(torch.autograd.Function):
    """``kirchhoff::solve`` with its gradient: end and outcome."""

    @staticmethod
    def forward(
        ctx: Any, plan: int, control: list[float], v0: Tensor, *params: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Arguments as of the operator."""
        end, *record = SOLVE[v0.device.type](v0, params, plan, control, True)
        ctx.plan, ctx.alive = plan, plan_of(plan)
        ctx.mark_non_differentiable(record[2])
        ctx.save_for_backward(*record, *params)
        return end, record[2]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *cotangents: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Gradients of start and parameters."""
        kept, sizes, outcome, terms, *params = ctx.saved_tensors
        pull = PULL_SOLVE[kept.device.type]
        start, gradients = pull(cotangents[0], kept, sizes, outcome, terms, params, ctx.plan)
        return None, None, start, *gradients
