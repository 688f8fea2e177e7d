"""The march of a batch through slices and back, on the processor: tiles shared among threads."""

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..tableaus import ButcherTableau
from ..threads import for_all
from . import numba_cpu
from .numba_cpu import NOTHING, STAGES, STEPS
from .plan import Plan
from .terms import pack_slices, unpack_slices
from .tiles import (
    add_to_tiles,
    from_tiles,
    number_of,
    room,
    tile_count,
    tile_width,
    to_tiles,
)

BUDGET = 1 << 30
"""Stage inputs may take so many bytes; beyond it only the states at steps are kept."""

GRADIENTS = 1 << 26
"""Bytes for gradients that are summed apart; the sum's order must not depend on the threads."""


class Segment(NamedTuple):
    """``steps`` equal steps through the slice ``part`` in ``duration`` [s]."""

    part: int
    steps: int
    duration: float


class Saved(NamedTuple):
    """What a march leaves for the way back: states in tiles, and all terms."""

    kept: Tensor
    terms: Tensor


def coefficients(
    tableau: ButcherTableau, number: np.dtype, stages: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """a (s, s) and b (s,) of a method; stages that only estimate errors left out."""
    stages = stages or tableau.stages
    a = np.zeros((stages, stages), number)
    for i, row in enumerate(tableau.rows[:stages]):
        for j, value in row:
            a[i, j] = value
    return a, np.array(tableau.b[:stages], number)


def _sizes(steps: int, duration: float, number: np.dtype) -> np.ndarray:
    return np.full(steps, duration / max(steps, 1), number)


def kept_shape(
    rows: int, batch: int, stages: int, steps: int, dtype: torch.dtype
) -> tuple[int, int, int]:
    """Tiles, slots and numbers of a state of what a march of so many steps keeps."""
    tiles, width = tile_count(batch, dtype), rows * tile_width(dtype)
    whole = dtype.itemsize * tiles * steps * stages * width <= BUDGET
    return tiles, steps * (stages if whole else 1), width


class _Layout:
    """Where the states of every segment lie in ``kept`` (tiles, slots, numbers of a state)."""

    def __init__(
        self, rows: int, batch: int, stages: int, segments: Sequence[Segment], dtype: torch.dtype
    ) -> None:
        steps = sum(segment.steps for segment in segments)
        self.shape = kept_shape(rows, batch, stages, steps, dtype)
        each = self.shape[1] // max(steps, 1)
        self.keep = STAGES if each == stages else STEPS
        self.starts = np.cumsum([0, *(segment.steps * each for segment in segments)]).tolist()

    def part(self, kept: np.ndarray, index: int, lo: int, hi: int) -> np.ndarray:
        """The slots of one segment for the tiles ``lo`` to ``hi``."""
        return kept[lo:hi, self.starts[index] : self.starts[index + 1]]


def gradient_groups(tiles: int, entries: int) -> list[tuple[int, int]]:
    """Ranges of neighbouring tiles that are done together, whatever the number of threads.

    Args:
        tiles: their number.
        entries: devices, whose gradients every group sums apart.
    """
    most = max(2, min(64, GRADIENTS // max(16 * entries, 1)))
    bounds = np.linspace(0, tiles, min(tiles, most) + 1).astype(int).tolist()
    return list(itertools.pairwise(bounds))


def march(
    slices: Sequence[Plan],
    params: Sequence[Tensor],
    v0: Tensor,
    tableau: ButcherTableau,
    segments: Sequence[Segment],
    outputs: Sequence[int],
    trace: bool,
    keep: bool,
) -> tuple[Tensor, Tensor, Saved]:
    """States (S, N, B) after some segments, the log-determinant (B,), and what ``pull`` needs."""
    nodes, batch = v0.shape
    dtype, number = v0.dtype, number_of(v0.dtype)
    rows, tiles, wide = nodes + 1, tile_count(batch, dtype), tile_width(dtype)
    a, b = coefficients(tableau, number)
    layout = _Layout(rows, batch, len(b), segments, dtype)
    terms, all_terms = _packed_terms(slices, params, number)
    kept = torch.empty(layout.shape if keep else (0, 0, 0), dtype=dtype)
    states = torch.empty((len(outputs), nodes, batch), dtype=dtype)
    log_det = torch.zeros(tiles, wide, dtype=dtype)
    into = [plan.packed.arrays for plan in slices], [plan.inverse_rows(number) for plan in slices]
    start, kept_, log_det_ = v0.detach().contiguous().numpy(), kept.numpy(), log_det.numpy()
    ends = {k: state.numpy() for k, state in zip(outputs, states.unbind(0), strict=True)}
    groups = gradient_groups(tiles, 0)

    def work(group: int) -> None:
        lo, hi = groups[group]
        y = room(hi - lo, rows * wide, dtype=dtype)
        slopes = room(len(b), rows * wide, dtype=dtype)
        scratch = room(rows * wide, dtype=dtype)
        to_tiles(start, y, lo)
        none = np.empty((hi - lo, 0, 0), number)
        for index, (part, steps, duration) in enumerate(segments):
            common = (
                into[0][part], all_terms[part], into[1][part], a, b,
                _sizes(steps, duration, number), layout.keep if keep else NOTHING, y,
                layout.part(kept_, index, lo, hi) if keep else none, slopes, scratch,
            )  # fmt: skip
            if trace:
                numba_cpu.march_flow(*common, log_det_[lo:hi])
            else:
                numba_cpu.march(*common)
            if index in ends:
                from_tiles(y, ends[index], lo)

    for_all(work, len(groups))
    return states, log_det.reshape(-1)[:batch].clone(), Saved(kept, torch.from_numpy(terms))


def pull(
    slices: Sequence[Plan],
    saved: Saved,
    grad_states: Tensor,
    grad_log_det: Tensor,
    tableau: ButcherTableau,
    segments: Sequence[Segment],
    outputs: Sequence[int],
    trace: bool,
) -> tuple[Tensor, list[Tensor]]:
    """Gradients of the start (N, B) and of every parameter (n, 1), slice after slice."""
    _, nodes, batch = grad_states.shape
    dtype, number = grad_states.dtype, number_of(grad_states.dtype)
    rows, tiles, wide = nodes + 1, tile_count(batch, dtype), tile_width(dtype)
    a, b = coefficients(tableau, number)
    layout = _Layout(rows, batch, len(b), segments, dtype)
    bounds = np.cumsum([0, *(plan.device_count for plan in slices)]).tolist()
    groups = gradient_groups(tiles, bounds[-1])
    gradients = room(len(groups), bounds[-1], 4, dtype=dtype)
    into = [plan.packed.arrays for plan in slices], [plan.inverse_rows(number) for plan in slices]
    terms, kept = saved.terms.numpy(), saved.kept.numpy()
    grads = zip(outputs, grad_states.unbind(0), strict=True)
    given = {k: grad.contiguous().numpy() for k, grad in grads}
    mu_log_det = np.zeros((tiles, wide), number)
    if trace:
        mu_log_det.reshape(-1)[:batch] = grad_log_det.numpy()
    start = torch.empty((nodes, batch), dtype=dtype)
    start_ = start.numpy()

    def work(group: int) -> None:
        lo, hi = groups[group]
        gradients[group] = 0.0
        lam = room(hi - lo, rows * wide, dtype=dtype)
        lam[:] = 0.0
        pulled = room(len(b), rows * wide, dtype=dtype)
        inputs = room(len(b), rows * wide, dtype=dtype)
        mu = room(rows * wide, dtype=dtype)
        for index in reversed(range(len(segments))):
            part, steps, duration = segments[index]
            devices = slice(bounds[part], bounds[part + 1])
            if index in given:
                add_to_tiles(given[index], lam, lo)
            common = (
                into[0][part], terms[devices], into[1][part], a, b,
                _sizes(steps, duration, number), layout.keep, lam,
                layout.part(kept, index, lo, hi), pulled, inputs, mu,
                gradients[group, devices].reshape(-1),
            )  # fmt: skip
            if trace:
                numba_cpu.pull_flow(*common, mu_log_det[lo:hi])
            else:
                numba_cpu.pull(*common)
        from_tiles(lam, start_, lo)

    for_all(work, len(groups))
    return start, [torch.from_numpy(value) for value in unpack_slices(slices, gradients)]


def _packed_terms(
    slices: Sequence[Plan], params: Sequence[Tensor], number: np.dtype
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The terms of all slices in one array, and their parts of it."""
    counts = [plan.device_count for plan in slices]
    terms = pack_slices(slices, params, np.empty((sum(counts), 4), number))
    return terms, np.split(terms, np.cumsum(counts)[:-1])


__all__ = ["BUDGET", "STAGES", "STEPS", "Saved", "Segment", "march", "pull"]
