"""Pairs of particles by compiled kernels on the processor: only what collides is written.

Numbers come as they lie in memory, particles or coordinates last; ``near`` and ``far`` are the
distances in it of neighbouring particles and coordinates. Sums are in float64.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..compiled import announce, kernel, part
from ..once import once_differentiable
from ..threads import for_all
from .acceptance import slowest


@part
def _gap(home: int, size: int, far: int, near: int, pairs: Any, values: Any, room: Any) -> None:
    """|a_i - a_j| of the pairs (2, half) of a group."""
    half = room.size
    room[:] = 0.0
    for c in range(size):
        at = home + c * far
        for p in range(half):
            w = np.float64(values[at + pairs[p] * near]) - values[at + pairs[half + p] * near]
            room[p] += w * w
    for p in range(half):
        room[p] = np.sqrt(room[p])


@part
def _accept(
    speed: Any, distance: Any, drawn: Any, coll: float, length: float, least: float, met: Any
) -> int:
    """``acceptance.probability`` of a group's pairs: which are accepted, and how many."""
    fastest, total, some = 0.0, 0.0, 0
    for p in range(speed.size):
        if speed[p] > least and np.isfinite(speed[p]) and np.isfinite(distance[p]):
            fastest = max(fastest, speed[p])
            total += distance[p] * distance[p]
        else:
            speed[p] = 0.0
    reach = length if length else np.sqrt((total if total else 1.0) / speed.size)
    for p in range(speed.size):
        near = coll * speed[p] * np.exp(-distance[p] / reach)
        if speed[p] > 0 and drawn[p] * fastest < near:
            met[some] = p
            some += 1
    return some


@kernel()
def _meet(
    begin: int, end: int, near: int, far: int, order: Any, coll: float, length: float,
    least: float, drawn: Any, direction: Any, places: Any, values: Any, out: Any, accepted: Any,
    speeds: Any, scales: Any,
) -> None:  # fmt: skip
    """v_i + d, v_j - d with d = (s r - (v_i - v_j))/2 and s = g/|r| of accepted pairs, else v.

    ``length`` is 0 for ``rms``; ``speeds`` and ``scales`` of accepted pairs hold g and s.
    """
    count, half = order.shape[1], accepted.shape[1]
    block = values.size // order.shape[0]
    size = block // count
    speed, distance = np.zeros(half), np.zeros(half)
    met = np.zeros(half, np.int64)
    for group in range(begin, end):
        home, pairs = group * block, order[group]
        _gap(home, size, far, near, pairs, values, speed)
        _gap(home, size, far, near, pairs, places, distance)
        some = _accept(speed, distance, drawn[group], coll, length, least, met)
        out[home : home + block] = values[home : home + block]
        accepted[group] = False
        for k in range(some):
            p, square = met[k], 0.0
            for c in range(size):
                square += np.float64(direction[group, p, c]) * direction[group, p, c]
            accepted[group, p] = square > 0
            speeds[group, p] = speed[p]
            scales[group, p] = speed[p] / np.sqrt(square)
        for c in range(size):
            at = home + c * far
            for k in range(some):
                p = met[k]
                if accepted[group, p]:
                    i, j = at + pairs[p] * near, at + pairs[half + p] * near
                    one, other = np.float64(values[i]), np.float64(values[j])
                    change = 0.5 * (scales[group, p] * direction[group, p, c] - (one - other))
                    out[i], out[j] = one + change, other - change


