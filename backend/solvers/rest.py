"""Where vector fields rest: f(y) = 0 for every column of a batch, by damped Newton steps.

Columns on which Newton's method fails, or leads to a state that is left by the smallest push, are
followed from their start along dy/dt = f by implicit Euler steps that grow (pseudo-transient
continuation, Kelley and Keyes 1998): where these end the system itself would have ended.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from .base import DifferentiableField

MOST, FOLLOWED, PATIENCE = 40, 60, 12
"""Newton steps, steps of the continuation, and Newton steps after which fewer digits will do."""

SMALLEST = 2.0**-12
"""Least share of a Newton step that is tried."""

BENT, FIRST, GROWTH, SHRINKAGE = 0.3, 0.5, 2.0, 4.0
"""Of the continuation: how much of f a step may leave, its first length over the shortest time
constant, and by what it grows or shrinks; of those tried, the values with which most circuits with
random parameters came to rest within ``FOLLOWED`` steps."""

DIGITS = 1e-3
"""A state is well-conditioned where rounding, times the condition number, stays below this."""


@dataclass(frozen=True)
class Rest:
    """How far the columns of a batch (B,) came.

    Args:
        converged: whether f vanishes there, to rounding.
        stable: whether all eigenvalues of df/dy there have a negative real part.
        condition: condition number (1-norm) of df/dy with rows and columns of equal size.
        steps: linear systems that were solved for the slowest column.
    """

    converged: Tensor
    stable: Tensor
    condition: Tensor
    steps: int

    @property
    def conditioned(self) -> Tensor:
        """Whether at least three digits can be right (B,)."""
        # Comparisons are false for NaN, which is the condition of nothing.
        return self.condition * torch.finfo(self.condition.dtype).eps <= DIGITS

    @property
    def usable(self) -> Tensor:
        """Converged, stable and well-conditioned (B,)."""
        return self.converged & self.stable & self.conditioned


class Equations:
    """f of the free components, at columns of a batch.

    Args:
        field: the vector field; its columns must not depend on each other.
        t: time at which it is taken [s].
        free: components (n,) that come to rest; the others are held.
    """

    def __init__(self, field: DifferentiableField, t: float, free: Tensor) -> None:
        self.field, self.t, self.free = field, t, free

    def value(self, y: Tensor) -> Tensor:
        """f (n, B)."""
        return self.field(self.t, y)[self.free]

    def jacobian(self, y: Tensor) -> Tensor:
        """df/dy by the free components (B, n, n)."""
        return self.field.jacobian(self.t, y)[:, self.free][:, :, self.free]

    def moved(self, y: Tensor, by: Tensor) -> Tensor:
        """The columns with the free components moved by (n, B)."""
        return y.index_add(0, self.free, by)


@torch.no_grad()
def rest(equations: Equations, start: Tensor) -> tuple[Tensor, Rest]:
    """The states (N, B) in which every column rests, and what is to be said of them.

    Args:
        equations: of the free components; all others stay as they are.
        start: (N, B), float32 or float64.
    """
    refresh = getattr(equations.field, "refresh", None)
    if refresh is not None:
        refresh()
    y, ok, steps = _newton(equations, start, MOST)
    found = _looked_at(equations, y, ok, steps)
    left = (~(found.converged & found.stable)).nonzero().squeeze(-1)
    if not len(left):
        return y, found
    path, more = _follow(equations, start[:, left])
    other, ok, last = _newton(equations, path, MOST)
    other = torch.where(ok, other, path)
    again = _looked_at(equations, other, ok, found.steps + more + last)
    # An unstable rest is worth knowing where the way from the start leads to none.
    take = again.converged | ~found.converged[left]
    keep = left[take]
    y = y.index_copy(1, keep, other[:, take])

    def merged(name: str) -> Tensor:
        return getattr(found, name).index_copy(0, keep, getattr(again, name)[take])

    return y, Rest(merged("converged"), merged("stable"), merged("condition"), again.steps)


def _newton(equations: Equations, start: Tensor, most: int) -> tuple[Tensor, Tensor, int]:
    """Newton's method with steps cut until f falls: states (N, B), which converged, and steps."""
    y, ok = start.clone(), torch.zeros(start.shape[1], dtype=torch.bool, device=start.device)
    todo = torch.arange(start.shape[1], device=start.device)
    number = 0
    while len(todo) and number < most:
        number += 1
        part = y[:, todo]
        f = equations.value(part)
        move = solved(equations.jacobian(part), -f)
        small = _small(equations, part, move, number)
        part, factor = _cut(equations, part, move, f, small)
        y = y.index_copy(1, todo, part)
        done = small & (factor == 1.0)
        ok[todo[done]] = True
        todo = todo[~done & (factor > 0.0)]
    return y, ok, number


