"""The transpose of the steps that ``march`` took: exact gradients of what was computed.

A stage of RODAS is W u_i = f(w_i) + Df(w_0)[d_i] + E sum_j (c_ij/h) u_j with W = E/(gamma h) -
f_z(w_0), where d_i holds h d_i times the sources' derivatives. Its cotangent l_i = W^-T u_i' meets
f at w_i, the second derivative of f at w_0 along (u_i, d_i), which a complex step gives to the last
digit, and the matrices (Hager 2000 for Runge-Kutta methods).
"""

from typing import Any

import numpy as np

from ..circuit.scalar_lu import factorise, substitute
from ..rosenbrock import GAMMA
from .caching import inlined, kernel, part
from .field import differentiate, evaluate, fill, room, row_of, wave
from .laws import ARGUMENTS, CONTROLS, EXPRESSION, law
from .march import RODAS_A, RODAS_C, RODAS_SLOPE, RODAS_TIME, pull

TINY = 1e-30
"""The complex step; its square is nothing beside 1."""


@inlined
def _one(
    field: Any, atom: int, w: Any, through: float, real: bool, out: Any, by: Any, rooms: Any,
    controls: int, arguments: int,
) -> None:  # fmt: skip
    """Add the part of one atom that has so many controls and arguments at most."""
    v, g, d = rooms
    args, reads, reading = field[1], field[2], field[3]
    for c in range(controls):
        read = reads[atom, c]
        v[c] = row_of(reading, read, w) if read >= 0 else 0.0 * w[0]
        g[c] = 0.0
    for k in range(arguments):
        d[k] = 0.0
    codes = field[0]
    law(codes[atom], args[atom] + 0.0 * w[0], codes, v, g, d)
    for c in range(controls):
        read = reads[atom, c]
        if read >= 0:
            slope = (g[c].real if real else g[c].imag / TINY) * through
            for k in range(reading[0][read], reading[0][read + 1]):
                out[reading[1][k]] += slope * reading[2][k]
    for k in range(arguments):
        by[atom, k] += (d[k].real if real else d[k].imag / TINY) * through


@part
def _through(field: Any, w: Any, q: Any, real: bool, out: Any, by: Any, rooms: Any) -> None:
    """Add f_w^T q of the atoms to ``out`` and to ``by``, or its imaginary part over TINY."""
    codes, entering = field[0], field[4]
    for atom in range(field[1].shape[0]):
        through = 0.0
        for j in range(entering[0][atom], entering[0][atom + 1]):
            through -= entering[2][j] * q[entering[1][j]]
        if through == 0.0:
            continue
        # Loops of known lengths are much faster.
        if codes[atom] < EXPRESSION:
            _one(field, atom, w, through, real, out, by, rooms, CONTROLS, ARGUMENTS)
        else:
            width, count = field[2].shape[1], field[1].shape[1]
            _one(field, atom, w, through, real, out, by, rooms, width, count)


@part
def _linear(field: Any, q: Any, out: Any) -> None:
    """out += f_w^T q of the linear part."""
    linear = field[5]
    for row in range(q.shape[0]):
        for j in range(linear[0][row], linear[0][row + 1]):
            out[linear[1][j]] -= linear[2][j] * q[row]


@part
def _to_sources(
    table: Any, t: float, ahead: int, scale: float, back: Any, n: int, out: Any
) -> None:
    """out (S, 3) += gradients by start, slope and amplitude, from those by s, s' and s''."""
    count = table.shape[0]
    for k in range(count):
        for order in range(3):
            value = scale * back[n + order * count + k]
            if value == 0.0:
                continue
            whole = order + ahead
            if whole == 0:
                out[k, 0] += value
                out[k, 1] += value * t
            elif whole == 1:
                out[k, 1] += value
            if table[k, 2] != 0.0:
                plain = table[k, 0] + table[k, 1] * t if whole == 0 else 0.0
                plain = table[k, 1] if whole == 1 else plain
                out[k, 2] += value * (wave(table, k, t, whole) - plain) / table[k, 2]


