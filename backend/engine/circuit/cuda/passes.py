"""Trajectories of the fused device family and their discrete adjoint on a GPU, by Triton.

Triton comes with torch's CUDA build; nothing here imports it before the first trajectory. A
trajectory that repeats with the same shapes is replayed as a CUDA graph while it is small enough
for the launches, not the work, to set its pace.
"""

import importlib.util
import os
import shutil
import sysconfig
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ...tableaus import ButcherTableau
from ..plan import Plan

if TYPE_CHECKING:
    from .graph import Function, Recorded
    from .march import Problem

Segments = Sequence[tuple[int, int, float]]

GRAPH_BYTES = 64 << 20
"""Stage inputs beyond this cost more to copy out of a graph than their launches take."""

GRAPH_STAGES = 4096
"""Launches in a graph at most."""

KNOWN_PROBLEMS = 8
"""Problems whose tables and graphs are kept, the latest used last."""


class _Prepared:
    """A problem and its recorded passes."""

    def __init__(self, problem: "Problem") -> None:
        self.problem = problem
        self._recorded: dict[str, Recorded] = {}

    def run(self, name: str, function: "Function", inputs: list[Tensor]) -> Sequence[Tensor]:
        from .graph import Recorded

        problem = self.problem
        small = problem.steps * problem.step_bytes <= GRAPH_BYTES
        if not (inputs[0].is_cuda and small and problem.steps * problem.stages <= GRAPH_STAGES):
            return function(inputs)
        return self._recorded.setdefault(name, Recorded(function))(inputs)


_prepared: "OrderedDict[tuple[object, ...], _Prepared]" = OrderedDict()
_lock = threading.Lock()


def available() -> bool:
    """Whether a CUDA device, Triton, and what Triton builds its launchers with are there."""
    if not torch.cuda.is_available() or importlib.util.find_spec("triton") is None:
        return False
    compiler = os.environ.get("CC") or shutil.which("gcc") or shutil.which("clang")
    return compiler is not None and Path(sysconfig.get_path("include"), "Python.h").exists()


def forward(
    slices: Sequence[Plan],
    params: Sequence[Tensor],
    v0: Tensor,
    tableau: ButcherTableau,
    segments: Segments,
    trace: bool,
    keep: bool,
) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    """States after every segment, the log-determinant, and what ``backward`` needs.

    Args:
        slices: the topologies.
        params: parameters (n, 1) float32, slice after slice, kind after kind.
        v0: voltages at the start (N, B) [V], float32.
        tableau: an explicit Runge-Kutta method.
        segments: (slice, steps, duration [s]) in the order of time.
        trace: integrate tr d(dv/dt)/dv.
        keep: store what ``backward`` needs.

    Shapes: states (S, N, B); logdet (B,), zeros without ``trace``.
    """
    with torch.cuda.device_of(v0):
        prepared = _prepare(slices, v0, tableau, segments, trace)
        problem = prepared.problem
        states, logdet, *saved = prepared.run(
            f"forward, keep={keep}",
            lambda inputs: problem.forward(inputs[1:], inputs[0], keep),
            [v0.contiguous(), *params],
        )
    return states, logdet, tuple(saved)


def backward(
    slices: Sequence[Plan],
    params: Sequence[Tensor],
    saved: Sequence[Tensor],
    grad_states: Tensor,
    grad_logdet: Tensor,
    tableau: ButcherTableau,
    segments: Segments,
    trace: bool,
) -> tuple[Tensor, list[Tensor]]:
    """The gradients of v0 (N, B) and of every parameter tensor: the exact adjoint of the steps.

    Args:
        slices: as in ``forward``.
        params: as in ``forward``, unchanged since.
        saved: from ``forward`` with ``keep``.
        grad_states: cotangents of the states (S, N, B).
        grad_logdet: cotangent of the log-determinant (B,).
        tableau: as in ``forward``.
        segments: as in ``forward``.
        trace: as in ``forward``.
    """
    (kept,) = saved
    with torch.cuda.device_of(kept):
        prepared = _prepare(slices, grad_states[0], tableau, segments, trace)
        problem = prepared.problem
        grad_v0, *gradients = prepared.run(
            "backward",
            lambda inputs: problem.backward(inputs[3:], *inputs[:3]),
            [kept, grad_states.contiguous(), grad_logdet.contiguous(), *params],
        )
    return grad_v0, gradients


def _prepare(
    slices: Sequence[Plan], v: Tensor, tableau: ButcherTableau, segments: Segments, trace: bool
) -> _Prepared:
    """The problem of these shapes, known or new."""
    from .march import Problem

    shape = (v.shape[0], v.shape[1])
    steps = tuple((part, count, duration) for part, count, duration in segments)
    method = (tableau.rows, tableau.weights)
    key = (tuple(plan.handle for plan in slices), shape, method, steps, trace, v.device)
    with _lock:
        if key not in _prepared:
            _prepared[key] = _Prepared(Problem(slices, shape, tableau, steps, trace, v.device))
            while len(_prepared) > KNOWN_PROBLEMS:
                _prepared.popitem(last=False)
        _prepared.move_to_end(key)
        return _prepared[key]
