"""Torch operators of cascades and their gradients: ``transition``, ``cascade`` and ``warp``.

The table of a step is made on the processor in float64 wherever the tensors live: it is small, and
its accuracy decides that of everything after. A march comes with its adjoint, ``pull_*``.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from ...errors import InputError
from ..compiled import announce
from ..once import once_differentiable
from ..tracing import traced
from . import march_cpu, transition, warp_cpu

_library = torch.library.Library("kirchhoff", "FRAGMENT")


def _transition(tau: Tensor, step: float, rule: str, slopes: bool) -> tuple[Tensor, Tensor]:
    here = tau.detach().to("cpu", torch.float64).contiguous()
    made = transition.fill(here.numpy(), step, rule, slopes)
    if made is None:
        worst = float(here.min())
        raise InputError(
            f"time constants must not be negative or NaN, found {worst:g}; a parametrisation as "
            "exp(theta) keeps them positive",
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


def _taps_shape(u: Tensor, parameter: Tensor, start: Tensor) -> Tensor:
    return u.new_empty(*u.shape, start.shape[-1])


def _gradient_shapes(
    grad: Tensor, u: Tensor, parameter: Tensor, start: Tensor, taps: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    return tuple(each.new_empty(each.shape) for each in (u, parameter, start))  # type: ignore[return-value]


def _remember(ctx: Any, inputs: Any, output: Tensor) -> None:
    ctx.save_for_backward(*inputs, output)


def _define(name: str, arguments: str, device: str, call: Any, shapes: Any) -> None:
    _library.define(f"{name}({arguments})")
    _library.impl(name, call, device)
    torch.library.register_fake(f"kirchhoff::{name}", shapes, lib=_library)


def _define_march(name: str, march: Any, pull: Any) -> Callable[..., Tensor]:
    """Register a march of inputs, parameter and start; returns it without torch's dispatcher.

    On short sequences the way through the dispatcher costs as much as the march.
    """
    given = "Tensor u, Tensor parameter, Tensor start"
    _define(name, f"{given}) -> (Tensor", "CPU", march, _taps_shape)
    back = f"Tensor grad, {given}, Tensor taps) -> (Tensor, Tensor, Tensor"
    _define(f"pull_{name}", back, "CPU", pull, _gradient_shapes)

    def differentiate(ctx: Any, grad: Tensor) -> Any:
        return getattr(torch.ops.kirchhoff, f"pull_{name}")(grad, *ctx.saved_tensors)

    torch.library.register_autograd(
        f"kirchhoff::{name}", differentiate, setup_context=_remember, lib=_library
    )

    class Eager(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, u: Tensor, parameter: Tensor, start: Tensor) -> Tensor:
            taps = march(u, parameter, start)
            ctx.save_for_backward(u, parameter, start, taps)
            return taps

        @staticmethod
        @once_differentiable
        def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:  # pyright: ignore[reportIncompatibleMethodOverride]
            return pull(grads[0], *ctx.saved_tensors)

    return Eager.apply


_define(
    "transition", "Tensor tau, float step, str rule, bool slopes) -> (Tensor, Tensor",
    "CompositeExplicitAutograd", _transition, _transition_shapes,
)  # fmt: skip
torch.library.register_autograd(
    "kirchhoff::transition", _differentiate_transition, setup_context=_remember_transition,
    lib=_library,
)  # fmt: skip
_cascade = _define_march("cascade", march_cpu.march, march_cpu.pull)
_warp = _define_march("warp", warp_cpu.march, warp_cpu.pull)


class _Transition(torch.autograd.Function):
    """``kirchhoff::transition`` without torch's dispatcher."""

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


def unit_table(tau: Tensor, step: float, rule: str) -> Tensor:
    """B and A - 1 of cascades of unit gain, (n, n + 1, D) in float64, differentiable in τ once.

    Raises:
        InputError: a time constant is negative or no number.
    """
    if traced(tau):
        wanted = torch.is_grad_enabled() and tau.requires_grad
        return torch.ops.kirchhoff.transition(tau, step, rule, wanted)[0]
    return _Transition.apply(tau, step, rule)  # type: ignore[return-value]


def cascade(u: Tensor, table: Tensor, start: Tensor) -> Tensor:
    """``march_cpu.march``, differentiable once in all its arguments."""
    if traced(u):
        return torch.ops.kirchhoff.cascade(u, table, start)
    announce("cascades", march_cpu.KERNEL)
    return _cascade(u, table, start)


def warp(u: Tensor, x: Tensor, start: Tensor) -> Tensor:
    """``warp_cpu.march``, differentiable once in all its arguments."""
    if traced(u):
        return torch.ops.kirchhoff.warp(u, x, start)
    announce("selective cascades", warp_cpu.KERNEL)
    return _warp(u, x, start)
