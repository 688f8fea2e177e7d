"""One pair of torch operators for whole trajectories: ``kirchhoff::march`` and its adjoint.

The operators know plans by their handles, so that torch sees only tensors and numbers; the kernels
behind them are chosen by the device of the tensors.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from ..tableaus import DORMAND_PRINCE, ButcherTableau, tableau_of
from . import eager, march_cpu
from .backends import MARCH, PULL, PULL_SOLVE, SOLVE
from .march_cpu import Segment
from .plan import Plan, plan_of
from .solve_cpu import Control
from .tiles import tile_count, tile_width

_library = torch.library.Library("kirchhoff", "DEF")
_library.define(
    "march(Tensor v0, Tensor[] params, int[] plans, str method, int[] parts, int[] steps, "
    "float[] durations, int[] outputs, bool trace, bool keep) -> (Tensor, Tensor, Tensor, Tensor)"
)
_library.define(
    "pull(Tensor grad_states, Tensor grad_log_det, Tensor kept, Tensor terms, Tensor[] params, "
    "int[] plans, str method, int[] parts, int[] steps, float[] durations, "
    "int[] outputs, bool trace) "
    "-> (Tensor, Tensor[])"
)
_library.define(
    "solve(Tensor v0, Tensor[] params, int plan, float[] control, bool keep) "
    "-> (Tensor, Tensor, Tensor, Tensor, Tensor)"
)
_library.define(
    "pull_solve(Tensor grad_end, Tensor kept, Tensor sizes, Tensor outcome, Tensor terms, "
    "Tensor[] params, int plan) -> (Tensor, Tensor[])"
)


def _march_shapes(
    v0: Tensor, params: Any, plans: Any, method: str, parts: Any, steps: Any, durations: Any,
    outputs: Any, trace: bool, keep: bool,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:  # fmt: skip
    nodes, batch = v0.shape
    kept, terms = _kept_shape(v0, tableau_of(method).stages, sum(steps), plans)
    return (
        v0.new_empty(len(outputs), nodes, batch),
        v0.new_empty(batch),
        v0.new_empty(kept if keep else [0] * len(kept)),
        v0.new_empty(terms),
    )


def _kept_shape(v0: Tensor, stages: int, steps: int, plans: Any) -> tuple[Any, Any]:
    nodes, batch = v0.shape
    if v0.device.type == "cuda":
        from .cuda.march import STAGE_BYTES  # Triton is there only where CUDA is

        whole = 4 * steps * stages * nodes * batch <= STAGE_BYTES
        return (steps * (stages if whole else 1), nodes, batch), (0,)
    devices = sum(plan_of(handle).device_count for handle in plans)
    return march_cpu.kept_shape(nodes + 1, batch, stages, steps, v0.dtype), (devices, 4)


def _pull_shapes(
    grad_states: Tensor, grad_log_det: Tensor, kept: Tensor, terms: Tensor, params: Any,
    *rest: Any,
) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
    return grad_states.new_empty(grad_states.shape[1:]), [torch.empty_like(p) for p in params]


def _remember(ctx: Any, inputs: Any, output: Any) -> None:
    _, params, plans, method, parts, steps, durations, outputs, trace, _ = inputs
    _, _, kept, terms = output
    ctx.mark_non_differentiable(kept, terms)
    ctx.settings = plans, method, parts, steps, durations, outputs, trace
    ctx.alive = [plan_of(handle) for handle in plans]
    # Reading the parameters back makes torch refuse those that were changed in place meanwhile.
    ctx.save_for_backward(kept, terms, *params)


def _differentiate(ctx: Any, grad_states: Any, grad_log_det: Any, *rest: Any) -> Any:
    kept, terms, *params = ctx.saved_tensors
    start, gradients = torch.ops.kirchhoff.pull(
        grad_states, grad_log_det, kept, terms, params, *ctx.settings
    )
    return start, gradients, None, None, None, None, None, None, None, None


def _solve_shapes(
    v0: Tensor, params: Any, plan: int, control: Any, keep: bool
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    nodes, batch = v0.shape
    tiles, width = tile_count(batch, v0.dtype), (nodes + 1) * tile_width(v0.dtype)
    # There is room for more steps where a tile needs them, which only the data can tell.
    slots = torch.library.get_ctx().new_dynamic_size() if keep else int(control[2])
    stages = DORMAND_PRINCE.stages if keep else 0
    return (
        v0.new_empty(nodes, batch),
        v0.new_empty(tiles, slots * stages, width),
        v0.new_empty(tiles, slots),
        v0.new_empty(tiles, 6, dtype=torch.float64),
        v0.new_empty(plan_of(plan).device_count, 4),
    )


def _pull_solve_shapes(
    grad_end: Tensor, kept: Tensor, sizes: Tensor, outcome: Tensor, terms: Tensor, params: Any,
    plan: int,
) -> tuple[Tensor, list[Tensor]]:  # fmt: skip
    return torch.empty_like(grad_end), [torch.empty_like(p) for p in params]


def _remember_solve(ctx: Any, inputs: Any, output: Any) -> None:
    _, params, ctx.plan, _, _ = inputs
    ctx.alive = plan_of(ctx.plan)
    ctx.mark_non_differentiable(*output[1:])
    ctx.save_for_backward(*output[1:], *params)


def _differentiate_solve(ctx: Any, grad_end: Any, *rest: Any) -> Any:
    kept, sizes, outcome, terms, *params = ctx.saved_tensors
    start, gradients = torch.ops.kirchhoff.pull_solve(
        grad_end, kept, sizes, outcome, terms, params, ctx.plan
    )
    return start, gradients, None, None, None


_OPERATORS = {
    "march": (MARCH, _march_shapes),
    "pull": (PULL, _pull_shapes),
    "solve": (SOLVE, _solve_shapes),
    "pull_solve": (PULL_SOLVE, _pull_solve_shapes),
}
for _name, (_backend, _shapes) in _OPERATORS.items():
    for _device, _call in _backend.items():
        _library.impl(_name, _call, _device.upper())
    torch.library.register_fake(f"kirchhoff::{_name}", _shapes, lib=_library)
torch.library.register_autograd(
    "kirchhoff::solve", _differentiate_solve, setup_context=_remember_solve, lib=_library
)
torch.library.register_autograd(
    "kirchhoff::march", _differentiate, setup_context=_remember, lib=_library
)


def march(
    v0: Tensor,
    slices: Sequence[Plan],
    params: Sequence[Tensor],
    tableau: ButcherTableau,
    segments: Sequence[Segment],
    trace: bool = False,
    outputs: Sequence[int] | None = None,
) -> tuple[Tensor, Tensor]:
    """States (S, N, B) after segments and the log-determinant (B,), both differentiable.

    Args:
        v0: start (N, B), float32, or float64 on the processor [V].
        slices: their plans, all of N nodes.
        params: (n, 1) each, slice after slice, kind after kind, in each law's order.
        tableau: of an explicit method.
        segments: run one after the other; several may belong to one slice.
        trace: whether to integrate the trace of the Jacobian; else the second result is 0.
        outputs: the segments after which the state is wanted, ascending; ``None`` for all.
    """
    keep = torch.is_grad_enabled() and (
        v0.requires_grad or any(value.requires_grad for value in params)
    )
    parts, steps, durations = map(list, zip(*segments, strict=True))
    settings = (
        [plan.handle for plan in slices], tableau.key, parts, steps, durations,
        list(range(len(segments)) if outputs is None else outputs), trace,
    )  # fmt: skip
    if not eager.possible(v0):
        return torch.ops.kirchhoff.march(v0, list(params), *settings, keep)[:2]
    if keep:
        return eager.March.apply(settings, v0, *params)  # type: ignore[return-value]
    return MARCH[v0.device.type](v0, params, *settings, False)[:2]


def solve(
    v0: Tensor, plan: Plan, params: Sequence[Tensor], control: Control
) -> tuple[Tensor, Tensor]:
    """The state (N, B) after an adaptive Dormand-Prince solve of one slice, differentiable.

    Args:
        v0: start (N, B), float32 or float64 [V].
        plan: of the slice.
        params: (n, 1) each, kind after kind, in each law's order.
        control: tolerances, most steps and span.

    Returns:
        The end, and the outcome (tiles, 6) of every 64 samples, or 32 in float64: how it ended (0
        is well), time [s], accepted and rejected steps, evaluations, and the node that gave the
        most trouble.
    """
    keep = torch.is_grad_enabled() and (
        v0.requires_grad or any(value.requires_grad for value in params)
    )
    settings = [control.rtol, control.atol, float(control.most), control.span]
    if not eager.possible(v0):
        result = torch.ops.kirchhoff.solve(v0, list(params), plan.handle, settings, keep)
    elif keep:
        return eager.Solve.apply(plan.handle, settings, v0, *params)  # type: ignore[return-value]
    else:
        result = SOLVE[v0.device.type](v0, params, plan.handle, settings, False)
    return result[0], result[3]
