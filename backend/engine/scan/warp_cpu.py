"""The march with a time constant for every step, and its adjoint, on the processor."""

from typing import Any

import torch
from torch import Tensor

from ..compiled import kernel
from .march_cpu import padded, parts_of, share
from .steps import STRIP, begin, finish
from .vectors import WIDTH
from .warp_steps import advance, retreat


@kernel("warp_steps.py", "steps.py", "vectors.py")
def _march(
    order: Any, first: int, last: int, strips: int, groups: int,
    u: Any, x: Any, rest: Any, fall: Any, start: Any, state: Any, taps: Any,
) -> None:  # fmt: skip
    """As of ``march_cpu``, with ``x``, ``rest`` and ``fall`` (B, L, D) in place of coefficients."""
    batch, length, channels = u.shape
    cells = len(order)
    u, x, rest, fall = u.reshape(-1), x.reshape(-1), rest.reshape(-1), fall.reshape(-1)
    start, taps = start.reshape(-1), taps.reshape(-1)
    for item in range(first, last):
        group, strip = item // strips, item % strips
        low, high = strip * STRIP, min((strip + 1) * STRIP, channels)
        own = state[item]
        for b in range(group * batch // groups, (group + 1) * batch // groups):
            for d in range(low, high, WIDTH):
                begin(order, start, (b * channels + d) * cells, own, d - low)
            for k in range(b * length, (b + 1) * length):
                for d in range(low, high, WIDTH):
                    at = k * channels + d
                    advance(order, u, x, rest, fall, at, own, d - low, taps, at * cells)


@kernel("warp_steps.py", "steps.py", "vectors.py")
def _pull(
    order: Any, first: int, last: int, strips: int, groups: int,
    grad: Any, u: Any, x: Any, rest: Any, fall: Any, start: Any, taps: Any,
    lam: Any, to_u: Any, to_x: Any, to_start: Any,
) -> None:  # fmt: skip
    """As of ``march_cpu``; every step has a gradient ``to_x`` of its own."""
    batch, length, channels = u.shape
    cells = len(order)
    u, x, rest, fall = u.reshape(-1), x.reshape(-1), rest.reshape(-1), fall.reshape(-1)
    to_u, to_x = to_u.reshape(-1), to_x.reshape(-1)
    grad, start, taps = grad.reshape(-1), start.reshape(-1), taps.reshape(-1)
    to_start = to_start.reshape(-1)
    for item in range(first, last):
        group, strip = item // strips, item % strips
        low, high = strip * STRIP, min((strip + 1) * STRIP, channels)
        own = lam[item]
        for b in range(group * batch // groups, (group + 1) * batch // groups):
            home = b * channels
            for back in range(length):
                k = ((b + 1) * length - 1 - back) * channels
                at_begin = back == length - 1
                before = start if at_begin else taps
                past = home if at_begin else k - channels
                for d in range(low, high, WIDTH):
                    retreat(
                        order, grad, u, x, rest, fall, to_u, to_x, k + d, (k + d) * cells, before,
                        (past + d) * cells, own, d - low,
                    )  # fmt: skip
            for d in range(low, high, WIDTH):
                finish(order, own, d - low, to_start, (home + d) * cells)


def march(u: Tensor, x: Tensor, start: Tensor) -> Tensor:
    """All states (B, L, D, n).

    Args:
        u: inputs (B, L, D), float32 or float64.
        x: Δ/τ of every step, (B, L, D).
        start: states (B, D, n) before the first step.
    """
    batch, length, channels = u.shape
    cells = start.shape[-1]
    given = _given(u, x)
    width = given[0].shape[-1]
    strips, groups = parts_of(batch, width)
    taps = torch.empty(batch, length, width, cells, dtype=u.dtype)
    state = torch.empty(strips * groups, cells * STRIP, dtype=u.dtype)
    arrays = *given, padded(start, -2), state.numpy(), taps.numpy()
    order = (0,) * cells
    share(lambda first, last: _march(order, first, last, strips, groups, *arrays), strips * groups)
    return taps if width == channels else taps[:, :, :channels].contiguous()


def pull(
    grad: Tensor, u: Tensor, x: Tensor, start: Tensor, taps: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients by u, x and the start.

    Args:
        grad: by the states, (B, L, D, n).
        u: as all others, of ``march``.
        x: Δ/τ.
        start: states before the first step.
        taps: the states that ``march`` gave.
    """
    batch, length, channels = u.shape
    cells = start.shape[-1]
    given = _given(u, x)
    width = given[0].shape[-1]
    strips, groups = parts_of(batch, width)
    lam = torch.zeros(strips * groups, cells * STRIP, dtype=u.dtype)
    made = [torch.empty(batch, length, width, dtype=u.dtype) for _ in range(2)]
    to_start = torch.empty(batch, width, cells, dtype=u.dtype)
    arrays = [padded(grad, -2), *given, padded(start, -2), padded(taps, -2)]
    arrays += [each.numpy() for each in (lam, *made, to_start)]
    order = (0,) * cells
    share(lambda first, last: _pull(order, first, last, strips, groups, *arrays), strips * groups)
    to_u, to_x = (each[..., :channels].contiguous() for each in made)
    return to_u, to_x, to_start[:, :channels].contiguous()


def _given(u: Tensor, x: Tensor) -> list[Any]:
    """u, x, e^(-x) and e^(-x) - 1, padded."""
    return [padded(each, -1) for each in (u, x, torch.exp(-x), torch.expm1(-x))]


KERNEL = _march
"""Compiled at the first march; the other one follows."""
