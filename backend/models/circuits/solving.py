"""Whether the voltages of a trained circuit are those of its steps or those of the circuit."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from ...circuit.budget import FINER
from ...circuit.compile import CompiledCircuit, SliceField
from ...circuit.held_field import HeldField
from ...errors import SolveError
from ...solvers import Solver
from ..base import Walk

TOLERANCE = 1e-3
"""A solve is accurate when no voltage is off by more than this share of the largest one."""

SAMPLES = 64
"""Examples that are solved twice: a whole tile of the kernels."""

TIGHTER = 100.0
FINEST = 1e-6
"""Tightest relative tolerance that single precision bears."""

PROBED = 4
TURNS = 30
STABLE = {4: 2.78, 2: 2.0, 1: 2.0}
"""Largest |h lambda| on the negative axis for which errors do not grow, by a method's order."""

Path = Sequence[tuple[float, Tensor]]
"""Times [s] and voltages (N, B) [V] after the steps of a solve."""


@dataclass(frozen=True)
class SolveReport:
    """How far the voltages of a training's steps are from those of finer ones.

    Args:
        error: largest difference as a share of the largest voltage; ``None`` where not finite.
        status: ``ok`` or ``inaccurate``.
        node: where the difference is largest.
        message: what is wrong and what helps; empty for ``ok``.
    """

    error: float | None
    status: str
    node: str = ""
    message: str = ""

    def row(self) -> dict[str, Any]:
        """The fields of a report."""
        fields = {"solve_error": self.error, "solve_status": self.status}
        if self.status != "ok":
            fields |= {"solve_node": self.node, "solve_message": self.message}
        return fields


@dataclass(frozen=True)
class _Worst:
    """The largest difference of two paths [V] and where it is; the largest voltage [V]."""

    difference: float = 0.0
    row: int = 0
    time: float = 0.0
    largest: float = 0.0


class Solved(Protocol):
    """What is asked of a model that is a circuit."""

    solver: Solver
    tasks: ClassVar[tuple[str, ...]]

    @property
    def compiled(self) -> CompiledCircuit:
        """The circuit as arrays."""
        ...

    def path(self, x: Tensor, factor: int = 1) -> Iterator[tuple[float, Tensor]]:
        """Voltages after every step."""
        ...


@torch.no_grad()
def check_solve(model: Solved, x: Tensor, walk: Walk | None = None) -> SolveReport | None:
    """Solve some examples with finer steps, or a tighter tolerance, and compare all voltages.

    Args:
        model: in its present state; its solver is put back.
        x: examples (n, features) [V], of which the first are taken.
        walk: another way through the circuit than ``model.path``.

    Returns:
        ``None`` where nothing finer is known.
    """
    usual, few = model.solver, x[:SAMPLES]
    if not len(few):
        return None
    path = walk or model.path
    steps = getattr(usual, "steps", None)
    sharper = usual if steps else _tighter(usual)
    if sharper is None:
        return None
    try:
        coarse = list(path(few, 1))
        model.solver = sharper
        fine = path(few, FINER if steps else 1)
        worst = _compared(coarse, fine, float(few.abs().max()))
    except SolveError:
        return None
    finally:
        model.solver = usual
    return None if worst is None else _report(model, coarse, worst, steps)


def _tighter(solver: Solver) -> Solver | None:
    rtol, atol = getattr(solver, "rtol", None), getattr(solver, "atol", None)
    if rtol is None or atol is None or rtol <= FINEST:
        return None
    changed: Any = solver
    return replace(changed, rtol=max(FINEST, rtol / TIGHTER), atol=atol / TIGHTER)


