"""The exact transpose of explicit Runge-Kutta steps, by hand and by torch's autograd."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from ..engine.tableaus import ButcherTableau
from ..errors import SolveError
from .adjoint import Adjoint
from .base import DifferentiableField, Solver, Tape
from .runge_kutta import combine, stage_slopes


@torch.no_grad()
def discrete_adjoint(
    solver: Solver,
    field: DifferentiableField,
    tape: Tape,
    final_cotangent: Tensor,
    record: bool = True,
) -> Adjoint:
    """Pulls ``dL/dy(t1)`` back through the steps of an explicit Runge-Kutta method.

    Args:
        solver: the method that made the tape.
        field: the right-hand side; its ``vjp`` does the work.
        tape: the accepted steps, constants of the gradient.
        final_cotangent: ``dL/dy(t1)``, ``(N, B)``.
        record: keep lambda and the increments of every step.

    Raises:
        SolveError: the solver is not an explicit Runge-Kutta method.
    """
    tableau = _explicit_tableau(solver)

    def pull(t: float, h: float, y: Tensor, cotangent: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        return _pull_step(tableau, field, t, h, y, cotangent)

    return _walk_back(field, tape, final_cotangent, pull, record)


def backprop_adjoint(
    solver: Solver,
    field: DifferentiableField,
    tape: Tape,
    final_cotangent: Tensor,
    record: bool = True,
) -> Adjoint:
    """As ``discrete_adjoint``, with torch's autograd in the place of ``field.vjp``.

    Raises:
        SolveError: the solver is not an explicit Runge-Kutta method.
    """
    tableau = _explicit_tableau(solver)
    parameters = field.parameter_tensors()

    @torch.enable_grad()
    def pull(t: float, h: float, y: Tensor, cotangent: Tensor) -> tuple[Tensor, Sequence[Tensor]]:
        start = y.detach().requires_grad_()
        end = combine(start, h, tableau.weights, stage_slopes(tableau, field, t, h, start))
        wanted = [start, *(p for p in parameters if p.requires_grad)]
        before, *found = torch.autograd.grad(
            end, wanted, cotangent, allow_unused=True, materialize_grads=True
        )
        given = iter(found)
        return before, [next(given) if p.requires_grad else torch.zeros_like(p) for p in parameters]

    with torch.no_grad():
        return _walk_back(field, tape, final_cotangent, pull, record)


def _explicit_tableau(solver: Solver) -> ButcherTableau:
    if solver.tableau is None:
        raise SolveError(
            f"{solver.title} has no discrete adjoint: choose {' or '.join(solver.gradients)}."
        )
    return solver.tableau


def _pull_step(
    tableau: ButcherTableau,
    field: DifferentiableField,
    t: float,
    h: float,
    y: Tensor,
    cotangent: Tensor,
) -> tuple[Tensor, list[Tensor]]:
    """The transpose of one step: ``lambda_n`` and the step's part of every ``dL/dp``.

    With the stages ``Y_i`` made again, from the last stage to the first:
    ``kappa_i = h (b_i lambda + sum_j a_ji w_j)``, ``w_i = J_i^T kappa_i``,
    ``dL/dp += (df_i/dp)^T kappa_i``; then ``lambda_n = lambda + sum_i w_i``.
    """
    count = tableau.stages
    stages, slopes = [y], []
    for i in range(1, count):
        slopes.append(field(t + tableau.c[i - 1] * h, stages[-1]))
        stages.append(combine(y, h, tableau.rows[i], slopes))
    pulled: list[Tensor] = [cotangent] * count
    before, totals = cotangent, []
    for i in reversed(range(count)):
        users = tuple((j, a) for j, a in tableau.columns[i] if j < count)
        kappa = combine(cotangent * (h * tableau.b[i]), h, users, pulled)
        pulled[i], parts = field.vjp(t + tableau.c[i] * h, stages[i], kappa)
        before = before + pulled[i]
        totals = [a + b for a, b in zip(totals, parts, strict=True)] if totals else list(parts)
    return before, totals


Pull = Callable[[float, float, Tensor, Tensor], tuple[Tensor, Sequence[Tensor]]]


def _walk_back(
    field: DifferentiableField, tape: Tape, final_cotangent: Tensor, pull: Pull, record: bool
) -> Adjoint:
    """Applies ``pull`` to the steps of a tape from the last to the first."""
    times = tape.times.tolist()
    count = len(times) - 1
    cotangent = final_cotangent
    parameters = [p.detach() for p in field.parameter_tensors()]
    totals = [torch.zeros_like(p) for p in parameters]
    states = tape.states.new_empty((count + 1, *cotangent.shape)) if record else None
    increments = [p.new_zeros((count, *p.shape)) for p in parameters] if record else []
    if states is not None:
        states[count] = cotangent
    for n in reversed(range(count)):
        h = times[n + 1] - times[n]
        cotangent, parts = pull(times[n], h, tape.states[n], cotangent)
        for total, part in zip(totals, parts, strict=True):
            total.add_(part)
        if states is not None:
            states[n] = cotangent
            for rows, part in zip(increments, parts, strict=True):
                rows[n] = part
    path = cotangent[None] if states is None else states
    return Adjoint(tape.times, path, tuple(totals), tuple(increments))
