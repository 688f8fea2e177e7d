"""Index 1 out of the equations of a circuit, by structure and exact arithmetic.

A voltage source beside a capacitor, an amplifier that drives one, an inductor in series with a
current source: such circuits hold constraints between components of x that have derivatives, and
no method for index 1 solves them. These constraints are linear here. Each is solved for one
component, which is replaced by the others everywhere, until none is left:

    x = T z + D s + D' ds/dt,    E dz/dt + F z + G_0 s + G_1 ds/dt + G_2 d2s/dt2 + H i(x) = 0.

Numbers are fractions of whole numbers, so that a sum of currents is 0 where it is 0 (dummy
derivatives of Mattsson and Soederlind 1993, for constant coefficients).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random

import numpy as np

from ...errors import CircuitError, clipped
from .assembly import CONSTANT, HIDDEN, Equations

Sparse = dict[int, Fraction]
MOST = 600
"""Unknowns; the equations are dense matrices."""


@dataclass
class Reduced:
    """The equations of index 1 as arrays.

    Args:
        equations: those of the circuit.
        stored: E (n, n).
        linear: F (n, n).
        sources: G_0, G_1 and G_2 (3, n, S).
        entering: H (n, A).
        combined: which combinations of the equations of ``equations`` these are (n, N).
        expanded: T (N, n).
        shifts: D and D' (2, N, S).
        kept: the column of every component of z (n,).
        algebraic: rows without a derivative (n,) of bool.
        directions: of z along which no equation has a derivative (n, n_0).
        constrained: equations of ``equations`` that entered a solved constraint.
        open: components of z that the equations leave open at once, whatever the slopes of the
            atoms are: then these are not of index 1.
    """

    equations: Equations
    stored: np.ndarray
    linear: np.ndarray
    sources: np.ndarray
    entering: np.ndarray
    combined: np.ndarray
    expanded: np.ndarray
    shifts: np.ndarray
    kept: np.ndarray
    algebraic: np.ndarray
    directions: np.ndarray
    constrained: frozenset[int] = frozenset()
    open: tuple[int, ...] = ()


@dataclass
class _Row:
    """One equation: entries by column of z, by source and derivative, and by atom."""

    stored: Sparse = field(default_factory=dict)
    linear: Sparse = field(default_factory=dict)
    given: dict[tuple[int, int], Fraction] = field(default_factory=dict)
    atoms: Sparse = field(default_factory=dict)
    origin: Sparse = field(default_factory=dict)

    def add(self, other: "_Row", factor: Fraction) -> None:
        """self += factor other."""
        for name in ("stored", "linear", "given", "atoms", "origin"):
            add_to(getattr(self, name), getattr(other, name), factor)


def add_to(total: dict, other: Mapping, factor: Fraction) -> None:
    """total += factor other, without zeros."""
    for key, value in other.items():
        mixed = total.get(key, 0) + factor * value
        if mixed:
            total[key] = mixed
        else:
            total.pop(key, None)


def null_combinations(rows: Iterable[Mapping]) -> list[Sparse]:
    """All independent combinations of rows that vanish, by number of the row."""
    pivots: dict[object, tuple[dict, Sparse]] = {}
    found: list[Sparse] = []
    for number, row in enumerate(rows):
        rest, made = dict(row), {number: Fraction(1)}
        while rest:
            known = next((key for key in rest if key in pivots), None)
            if known is None:
                # The column that fewest rows share would be best; the last one is usually a row's
                # own.
                key = next(reversed(rest))
                pivots[key] = rest, made
                break
            other, combination = pivots[known]
            factor = -rest[known] / other[known]
            add_to(rest, other, factor)
            add_to(made, combination, factor)
        if not rest:
            found.append(made)
    return found


def reduced(equations: Equations) -> Reduced:
    """The equations with every hidden constraint solved.

    Raises:
        CircuitError: they contradict each other or leave something open: names the parts.
    """
    if equations.size > MOST:
        raise CircuitError(
            f"the circuit has {equations.size:,} unknowns and at most {MOST} are solved in the "
            f"general class, to which it belongs for {equations.circuit.general[0]}"
        )
    work = _Reduction(equations)
    while work.step():
        pass
    return work.result()


class _Reduction:
    """The work of ``reduced``."""

    def __init__(self, equations: Equations) -> None:
        self.equations = equations
        self.rows = [_Row(origin={row: Fraction(1)}) for row in range(equations.size)]
        self.columns = list(range(equations.size))
        self.solved: dict[int, _Row] = {}
        self.constrained: set[int] = set()
        size = equations.size
        for entries, name, order in (
            (equations.linear, "linear", 0), (equations.stored, "stored", 1),
        ):  # fmt: skip
            for row, column, factor, param in entries:
                if not 0 <= row < size:
                    continue
                scale = 1.0 if param == CONSTANT else equations.params[param]
                value = Fraction(factor) * Fraction(scale)
                to = getattr(self.rows[row], name) if column < size else self.rows[row].given
                add_to(
                    to, {column if column < size else (column - size, order): value}, Fraction(1)
                )
        for number, atom in enumerate(equations.atoms):
            for row, sign in ((atom.row, 1), (atom.into, -1)):
                if row != HIDDEN and row < size:
                    add_to(self.rows[row].atoms, {number: Fraction(sign)}, Fraction(1))

    def step(self) -> bool:
        """Solve the constraints between components with derivatives; whether there were any."""
        algebraic = self._separate()
        directions = self._directions()
        views = []
        for number in algebraic:
            row = self.rows[number]
            seen: dict[object, Fraction] = {("atom", key): v for key, v in row.atoms.items()}
            for place, direction in enumerate(directions):
                value = sum(
                    (row.linear[c] * v for c, v in direction.items() if c in row.linear),
                    Fraction(0),
                )
                if value:
                    seen["direction", place] = value
            views.append(seen)
        combinations = null_combinations(views)
        dropped = []
        for combination in combinations:
            constraint = _Row()
            for place, factor in combination.items():
                constraint.add(self.rows[algebraic[place]], factor)
            # Earlier constraints of this round may have taken components out already.
            for column, value in [*constraint.linear.items()]:
                if column in self.solved:
                    del constraint.linear[column]
                    self._put_in(constraint.linear, constraint.given, column, value, 0)
            if not constraint.linear:
                self._refuse(constraint)
            self._solve(constraint)
            self.constrained |= set(constraint.origin)
            dropped.append(algebraic[max(combination)])
        self.rows = [row for number, row in enumerate(self.rows) if number not in set(dropped)]
        return bool(combinations)

    def _separate(self) -> list[int]:
        """Put combinations without derivatives in the place of rows; their numbers."""
        for combination in null_combinations([row.stored for row in self.rows]):
            last = max(combination)
            row = _Row()
            for place, factor in combination.items():
                row.add(self.rows[place], factor / combination[last])
            self.rows[last] = row
        return [number for number, row in enumerate(self.rows) if not row.stored]

    def _directions(self) -> list[Sparse]:
        """Directions of z of which no equation has a derivative, by column."""
        turned: dict[int, Sparse] = {column: {} for column in self.columns}
        for number, row in enumerate(self.rows):
            for column, value in row.stored.items():
                turned[column][number] = value
        order = list(turned)
        return [
            {order[place]: factor for place, factor in combination.items()}
            for combination in null_combinations(turned.values())
        ]

    def _open(self) -> tuple[int, ...]:
        """Columns along which neither what is held nor what follows at once changes."""
        rng = Random(0)
        slopes = [
            {control: Fraction(rng.randint(1, 10**6), 10**6) for control in atom.controls}
            for atom in self.equations.atoms
        ]
        turned: dict[int, Sparse] = {column: {} for column in self.columns}
        for number, row in enumerate(self.rows):
            entries = dict(row.stored or row.linear)
            for atom, factor in () if row.stored else row.atoms.items():
                for control, slope in slopes[atom].items():
                    known = self.solved.get(control)
                    along = known.linear if known else {control: Fraction(1)}
                    add_to(entries, along, factor * slope)
            for column, value in entries.items():
                if column in turned:  # neither ground nor a source
                    turned[column][number] = value
        order = list(turned)
        return tuple(
            sorted({order[k] for each in null_combinations(turned.values()) for k in each})
        )

    def _solve(self, constraint: _Row) -> None:
        """Take the component with the largest factor out of all equations."""
        column = max(constraint.linear, key=lambda c: (abs(constraint.linear[c]), -c))
        factor = -1 / constraint.linear.pop(column)
        value = _Row()
        add_to(value.linear, constraint.linear, factor)
        add_to(value.given, constraint.given, factor)
        self.solved[column] = value
        self.columns.remove(column)
        for row in self.rows:
            if column in row.linear:
                self._put_in(row.linear, row.given, column, row.linear.pop(column), 0)
            if column in row.stored:
                self._put_in(row.stored, row.given, column, row.stored.pop(column), 1)
        for other in self.solved.values():
            if column in other.linear:
                self._put_in(other.linear, other.given, column, other.linear.pop(column), 0)

    def _put_in(
        self, columns: Sparse, given: dict, column: int, factor: Fraction, order: int
    ) -> None:
        """factor x_column, or its derivative, by what it was solved for."""
        value = self.solved[column]
        add_to(columns, value.linear, factor)
        moved = {(source, k + order): v for (source, k), v in value.given.items()}
        for (source, k), v in list(moved.items()):
            if k > 0 and self.equations.sources[source].wave is None:
                del moved[source, k]
            elif k > 2:
                name = clipped(self.equations.sources[source].name)
                raise CircuitError(
                    f"the circuit asks for the third derivative of the source '{name}': a chain "
                    "of sources, capacitors and inductors leaves nothing to be solved; add a "
                    "resistor"
                )
            else:
                moved[source, k] = v
        add_to(given, moved, factor)

    def _refuse(self, constraint: _Row) -> None:
        """Say which parts contradict each other, or what is left open."""
        equations = self.equations
        names: list[str] = []
        loop = False
        for row in self._origins(constraint):
            unknown = equations.unknowns[row]
            if unknown.device >= 0:
                loop = True
                names.append(f"'{clipped(equations.devices[unknown.device].id)}'")
            else:
                names.append(f"'{clipped(unknown.name)}'")
        listed = ", ".join(dict.fromkeys(names[:6])) + (", ..." if len(names) > 6 else "")
        if loop:
            raise CircuitError(
                f"a loop of voltage sources or inductors: {listed} fix the same voltage; put a "
                "resistor in series with one of them, or leave one out"
            )
        if constraint.given:
            raise CircuitError(
                f"current sources alone feed the nodes {listed}, so that their currents have no "
                "other way; add a resistor or a capacitor"
            )
        raise CircuitError(
            f"nothing sets the voltage of the nodes {listed}: no resistor, capacitor or source "
            "leads from there to ground; connect them"
        )

    def _origins(self, constraint: _Row) -> list[int]:
        return sorted(constraint.origin)

    def result(self) -> Reduced:
        """The equations as arrays."""
        equations, n = self.equations, len(self.rows)
        size, count = equations.size, len(equations.sources)
        place = {column: k for k, column in enumerate(self.columns)}
        shape = {"stored": (n, n), "linear": (n, n)}
        arrays = {name: np.zeros(of) for name, of in shape.items()}
        sources, entering = np.zeros((3, n, count)), np.zeros((n, len(equations.atoms)))
        combined = np.zeros((n, size))
        for number, row in enumerate(self.rows):
            for name, array in arrays.items():
                for column, value in getattr(row, name).items():
                    array[number, place[column]] = float(value)
            for (source, order), value in row.given.items():
                sources[order, number, source] = float(value)
            for atom, value in row.atoms.items():
                entering[number, atom] = float(value)
            for origin, value in row.origin.items():
                combined[number, origin] = float(value)
        expanded, shifts = np.zeros((size, n)), np.zeros((2, size, count))
        for column, k in place.items():
            expanded[column, k] = 1.0
        for column, row in self.solved.items():
            for other, value in row.linear.items():
                expanded[column, place[other]] = float(value)
            for (source, order), value in row.given.items():
                shifts[order, column, source] = float(value)
        free = self._directions()
        directions = np.zeros((n, len(free)))
        for k, direction in enumerate(free):
            for column, value in direction.items():
                directions[place[column], k] = float(value)
        return Reduced(
            equations, arrays["stored"], arrays["linear"], sources, entering, combined, expanded,
            shifts, np.array(self.columns, np.int64),
            np.array([not row.stored for row in self.rows], bool), directions,
            frozenset(self.constrained), self._open(),
        )  # fmt: skip