@kernel()
def _pull(
    begin: int, end: int, near: int, far: int, order: Any, accepted: Any, scale: Any,
    speed: Any, direction: Any, values: Any, grad: Any, out: Any,
) -> None:  # fmt: skip
    """Gradients by v from those by v'.

    With a = b_i - b_j of gradients b, w = v_i - v_j and s = g/|r|, by w of d = (s r - w)/2 comes
    ((a.r) w s/g^2 - a)/2.
    """
    count, half = order.shape[1], accepted.shape[1]
    block = values.size // order.shape[0]
    size = block // count
    met, along = np.zeros(half, np.int64), np.zeros(half)
    for group in range(begin, end):
        some = 0
        out[group * block : (group + 1) * block] = grad[group * block : (group + 1) * block]
        for p in range(half):
            if accepted[group, p]:
                met[some] = p
                some += 1
        along[:] = 0.0
        for c in range(size):
            home = group * block + c * far
            for k in range(some):
                p = met[k]
                i, j = home + order[group, p] * near, home + order[group, half + p] * near
                along[k] += (np.float64(grad[i]) - grad[j]) * direction[group, p, c]
        for k in range(some):
            p = met[k]
            along[k] *= scale[group, p] / speed[group, p] / speed[group, p]
        for c in range(size):
            home = group * block + c * far
            for k in range(some):
                p = met[k]
                i, j = home + order[group, p] * near, home + order[group, half + p] * near
                one, other = np.float64(grad[i]), np.float64(grad[j])
                push = along[k] * (np.float64(values[i]) - values[j]) - (one - other)
                out[i], out[j] = one + 0.5 * push, other - 0.5 * push


class _Lying:
    """How the numbers of (G, n, d) lie in memory: particles or coordinates last."""

    def __init__(self, values: Tensor) -> None:
        self.shape = values.shape
        self.columns = not values.is_contiguous() and values.mT.is_contiguous()
        _, count, size = values.shape
        self.strides = (1, count) if self.columns else (size, 1)

    def flat(self, values: Tensor) -> Tensor:
        """All numbers in this order."""
        return (values.mT if self.columns else values).contiguous().view(-1)

    def back(self, flat: Tensor) -> Tensor:
        """(G, n, d) of such numbers."""
        groups, count, size = self.shape
        return flat.view(groups, size, count).mT if self.columns else flat.view(self.shape)


def _shared(work: Callable[..., None], lying: _Lying, *given: Tensor | float) -> None:
    """All groups, on as many threads as torch is allowed; which does which never matters."""
    arrays = [each.numpy() if isinstance(each, Tensor) else each for each in given]
    groups = lying.shape[0]
    runs = max(1, min(groups, torch.get_num_threads()))

    def run(number: int) -> None:
        work(number * groups // runs, (number + 1) * groups // runs, *lying.strides, *arrays)

    for_all(run, runs)


class _Meeting(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, v: Tensor, x: Tensor, order: Tensor, direction: Tensor, drawn: Tensor,
        numbers: tuple[float, float],
    ) -> tuple[Tensor, Tensor]:  # fmt: skip
        ctx.lying = _Lying(v)
        flat, shape = ctx.lying.flat(v), drawn.shape
        out, accepted = torch.empty_like(flat), torch.empty(shape, dtype=torch.bool)
        known = torch.empty(shape, dtype=torch.double), torch.empty(shape, dtype=torch.double)
        _shared(
            _meet, ctx.lying, order, *numbers, slowest(v.dtype), drawn, direction,
            ctx.lying.flat(x), flat, out, accepted, *known,
        )  # fmt: skip
        ctx.save_for_backward(v, order, accepted, *reversed(known), direction)
        ctx.mark_non_differentiable(accepted)
        return ctx.lying.back(out), accepted

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        v, *others = ctx.saved_tensors
        grad = ctx.lying.flat(grads[0])
        out = torch.empty_like(grad)
        _shared(_pull, ctx.lying, *others, ctx.lying.flat(v), grad, out)
        return ctx.lying.back(out), None, None, None, None, None


def meet(
    v: Tensor,
    x: Tensor,
    order: Tensor,
    direction: Tensor,
    drawn: Tensor,
    coll: float,
    length: float | str,
) -> tuple[Tensor, Tensor]:
    """As of ``pairs_torch``, differentiable in ``v``, once."""
    announce("collisions", _meet)
    numbers = coll, 0.0 if isinstance(length, str) else length
    return _Meeting.apply(v, x, order, direction, drawn, numbers)  # type: ignore[return-value]
