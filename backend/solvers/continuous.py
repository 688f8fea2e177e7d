"""The adjoint equation solved backwards along the forward path."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from .adjoint import OK, Adjoint
from .base import DifferentiableField, Solver, Status, Tape
from .dense import Step
from .path import Path


@torch.no_grad()
def continuous_adjoint(
    solver: Solver,
    field: DifferentiableField,
    tape: Tape,
    final_cotangent: Tensor,
    record: bool = True,
) -> Adjoint:
    """Solves ``dlambda/dt = -J^T lambda`` back along the forward path with the same solver.

    The parameter integrals ``int (df/dp)^T lambda dt`` are taken by three-point Gauss quadrature
    on the steps of the way back, cut at the tape's points; they play no part in its step control.

    Args and result are those of ``discrete_adjoint``; any solver will do. Where the way back
    fails, ``status`` says so and what was not reached is not a number.
    """
    count = len(tape.times) - 1
    shapes = [p.detach() for p in field.parameter_tensors()]
    if count == 0:
        return _nothing(tape, final_cotangent, shapes)
    path = Path(solver, field, tape)
    integral = _Quadrature(field, path, final_cotangent, shapes)
    backwards = _AdjointField(field, path)
    span = path.times[-1] - path.times[0]
    march = solver.march(backwards, final_cotangent, 0.0, span, on_step=integral)
    if not march.status.ok:
        reached = path.times[-1] - (march.status.time or 0.0)
        status = Status(
            False,
            f"The adjoint, running backwards, failed at t = {reached:.6g} s.",
            march.status.node,
            reached,
        )
        integral.spoil()
    else:
        status = OK
    increments = tuple(torch.stack(rows) for rows in zip(*integral.increments, strict=True))
    gradients = tuple(rows.sum(dim=0) for rows in increments)
    states = integral.states
    if not record:
        states, increments = states[:1].clone(), ()
    return Adjoint(tape.times, states, gradients, increments, status)


def _nothing(tape: Tape, cotangent: Tensor, parameters: Sequence[Tensor]) -> Adjoint:
    """The adjoint of a solve without steps."""
    return Adjoint(
        tape.times,
        cotangent[None],
        tuple(torch.zeros_like(p) for p in parameters),
        tuple(p.new_zeros((0, *p.shape)) for p in parameters),
    )


class _AdjointField:
    """``dlambda/dtau = J(y(t))^T lambda`` with ``tau = t1 - t``."""

    def __init__(self, field: DifferentiableField, path: Path) -> None:
        self._field, self._path = field, path
        self._end = path.times[-1]

    def __call__(self, tau: Any, cotangent: Tensor) -> Tensor:
        t = self._end - float(tau)
        return self._field.vjp(t, self._path.at(t), cotangent)[0]

    def jacobian(self, tau: Any, cotangent: Tensor) -> Tensor:
        t = self._end - float(tau)
        return self._field.jacobian(t, self._path.at(t)).transpose(1, 2)


# Three-point Gauss-Legendre on [0, 1]: exact for polynomials of degree 5.
_GAUSS = ((0.5 - math.sqrt(0.15), 5 / 18), (0.5, 4 / 9), (0.5 + math.sqrt(0.15), 5 / 18))


class _Quadrature:
    """Integrates ``(df/dp)^T lambda`` over the accepted steps of the way back."""

    def __init__(
        self,
        field: DifferentiableField,
        path: Path,
        final_cotangent: Tensor,
        parameters: Sequence[Tensor],
    ) -> None:
        self._field, self._path = field, path
        self._end = path.times[-1]
        self._next = len(path.times) - 2  # the tape point reached next
        count = len(path.times)
        self.states = final_cotangent.new_empty((count, *final_cotangent.shape))
        self.states[-1] = final_cotangent
        self.increments = [[torch.zeros_like(p) for p in parameters] for _ in range(count - 1)]

    def __call__(self, step: Step) -> None:
        """Takes the pieces of one step between the tape's points."""
        length = step.end - step.start
        start = step.start
        while self._next >= 0:
            tau = self._end - self._path.times[self._next]
            # Tape points and steps often coincide but for rounding.
            if tau > step.end + 1e-12 * length:
                break
            self._piece(step, start, min(tau, step.end), self._next)
            at_end = tau >= step.end - 1e-12 * length
            inside = (tau - step.start) / length
            self.states[self._next] = step.after if at_end else step.interpolate(inside)
            start = min(tau, step.end)
            self._next -= 1
        if self._next >= 0 and step.end > start:
            self._piece(step, start, step.end, self._next)

    def _piece(self, step: Step, start: float, end: float, n: int) -> None:
        """Adds the integral from ``start`` to ``end``, both inside step ``n`` of the tape."""
        length = step.end - step.start
        if end - start <= 1e-12 * length:
            return
        for node, weight in _GAUSS:
            tau = start + node * (end - start)
            t = self._end - tau
            cotangent = step.interpolate((tau - step.start) / length)
            parts = self._field.vjp(t, self._path.at(t, n), cotangent)[1]
            for total, part in zip(self.increments[n], parts, strict=True):
                total.add_(part, alpha=weight * (end - start))

    def spoil(self) -> None:
        """Marks what a failed way back did not reach."""
        self.states[: self._next + 1] = math.nan
        for parts in self.increments[: self._next + 1]:
            for part in parts:
                part.fill_(math.nan)
