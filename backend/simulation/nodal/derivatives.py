"""How the equations of index 1 depend on parameters, as lists for the kernels."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from ...circuit.nodal import reduced
from ...circuit.nodal.assembly import CONSTANT, Entry
from .problem import NodalProblem

List = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Parameter, row, column and factor of every dependence."""

NUDGE = 1e-3


@dataclass
class Dependence:
    """What depends on which parameter.

    Args:
        matrix: the linear part by w.
        stored: E.
        args: arguments of atoms: parameter, atom, argument, factor.
        moved: parameters on which solved constraints depend (P,) of bool; their gradients are not
            known.
    """

    matrix: List
    stored: List
    args: List
    moved: np.ndarray


def _list(rows: Iterable[tuple[int, int, int, float]]) -> List:
    found = list(rows)
    if not found:
        none = np.zeros(0, np.int64)
        return none, none, none, np.zeros(0)
    param, row, column, factor = zip(*found, strict=True)
    return (
        np.array(param, np.int64), np.array(row, np.int64), np.array(column, np.int64),
        np.array(factor, float),
    )  # fmt: skip


def _outer(
    param: int, left: np.ndarray, right: np.ndarray, factor: float, shift: int = 0
) -> Iterable[tuple[int, int, int, float]]:
    for row in np.flatnonzero(left):
        for column in np.flatnonzero(right):
            yield param, int(row), shift + int(column), factor * left[row] * right[column]


def dependence(problem: NodalProblem) -> Dependence:
    """Everything that depends on a parameter."""
    equations, r = problem.equations, problem.reduced
    size, n, count = problem.size, len(r.kept), len(equations.sources)
    matrix: list[tuple[int, int, int, float]] = []
    stored: list[tuple[int, int, int, float]] = []

    def enter(entry: Entry, order: int) -> None:
        """An entry of K (order 0) or M (order 1)."""
        if entry.param == CONSTANT or entry.row >= size:
            return
        left, column = r.combined[:, entry.row], entry.column
        if column >= size:
            one = np.zeros(count)
            one[column - size] = 1.0
            matrix.extend(_outer(entry.param, left, one, entry.factor, n + order * count))
            return
        (stored if order else matrix).extend(
            _outer(entry.param, left, r.expanded[column], entry.factor)
        )
        for k in range(2):
            shift = n + (order + k) * count
            matrix.extend(_outer(entry.param, left, r.shifts[k, column], entry.factor, shift))

    for entry in equations.linear:
        enter(entry, 0)
    for entry in equations.stored:
        enter(entry, 1)
    args = [
        (param, number, k, factor)
        for number, atom in enumerate(equations.atoms)
        for k, (_, parts) in enumerate(atom.terms)
        for factor, param in parts
    ]
    return Dependence(_list(matrix), _list(stored), _list(args), _moved(problem))


def _moved(problem: NodalProblem) -> np.ndarray:
    """Parameters on which the solved constraints depend.

    How the remaining equations are combined matters nothing: each of the combined ones holds.
    """
    equations, r = problem.equations, problem.reduced
    out = np.zeros(len(equations.params), bool)
    entries = (*equations.linear, *equations.stored)
    used = {e.param for e in entries if e.row in r.constrained} - {CONSTANT}
    kept = list(equations.params)
    for param in used:
        equations.params[param] = kept[param] * (1 + NUDGE) + (0.0 if kept[param] else NUDGE)
        other = reduced(equations)
        same = len(other.kept) == len(r.kept) and (other.kept == r.kept).all()
        out[param] = not same or any(
            not np.allclose(getattr(other, name), getattr(r, name), rtol=1e-12, atol=0)
            for name in ("expanded", "shifts")
        )
        equations.params[param] = kept[param]
    return out
