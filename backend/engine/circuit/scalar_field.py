"""The field of one slice in float64: currents, slope, Jacobian, the adjoint's product with it.

A field is the tuple ``runs, first, last, source, target, terms, inverse, leaves``. Its devices lie
kind after kind, so that every stretch of equal law is a plain loop. State vectors have a last row
for ground, which stays 0. ``leaves`` is the row that a current leaves: its source, or ground where
the device is one-sided.
"""

import math
from typing import Any

import numpy as np

from .caching import inlined
from .scalar_laws import by_law, steepness_by_law


@inlined
def currents(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, v: Any, current: Any
) -> None:
    """The currents of the devices of one slice, whose stretches are ``first`` to ``last``."""
    for j in range(first, last):
        lo, hi = runs[j, 0], runs[j, 1]
        for e in range(lo, hi):
            current[e] = terms[1, e] * v[source[e]] + terms[2, e] * v[target[e]] + terms[3, e]
        by_law(runs[j, 2], terms[0, lo:hi], current[lo:hi])


@inlined
def slope_of(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    leaves: Any, v: Any, current: Any, out: Any,
) -> None:  # fmt: skip
    """dv/dt of every node; ``out`` has a last entry for ground, which stays 0."""
    currents(runs, first, last, source, target, terms, v, current)
    for row in range(out.shape[0]):
        out[row] = 0.0
    if last > first:
        for e in range(runs[first, 0], runs[last - 1, 1]):
            out[target[e]] += current[e]
            out[leaves[e]] -= current[e]
    for row in range(inverse.shape[0]):
        out[row] *= inverse[row]


@inlined
def wave_slope(omega: float, phase: float, fade: float, s: float) -> float:
    """d/ds of exp(-fade s) sin(omega s + phase)."""
    x = omega * s + phase
    return math.exp(-fade * s) * (omega * math.cos(x) - fade * math.sin(x))


@inlined
def tail_slope(decay: float, s: float) -> float:
    """d/ds of exp(-decay s)."""
    return -decay * math.exp(-decay * s)


@inlined
def drive(source: Any, t: float, out: Any) -> None:
    """The slopes of driven nodes at the local time t, in their rows of ``out``.

    ``source`` holds their rows (M,), (M, 7) slope, amplitude, omega, phase, fade, tail and decay
    of ``waveforms.base.Motion``, and the time since the motion began at which t is 0 [s].
    """
    rows, motions, shift = source
    for m in range(rows.shape[0]):
        wave = wave_slope(motions[m, 2], motions[m, 3], motions[m, 4], t + shift)
        tail = motions[m, 5] * tail_slope(motions[m, 6], t + shift)
        out[rows[m]] = motions[m, 0] + motions[m, 1] * wave + tail


@inlined
def combine(y: Any, h: float, weights: Any, slopes: Any, count: int, out: Any) -> None:
    """y + h sum_j w_j k_j."""
    for row in range(out.shape[0]):
        out[row] = y[row]
    for j in range(count):
        if weights[j] != 0.0:
            factor = h * weights[j]
            for row in range(out.shape[0]):
                out[row] += factor * slopes[j, row]


@inlined
def finite(value: Any) -> bool:
    """Whether all entries are finite."""
    total = 0.0
    for row in range(value.shape[0]):
        total += value[row]
    return bool(np.isfinite(total))


@inlined
def steepness(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    leaves: Any, v: Any, out: Any,
) -> None:  # fmt: skip
    """gain phi'(u) of every device: its small-signal conductances are a and b times that [S]."""
    for j in range(first, last):
        lo, hi = runs[j, 0], runs[j, 1]
        for e in range(lo, hi):
            out[e] = terms[1, e] * v[source[e]] + terms[2, e] * v[target[e]] + terms[3, e]
        steepness_by_law(runs[j, 2], terms[0, lo:hi], out[lo:hi])


@inlined
def stamp_jacobian(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    leaves: Any, steep: Any, transposed: bool, out: Any,
) -> None:  # fmt: skip
    """J = d(dv/dt)/dv, or its transpose, of the nodes without ground; ``out`` is (N, N)."""
    nodes = out.shape[0]
    for row in range(nodes):
        for column in range(nodes):
            out[row, column] = 0.0
    if last <= first:
        return
    for e in range(runs[first, 0], runs[last - 1, 1]):
        s, d = source[e], target[e]
        g_s, g_d = steep[e] * terms[1, e], steep[e] * terms[2, e]
        for row, factor in ((leaves[e], -inverse[leaves[e]]), (d, inverse[d])):
            if row < nodes:
                for column, g in ((s, g_s), (d, g_d)):
                    if column < nodes:
                        if transposed:
                            out[column, row] += factor * g
                        else:
                            out[row, column] += factor * g


@inlined
def pull_back(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    leaves: Any, steep: Any, w: Any, out: Any,
) -> None:  # fmt: skip
    """J^T w: every device passes q = w_d / C_d - w_s / C_s in the adjoint circuit."""
    for row in range(out.shape[0]):
        out[row] = 0.0
    if last > first:
        for e in range(runs[first, 0], runs[last - 1, 1]):
            s, d = source[e], target[e]
            q = steep[e] * (w[d] * inverse[d] - w[leaves[e]] * inverse[leaves[e]])
            out[s] += terms[1, e] * q
            out[d] += terms[2, e] * q
    out[out.shape[0] - 1] = 0.0


@inlined
def fill(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    leaves: Any, place: Any, voltages: Any, currents: Any, residual: Any,
) -> None:  # fmt: skip
    """Currents and the violation of Kirchhoff's law at many times of one slice, side by side.

    The slope is what the steps use. What is shown is summed up anew from the other end of the list.
    """
    count, rows = voltages.shape[0], inverse.shape[0]
    v, net, shown = np.zeros((rows, count)), np.zeros((rows, count)), np.zeros((rows, count))
    largest, current = np.zeros(count), np.empty(count)
    for row in range(rows - 1):
        for i in range(count):
            v[row, i] = voltages[i, row]
    gain = np.empty(count)
    for j in range(first, last):
        for e in range(runs[j, 0], runs[j, 1]):
            v_s, v_d, a, b, c = v[source[e]], v[target[e]], terms[1, e], terms[2, e], terms[3, e]
            for i in range(count):
                current[i] = a * v_s[i] + b * v_d[i] + c
            gain[:] = terms[0, e]
            by_law(runs[j, 2], gain, current)
            into, from_ = net[target[e]], net[leaves[e]]
            for i in range(count):
                into[i] += current[i]
                from_[i] -= current[i]
                largest[i] = max(largest[i], abs(current[i]))
                currents[i, place[e]] = current[i]
    for j in range(last - 1, first - 1, -1):
        for e in range(runs[j, 1] - 1, runs[j, 0] - 1, -1):
            into, from_ = shown[target[e]], shown[leaves[e]]
            for i in range(count):
                into[i] += currents[i, place[e]]
                from_[i] -= currents[i, place[e]]
    for i in range(count):
        worst, charge = 0.0, 0.0
        for row in range(rows - 1):
            # The source of a driven node takes what arrives there.
            held = inverse[row] == 0.0
            rise = net[row, i] if held else (net[row, i] * inverse[row]) / inverse[row]
            charge += rise
            worst = max(worst, abs(rise - shown[row, i]))
        worst = max(worst, abs(charge + shown[rows - 1, i]))
        residual[i] = worst / largest[i] if largest[i] > 0 else worst
