"""Torch operators ``kirchhoff::transition`` and ``kirchhoff::cascade``, with their gradients.

The table of a step is made on the processor in float64 wherever the tensors live: it is small, and
its accuracy decides that of everything after.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ...errors import InputError
from . import march_cpu, transition

_library = torch.library.Library("kirchhoff", "FRAGMENT")
_library.define("transition(Tensor tau, float step, str rule, bool slopes) -> (Tensor, Tensor)")
_library.define("cascade(Tensor u, Tensor table, Tensor start) -> Tensor")
_library.define(
    "pull_cascade(Tensor grad, Tensor u, Tensor table, Tensor start, Tensor taps) "
    "-> (Tensor, Tensor, Tensor)"
)


def _transition(tau: Tensor, step: float, rule: str, slopes: bool) -> tuple[Tensor, Tensor]:
    here = tau.detach().to("cpu", torch.float64).contiguous()
    made = transition.fill(here.numpy(), step, rule, slopes)
    if made is None:
        worst = float(here.min())
        raise InputError(
            f"time constants must be positive numbers, found {worst:g}; a parametrisation as "
            "exp(theta) keeps them so",
            ("tau",),
        )
    table, change = (torch.from_numpy(each).to(tau.device) for each in made)
    return table, change


def _transition_shapes(tau: Tensor, step: float, rule: str, slopes: bool) -> tuple[Tensor, Tensor]:
    cells, channels = tau.shape
    table = tau.new_empty(cells, cells + 1, channels, dtype=torch.float64)
    return table, table.new_empty(cells if slopes else 0, cells, cells + 1, channels)


def _remember_transition(ctx: Any, inputs: Any, output: Any) -> None:
    ctx.kind = inputs[0].dtype
    ctx.mark_non_differentiable(output[1])
    ctx.save_for_backward(output[1])


def _differentiate_transition(ctx: Any, grad: Tensor, _: Any) -> Any:
    (slopes,) = ctx.saved_tensors
    return (slopes * grad).sum((1, 2)).to(ctx.kind), None, None, None


def _cascade_shapes(u: Tensor, table: Tensor, start: Tensor) -> Tensor:
    batch, steps, channels = u.shape
    return u.new_empty(batch, steps, channels, table.shape[0])


def _pull_shapes(
    grad: Tensor, u: Tensor, table: Tensor, start: Tensor, taps: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    return u.new_empty(u.shape), table.new_empty(table.shape), start.new_empty(start.shape)


def _remember_cascade(ctx: Any, inputs: Any, output: Tensor) -> None:
    ctx.save_for_backward(*inputs, output)


def _differentiate_cascade(ctx: Any, grad: Tensor) -> Any:
    return torch.ops.kirchhoff.pull_cascade(grad, *ctx.saved_tensors)


for _name, _call, _device in (
    ("transition", _transition, "CompositeExplicitAutograd"),
    ("cascade", march_cpu.march, "CPU"),
    ("pull_cascade", march_cpu.pull, "CPU"),
):
    _library.impl(_name, _call, _device)
for _name, _shapes in (
    ("transition", _transition_shapes),
    ("cascade", _cascade_shapes),
    ("pull_cascade", _pull_shapes),
):
    torch.library.register_fake(f"kirchhoff::{_name}", _shapes, lib=_library)
torch.library.register_autograd(
    "kirchhoff::transition", _differentiate_transition, setup_context=_remember_transition,
    lib=_library,
)  # fmt: skip
torch.library.register_autograd(
    "kirchhoff::cascade", _differentiate_cascade, setup_context=_remember_cascade, lib=_library
)


class _Transition(torch.autograd.Function):
    """``kirchhoff::transition`` without torch's dispatcher, for calls that nobody traces."""

    @staticmethod
    def forward(ctx: Any, tau: Tensor, step: float, rule: str) -> Tensor:
        table, slopes = _transition(tau, step, rule, ctx.needs_input_grad[0])
        ctx.kind = tau.dtype
        ctx.save_for_backward(slopes)
        return table

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return _differentiate_transition(ctx, grads[0], None)[:3]


class _Cascade(torch.autograd.Function):
    """``kirchhoff::cascade`` without torch's dispatcher."""

    @staticmethod
    def forward(ctx: Any, u: Tensor, table: Tensor, start: Tensor) -> Tensor:
        taps = march_cpu.march(u, table, start)
        ctx.save_for_backward(u, table, start, taps)
        return taps

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return march_cpu.pull(grads[0], *ctx.saved_tensors)


def _traced(tensor: Tensor) -> bool:
    """Whether a compiler listens, or the tensor is a stand-in."""
    plain = type(tensor) in (Tensor, torch.nn.Parameter)
    return not plain or torch.compiler.is_compiling()


def unit_table(tau: Tensor, step: float, rule: str) -> Tensor:
    """B and A - 1 of cascades of unit gain, (n, n + 1, D) in float64, differentiable in τ once.

    Raises:
        InputError: a time constant is negative or no number.
    """
    if _traced(tau):
        wanted = torch.is_grad_enabled() and tau.requires_grad
        return torch.ops.kirchhoff.transition(tau, step, rule, wanted)[0]
    return _Transition.apply(tau, step, rule)  # type: ignore[return-value]


def march(u: Tensor, table: Tensor, start: Tensor) -> Tensor:
    """The compiled march on the processor, (B, L, D, n), differentiable once in all of them."""
    if _traced(u):
        return torch.ops.kirchhoff.cascade(u, table, start)
    return _Cascade.apply(u, table, start)  # type: ignore[return-value]
