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
from .lanes import WIDTH
from .numba_cpu import NOTHING, STAGES, STEPS
from .plan import Plan
from .terms import pack, unpack
from .tiles import add_to_tiles, from_tiles, room, tile_count, to_tiles

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
    tableau: ButcherTableau, stages: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """a (s, s) and b (s,) of a method in float32; stages that only estimate errors left out."""
    stages = stages or tableau.stages
    a = np.zeros((stages, stages), np.float32)
    for i, row in enumerate(tableau.rows[:stages]):
        for j, value in row:
            a[i, j] = value
    return a, np.array(tableau.b[:stages], np.float32)


def _sizes(steps: int, duration: float) -> np.ndarray:
    return np.full(steps, duration / max(steps, 1), np.float32)


def kept_shape(rows: int, batch: int, stages: int, steps: int) -> tuple[int, int, int]:
    """Tiles, slots and rows 64 of what a march of so many steps keeps."""
    tiles = tile_count(batch)
    whole = 4 * tiles * steps * stages * rows * WIDTH <= BUDGET
    return tiles, steps * (stages if whole else 1), rows * WIDTH


class _Layout:
    """Where the states of every segment lie in ``kept`` (tiles, slots, rows 64)."""

    def __init__(self, rows: int, tiles: int, stages: int, segments: Sequence[Segment]) -> None:
        steps = sum(segment.steps for segment in segments)
        self.shape = kept_shape(rows, tiles * WIDTH, stages, steps)
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
    rows, tiles = nodes + 1, tile_count(batch)
    a, b = coefficients(tableau)
    layout = _Layout(rows, tiles, len(b), segments)
    terms, all_terms = _packed_terms(slices, params)
    kept = torch.empty(layout.shape if keep else (0, 0, 0), dtype=torch.float32)
    states = torch.empty((len(outputs), nodes, batch), dtype=torch.float32)
    log_det = torch.zeros(tiles, WIDTH)
    into = [plan.packed.arrays for plan in slices], [plan.inverse_rows for plan in slices]
    start, kept_, log_det_ = v0.detach().contiguous().numpy(), kept.numpy(), log_det.numpy()
    ends = {k: state.numpy() for k, state in zip(outputs, states.unbind(0), strict=True)}
    groups = gradient_groups(tiles, 0)

    def work(number: int) -> None:
        lo, hi = groups[number]
        y = room(hi - lo, rows * WIDTH)
        slopes = room(len(b), rows * WIDTH)
        scratch = room(rows * WIDTH)
        to_tiles(start, y, lo)
        none = np.empty((hi - lo, 0, 0), np.float32)
        for index, (part, steps, duration) in enumerate(segments):
            common = (
                into[0][part], all_terms[part], into[1][part], a, b,
                _sizes(steps, duration), layout.keep if keep else NOTHING, y,
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
    rows, tiles = nodes + 1, tile_count(batch)
    a, b = coefficients(tableau)
    layout = _Layout(rows, tiles, len(b), segments)
    bounds = np.cumsum([0, *(plan.device_count for plan in slices)]).tolist()
    groups = gradient_groups(tiles, bounds[-1])
    gradients = np.zeros((len(groups), bounds[-1], 4), np.float32)
    into = [plan.packed.arrays for plan in slices], [plan.inverse_rows for plan in slices]
    terms, kept = saved.terms.numpy(), saved.kept.numpy()
    grads = zip(outputs, grad_states.unbind(0), strict=True)
    given = {k: grad.contiguous().numpy() for k, grad in grads}
    mu_log_det = np.zeros((tiles, WIDTH), np.float32)
    mu_log_det.reshape(-1)[:batch] = grad_log_det.numpy()
    start = torch.empty((nodes, batch), dtype=torch.float32)
    start_ = start.numpy()

    def work(number: int) -> None:
        lo, hi = groups[number]
        lam = room(hi - lo, rows * WIDTH)
        lam[:] = 0.0
        pulled = room(len(b), rows * WIDTH)
        inputs = room(len(b), rows * WIDTH)
        mu = room(rows * WIDTH)
        for index in reversed(range(len(segments))):
            part, steps, duration = segments[index]
            devices = slice(bounds[part], bounds[part + 1])
            if index in given:
                add_to_tiles(given[index], lam, lo)
            common = (
                into[0][part], terms[devices], into[1][part], a, b,
                _sizes(steps, duration), layout.keep, lam,
                layout.part(kept, index, lo, hi), pulled, inputs, mu,
                gradients[number, devices].reshape(-1),
            )  # fmt: skip
            if trace:
                numba_cpu.pull_flow(*common, mu_log_det[lo:hi])
            else:
                numba_cpu.pull(*common)
        from_tiles(lam, start_, lo)

    for_all(work, len(groups))
    results: list[Tensor] = []
    for number, plan in enumerate(slices):
        part = gradients[:, bounds[number] : bounds[number + 1]]
        results += [torch.from_numpy(value) for value in unpack(plan, part)]
    return start, results


def _packed_terms(
    slices: Sequence[Plan], params: Sequence[Tensor]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """The terms of all slices in one array, and their parts of it."""
    terms = np.empty((sum(plan.device_count for plan in slices), 4), np.float32)
    parts, first, start = [], 0, 0
    for plan in slices:
        count = sum(len(part.law.slots) for part in plan.parts)
        own = terms[start : start + plan.device_count]
        parts.append(pack(plan, params[first : first + count], own))
        first, start = first + count, start + plan.device_count
    return terms, parts


__all__ = ["BUDGET", "STAGES", "STEPS", "Saved", "Segment", "march", "pull"]
