"""The way from vector fields to compiled kernels, and when it is open.

A field may offer ``plan()`` (``kernels.plan.Plan`` or ``None``) beside its slope: then a whole
trajectory and its exact discrete adjoint run in one compiled call: for float32 and float64 states
on the processor (numba), for float32 states on a CUDA device (Triton). Everything else takes the
plain steps.
"""

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from ..engine.circuit.plan import Plan
from ..engine.tableaus import DORMAND_PRINCE, EULER
from ..errors import SolveError
from .base import Solver, Status

_choice = "compiled"
NUMBERS = {"cpu": (torch.float32, torch.float64), "cuda": (torch.float32,)}
"""The types of numbers that kernels know, by the type of device."""


@contextlib.contextmanager
def use(kernels: str) -> Iterator[None]:
    """Choose ``compiled`` kernels (where possible) or the plain ``reference`` for a while."""
    global _choice
    if kernels not in ("compiled", "reference"):
        raise ValueError(f"kernels are 'compiled' or 'reference', not {kernels!r}")
    before, _choice = _choice, kernels
    try:
        yield
    finally:
        _choice = before


def plans_of(fields: Sequence[Any], v0: Tensor) -> list[Plan] | None:
    """The plans of all fields, when kernels can march this state through them."""
    if _choice != "compiled" or v0.dtype not in NUMBERS.get(v0.device.type, ()):
        return None
    if v0.device.type == "cuda":
        from ..engine.circuit.cuda import passes  # looks for Triton

        if not passes.available():
            return None
    plans = []
    for field in fields:
        plan = getattr(field, "plan", lambda: None)()
        if plan is None or not known_on(v0.device.type, plan):
            return None
        if any(p.dtype != v0.dtype for p in field.parameter_tensors()):
            return None
        plans.append(plan)
    return plans


def known_on(device: str, plan: Plan) -> bool:
    """Whether the kernels of a type of device know a plan; those of CUDA know no one-sided law."""
    return device != "cuda" or not plan.one_sided


def march_fields(
    fields: Sequence[Any], v0: Tensor, spans: Sequence[float], solver: Solver
) -> Tensor | None:
    """The state after all fields in turn, or ``None`` when kernels cannot do it.

    Args:
        fields: one slice each.
        v0: start (N, B) [V].
        spans: durations [s].
        solver: a fixed-step Runge-Kutta method, or Dormand-Prince.

    Raises:
        SolveError: an adaptive solve stopped before its end.
    """
    plans = plans_of(fields, v0)
    if plans is None:
        return None
    method = solver.tableau if solver.fixed_steps else None
    if method is None and not (solver.tableau is DORMAND_PRINCE and v0.device.type == "cpu"):
        return None
    from ..engine.circuit import op  # numba takes a while to import

    _announce(v0.dtype)
    if method is not None:
        steps = int(solver.steps)  # type: ignore[attr-defined]
        segments = [op.Segment(k, steps, span) for k, span in enumerate(spans)]
        params = [value for field in fields for value in field.parameter_tensors()]
        last = [len(segments) - 1]
        return op.march(v0, plans, params, method, segments, outputs=last)[0][0]
    for field, plan, span in zip(fields, plans, spans, strict=True):
        v0 = _solve(op, v0, plan, field, float(span), solver)
    return v0


@functools.cache
def _announce(dtype: torch.dtype) -> None:
    from ..engine.circuit import numba_cpu
    from ..engine.circuit.caching import announce
    from ..engine.circuit.tiles import number_of

    announce(numba_cpu.march, numba_cpu.pull, number=number_of(dtype).name)


def warm_up() -> None:
    """Compile what training needs, so that nobody waits for it later; once per machine.

    Flows and adaptive steps are compiled when they are first used.
    """
    from ..devices import DEVICES
    from ..engine.circuit import op
    from ..engine.circuit.plan import Part

    _announce(torch.float32)
    source, target = torch.tensor([0, 1]), torch.tensor([1, 2])
    law = DEVICES["relu"]
    plan = Plan(source, target, (Part(law, 0, 2),), 2, torch.ones(2, dtype=torch.float64))  # type: ignore[arg-type]
    params = [torch.zeros(2, 1, requires_grad=True) for _ in law.params]
    ends, _ = op.march(torch.zeros(2, 1), [plan], params, EULER, [op.Segment(0, 1, 1.0)])
    ends.sum().backward()


def _solve(op: Any, v0: Tensor, plan: Plan, field: Any, span: float, solver: Any) -> Tensor:
    control = op.Control(solver.rtol, solver.atol, solver.max_steps, span)
    end, outcome = op.solve(v0, plan, list(field.parameter_tensors()), control)
    failed = (outcome[:, 0] != 0).nonzero()
    if len(failed):
        how, time, *_, node = outcome[int(failed[0])].tolist()
        raise SolveError(*_trouble(int(how), time, int(node), solver.max_steps))
    return end


def _trouble(how: int, time: float, node: int, most: int) -> tuple[str, Status]:
    if how == 3:
        message = (
            f"Stopped at t = {time:.6g} s after {most} tried steps: component {node} sets the "
            "pace; the circuit may be stiff, try an implicit solver."
        )
    else:
        message = (
            f"The step size fell to nothing at t = {time:.6g} s: component {node} changes too "
            "abruptly for the tolerance, or stops being finite."
        )
    return message, Status(False, message, node, time)
