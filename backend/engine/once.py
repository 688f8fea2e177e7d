"""Gradients of compiled kernels, which have no derivative of their own."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

ONCE = (
    "compiled kernels have first derivatives only; for a derivative of a gradient, give a circuit "
    "layer gradient='backprop'"
)


def once_differentiable(backward: Callable[..., Any], words: str = ONCE) -> Callable[..., Any]:
    """``backward`` whose results refuse to be differentiated, instead of counting as constant.

    ``words`` say why.

    Torch's decorator of that name looks at the cotangents alone: with ``create_graph=True`` the
    gradient of a plain sum comes back without a graph, and the derivative of a gradient penalty is
    silently 0.
    """

    @functools.wraps(backward)
    def wrapped(ctx: Any, *cotangents: Any) -> Any:
        with torch.no_grad():
            results = backward(ctx, *cotangents)
        if not torch.is_grad_enabled():
            return results
        several = results if isinstance(results, tuple) else (results,)
        refused = tuple(_refused(value, words) for value in several)
        return refused if isinstance(results, tuple) else refused[0]

    return wrapped


def _refused(value: Any, words: str) -> Any:
    if not isinstance(value, Tensor):
        return value
    # Torch has no public name for it; its own decorator uses the same.
    refusal: Any = torch._C._functions.DelayedError  # pyright: ignore[reportAttributeAccessIssue]
    return refusal(words, 1)(value.detach().requires_grad_())
