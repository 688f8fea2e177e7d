"""One sample in float64, with output at given times: what the browser asks for.

All slices run in one call. Devices lie kind after kind, so that every stretch of equal ``code`` is
a plain loop. Numbers of laws are those of ``plan.CODES``; ``DIODE`` adds the one that is not fused,
with the saturation current as gain and 1 / (ideality V_T) as a.
"""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ...devices.passive import EXPONENT_LIMIT
from .activations import IDENTITY, LEAKY_RELU, RELU, SIGMOID, SOFTPLUS, TANH
from .caching import inlined, kernel

DIODE = 6
REACHED, FAILED = 0, 1
SAFETY, SHRINK, GROW, BETA = 0.9, 0.2, 10.0, 0.04
LOG2_E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10


def _two_to_the(typing: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(64)
        biased = builder.add(builder.fptosi(args[0], wide), ir.Constant(wide, 1023))
        return builder.bitcast(builder.shl(biased, ir.Constant(wide, 52)), ir.DoubleType())

    return types.float64(types.float64), code


two_to_the: Any = intrinsic(_two_to_the)
"""2^n of a whole number, by its bits, which a loop over devices can do side by side."""


@inlined
def _exp_minus(x: float) -> float:
    """exp(-x) for x >= 0, to rounding: 2^n times the Taylor polynomial of degree 12."""
    y = -x if x < 708.0 else -708.0
    n = np.rint(y * LOG2_E)
    r = (y - n * LN2_HIGH) - n * LN2_LOW
    p = 1.0 + r / 12.0
    p = 1.0 + p * r * (1.0 / 11.0)
    p = 1.0 + p * r * 0.1
    p = 1.0 + p * r * (1.0 / 9.0)
    p = 1.0 + p * r * 0.125
    p = 1.0 + p * r * (1.0 / 7.0)
    p = 1.0 + p * r * (1.0 / 6.0)
    p = 1.0 + p * r * 0.2
    p = 1.0 + p * r * 0.25
    p = 1.0 + p * r * (1.0 / 3.0)
    p = 1.0 + p * r * 0.5
    return (1.0 + p * r) * two_to_the(n)


@inlined
def _phi(code: int, u: float) -> float:
    if code == RELU:
        return u if not u <= 0.0 else 0.0
    if code == LEAKY_RELU:
        return u if not u <= 0.0 else 0.01 * u
    if code == TANH:
        e = _exp_minus(2.0 * abs(u))
        return math.copysign((1.0 - e) / (1.0 + e), u) if u == u else u
    if code == SIGMOID:
        e = _exp_minus(abs(u))
        return (1.0 / (1.0 + e) if u > 0.0 else e / (1.0 + e)) if u == u else u
    if code == IDENTITY:
        return u
    if code == DIODE:
        if u > EXPONENT_LIMIT:
            return math.exp(EXPONENT_LIMIT) * (1.0 + u - EXPONENT_LIMIT) - 1.0
        return math.exp(u) - 1.0
    return (u if u > 0.0 else 0.0) + math.log1p(math.exp(-abs(u)))


@inlined
def _through(code: int, gain: Any, current: Any) -> None:
    """From arguments to currents, in place; a loop that can go side by side."""
    for e in range(current.shape[0]):
        current[e] = gain[e] * _phi(code, current[e])


@inlined
def _by_law(code: int, gain: Any, current: Any) -> None:
    if code == RELU:
        _through(RELU, gain, current)
    elif code == LEAKY_RELU:
        _through(LEAKY_RELU, gain, current)
    elif code == TANH:
        _through(TANH, gain, current)
    elif code == SIGMOID:
        _through(SIGMOID, gain, current)
    elif code == SOFTPLUS:
        _through(SOFTPLUS, gain, current)
    elif code == IDENTITY:
        _through(IDENTITY, gain, current)
    else:
        _through(DIODE, gain, current)


@inlined
def _currents(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, v: Any, current: Any
) -> None:
    """The currents of the devices of one slice, whose stretches are ``first`` to ``last``."""
    for j in range(first, last):
        lo, hi = runs[j, 0], runs[j, 1]
        for e in range(lo, hi):
            current[e] = terms[1, e] * v[source[e]] + terms[2, e] * v[target[e]] + terms[3, e]
        _by_law(runs[j, 2], terms[0, lo:hi], current[lo:hi])


@inlined
def _slope(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any, v: Any,
    current: Any, out: Any,
) -> None:  # fmt: skip
    """dv/dt of every node; ``out`` has a last entry for ground, which stays 0."""
    _currents(runs, first, last, source, target, terms, v, current)
    out[:] = 0.0
    if last > first:
        for e in range(runs[first, 0], runs[last - 1, 1]):
            out[target[e]] += current[e]
            out[source[e]] -= current[e]
    for row in range(inverse.shape[0]):
        out[row] *= inverse[row]


@inlined
def _combine(y: Any, h: float, weights: Any, slopes: Any, count: int, out: Any) -> None:
    """y + h sum_j w_j k_j."""
    out[:] = y
    for j in range(count):
        if weights[j] != 0.0:
            factor = h * weights[j]
            for row in range(out.shape[0]):
                out[row] += factor * slopes[j, row]


@inlined
def _interpolated(
    theta: float, h: float, y: Any, after: Any, slopes: Any, end: Any, dense: Any, out: Any
) -> None:
    """The state at the fraction ``theta`` of a step, by the method's dense output or a cubic."""
    if dense.shape[0] > 0:
        out[:] = y
        for j in range(dense.shape[0]):
            weight = 0.0
            for m in range(dense.shape[1] - 1, -1, -1):
                weight = (weight + dense[j, m]) * theta
            if weight != 0.0:
                for row in range(out.shape[0]):
                    out[row] += h * weight * slopes[j, row]
    else:
        rest = 1.0 - theta
        for row in range(out.shape[0]):
            out[row] = (
                y[row] * (rest * rest * (1 + 2 * theta))
                + after[row] * (theta * theta * (3 - 2 * theta))
                + slopes[0, row] * (h * theta * rest * rest)
                - end[row] * (h * theta * theta * rest)
            )


@inlined
def _norm(value: Any, before: Any, after: Any, count: int, rtol: float, atol: float) -> float:
    squares = 0.0
    for row in range(count):
        part = value[row] / (atol + rtol * max(abs(before[row]), abs(after[row])))
        squares += part * part
    return math.sqrt(squares / max(count, 1))


@inlined
def _finite(value: Any) -> bool:
    total = 0.0
    for row in range(value.shape[0]):
        total += value[row]
    return bool(np.isfinite(total))


@inlined
def _first_step(
    field: Any, span: float, control: Any, order: int, y: Any, slope: Any, now: Any, end: Any,
    current: Any,
) -> float:  # fmt: skip
    """A first step near the right size (Hairer, Norsett and Wanner I, section II.4)."""
    rtol, atol, nodes = control[0], control[1], y.shape[0] - 1
    size = _norm(y, y, y, nodes, rtol, atol)
    rate = _norm(slope, y, y, nodes, rtol, atol)
    guess = 1e-6 * span if min(size, rate * span) < 1e-5 else min(0.01 * size / rate, span)
    for row in range(y.shape[0]):
        now[row] = y[row] + guess * slope[row]
    _slope(*field, now, current, end)
    for row in range(y.shape[0]):
        now[row] = slope[row] - end[row]
    rate = max(rate, _norm(now, y, y, nodes, rtol, atol) / guess)
    if not rate < np.inf:
        return guess * 1e-3
    if rate * span <= 1e-15:
        return guess
    return min(100 * guess, (0.01 / rate) ** (1 / order), span)


@inlined
def _attempt(
    field: Any, h: float, a: Any, b: Any, used: int, y: Any, slopes: Any, now: Any, after: Any,
    end: Any, current: Any,
) -> None:  # fmt: skip
    """One step of length h: its stages, its end, and the slope there."""
    for i in range(1, used):
        _combine(y, h, a[i], slopes, i, now)
        _slope(*field, now, current, slopes[i])
    _combine(y, h, b, slopes, used, after)
    _slope(*field, after, current, end)


@inlined
def _samples(
    t: float, stop: float, last: bool, k: int, start: float, wanted: int, times: Any,
    slice_of: Any, y: Any, after: Any, slopes: Any, end: Any, dense: Any, out: Any, voltages: Any,
) -> int:  # fmt: skip
    """Fill in the voltages of all output times up to ``stop``; the next output time."""
    h = stop - t
    while wanted < times.shape[0] and slice_of[wanted] == k:
        local = times[wanted] - start
        if local > stop and not last:
            break
        if local >= stop - 1e-12 * h:
            out[:] = after
        elif local <= t:
            out[:] = y
        else:
            _interpolated((local - t) / h, h, y, after, slopes, end, dense, out)
        for row in range(out.shape[0] - 1):
            voltages[wanted, row] = out[row]
        wanted += 1
    return wanted


@inlined
def _fill(
    runs: Any, first: int, last: int, source: Any, target: Any, terms: Any, inverse: Any,
    place: Any, voltages: Any, currents: Any, residual: Any,
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
            _by_law(runs[j, 2], gain, current)
            into, from_ = net[target[e]], net[source[e]]
            for i in range(count):
                into[i] += current[i]
                from_[i] -= current[i]
                largest[i] = max(largest[i], abs(current[i]))
                currents[i, place[e]] = current[i]
    for j in range(last - 1, first - 1, -1):
        for e in range(runs[j, 1] - 1, runs[j, 0] - 1, -1):
            into, from_ = shown[target[e]], shown[source[e]]
            for i in range(count):
                into[i] += currents[i, place[e]]
                from_[i] -= currents[i, place[e]]
    for i in range(count):
        worst, charge = 0.0, 0.0
        for row in range(rows - 1):
            rise = (net[row, i] * inverse[row]) / inverse[row]
            charge += rise
            worst = max(worst, abs(rise - shown[row, i]))
        worst = max(worst, abs(charge + shown[rows - 1, i]))
        residual[i] = worst / largest[i] if largest[i] > 0 else worst


@kernel
def simulate(
    runs: Any, bounds: Any, source: Any, target: Any, terms: Any, place: Any, inverse: Any,
    durations: Any, v0: Any, a: Any, b: Any, error: Any, dense: Any, order: int, steps: int,
    control: Any, starts: Any, times: Any, slice_of: Any, voltages: Any, currents: Any,
    residual: Any, stats: Any,
) -> int:  # fmt: skip
    """Solve all slices and fill in what is known at the output times.

    Args:
        runs: stretches of devices (R, 3): first, last, number of the law.
        bounds: the stretches of slice k are ``bounds[k]`` to ``bounds[k + 1]``.
        source: state rows (E,), the last row is ground.
        target: state rows (E,).
        terms: gain, a, b, c (4, E).
        place: column in ``currents`` of every device.
        inverse: 1 / C (N + 1,), 0 for ground [1/F].
        durations: of the slices [s].
        v0: start (N + 1,), 0 for ground [V].
        a: (s, s) of the method, with its stage for the error estimate.
        b: (s,) of the method.
        error: (s,) b minus the embedded weights; empty for fixed steps.
        dense: coefficients of the dense output (s, 4); empty for the cubic.
        order: power of the step with which the error estimate falls.
        steps: per slice, for fixed steps.
        control: rtol, atol and the most tried steps of a slice.
        starts: of the slices [s].
        times: output times (T,) [s], ascending.
        slice_of: the slice that conducts at each.
        voltages: room for (T, N).
        currents: room for (T, E), of NaN.
        residual: room for (T,): violation of Kirchhoff's current law over the largest current.
        stats: room for steps, rejected, evaluations, smallest and largest step [s].

    Returns:
        0, or 1 when a value stopped being finite or the steps became too small or too many.
    """
    rows, nodes, stages = v0.shape[0], v0.shape[0] - 1, b.shape[0]
    adaptive, used = error.shape[0] > 0, stages
    while b[used - 1] == 0.0 and used > 1:
        used -= 1
    y, after, now, end = v0.copy(), np.empty(rows), np.empty(rows), np.empty(rows)
    slopes, current = np.zeros((stages, rows)), np.empty(source.shape[0])
    estimate, zeros = np.empty(rows), np.zeros(rows)
    wanted = 0
    stats[3] = np.inf
    for k in range(durations.shape[0]):
        field = (runs, bounds[k], bounds[k + 1], source, target, terms, inverse)
        span, t, first = durations[k], 0.0, wanted
        _slope(*field, y, current, slopes[0])
        stats[2] += 2 if adaptive else 1
        if not (_finite(y) and _finite(slopes[0])):
            return FAILED
        h = span / max(steps, 1)
        if adaptive:
            h = _first_step(field, span, control, order, y, slopes[0], now, end, current)
        previous, after_rejection, tried = 1e-4, False, 0
        while t < span:
            tried += 1
            if adaptive:
                if not h > 1e-15 * span or tried > control[2]:
                    return FAILED
                stop = span if t + 1.01 * h >= span else t + h
            else:
                stop = span if tried == steps else span * tried / steps
            h = stop - t
            _attempt(field, h, a, b, used, y, slopes, now, after, end, current)
            stats[2] += used
            size, good = 0.0, _finite(after)
            if adaptive:
                slopes[stages - 1] = end
                _combine(zeros, h, error, slopes, stages, estimate)
                size = _norm(estimate, y, after, nodes, control[0], control[1])
                if not (size <= 1.0 and good):
                    stats[1] += 1
                    after_rejection = True
                    usable = good and size < np.inf
                    h *= max(SHRINK, SAFETY * size ** (-1 / order)) if usable else SHRINK
                    continue
            elif not good:
                return FAILED
            stats[0] += 1
            stats[3], stats[4] = min(stats[3], h), max(stats[4], h)
            last = stop >= span and k + 1 == durations.shape[0]
            wanted = _samples(
                t, stop, last, k, starts[k], wanted, times, slice_of, y, after, slopes, end,
                dense, now, voltages,
            )  # fmt: skip
            t = stop
            y[:] = after
            slopes[0] = end
            factor = GROW
            if size > 0:
                factor = SAFETY * size ** (0.75 * BETA - 1 / order) * previous**BETA
            h *= min(1.0 if after_rejection else GROW, max(SHRINK, factor))
            previous, after_rejection = max(size, 1e-4), False
        part = slice(first, wanted)
        _fill(*field, place, voltages[part], currents[part], residual[part])
    return REACHED
