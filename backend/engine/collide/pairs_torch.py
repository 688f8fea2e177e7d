"""Pairs of particles by gathers of whole rows, on any device; no shape depends on chance.

Particles order[:, k] and order[:, k + floor(n/2)] are pair k of their group.
"""

from typing import Any

import torch
from torch import Tensor

from ..tracing import traced
from .acceptance import probability


class _Rows(torch.autograd.Function):
    """Rows of a matrix in another order; the way back is a gather, too."""

    @staticmethod
    def forward(rows: Tensor, order: Tensor, inverse: Tensor) -> Tensor:
        del inverse
        return rows.index_select(0, order)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        del output
        ctx.save_for_backward(*inputs[1:])

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        order, inverse = ctx.saved_tensors
        return _reordered(grads[0], inverse, order), None, None


def _reordered(rows: Tensor, order: Tensor, inverse: Tensor) -> Tensor:
    if traced(rows):  # a compiler differentiates a gather by itself
        return rows.index_select(0, order)
    return _Rows.apply(rows, order, inverse)  # type: ignore[return-value]


def _flat(order: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers of rows among those of all groups, and the way back."""
    groups, count = order.shape
    begin = torch.arange(groups, device=order.device)[:, None] * count
    return (order + begin).flatten(), (order.argsort(1) + begin).flatten()


def _relative(values: Tensor, forth: Tensor, back: Tensor) -> Tensor:
    half = values.shape[1] // 2
    rows = _reordered(values.reshape(-1, values.shape[2]), forth, back).view_as(values)
    return rows[:, :half] - rows[:, half : 2 * half]


def meet(
    v: Tensor,
    x: Tensor,
    order: Tensor,
    direction: Tensor,
    drawn: Tensor,
    coll: float,
    length: float | str,
) -> tuple[Tensor, Tensor]:
    """Velocities (G, n, d) after the pairs that are accepted have turned, and which (G, pairs).

    Args:
        v: before.
        x: positions.
        order: of the particles, (G, n).
        direction: of the new relative velocity, of any length, (G, pairs, d).
        drawn: numbers in [0, 1); a pair is accepted if its one is below its probability.
        coll: of ``probability``.
        length: of ``probability``.
    """
    groups, count, coordinates = v.shape
    forth, back = _flat(order)
    relative = _relative(v, forth, back)
    speed = torch.linalg.vector_norm(relative, dim=-1)
    with torch.no_grad():
        distance = torch.linalg.vector_norm(_relative(x, forth, back), dim=-1)
        size = torch.linalg.vector_norm(direction, dim=-1)
        accepted = (drawn < probability(speed, distance, coll, length)) & (size > 0)
        size = torch.where(size > 0, size, 1.0)
    change = 0.5 * ((speed / size)[..., None] * direction - relative)
    change = torch.where(accepted[..., None], change, 0.0)
    rest = change.new_zeros(groups, count % 2, coordinates)
    changes = torch.cat((change, -change, rest), 1).view(-1, coordinates)
    return v + _reordered(changes, back, forth).view_as(v), accepted
