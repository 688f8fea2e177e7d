"""A batch through one slice with Dormand-Prince steps of every tile's own choice, and back."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..tableaus import DORMAND_PRINCE
from ..threads import for_all
from . import adaptive_cpu, numba_cpu
from .march_cpu import coefficients, gradient_groups
from .numba_cpu import STAGES
from .plan import Plan
from .terms import pack, unpack
from .tiles import (
    add_to_tiles,
    from_tiles,
    number_of,
    room,
    tile_count,
    tile_width,
    to_tiles,
)

FIRST_ROOM = 24
"""Steps for which there is room at first; a tile that needs more is solved again."""


class _Method(NamedTuple):
    """a (7, 7), b (6,), and b minus the embedded weights (7,): the last slope only estimates."""

    a: np.ndarray
    b: np.ndarray
    error: np.ndarray


@cache
def _dormand_prince(number: np.dtype) -> _Method:
    a, b = coefficients(DORMAND_PRINCE, number, len(DORMAND_PRINCE.b))
    low = DORMAND_PRINCE.b_low
    assert low is not None
    return _Method(a, b[: DORMAND_PRINCE.stages], (b - np.array(low)).astype(number))


class Control(NamedTuple):
    """rtol, atol [V], most tried steps, and the time span [s]."""

    rtol: float
    atol: float
    most: int
    span: float


class Record(NamedTuple):
    """What a solve leaves: stage inputs, step sizes and outcome of every tile, and the terms."""

    kept: Tensor
    sizes: Tensor
    outcome: Tensor
    terms: Tensor


def solve(
    plan: Plan, params: Sequence[Tensor], v0: Tensor, control: Control, keep: bool
) -> tuple[Tensor, Record]:
    """The state (N, B) at the end, and what ``pull`` needs."""
    nodes, batch = v0.shape
    dtype, number = v0.dtype, number_of(v0.dtype)
    tiles, width = tile_count(batch, dtype), (nodes + 1) * tile_width(dtype)
    method, stages = _dormand_prince(number), DORMAND_PRINCE.stages
    terms = pack(plan, params, np.empty((plan.device_count, 4), number))
    inverse = plan.inverse_rows(number)
    start, end = v0.detach().contiguous().numpy(), torch.empty(nodes, batch, dtype=dtype)
    slots = FIRST_ROOM if keep else control.most
    outcome = np.zeros((tiles, 6))
    while True:
        kept = torch.empty(tiles, slots * stages if keep else 0, width, dtype=dtype)
        sizes = torch.zeros(tiles, slots, dtype=dtype)
        kept_, sizes_, end_ = kept.numpy(), sizes.numpy(), end.numpy()

        def work(tile: int, kept_=kept_, sizes_=sizes_, end_=end_) -> None:
            y = room(1, width, dtype=dtype)
            to_tiles(start, y, tile)
            adaptive_cpu.solve(
                plan.packed.arrays, terms, inverse, *method, control.span,
                control.rtol, control.atol, control.most, y[0], kept_[tile], sizes_[tile],
                outcome[tile], room(stages + 3, width, dtype=dtype),
            )  # fmt: skip
            from_tiles(y, end_, tile)

        for_all(work, tiles)
        if not (outcome[:, 0] == adaptive_cpu.FULL).any():
            break
        slots *= 4
    record = Record(kept, sizes, torch.from_numpy(outcome), torch.from_numpy(terms))
    return end, record


def pull(plan: Plan, record: Record, grad_end: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Gradients of the start (N, B) and of every parameter (n, 1); step sizes are constants."""
    nodes, batch = grad_end.shape
    dtype, number = grad_end.dtype, number_of(grad_end.dtype)
    tiles, width = tile_count(batch, dtype), (nodes + 1) * tile_width(dtype)
    a, b, _ = _dormand_prince(number)
    inverse, terms = plan.inverse_rows(number), record.terms.numpy()
    groups = gradient_groups(tiles, plan.device_count)
    gradients = room(len(groups), plan.device_count, 4, dtype=dtype)
    given, start = grad_end.contiguous().numpy(), torch.empty(nodes, batch, dtype=dtype)
    kept, sizes, start_ = record.kept.numpy(), record.sizes.numpy(), start.numpy()
    counts = record.outcome[:, 2].long().tolist()

    def work(group: int) -> None:
        pulled, inputs = room(2, len(b), width, dtype=dtype)
        mu = room(width, dtype=dtype)
        gradients[group] = 0.0
        for tile in range(*groups[group]):
            lam = room(1, width, dtype=dtype)
            lam[:] = 0.0
            add_to_tiles(given, lam, tile)
            numba_cpu.pull(
                plan.packed.arrays, terms, inverse, a, b, sizes[tile, : counts[tile]], STAGES,
                lam, kept[tile : tile + 1], pulled, inputs, mu, gradients[group].reshape(-1),
            )  # fmt: skip
            from_tiles(lam, start_, tile)

    for_all(work, len(groups))
    return start, [torch.from_numpy(value) for value in unpack(plan, gradients)]
