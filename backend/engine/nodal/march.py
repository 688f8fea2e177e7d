"""The march of one circuit of the general class by RODAS with a mass matrix, and its starts."""

import math
from typing import Any

import numpy as np

from .. import step_size
from ..circuit.scalar_lu import factorise, substitute
from ..rosenbrock import ALPHA, DENSE, GAMMA, TIME
from ..rosenbrock import A as ROWS
from ..rosenbrock import C as PULLS
from ..step_size import PREVIOUS
from .caching import kernel, part
from .field import differentiate, evaluate, fill, room
from .laws import law

REACHED, FULL, NOT_FINITE, UNDERFLOW, EXHAUSTED, SINGULAR = range(6)
"""Why a march returned: at its end; the tape is full; a value is not finite; the steps fell to
nothing; too many steps; the equations cannot be solved for the derivatives and currents."""

(AT, SIZE, PREVIOUS_ERROR, HELD, TRIED, STEPS, REJECTED, EVALUATIONS, SMALLEST, LARGEST, WORST,
 COUNT) = range(12)  # fmt: skip
"""Places in ``state``."""

STATE_SIZE = 12


def _square(rows: Any, size: int) -> np.ndarray:
    table = np.zeros((size, size))
    for i, row in enumerate(rows):
        table[i, : len(row)] = row
    return table


RODAS_A, RODAS_C = _square(ROWS, 6), _square(PULLS, 6)
RODAS_TIME, RODAS_SLOPE, RODAS_DENSE = np.array(ALPHA), np.array(TIME), np.array(DENSE)

_after_accepted = part(step_size.after_accepted)
_after_rejected = part(step_size.after_rejected)
_step_end = part(step_size.step_end)


@part
def _norm(
    value: Any, before: Any, after: Any, met: Any, groups: Any, most: Any, c: Any, least: Any
) -> float:
    """The root mean square of an error in units of the tolerance.

    The tolerance of a component is rtol max(|z|, |z1|), a share of the largest it has met, and one
    of the largest of its unit (``groups``, ``most``), and what is rounding (``least``).
    """
    squares = 0.0
    for row in range(value.shape[0]):
        scale = c[0] * max(abs(before[row]), abs(after[row])) + c[1] * met[row]
        own = value[row] / (scale + c[2] * most[groups[row]] + least[row] + 1e-300)
        squares += own * own
    return math.sqrt(squares / max(value.shape[0], 1))


@part
def _remember(z: Any, met: Any, groups: Any, most: Any) -> None:
    for row in range(z.shape[0]):
        met[row] = max(met[row], abs(z[row]))
        most[groups[row]] = max(most[groups[row]], met[row])


@part
def _finite(values: Any) -> bool:
    total = 0.0
    for row in range(values.shape[0]):
        total += values[row]
    return bool(np.isfinite(total))


@part
def pull(stored: Any, weights: Any, stages: Any, count: int, scale: float, out: Any) -> None:
    """out += E sum_j (c_j scale) u_j."""
    n = out.shape[0]
    mixed = np.zeros(n)
    for j in range(count):
        if weights[j] != 0.0:
            for row in range(n):
                mixed[row] += weights[j] * scale * stages[j, row]
    for row in range(n):
        total = 0.0
        for column in range(n):
            if stored[row, column] != 0.0:
                total += stored[row, column] * mixed[column]
        out[row] += total


@part
def step(
    field: Any, table: Any, t: float, h: float, z: Any, slope: Any, jacobian: Any, rooms: Any,
    linear: Any,
) -> bool:  # fmt: skip
    """Six stages with one factorisation; whether the matrix could be factorised.

    With W = E/(gamma h) - J: W u_i = f(t + alpha_i h, z + sum_j a_ij u_j) + E sum_j (c_ij/h) u_j
    + h d_i df/dt, z1 = z + sum_j a_6j u_j + u_6 (Hairer and Wanner 1996, section VI.4).
    """
    stages, now, after, drift, w = rooms
    matrix, pivots, ends = linear
    n = z.shape[0]
    v, g, d = room(field, z)
    stored = field[6]
    for i in range(n):
        for j in range(n):
            matrix[i, j] = stored[i, j] / (GAMMA * h) - jacobian[i, j]
    if not factorise(matrix, pivots, ends):
        return False
    fill(table, t, z, 1, w)
    for row in range(n):
        total = 0.0
        for column in range(n, w.shape[0]):
            total += jacobian[row, column] * w[column]
        drift[row] = total
    for i in range(6):
        for row in range(n):
            now[row] = z[row]
        for j in range(i):
            if RODAS_A[i, j] != 0.0:
                for row in range(n):
                    now[row] += RODAS_A[i, j] * stages[j, row]
        if i == 0:
            for row in range(n):
                stages[0, row] = slope[row]
        else:
            fill(table, t + RODAS_TIME[i] * h, now, 0, w)
            evaluate(field, w, v, g, d, stages[i])
        pull(stored, RODAS_C[i], stages, i, 1.0 / h, stages[i])
        if RODAS_SLOPE[i] != 0.0:
            for row in range(n):
                stages[i, row] += h * RODAS_SLOPE[i] * drift[row]
        substitute(matrix, pivots, ends, stages[i])
    for row in range(n):
        after[row] = now[row] + stages[5, row]
    return _finite(after)


