"""What stands behind the operators on each device; arguments are tensors and numbers only."""

from collections.abc import Callable
from typing import Any

from torch import Tensor

from ..tableaus import tableau_of
from . import march_cpu, solve_cpu
from .march_cpu import Saved, Segment
from .plan import plan_of
from .solve_cpu import Control, Record


def _segments(parts: Any, steps: Any, durations: Any) -> list[Segment]:
    return [Segment(*each) for each in zip(parts, steps, durations, strict=True)]


def _march_cpu(
    v0: Tensor, params: Any, plans: Any, method: str, parts: Any, steps: Any, durations: Any,
    outputs: Any, trace: bool, keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    states, log_det, saved = march_cpu.march(
        [plan_of(handle) for handle in plans], params, v0, tableau_of(method),
        _segments(parts, steps, durations), outputs, trace, keep,
    )  # fmt: skip
    return states, log_det, saved.kept, saved.terms


def _pull_cpu(
    grad_states: Tensor, grad_log_det: Tensor, kept: Tensor, terms: Tensor, params: Any,
    plans: Any, method: str, parts: Any, steps: Any, durations: Any, outputs: Any,
    trace: bool,
) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
    return march_cpu.pull(
        [plan_of(handle) for handle in plans], Saved(kept, terms), grad_states, grad_log_det,
        tableau_of(method), _segments(parts, steps, durations), outputs, trace,
    )  # fmt: skip


def _march_cuda(
    v0: Tensor, params: Any, plans: Any, method: str, parts: Any, steps: Any, durations: Any,
    outputs: Any, trace: bool, keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    from .cuda import passes  # Triton is there only where CUDA is

    states, log_det, saved = passes.forward(
        [plan_of(handle) for handle in plans], params, v0, tableau_of(method),
        _segments(parts, steps, durations), trace, keep,
    )  # fmt: skip
    none = v0.new_empty(0, 0, 0)
    states = states[list(outputs)]
    return states, log_det, saved[0] if saved else none, v0.new_empty(0)


def _pull_cuda(
    grad_states: Tensor, grad_log_det: Tensor, kept: Tensor, terms: Tensor, params: Any,
    plans: Any, method: str, parts: Any, steps: Any, durations: Any, outputs: Any,
    trace: bool,
) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
    from .cuda import passes  # Triton is there only where CUDA is

    whole = grad_states.new_zeros(len(parts), *grad_states.shape[1:])
    whole[list(outputs)] = grad_states
    start, gradients = passes.backward(
        [plan_of(handle) for handle in plans], params, (kept,), whole, grad_log_det,
        tableau_of(method), _segments(parts, steps, durations), trace,
    )  # fmt: skip
    return start, list(gradients)


def _solve_cpu(
    v0: Tensor, params: Any, plan: int, control: Any, keep: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    rtol, atol, most, span = control
    chosen = Control(rtol, atol, int(most), span)
    end, record = solve_cpu.solve(plan_of(plan), params, v0, chosen, keep)
    return end, record.kept, record.sizes, record.outcome, record.terms


def _pull_solve_cpu(
    grad_end: Tensor, kept: Tensor, sizes: Tensor, outcome: Tensor, terms: Tensor, params: Any,
    plan: int,
) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
    return solve_cpu.pull(plan_of(plan), Record(kept, sizes, outcome, terms), grad_end)


Backend = dict[str, Callable[..., Any]]
"""By the device's type."""
MARCH: Backend = {"cpu": _march_cpu, "cuda": _march_cuda}
PULL: Backend = {"cpu": _pull_cpu, "cuda": _pull_cuda}
SOLVE: Backend = {"cpu": _solve_cpu}
PULL_SOLVE: Backend = {"cpu": _pull_solve_cpu}
