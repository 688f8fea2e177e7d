"""The states before the first step, from what lies beyond the beginning of a line."""

from collections.abc import Callable

import torch
from torch import Tensor

from .chunked import powers

BOUNDARIES = ("grounded", "replicate", "periodic")
March = Callable[[Tensor, Tensor, Tensor], Tensor]


def grounded(u: Tensor, cells: int) -> Tensor:
    """All capacitors empty, (B, D, n)."""
    return u.new_zeros(len(u), u.shape[2], cells)


def replicate(u: Tensor, gains: Tensor | None, cells: int) -> Tensor:
    """At rest under the first input: v_m = κ_1 .. κ_m u_0, (B, D, n)."""
    first = u[:, 0, :, None].expand(-1, -1, cells)
    return first if gains is None else first * gains.cumprod(0).T.to(u.dtype)


def periodic(u: Tensor, table: Tensor, march: March) -> Tensor:
    """What a period leads back to itself: v = (1 - A^L)^-1 (the end from empty), (B, D, n)."""
    cells = len(table)
    end = march(u, table, grounded(u, cells))[:, -1]
    lost = -_whole_power(table, u.shape[1])  # (D, n, n)
    right = end.permute(1, 2, 0).double()
    solved = torch.linalg.solve_triangular(lost, right, upper=False)
    return solved.permute(2, 0, 1).to(u.dtype)


def _whole_power(table: Tensor, exponent: int) -> Tensor:
    """A^exponent - 1, (D, n, n), by squaring; keeps the accuracy of small numbers."""
    square = powers(table, 1)[0]
    made: Tensor | None = None
    while True:
        if exponent & 1:
            made = square if made is None else made + square + made @ square
        exponent >>= 1
        if not exponent:
            assert made is not None
            return made
        square = 2 * square + square @ square