@part
def bend(z: Any, rooms: Any, out: Any) -> None:
    """The polynomial z(theta) = z + theta (b_1 + theta (b_2 + theta b_3)) of a step (3, n)."""
    stages, after = rooms[0], rooms[2]
    for row in range(z.shape[0]):
        low, high = 0.0, 0.0
        for j in range(5):
            low += RODAS_DENSE[0, j] * stages[j, row]
            high += RODAS_DENSE[1, j] * stages[j, row]
        out[0, row] = after[row] - z[row] + low
        out[1, row] = high - low
        out[2, row] = -high


@part
def _worst(values: Any, met: Any) -> float:
    place, most = 0, -1.0
    for row in range(values.shape[0]):
        size = np.inf if not np.isfinite(values[row]) else abs(values[row]) / (met[row] + 1e-300)
        if size > most:
            place, most = row, size
    return float(place)


@kernel
def march(
    field: Any, table: Any, begin: float, span: float, stops: Any, control: Any, least: Any,
    z: Any, met: Any, groups: Any, most: Any, state: Any, times: Any, states: Any, bends: Any,
) -> int:  # fmt: skip
    """March through one smooth piece until its end, the tape's end or trouble.

    Args:
        field: see ``field``.
        table: the sources of the piece (``field.wave``).
        begin: when this stretch begins, since the start of the piece [s].
        span: how long it lasts [s].
        stops: times at which a step has to end, ascending, the end among them [s].
        control: rtol, share of a component's largest, share of its unit's largest, most tried
            steps, largest step [s].
        least: differences that are rounding (n,).
        z: the state (n,), goes on to the end.
        met: largest magnitudes so far (n,).
        groups: unit of every component by number (n,).
        most: largest magnitudes by unit.
        state: where the march stands, and what it took.
        times: room for the ends of steps (K + 1,) [s].
        states: room for the states there (K + 1, n).
        bends: room for the polynomials (K, 3, n).

    Returns:
        ``REACHED`` or why it stopped.
    """
    n = z.shape[0]
    width = n + 3 * table.shape[0]
    rooms = (np.zeros((6, n)), np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(width))
    linear = (np.empty((n, n)), np.empty(n, np.int64), np.empty(n, np.int64))
    jacobian, slope = np.empty((n, width)), np.zeros(n)
    v, g, d = room(field, z)
    w, after = rooms[4], rooms[2]
    t, h, previous, held = state[AT], state[SIZE], state[PREVIOUS_ERROR], state[HELD] > 0.0
    count = 0
    times[0] = t
    states[0] = z
    _remember(z, met, groups, most)
    if h == 0.0:
        h, previous = min(1e-4 * span, control[4]), PREVIOUS
    fresh, coming = True, 0
    while t < span:
        state[AT], state[SIZE], state[COUNT] = t, h, count
        state[PREVIOUS_ERROR], state[HELD] = previous, 1.0 if held else 0.0
        if count + 1 >= times.shape[0]:
            return FULL
        if state[TRIED] >= control[3]:
            return EXHAUSTED
        if not (h > 1e-300 and t + h > t):
            state[WORST] = _worst(rooms[0][5], met)
            return UNDERFLOW if _finite(after) else NOT_FINITE
        if fresh:
            fill(table, begin + t, z, 0, w)
            evaluate(field, w, v, g, d, slope)
            differentiate(field, w, v, g, d, jacobian)
            state[EVALUATIONS] += 1
            fresh = False
            if not (_finite(z) and _finite(slope)):
                state[WORST] = _worst(z, met)
                return NOT_FINITE
        state[TRIED] += 1
        # Nearer than rounding to where it stands, or to the end, is no step.
        while coming + 1 < stops.shape[0] and stops[coming] <= t + 1e-12 * span:
            coming += 1
        if stops[coming] > span * (1.0 - 1e-12):
            coming = stops.shape[0] - 1
        wanted = min(h, control[4])
        end = _step_end(t, wanted, stops[coming])
        cut = end - t < 0.9 * wanted
        h = end - t
        sound = step(field, table, begin + t, h, z, slope, jacobian, rooms, linear)
        state[EVALUATIONS] += 5
        error = np.inf
        if sound:
            error = _norm(rooms[0][5], z, after, met, groups, most, control, least)
        if not error <= 1.0:
            state[REJECTED] += 1
            held = True
            h *= _after_rejected(error, 4)
            continue
        bend(z, rooms, bends[count])
        state[STEPS] += 1
        state[SMALLEST], state[LARGEST] = min(state[SMALLEST], h), max(state[LARGEST], h)
        t = end
        for row in range(n):
            z[row] = after[row]
        _remember(z, met, groups, most)
        count += 1
        times[count] = t
        states[count] = z
        h *= _after_accepted(error, previous, held, 4)
        if cut:  # a step that was cut short says little about the next one
            h = max(h, wanted)
        previous, held, fresh = max(error, PREVIOUS), False, True
    state[AT], state[SIZE], state[COUNT] = t, h, count
    return REACHED


@kernel
def laws_at(codes: Any, args: Any, v: Any, current: Any, slopes: Any, by: Any) -> None:
    """What every atom gives at the controls it sees.

    Args:
        codes: numbers of the laws, and programs of expressions behind them.
        args: arguments (A, P).
        v: controls (T, A, C).
        current: (T, A) [A].
        slopes: by the controls (T, A, C).
        by: derivatives by the arguments (T, A, P).
    """
    for k in range(v.shape[0]):
        for atom in range(args.shape[0]):
            slopes[k, atom] = 0.0
            by[k, atom] = 0.0
            current[k, atom] = law(
                codes[atom], args[atom], codes, v[k, atom], slopes[k, atom], by[k, atom]
            )
