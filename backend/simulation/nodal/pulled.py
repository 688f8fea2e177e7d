"""Cotangents pulled back through a course: steps, pieces, what sources force, and the start."""

from dataclasses import dataclass

import numpy as np

from ...circuit.nodal.assembly import CONSTANT, HIDDEN
from ...engine.nodal import laws
from ...engine.nodal.march import laws_at
from ...engine.nodal.pull import pull_steps
from ...errors import SolveError
from .derivatives import Dependence, dependence
from .local import Local, dense, equations, solved, values_of
from .problem import NodalProblem
from .rest import BRIEF, columns_of
from .transient import NodalCourse, across, first_state


@dataclass
class Back:
    """What was pulled back.

    Args:
        bars: cotangents of z at the ends of steps, by piece (K + 1, n).
        theta: gradients by parameters and sources gathered back to there, by piece (K + 1, P + S).
        theta_start: those at 0 s, with what the start depends on (P + S,).
        by_table: gradients by start, slope and amplitude of every source, by piece (S, 3).
        start: dL/dx of the stated values of the unknowns (N,).
        unknown: parameters on which solved constraints depend (P,) of bool: no gradient is known.
    """

    bars: list[np.ndarray]
    theta: list[np.ndarray]
    theta_start: np.ndarray
    by_table: list[np.ndarray]
    start: np.ndarray
    unknown: np.ndarray