@kernel
def pull_steps(
    field: Any, table: Any, begin: float, times: Any, states: Any, of_matrix: Any, of_stored: Any,
    of_args: Any, z_bar: Any, theta: Any, by_source: Any,
) -> bool:  # fmt: skip
    """Pull a cotangent back through all steps of a tape; whether it stayed finite.

    Args:
        field: see ``field``.
        table: the sources of the piece.
        begin: when the tape begins, since the start of the piece [s].
        times: ends of the steps (K + 1,) [s].
        states: there (K + 1, n).
        of_matrix: parameter, row, column and factor of everything in the linear part by w.
        of_stored: the same of E.
        of_args: parameter, atom, argument and factor.
        z_bar: cotangents (K + 1, n); the last row is given, the others are filled.
        theta: gradients (K + 1, P + S) by parameters and by constants added to sources, gathered
            from the end back to each time; the last row is given.
        by_source: gradients (S, 3) by start, slope and amplitude, added to.
    """
    n, count = states.shape[1], table.shape[0]
    width, atoms = n + 3 * count, field[1].shape[0]
    stored = field[6]
    v, g, d = room(field, states[0])
    rooms = (v, g, d)
    stages, points, bars = np.zeros((6, n)), np.zeros((6, width)), np.zeros((6, n))
    slope, drift, q, lifted = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(n)
    w, ahead, back, moved = np.zeros(width), np.zeros(width), np.zeros(width), np.zeros(width)
    bent = np.zeros(width, np.complex128)
    turned = room(field, bent)
    jacobian = np.empty((n, width))
    forward, backward = np.empty((n, n)), np.empty((n, n))
    pivots, ends = np.empty(n, np.int64), np.empty(n, np.int64)
    other, lasts = np.empty(n, np.int64), np.empty(n, np.int64)
    arguments = field[1].shape[1]
    by, before = np.zeros((atoms, arguments)), np.zeros(count)
    for s in range(times.shape[0] - 2, -1, -1):
        t, h = begin + times[s], times[s + 1] - times[s]
        z, bar, gathered = states[s], z_bar[s], theta[s]
        fill(table, t, z, 0, w)
        evaluate(field, w, v, g, d, slope)
        differentiate(field, w, v, g, d, jacobian)
        fill(table, t, z, 1, ahead)
        for i in range(n):
            for j in range(n):
                forward[i, j] = stored[i, j] / (GAMMA * h) - jacobian[i, j]
                backward[j, i] = forward[i, j]
            total = 0.0
            for column in range(n, width):
                total += jacobian[i, column] * ahead[column]
            drift[i] = total
        if not (factorise(forward, pivots, ends) and factorise(backward, other, lasts)):
            return False
        for i in range(6):
            for row in range(n):
                lifted[row] = z[row]
                for j in range(i):
                    lifted[row] += RODAS_A[i, j] * stages[j, row]
            fill(table, t + RODAS_TIME[i] * h, lifted, 0, points[i])
            evaluate(field, points[i], v, g, d, stages[i])
            pull(stored, RODAS_C[i], stages, i, 1.0 / h, stages[i])
            for row in range(n):
                stages[i, row] += h * RODAS_SLOPE[i] * drift[row]
            substitute(forward, pivots, ends, stages[i])
        for row in range(n):
            bar[row] = z_bar[s + 1, row]
            for j in range(6):
                # z1 = z + sum_j a_5j u_j + u_5, and the last row of A has its a_54 = 1.
                bars[j, row] = (RODAS_A[5, j] if j < 5 else 1.0) * z_bar[s + 1, row]
        for k in range(theta.shape[1]):
            gathered[k] = theta[s + 1, k]
        for k in range(count):
            before[k] = by_source[k, 0]
        for a in range(atoms):
            for k in range(arguments):
                by[a, k] = 0.0
        for i in range(5, -1, -1):
            for row in range(n):
                q[row] = bars[i, row]
            substitute(backward, other, lasts, q)
            for column in range(width):
                back[column] = 0.0
            _linear(field, q, back)
            _through(field, points[i], q, True, back, by, rooms)
            for row in range(n):
                bar[row] += back[row]
                for j in range(i):
                    bars[j, row] += RODAS_A[i, j] * back[row]
            _to_sources(table, t + RODAS_TIME[i] * h, 0, 1.0, back, n, by_source)
            for column in range(n):
                total = 0.0
                for row in range(n):
                    total += stored[row, column] * q[row]
                for j in range(i):
                    bars[j, column] += RODAS_C[i, j] / h * total
            factor = h * RODAS_SLOPE[i]
            for column in range(width):
                moved[column] = stages[i, column] if column < n else factor * ahead[column]
                bent[column] = w[column] + 1j * TINY * moved[column]
                back[column] = 0.0
            _through(field, bent, q, False, back, by, turned)
            for row in range(n):
                bar[row] += back[row]
            # The second derivative meets the sources at w_0; f_w at w_0 meets their derivatives.
            _to_sources(table, t, 0, 1.0, back, n, by_source)
            for column in range(width):
                back[column] = 0.0
            for row in range(n):
                if q[row] != 0.0:
                    for column in range(n, width):
                        back[column] += jacobian[row, column] * q[row]
            _to_sources(table, t, 1, factor, back, n, by_source)
            for e in range(of_matrix[0].shape[0]):
                row, column = of_matrix[1][e], of_matrix[2][e]
                seen = points[i, column] + moved[column]
                gathered[of_matrix[0][e]] -= of_matrix[3][e] * q[row] * seen
            for e in range(of_stored[0].shape[0]):
                row, column = of_stored[1][e], of_stored[2][e]
                seen = -stages[i, column] / (GAMMA * h)
                for j in range(i):
                    seen += RODAS_C[i, j] / h * stages[j, column]
                gathered[of_stored[0][e]] += of_stored[3][e] * q[row] * seen
        for e in range(of_args[0].shape[0]):
            gathered[of_args[0][e]] += of_args[3][e] * by[of_args[1][e], of_args[2][e]]
        for k in range(count):
            gathered[theta.shape[1] - count + k] += by_source[k, 0] - before[k]
        total = 0.0
        for row in range(n):
            total += bar[row]
        if not np.isfinite(total):
            return False
    return True