def _small(equations: Equations, y: Tensor, move: Tensor, number: int) -> Tensor:
    """Whether a step (n, B) is rounding beside the state; later, fewer digits must stand still."""
    eps = torch.finfo(y.dtype).eps
    share = eps**0.75 if number < PATIENCE else eps**0.5
    scale = y.abs().amax(0)
    return (move.abs() <= share * y[equations.free].abs() + eps * scale).all(0)


def _cut(
    equations: Equations, y: Tensor, move: Tensor, f: Tensor, small: Tensor
) -> tuple[Tensor, Tensor]:
    """Columns after a step, and the share of it that was taken; 0 where none helps."""
    before = _size(f)
    factor = torch.where(move.isfinite().all(0), 1.0, 0.0).to(y.dtype)
    move = move.nan_to_num(nan=0.0, posinf=0.0, neginf=0.0)
    while True:
        after = equations.moved(y, factor * move)
        size = _size(equations.value(after))
        # Where the step itself is rounding, so is what is left of f.
        fine = (size <= (1.0 - 1e-4 * factor) * before) | (small & size.isfinite())
        fine |= factor == 0.0
        if bool(fine.all()):
            return after, factor
        factor = torch.where(fine, factor, 0.5 * factor)
        factor = torch.where(factor < SMALLEST, torch.zeros_like(factor), factor)


def _follow(equations: Equations, start: Tensor) -> tuple[Tensor, int]:
    """Columns moved along dy/dt = f until steps are long beside all time constants.

    (1/h - df/dy) dy = f, taken where f bends little within the step.
    """
    y = start.clone()
    todo = torch.arange(start.shape[1], device=start.device)
    pace = equations.jacobian(y).abs().sum(2).amax(1)
    # Where nothing conducts yet, currents alone say how fast voltages move.
    drift = equations.value(y).abs().amax(0) / (1.0 + y.abs().amax(0))
    pace = torch.maximum(pace, drift).clamp_min(torch.finfo(y.dtype).tiny ** 0.5)
    h = FIRST / pace
    longest = h / torch.finfo(y.dtype).eps
    number = 0
    while len(todo) and number < FOLLOWED:
        number += 1
        part, step = y[:, todo], h[todo]
        f, matrix = equations.value(part), -equations.jacobian(part)
        matrix.diagonal(dim1=1, dim2=2).add_(1.0 / step.unsqueeze(-1))
        move = solved(matrix, f)
        after = equations.moved(part, move)
        left = _size(equations.value(after) - move / step)
        good = left <= BENT * _size(f)
        y = y.index_copy(1, todo, torch.where(good, after, part))
        h = h.index_copy(0, todo, torch.where(good, GROWTH * step, step / SHRINKAGE))
        resting = good & _small(equations, part, move, 1) & (step >= 1e3 / pace[todo])
        todo = todo[~resting & (h[todo] < longest[todo]) & (h[todo] > 0.0)]
    return y, number


def _size(f: Tensor) -> Tensor:
    """The 2-norm (B,); not finite where f is not."""
    return f.norm(dim=0)


def solved(matrix: Tensor, right: Tensor) -> Tensor:
    """matrix^-1 right (n, B) of every column, rows made of equal size; NaN where there is none."""
    size = _rows(matrix)
    # The _ex form neither raises nor waits for the device.
    answer, info = torch.linalg.solve_ex(matrix / size, right.T.unsqueeze(-1) / size)
    return torch.where((info == 0).unsqueeze(-1), answer.squeeze(-1), math.nan).T


def transposed(matrix: Tensor, right: Tensor) -> Tensor:
    """matrix^-T right (n, B), with the same rows made of equal size."""
    size = _rows(matrix)
    answer, info = torch.linalg.solve_ex((matrix / size).mT, right.T.unsqueeze(-1))
    return torch.where((info == 0).unsqueeze(-1), (answer / size).squeeze(-1), math.nan).T


def _rows(matrix: Tensor) -> Tensor:
    """The largest entry of every row (B, n, 1), 1 for empty ones."""
    size = matrix.abs().amax(2, keepdim=True)
    return torch.where(size > 0, size, torch.ones_like(size))


def _looked_at(equations: Equations, y: Tensor, ok: Tensor, steps: int) -> Rest:
    jacobian = equations.jacobian(y)
    return Rest(ok, stable(jacobian), condition(jacobian), steps)