class _Puller:
    """Pulls a cotangent through a course."""

    def __init__(self, problem: NodalProblem, course: NodalCourse) -> None:
        self.problem, self.course = problem, course
        self.depends: Dependence = dependence(problem)
        self.count = len(problem.equations.sources)
        self.params = len(problem.params)

    def pull(self, cotangent: np.ndarray) -> Back:
        """From dL/dx (N,) at the end.

        Raises:
            SolveError: the adjoint stops being finite.
        """
        problem, r = self.problem, self.problem.reduced
        theta = np.zeros(self.params + self.count)
        last = len(self.course.tapes) - 1
        bar = r.expanded.T @ cotangent
        tables = [np.zeros((self.count, 3)) for _ in self.course.tapes]
        direct = np.concatenate([r.shifts[0].T @ cotangent, r.shifts[1].T @ cotangent])
        self._sources(last, problem.durations[last], direct, tables[last], theta)
        bars, gathered = [], []
        for k in range(last, -1, -1):
            tape = self.course.tapes[k]
            z_bar = np.empty_like(tape.states)
            run = np.empty((len(tape.times), len(theta)))
            z_bar[-1], run[-1] = bar, theta
            fine = pull_steps(
                problem.field, problem.table(k), 0.0, tape.times, tape.states,
                self.depends.matrix, self.depends.stored, self.depends.args, z_bar, run, tables[k],
            )  # fmt: skip
            if not fine:
                raise SolveError("The adjoint, running backwards, stops being finite")
            bars.append(z_bar)
            gathered.append(run)
            theta = run[0].copy()
            bar = self._across(k, z_bar[0], theta, tables) if k else z_bar[0]
        start = self._start(bar, theta, tables[0])
        return Back(bars[::-1], gathered[::-1], theta, tables, start, self.depends.moved)

    def _sources(
        self, k: int, local: float, by: np.ndarray, table: np.ndarray, theta: np.ndarray
    ) -> None:
        """Gradients by s and s' (2 S,) at a local time, into those by the piece's numbers."""
        rows, count = self.problem.table(k), self.count
        values = values_of(rows, np.array([local]))[:, 0]
        first, second = by[:count], by[count:]
        table[:, 0] += first
        theta[self.params :] += first
        table[:, 1] += first * local + second
        moving = rows[:, 2] != 0
        plain = rows[:, 0] + rows[:, 1] * local
        amplitude = np.where(moving, rows[:, 2], 1.0)
        table[:, 2] += np.where(moving, first * (values[0] - plain) / amplitude, 0.0)
        table[:, 2] += np.where(moving, second * (values[1] - rows[:, 1]) / amplitude, 0.0)

    def _conditions(self, k: int, z: np.ndarray) -> tuple[Local, np.ndarray, np.ndarray]:
        """The equations at the start of piece k, their matrix, and w."""
        problem, r, table = self.problem, self.problem.reduced, self.problem.table(k)
        now = equations(problem.field, table, np.zeros(1), z[None])
        matrix = np.where(r.algebraic[:, None], now.jacobian[0, :, : len(z)], r.stored)
        w = np.concatenate([z, *values_of(table, np.zeros(1))[:, 0]])
        return now, matrix, w

    def _algebraic(
        self, k: int, mu: np.ndarray, now: Local, w: np.ndarray, table: np.ndarray,
        theta: np.ndarray,
    ) -> None:  # fmt: skip
        """What the equations without a derivative say at the start of a piece."""
        problem, n = self.problem, len(self.problem.reduced.kept)
        q = np.where(problem.reduced.algebraic, -mu, 0.0)
        param, row, column, factor = self.depends.matrix
        np.add.at(theta, param, -factor * q[row] * w[column])
        param, atom, place, factor = self.depends.args
        through = -(dense(problem.field[4], n) @ q)
        np.add.at(theta, param, factor * now.by[0, atom, place] * through[atom])
        back = now.jacobian[0].T @ q
        self._sources(k, 0.0, back[n : n + 2 * self.count], table, theta)

    def _held(self, mu: np.ndarray, moved: np.ndarray, theta: np.ndarray) -> np.ndarray:
        """How charges and fluxes R (M x + B' s), the same before and after, depend on parameters.

        Args:
            mu: of that condition (n,).
            moved: x and s after less before (N + S,).
            theta: added to.

        Returns:
            The cotangent of x and s before (N + S,); that of those after is its negative.
        """
        problem, n = self.problem, self.problem.size
        wide = mu @ problem.reduced.combined
        for row, column, factor, param in problem.equations.stored:
            if param != CONSTANT and row < n:
                theta[param] -= factor * wide[row] * moved[column]
        whole = problem.whole
        return np.concatenate([wide @ whole["stored"][:n], wide @ whole["moved"][:n]])

    def _across(
        self, k: int, bar: np.ndarray, theta: np.ndarray, tables: list[np.ndarray]
    ) -> np.ndarray:
        """From the start of piece k to the end of the one before."""
        problem, r, n = self.problem, self.problem.reduced, self.problem.size
        before, after = self.course.tapes[k - 1].states[-1], self.course.tapes[k].states[0]
        span = problem.durations[k - 1]
        now, matrix, w = self._conditions(k, after)
        mu = solved(matrix.T[None], bar[None])[0]
        held = np.where(r.algebraic, 0.0, mu)
        self._algebraic(k, mu, now, w, tables[k], theta)
        old, new = columns_of(problem, k - 1, before, span), columns_of(problem, k, after)
        between = across(problem, k, before)[1]
        if between is not None:
            middle = np.concatenate([between, problem.table(k)[:, 0]])
            back = self._held(held, new - middle, theta)
            by = np.concatenate([-r.shifts[0].T @ back[:n], -r.shifts[1].T @ back[:n]])
            self._sources(k, 0.0, by, tables[k], theta)
            bar_x = self._impulse(k, old[:n], between, back[:n], tables[k], theta)
            by = np.concatenate([r.shifts[0].T @ bar_x, r.shifts[1].T @ bar_x])
            self._sources(k - 1, span, by, tables[k - 1], theta)
            return r.expanded.T @ bar_x
        back = self._held(held, new - old, theta)
        by = np.concatenate([r.shifts[0].T @ back[:n] + back[n:], r.shifts[1].T @ back[:n]])
        self._sources(k, 0.0, -by, tables[k], theta)
        self._sources(k - 1, span, by, tables[k - 1], theta)
        return r.expanded.T @ back[:n]

    def _start(self, bar: np.ndarray, theta: np.ndarray, table: np.ndarray) -> np.ndarray:
        """What the state at 0 s depends on; dL/dx of the stated values (N,)."""
        problem, r, n = self.problem, self.problem.reduced, self.problem.size
        first, z = first_state(problem), self.course.tapes[0].states[0]
        now, matrix, w = self._conditions(0, z)
        mu = solved(matrix.T[None], bar[None])[0]
        held = np.where(r.algebraic, 0.0, mu)
        self._algebraic(0, mu, now, w, table, theta)
        back = self._held(held, columns_of(problem, 0, z) - first.given, theta)
        by = np.concatenate([-r.shifts[0].T @ back[:n], -r.shifts[1].T @ back[:n]])
        self._sources(0, 0.0, by, table, theta)
        out = back[:n].copy()
        if first.rest:
            self._rest(first.given[:n], out, theta, table)
            return np.zeros(n)
        if first.before is not None:
            out = self._impulse(0, first.before, first.given[:n], out, table, theta)
        self._charges(out, theta)
        by = np.zeros(2 * self.count)
        for place, unknown in enumerate(problem.equations.unknowns):
            if unknown.param != CONSTANT:
                theta[unknown.param] += out[place]
            if unknown.beside != HIDDEN:
                to, column = (
                    (out, unknown.beside) if unknown.beside < n else (by, unknown.beside - n)
                )
                to[column] += out[place]
                out[place] = 0.0
        self._sources(0, 0.0, by, table, theta)
        return out

    def _impulse(
        self, k: int, before: np.ndarray, after: np.ndarray, bar: np.ndarray, table: np.ndarray,
        theta: np.ndarray,
    ) -> np.ndarray:  # fmt: skip
        """Through the moment in which sources move charges; the cotangent of x before (N,)."""
        problem, n = self.problem, self.problem.size
        h = BRIEF * problem.circuit.duration
        now = equations(problem.resting, problem.table(k), np.zeros(1), after[None])
        stored = problem.whole["stored"][:n]
        matrix = stored - h * now.jacobian[0, :, :n]
        q = -solved(matrix.T[None], bar[None])[0]
        self._resting(k, after, now, h * q, table, theta)
        for row, column, factor, param in problem.equations.stored:
            if param != CONSTANT and row < n and column < n:
                theta[param] += factor * q[row] * (after - before)[column]
        return -(q @ stored)

    def _charges(self, out: np.ndarray, theta: np.ndarray) -> None:
        """Charges of junctions start as their voltages say."""
        problem, size = self.problem, self.problem.size
        x = np.concatenate([problem.start, problem.table(0)[:, 0], [0.0]])
        for number, atom in enumerate(problem.equations.atoms):
            if atom.law != "charge" or not out[atom.row]:
                continue
            places = (*atom.controls, -1, -1)[: laws.CONTROLS]
            v = x[list(places)][None, None]
            widths = laws.CONTROLS, problem.field[1].shape[1]
            got = np.empty((1, 1)), *(np.empty((1, 1, width)) for width in widths)
            pick = slice(number, number + 1)
            laws_at(problem.field[0][pick], problem.field[1][pick], v, *got)
            weight, out[atom.row] = out[atom.row], 0.0
            for place, slope in zip(places, got[1][0, 0], strict=True):
                if 0 <= place < size:
                    out[place] += weight * slope
            for k, (_, parts) in enumerate(atom.terms):
                for factor, param in parts:
                    theta[param] += weight * factor * got[2][0, 0, k]

    def _rest(self, x: np.ndarray, bar: np.ndarray, theta: np.ndarray, table: np.ndarray) -> None:
        """The operating point: K x + B s + L i(x) = 0."""
        problem, size = self.problem, self.problem.size
        now = equations(problem.resting, problem.table(0), np.zeros(1), x[None])
        # The kernels' f is the negative of these equations.
        q = solved(now.jacobian[:, :, :size].transpose(0, 2, 1), bar[None])[0]
        self._resting(0, x, now, q, table, theta)

    def _resting(
        self, k: int, x: np.ndarray, now: Local, q: np.ndarray, table: np.ndarray,
        theta: np.ndarray,
    ) -> None:  # fmt: skip
        """theta += q^T d(K x + B s + L i(x))/dtheta at the start of piece k."""
        problem, size = self.problem, self.problem.size
        columns = np.concatenate([x, problem.table(k)[:, 0]])
        for row, column, factor, param in problem.equations.linear:
            if param != CONSTANT and row < size:
                theta[param] += factor * q[row] * columns[column]
        param, atom, place, factor = self.depends.args
        through = dense(problem.resting[4], size) @ q
        np.add.at(theta, param, factor * now.by[0, atom, place] * through[atom])
        back = -(now.jacobian[0].T @ q)
        self._sources(k, 0.0, back[size : size + 2 * self.count], table, theta)


def pulled(problem: NodalProblem, course: NodalCourse, cotangent: np.ndarray) -> Back:
    """The gradient of the steps of a course from dL/dx (N,) at its end.

    Raises:
        SolveError: the adjoint stops being finite.
    """
    return _Puller(problem, course).pull(cotangent)