def _compared(coarse: Path, fine: Iterable[tuple[float, Tensor]], largest: float) -> _Worst | None:
    """Largest difference over all common times; infinite where a voltage is not finite.

    Args:
        coarse: the path in question.
        fine: a better one.
        largest: voltage at the start [V].
    """
    worst, met, before = _Worst(), False, None
    for (time, one), (_, other) in zip(coarse, fine, strict=True):
        met = True
        apart = (one - other).abs().amax(1).double()
        apart = torch.where(apart.isfinite(), apart, math.inf)
        row = int(apart.argmax())
        size = one.abs().amax(1).double().nan_to_num(posinf=0.0)
        if not math.isfinite(float(apart[row])):
            # A voltage that leaves the finite range drags its neighbours along within a step.
            sizes = size if before is None else torch.maximum(size, before)
            row = int((sizes * apart.isinf()).argmax())
        before = size
        if float(apart[row]) > worst.difference:
            worst = _Worst(float(apart[row]), row, time)
        top = float(other.abs().max())
        largest = max(largest, top if math.isfinite(top) else 0.0)
    return replace(worst, largest=largest) if met else None


def _report(model: Solved, path: Path, worst: _Worst, steps: int | None) -> SolveReport:
    share = worst.difference / worst.largest if worst.largest > 0 else worst.difference
    if share <= TOLERANCE:
        return SolveReport(share, "ok")
    node = model.compiled.circuit.node_ids[worst.row]
    place = f"(node '{node}' at t = {worst.time:.3g} s)"
    what = f"{steps} steps a slice" if steps else "this tolerance"
    if not math.isfinite(share):
        text = f"Solved with {what} or with finer ones, voltages leave the finite range {place}"
        return SolveReport(
            None, "inaccurate", node, f"{text}: {_remedy(model, path, None, steps)}."
        )
    off = f"{100 * share:.2g} %" if share < 1 else f"{share:.3g} times"
    text = f"Solved with {what} the voltages are off by {off} of the largest {place}"
    return SolveReport(share, "inaccurate", node, f"{text}: {_remedy(model, path, share, steps)}.")


def _remedy(model: Solved, path: Path, share: float | None, steps: int | None) -> str:
    """How many steps would do, by the order of the method and by its stability."""
    if steps is None:
        return "choose a smaller rtol"
    needed, hint = FINER * steps, ""
    if share is not None and share < 1:
        # The error of n steps falls as n to the power of the order.
        needed = math.ceil(steps * (share / TOLERANCE) ** (1 / model.solver.order))
    stable = math.ceil(_fastest(model, path, steps) / STABLE.get(model.solver.order, STABLE[1]))
    if stable > steps:
        hint = f"they are {stable / steps:.2g} times too long to be stable; "
        needed = max(needed, stable)
    # A flow's determinant needs steps of equal length.
    other = ", or solver=dopri5" if "classify" in model.tasks else ""
    return f"{hint}take about {needed} steps or more{other}"


def _fastest(model: Solved, path: Path, steps: int) -> float:
    """Largest |lambda| times the duration of a slice, after its first and its last step."""
    found = 0.0
    for place, field in enumerate(_slices(model, path)):
        for index in {place * steps, (place + 1) * steps - 1}:
            v = path[index][1][:, :PROBED].contiguous()
            if bool(v.isfinite().all()):
                found = max(found, _rate(field, v) * field.duration)
    return found


def _slices(model: Solved, path: Path) -> "list[SliceField | HeldField]":
    """The slices, cut where a source bends, in the order in which a path passes them."""
    fields = model.compiled.stretches()
    backward = len(path) > 1 and path[0][0] > path[-1][0]
    return fields[::-1] if backward else fields


def _rate(field: "SliceField | HeldField", v: Tensor) -> float:
    """|lambda| [1/s] of the fastest way in which voltages (N, B) [V] move, by power iteration."""
    # Not all equal: where every charge stays in the circuit, equal ones are pulled to zero.
    w = torch.cos(1.7 * torch.arange(len(v), dtype=v.dtype, device=v.device)).unsqueeze(-1)
    w, rate = w.expand_as(v), 0.0
    for _ in range(TURNS):
        w = field.vjp(0.0, v, w / w.norm(dim=0).clamp_min(1e-30))[0]
        rate = float(w.norm(dim=0).max())
        if not math.isfinite(rate):
            return 0.0
    return rate
