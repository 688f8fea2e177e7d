"""One step of one sample in float64, explicit or of RODAS, for any right-hand side.

``evaluate(context, t, y, out)`` gives the slope and ``differentiate(context, t, y, out)`` its
Jacobian (N, N); both are compiled functions, chosen when the march is compiled. Every step also
leaves its polynomial: ``y(theta) = y + theta (b_1 + theta (b_2 + theta (b_3 + theta b_4)))``.
"""

import math
from typing import Any

import numpy as np

from ..rosenbrock import ALPHA, DENSE, GAMMA, TIME
from ..rosenbrock import A as ROWS
from ..rosenbrock import C as PULLS
from .caching import inlined, part
from .scalar_field import combine, finite
from .scalar_lu import factorise, substitute


def _square(rows: Any, size: int) -> np.ndarray:
    table = np.zeros((size, size))
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return table


RODAS_A, RODAS_C = _square(ROWS, 6), _square(PULLS, 6)
RODAS_TIME, RODAS_SLOPE, RODAS_DENSE = np.array(ALPHA), np.array(TIME), np.array(DENSE)

HELD_SHARE = 1e-2
"""The tolerance of a node follows the voltage it has, and this share of the largest it had."""


@part
def norm(value: Any, before: Any, after: Any, met: Any, control: Any) -> float:
    """The root mean square of ``value`` in units of the tolerance.

    The tolerance of a node is rtol max(|y|, |y1|), a share of the largest voltage the node has
    met, and a floor that follows the largest voltage of all, so that it never hides a circuit.

    Args:
        value: an error, a slope, or a state (N + 1,).
        before: state at the start of the step.
        after: state at its end.
        met: the largest magnitude of every node so far, and of all of them in the last place.
        control: rtol, share of a node's largest voltage, share of the largest of all, its cap [V].
    """
    count = value.shape[0] - 1
    rtol, share = control[0], control[1]
    floor = control[2] * min(met[count], control[3]) + 1e-300
    squares = 0.0
    for row in range(count):
        scale = rtol * max(abs(before[row]), abs(after[row])) + share * met[row] + floor
        part = value[row] / scale
        squares += part * part
    return math.sqrt(squares / max(count, 1))


@inlined
def remember(y: Any, met: Any) -> None:
    """Take the magnitudes of ``y`` into the largest that were met."""
    count = y.shape[0] - 1
    for row in range(count):
        met[row] = max(met[row], abs(y[row]))
        met[count] = max(met[count], met[row])


@inlined
def explicit_step(
    evaluate: Any, context: Any, t: float, h: float, method: Any, y: Any, rooms: Any
) -> None:
    """Stages, end and the slope there; ``rooms`` holds slopes, scratch, after, end and error."""
    a, b, c, error, _dense, _order, used = method
    slopes, now, after, end, estimate = rooms[0], rooms[1], rooms[2], rooms[3], rooms[4]
    for i in range(1, used):
        combine(y, h, a[i], slopes, i, now)
        evaluate(context, t + c[i] * h, now, slopes[i])
    combine(y, h, b, slopes, used, after)
    evaluate(context, t + h, after, end)
    if error.shape[0] > 0:
        for row in range(y.shape[0]):
            slopes[error.shape[0] - 1, row] = end[row]
            estimate[row] = 0.0
        combine(estimate, h, error, slopes, error.shape[0], estimate)


@inlined
def explicit_bends(h: float, method: Any, y: Any, rooms: Any, out: Any) -> None:
    """The step's polynomial: the method's dense output, or the cubic through both ends."""
    dense = method[4]
    slopes, after, end = rooms[0], rooms[2], rooms[3]
    count = out.shape[1]
    if dense.shape[0] > 0:
        for m in range(4):
            for row in range(count):
                out[m, row] = 0.0
        for j in range(dense.shape[0]):
            for m in range(4):
                if dense[j, m] != 0.0:
                    factor = h * dense[j, m]
                    for row in range(count):
                        out[m, row] += factor * slopes[j, row]
        return
    for row in range(count):
        rise, first, last = after[row] - y[row], h * slopes[0, row], h * end[row]
        out[0, row] = first
        out[1, row] = 3.0 * rise - 2.0 * first - last
        out[2, row] = first + last - 2.0 * rise
        out[3, row] = 0.0


@inlined
def stiffness(h: float, rooms: Any) -> float:
    """h |largest eigenvalue|, from the last two stages of a step (Hairer and Wanner, DOPRI5)."""
    slopes, now, after, end = rooms[0], rooms[1], rooms[2], rooms[3]
    above, below = 0.0, 0.0
    for row in range(after.shape[0]):
        rise, run = end[row] - slopes[5, row], after[row] - now[row]
        above += rise * rise
        below += run * run
    return h * math.sqrt(above / below) if below > 0.0 else 0.0


@inlined
def implicit_step(
    evaluate: Any, context: Any, t: float, h: float, timed: bool, y: Any, rooms: Any,
    jacobian: Any, linear: Any,
) -> bool:  # fmt: skip
    """A step of RODAS; the Jacobian is that of the start. Whether its matrix could be solved.

    See ``solvers.rodas4.Rodas4`` for the scheme.
    """
    stages, now, after, end, estimate = rooms[0], rooms[1], rooms[2], rooms[3], rooms[4]
    slope, drift = rooms[5], rooms[6]
    matrix, pivots, ends = linear
    size = matrix.shape[0]
    for i in range(size):
        for j in range(size):
            matrix[i, j] = -jacobian[i, j]
        matrix[i, i] += 1.0 / (GAMMA * h)
    if not factorise(matrix, pivots, ends):
        return False
    if timed:
        delta = 1.5e-8 * h
        evaluate(context, t + delta, y, end)
        for row in range(size):
            drift[row] = (end[row] - slope[row]) / delta
    for i in range(6):
        combine(y, 1.0, RODAS_A[i], stages, i, now)
        if i == 0:
            for row in range(y.shape[0]):
                stages[0, row] = slope[row]
        else:
            evaluate(context, t + RODAS_TIME[i] * h, now, stages[i])
        for j in range(i):
            factor = RODAS_C[i, j] / h
            if factor != 0.0:
                for row in range(size):
                    stages[i, row] += factor * stages[j, row]
        if timed and RODAS_SLOPE[i] != 0.0:
            for row in range(size):
                stages[i, row] += h * RODAS_SLOPE[i] * drift[row]
        substitute(matrix, pivots, ends, stages[i])
    for row in range(after.shape[0]):
        after[row] = now[row] + stages[5, row]
        estimate[row] = stages[5, row]
    evaluate(context, t + h, after, end)
    return finite(after)


@part
def implicit_bends(y: Any, rooms: Any, out: Any) -> None:
    """The polynomial of a step of RODAS, of order 3."""
    stages, after = rooms[0], rooms[2]
    for row in range(out.shape[1]):
        low, high = 0.0, 0.0
        for j in range(5):
            low += RODAS_DENSE[0, j] * stages[j, row]
            high += RODAS_DENSE[1, j] * stages[j, row]
        out[0, row] = after[row] - y[row] + low
        out[1, row] = high - low
        out[2, row] = -high
        out[3, row] = 0.0
