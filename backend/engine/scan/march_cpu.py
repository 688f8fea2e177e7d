"""The march of states through time and back on the processor: 16 channels at a time, channel-last.

With A = 1 + E a step is s⁺ = A s + B u. The diagonal of A is held as the nearest number and what
is lost by rounding: without the second part a cell whose memory is longer than some 10^4 steps
would drift in float32. Gradients by parameters are summed in float64, every ``FLUSH`` steps.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..compiled import kernel
from ..threads import for_all
from .steps import STRIP, advance, arrive, begin, retreat
from .vectors import WIDTH, move_wide

FLUSH = 64
"""Steps whose contributions to a parameter's gradient are summed before they are widened."""
GROUPS = 16
"""The batch is cut into so many parts at most, whatever the threads: sums keep their order."""


@kernel("steps.py", "vectors.py")
def _march(
    order: Any, first: int, last: int, strips: int, groups: int,
    u: Any, step: Any, start: Any, state: Any, taps: Any,
) -> None:  # fmt: skip
    """March the parts ``first`` to ``last`` of strips times groups.

    ``u`` (B, L, D), ``start`` (B, D, n), ``taps`` (B, L, D, n), ``step`` as of ``_coefficients``,
    and room ``state`` (parts, n STRIP).
    """
    batch, length, channels = u.shape
    cells = len(order)
    u, start, taps = u.reshape(-1), start.reshape(-1), taps.reshape(-1)
    for item in range(first, last):
        group, strip = item // strips, item % strips
        low, high = strip * STRIP, min((strip + 1) * STRIP, channels)
        own, coefficients = state[item], step[strip]
        for b in range(group * batch // groups, (group + 1) * batch // groups):
            for d in range(low, high, WIDTH):
                begin(order, start, (b * channels + d) * cells, own, d - low)
            for k in range(b * length, (b + 1) * length):
                for d in range(low, high, WIDTH):
                    at = k * channels + d
                    advance(order, u, at, coefficients, own, d - low, taps, at * cells)


@kernel("steps.py", "vectors.py")
def _pull(
    order: Any, first: int, last: int, strips: int, groups: int,
    grad: Any, u: Any, step: Any, start: Any, taps: Any,
    lam: Any, sums: Any, to_u: Any, to_start: Any, to_step: Any,
) -> None:  # fmt: skip
    """λ_k = ȳ_k + Aᵀ λ_{k+1} for the parts ``first`` to ``last``.

    ``grad`` has the shape of ``taps``; rooms ``lam`` (parts, n STRIP) and ``sums`` (parts,
    n (n + 1) STRIP) are zero, and to ``to_step`` (groups, n (n + 1), D) of float64 is added.
    """
    batch, length, channels = u.shape
    cells = len(order)
    rows = cells * (cells + 1)
    u, start, taps = u.reshape(-1), start.reshape(-1), taps.reshape(-1)
    grad, to_u, to_start = grad.reshape(-1), to_u.reshape(-1), to_start.reshape(-1)
    for item in range(first, last):
        group, strip = item // strips, item % strips
        low, high = strip * STRIP, min((strip + 1) * STRIP, channels)
        own, sum_own, total = lam[item], sums[item], to_step[group].reshape(-1)
        coefficients = step[strip]
        waiting = 0
        for b in range(group * batch // groups, (group + 1) * batch // groups):
            home = b * channels
            for back in range(length):
                k = ((b + 1) * length - 1 - back) * channels
                at_begin = back == length - 1
                before = start if at_begin else taps
                past = home if at_begin else k - channels
                for d in range(low, high, WIDTH):
                    retreat(
                        order, grad, (k + d) * cells, u, to_u, k + d, coefficients,
                        before, (past + d) * cells, own, sum_own, d - low,
                    )  # fmt: skip
                waiting += 1
                if waiting == FLUSH or (at_begin and b + 1 == (group + 1) * batch // groups):
                    waiting = 0
                    for row in range(rows):
                        for d in range(low, high, WIDTH):
                            move_wide(total, row * channels + d, sum_own, row * STRIP + d - low)
            for d in range(low, high, WIDTH):
                arrive(order, coefficients, own, d - low, to_start, (home + d) * cells)


def padded(tensor: Tensor, axis: int) -> np.ndarray:
    """Contiguous, one axis filled with zeros up to a multiple of ``WIDTH``."""
    lacking = -tensor.shape[axis] % WIDTH
    if lacking:
        tensor = torch.nn.functional.pad(tensor, (0, 0) * (-1 - axis) + (0, lacking))
    return tensor.detach().contiguous().numpy()


def _coefficients(table: Tensor, kind: torch.dtype) -> np.ndarray:
    """``step`` of the kernels, (strips, n (n + 2) STRIP), from B and E (n, n + 1, D)."""
    exact = table.detach().numpy()
    cells, _, channels = exact.shape
    strips = -(-channels // STRIP)
    single = np.float32 if kind == torch.float32 else np.float64
    step = np.zeros((cells, cells + 2, strips * STRIP), single)
    step[:, :-1, :channels] = exact
    for i in range(cells):
        nearest = (exact[i, i + 1] + 1.0).astype(single)
        step[i, i + 1, :channels] = nearest
        step[i, -1, :channels] = exact[i, i + 1] - (nearest.astype(np.float64) - 1.0)
    by_strip = step.reshape(cells, cells + 2, strips, STRIP).transpose(2, 0, 1, 3)
    return np.ascontiguousarray(by_strip).reshape(strips, -1)


def parts_of(batch: int, channels: int) -> tuple[int, int]:
    """Strips of channels and groups of the batch."""
    return -(-channels // STRIP), max(1, min(batch, GROUPS))


def share(work: Any, parts: int) -> None:
    """``work(first, last)`` on as many threads as torch is allowed, each with equal runs."""
    runs = min(parts, 4 * torch.get_num_threads()) if torch.get_num_threads() > 1 else 1
    for_all(lambda run: work(run * parts // runs, (run + 1) * parts // runs), runs)


def march(u: Tensor, table: Tensor, start: Tensor) -> Tensor:
    """All states (B, L, D, n) after the steps.

    Args:
        u: inputs (B, L, D), each held over its step, float32 or float64.
        table: B and E as of ``transition.fill``, float64.
        start: states (B, D, n) before the first step.
    """
    batch, length, channels = u.shape
    cells = len(table)
    step = _coefficients(table, u.dtype)
    width = -(-channels // WIDTH) * WIDTH
    strips, groups = parts_of(batch, width)
    taps = torch.empty(batch, length, width, cells, dtype=u.dtype)
    state = torch.empty(strips * groups, cells * STRIP, dtype=u.dtype)
    arrays = padded(u, -1), step, padded(start, -2), state.numpy(), taps.numpy()
    order = (0,) * cells
    share(lambda first, last: _march(order, first, last, strips, groups, *arrays), strips * groups)
    return taps if width == channels else taps[:, :, :channels].contiguous()


def pull(
    grad: Tensor, u: Tensor, table: Tensor, start: Tensor, taps: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients by u (B, L, D), table (n, n + 1, D) and start (B, D, n).

    Args:
        grad: by the states, (B, L, D, n).
        u: as all others, of ``march``.
        table: B and E.
        start: states before the first step.
        taps: the states that ``march`` gave.
    """
    batch, length, channels = u.shape
    cells = len(table)
    step = _coefficients(table, u.dtype)
    width, rows = -(-channels // WIDTH) * WIDTH, cells * (cells + 1)
    strips, groups = parts_of(batch, width)
    to_u = torch.empty(batch, length, width, dtype=u.dtype)
    to_start = torch.empty(batch, width, cells, dtype=u.dtype)
    to_step = torch.zeros(groups, rows, width, dtype=torch.float64)
    arrays = [padded(grad, -2), padded(u, -1), step, padded(start, -2), padded(taps, -2)]
    rooms = [torch.zeros(strips * groups, size * STRIP, dtype=u.dtype) for size in (cells, rows)]
    arrays += [each.numpy() for each in (*rooms, to_u, to_start, to_step)]
    order = (0,) * cells
    share(lambda first, last: _pull(order, first, last, strips, groups, *arrays), strips * groups)
    to_table = to_step.sum(0).view(cells, cells + 1, width)[..., :channels]
    return (
        to_u[..., :channels].contiguous(),
        to_table.contiguous(),
        to_start[:, :channels].contiguous(),
    )


KERNEL = _march
"""Compiled at the first march; the other one follows."""