def condition(jacobian: Tensor) -> Tensor:
    """Condition numbers (B,) in the 1-norm, after rows and columns were made of equal size."""
    rows = jacobian.abs().amax(2, keepdim=True)
    even = jacobian / torch.where(rows > 0, rows, torch.ones_like(rows))
    columns = even.abs().amax(1, keepdim=True)
    even = even / torch.where(columns > 0, columns, torch.ones_like(columns))
    if not bool(even.isfinite().all()):
        even = torch.where(even.isfinite().all(2).all(1)[:, None, None], even, 0.0)
    inverse, info = torch.linalg.inv_ex(even)
    found = even.abs().sum(1).amax(1) * inverse.abs().sum(1).amax(1)
    return torch.where((info == 0) & found.isfinite(), found, math.inf)


def stable(jacobian: Tensor) -> Tensor:
    """Whether all eigenvalues (B,) have a negative real part.

    Cheap sufficient tests first: -J is diagonally dominant after some scaling of its columns, or
    its symmetric part is positive definite.
    """
    sound = jacobian.isfinite().all(2).all(1)
    safe = torch.where(sound[:, None, None], jacobian, 0.0)
    found = dominant(-safe)
    for test in (_definite, _left_half):
        rest = (sound & ~found).nonzero().squeeze(-1)
        if len(rest):
            found = found.index_copy(0, rest, test(-safe[rest]))
    return found & sound


def dominant(matrix: Tensor, apart: Tensor | None = None) -> Tensor:
    """Whether matrices (B, n, n) are diagonally dominant after a scaling of their columns.

    That is so where |a_ii| on the diagonal and -|a_ij| beside it make an M-matrix: some u > 0 is
    mapped to a positive vector (Berman and Plemmons 1979, chapter 6).

    Args:
        matrix: its diagonal must be positive.
        apart: |a_ij| (B, n, n), whose diagonal does not count; by default of the matrix.
    """
    diagonal = matrix.diagonal(dim1=1, dim2=2)
    compared = -(matrix.abs() if apart is None else apart)
    compared = torch.where(_eye(matrix), matrix, compared)
    size = compared.abs().amax(2, keepdim=True)
    size = torch.where(size > 0, size, torch.ones_like(size))
    compared = compared / size
    ones = compared.new_ones(len(compared), compared.shape[1], 1)
    u, info = torch.linalg.solve_ex(compared, ones)
    # What is claimed is looked at with the u that was found, with room for rounding.
    holds = (compared @ u).squeeze(-1) > 0.5
    exact = u.abs().amax((1, 2)) * len(u[0]) * torch.finfo(u.dtype).eps < 0.1
    positive = (diagonal > 0).all(1) & (u.squeeze(-1) > 0).all(1)
    return (info == 0) & positive & holds.all(1) & exact


def _eye(matrix: Tensor) -> Tensor:
    return torch.eye(matrix.shape[1], dtype=torch.bool, device=matrix.device)


def _definite(matrix: Tensor) -> Tensor:
    """Whether the symmetric parts are positive definite (B,)."""
    even = 0.5 * (matrix + matrix.mT)
    rounding = even.abs().sum(2).amax(1) * len(even[0]) * torch.finfo(even.dtype).eps
    shifted = even - rounding[:, None, None] * _eye(matrix)
    return torch.linalg.cholesky_ex(shifted).info == 0


def _left_half(matrix: Tensor) -> Tensor:
    """Whether no eigenvalue lies on or left of the imaginary axis (B,)."""
    poles = torch.linalg.eigvals(matrix)
    size = poles.abs().amax(1, keepdim=True)
    return (poles.real > 1e3 * torch.finfo(matrix.dtype).eps * size).all(1)


Root = Callable[[Tensor], tuple[Tensor, Rest]]
"""From a start (N, B) to a rest."""


def others(find: Root, y: Tensor, free: Tensor, tries: int, seed: int) -> Tensor:
    """How many further stable states (B,) are found from random starts.

    Args:
        find: the search.
        y: the states that are known (N, B).
        free: components (n,) that come to rest.
        tries: starts for each column, uniform within twice its largest component or one unit.
        seed: of the random starts.
    """
    generator = torch.Generator().manual_seed(seed)
    known = [[column] for column in y[free].T]
    reach = 2.0 * y.abs().amax(0).clamp_min(0.5)
    for _ in range(tries):
        drawn = torch.rand(len(free), y.shape[1], generator=generator, dtype=torch.float64)
        start = y.index_copy(0, free, reach * (2.0 * drawn - 1.0).to(y))
        found, report = find(start)
        for k in report.usable.nonzero().squeeze(-1).tolist():
            column = found[free, k]
            if all(_apart(column, other, float(reach[k])) for other in known[k]):
                known[k].append(column)
    return torch.tensor([len(states) - 1 for states in known], device=y.device)


def _apart(one: Tensor, other: Tensor, size: float) -> bool:
    return bool((one - other).abs().max() > 1e-4 * size) if len(one) else False
