"""One sample in float64 by explicit steps, with output at given times.

All slices run in one call. Devices lie kind after kind, so that every stretch of equal ``code`` is
a plain loop. Numbers of laws are those of ``plan.CODES``; ``scalar_laws.DIODE`` adds the one that
is not fused, with the saturation current as gain and 1 / (ideality V_T) as a.
"""

import math
from typing import Any

import numpy as np

from .. import step_size
from ..step_size import PREVIOUS
from .caching import inlined, kernel
from .scalar_field import combine, fill, finite, slope_of

REACHED, FAILED = 0, 1
_after_accepted = inlined(step_size.after_accepted)
_after_rejected = inlined(step_size.after_rejected)
_step_end = inlined(step_size.step_end)
_first_guess = inlined(step_size.first_guess)
_first_size = inlined(step_size.first_size)


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
def _first_step(
    field: Any, span: float, control: Any, order: int, y: Any, slope: Any, now: Any, end: Any,
    current: Any,
) -> float:  # fmt: skip
    """A first step near the right size (Hairer, Norsett and Wanner I, section II.4)."""
    rtol, atol, nodes = control[0], control[1], y.shape[0] - 1
    size = _norm(y, y, y, nodes, rtol, atol)
    rate = _norm(slope, y, y, nodes, rtol, atol)
    guess = _first_guess(size, rate, span)
    for row in range(y.shape[0]):
        now[row] = y[row] + guess * slope[row]
    slope_of(*field, now, current, end)
    for row in range(y.shape[0]):
        now[row] = slope[row] - end[row]
    return _first_size(guess, rate, _norm(now, y, y, nodes, rtol, atol), span, order)


@inlined
def _attempt(
    field: Any, h: float, a: Any, b: Any, used: int, y: Any, slopes: Any, now: Any, after: Any,
    end: Any, current: Any,
) -> None:  # fmt: skip
    """One step of length h: its stages, its end, and the slope there."""
    for i in range(1, used):
        combine(y, h, a[i], slopes, i, now)
        slope_of(*field, now, current, slopes[i])
    combine(y, h, b, slopes, used, after)
    slope_of(*field, after, current, end)


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
def _error(
    method: Any, h: float, control: Any, y: Any, after: Any, slopes: Any, end: Any, estimate: Any
) -> float:
    """A step's estimated error over the tolerance; 0 for fixed steps, infinite if it failed."""
    error = method[2]
    if not finite(after):
        return np.inf
    if error.shape[0] == 0:
        return 0.0
    slopes[error.shape[0] - 1] = end
    estimate[:] = 0.0
    combine(estimate, h, error, slopes, error.shape[0], estimate)
    return _norm(estimate, y, after, y.shape[0] - 1, control[0], control[1])


@inlined
def _through(
    field: Any, method: Any, span: float, steps: int, control: Any, y: Any, rooms: Any, output: Any,
    stats: Any,
) -> int:  # fmt: skip
    """March ``y`` through one slice and fill in its outputs; the next output time, -1 if it failed.

    Args:
        field: what ``_slope`` needs before the state.
        method: a, b, error, dense, order and how many stages a step uses.
        span: duration [s].
        steps: equal steps; 0 where the error chooses them.
        control: rtol, atol and the most tried steps.
        y: the state.
        rooms: slopes, the end of a step, scratch, slope at the end, currents, error estimate.
        output: number and start of the slice, whether it is the last, the first output time, and
            what ``_samples`` needs of the outputs.
        stats: as of ``simulate``.
    """
    a, b, error, dense, order, used = method
    slopes, after, now, end, current, estimate = rooms
    k, start, last, wanted, times, slice_of, voltages = output
    adaptive = error.shape[0] > 0
    slope_of(*field, y, current, slopes[0])
    stats[2] += 2 if adaptive else 1
    if not (finite(y) and finite(slopes[0])):
        return -1
    t, h, previous, held, tried = 0.0, span / max(steps, 1), PREVIOUS, False, 0
    if adaptive:
        h = _first_step(field, span, control, order, y, slopes[0], now, end, current)
    while t < span:
        tried += 1
        if adaptive and (not h > 1e-15 * span or tried > control[2]):
            return -1
        stop = _step_end(t, h, span)
        if not adaptive:
            stop = span if tried == steps else span * tried / steps
        h = stop - t
        _attempt(field, h, a, b, used, y, slopes, now, after, end, current)
        stats[2] += used
        size = _error(method, h, control, y, after, slopes, end, estimate)
        if not size <= 1.0:
            if not adaptive:
                return -1
            stats[1] += 1
            held = True
            h *= _after_rejected(size, order)
            continue
        stats[0] += 1
        stats[3], stats[4] = min(stats[3], h), max(stats[4], h)
        wanted = _samples(
            t, stop, last and stop >= span, k, start, wanted, times, slice_of, y, after, slopes,
            end, dense, now, voltages,
        )  # fmt: skip
        t = stop
        y[:] = after
        slopes[0] = end
        h *= _after_accepted(size, previous, held, order)
        previous, held = max(size, PREVIOUS), False
    return wanted


@kernel
def simulate(
    runs: Any, bounds: Any, source: Any, target: Any, leaves: Any, terms: Any, place: Any,
    inverse: Any, durations: Any, v0: Any, a: Any, b: Any, error: Any, dense: Any, order: int,
    steps: int, control: Any, starts: Any, times: Any, slice_of: Any, voltages: Any,
    currents: Any, residual: Any, stats: Any,
) -> int:  # fmt: skip
    """Solve all slices and fill in what is known at the output times.

    Args:
        runs: stretches of devices (R, 3): first, last, number of the law.
        bounds: the stretches of slice k are ``bounds[k]`` to ``bounds[k + 1]``.
        source: state rows (E,), the last row is ground.
        target: state rows (E,).
        leaves: state rows that the currents leave (E,).
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
    rows, used, slices = v0.shape[0], b.shape[0], durations.shape[0]
    while b[used - 1] == 0.0 and used > 1:
        used -= 1
    method = (a, b, error, dense, order, used)
    y, slopes = v0.copy(), np.zeros((b.shape[0], rows))
    rooms = (
        slopes, np.empty(rows), np.empty(rows), np.empty(rows), np.empty(source.shape[0]),
        np.empty(rows),
    )  # fmt: skip
    wanted = 0
    stats[3] = np.inf
    for k in range(slices):
        field = (runs, bounds[k], bounds[k + 1], source, target, terms, inverse, leaves)
        output = (k, starts[k], k + 1 == slices, wanted, times, slice_of, voltages)
        first = wanted
        wanted = _through(field, method, durations[k], steps, control, y, rooms, output, stats)
        if wanted < 0:
            return FAILED
        part = slice(first, wanted)
        fill(*field, place, voltages[part], currents[part], residual[part])
    return REACHED
