"""Gradients of one sample in float64: along the adjoint circuit, and of explicit steps."""

from typing import Any

import numpy as np

from .caching import kernel, part
from .scalar_field import combine, drive, pull_back, slope_of, steepness, tail_slope, wave_slope
from .scalar_laws import by_law, steepness_by_law
from .scalar_march import read_path

GAUSS_AT = (0.1127016653792583, 0.5, 0.8872983346207417)
GAUSS_WEIGHT = (5.0 / 18.0, 8.0 / 18.0, 5.0 / 18.0)


@part
def _gather(field: Any, v: Any, w: Any, weight: float, rooms: Any, totals: Any) -> None:
    """Add weight (df/dp)^T w for gain, a, b and c of every device to ``totals`` (4, E).

    ``rooms`` holds phi, gain phi', which the laws fill side by side, and ones (E,).
    """
    runs, first, last, source, target, terms, inverse, leaves = field
    values, steep, ones = rooms
    for j in range(first, last):
        lo, hi = runs[j, 0], runs[j, 1]
        for e in range(lo, hi):
            u = terms[1, e] * v[source[e]] + terms[2, e] * v[target[e]] + terms[3, e]
            values[e] = u
            steep[e] = u
        by_law(runs[j, 2], ones[lo:hi], values[lo:hi])
        steepness_by_law(runs[j, 2], terms[0, lo:hi], steep[lo:hi])
        for e in range(lo, hi):
            s, d, out = source[e], target[e], leaves[e]
            q = weight * (w[d] * inverse[d] - w[out] * inverse[out])
            if q != 0.0:
                pulled = q * steep[e]
                totals[0, e] += q * values[e]
                totals[1, e] += pulled * v[s]
                totals[2, e] += pulled * v[d]
                totals[3, e] += pulled


@kernel
def gather_along(
    field: Any, path_times: Any, path_states: Any, path_bends: Any, back_times: Any,
    back_states: Any, back_bends: Any, knots: Any, marks: Any, out: Any,
) -> None:  # fmt: skip
    """The integral of (df/dp)^T lambda dt from the end of a slice back to chosen times.

    Three-point Gauss quadrature between ``knots``, where either solution changes its polynomial.

    Args:
        field: of the slice.
        path_times: of the tape of the voltages [s].
        path_states: of the same tape.
        path_bends: of the same tape.
        back_times: of the tape of the adjoint, in tau = T - t [s].
        back_states: of the same tape.
        back_bends: of the same tape.
        knots: from T down to 0 (K,) [s].
        marks: row of ``out`` that takes the sum reached at each knot, -1 for none (K,).
        out: room for (M, 4, E): gain, a, b, c of every device.
    """
    rows = path_states.shape[1]
    v, w = np.empty(rows), np.empty(rows)
    devices = field[3].shape[0]
    totals = np.zeros((4, devices))
    rooms = (np.empty(devices), np.empty(devices), np.ones(devices))
    span = path_times[-1]
    for k in range(knots.shape[0]):
        if k > 0:
            high, low = knots[k - 1], knots[k]
            for at, weight in zip(GAUSS_AT, GAUSS_WEIGHT):  # noqa: B905
                t = low + at * (high - low)
                read_path(path_times, path_states, path_bends, t, v)
                read_path(back_times, back_states, back_bends, span - t, w)
                _gather(field, v, w, weight * (high - low), rooms, totals)
        if marks[k] >= 0:
            out[marks[k]] = totals


@kernel
def pull_steps(
    field: Any, source: Any, method: Any, times: Any, states: Any, w: Any, totals: Any,
    moved: Any,
) -> None:  # fmt: skip
    """The exact transpose of explicit steps: lambda at the start, and dL/dp of the steps taken.

    As ``solvers.discrete``: with the stages Y_i made again, from the last to the first,
    kappa_i = h (b_i lambda + sum_j a_ji w_j), w_i = J_i^T kappa_i, dL/dp += (df_i/dp)^T kappa_i;
    then lambda_n = lambda + sum_i w_i.

    Args:
        field: of the slice.
        source: what holds the driven nodes (``scalar_field.drive``).
        method: a, b, c, error, dense, order and the stages a step uses.
        times: ends of the steps (K + 1,) [s].
        states: there (K + 1, N + 1) [V].
        w: lambda at the end, becomes lambda at the start (N + 1,).
        totals: room for gain, a, b and c of every device (4, E), added to.
        moved: room for dL/dslope, dL/damplitude and dL/dtail of every source (M, 3), added to.
    """
    a, b, c, used = method[0], method[1], method[2], method[6]
    held, motions, shift = source
    rows = w.shape[0]
    devices = field[3].shape[0]
    current = np.empty(devices)
    rooms = (np.empty(devices), np.empty(devices), np.ones(devices))
    stages, slopes = np.empty((used, rows)), np.empty((used, rows))
    pulled, kappa, before = np.empty((used, rows)), np.empty(rows), np.empty(rows)
    for n in range(times.shape[0] - 2, -1, -1):
        h = times[n + 1] - times[n]
        stages[0] = states[n]
        for i in range(1, used):
            slope_of(*field, stages[i - 1], current, slopes[i - 1])
            drive(source, times[n] + c[i - 1] * h, slopes[i - 1])
            combine(states[n], h, a[i], slopes, i, stages[i])
        before[:] = w
        for i in range(used - 1, -1, -1):
            for row in range(rows):
                total = b[i] * w[row]
                for j in range(i + 1, used):
                    total += a[j, i] * pulled[j, row]
                kappa[row] = h * total
            steepness(*field, stages[i], current)
            pull_back(*field, current, kappa, pulled[i])
            _gather(field, stages[i], kappa, 1.0, rooms, totals)
            for m in range(held.shape[0]):
                s = times[n] + c[i] * h + shift
                wave = wave_slope(motions[m, 2], motions[m, 3], motions[m, 4], s)
                moved[m, 0] += kappa[held[m]]
                moved[m, 1] += wave * kappa[held[m]]
                moved[m, 2] += tail_slope(motions[m, 6], s) * kappa[held[m]]
            for row in range(rows):
                before[row] += pulled[i, row]
        w[:] = before
