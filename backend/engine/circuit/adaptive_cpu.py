"""Dormand-Prince 5(4) for tiles of samples: every tile chooses its own steps.

The control is that of ``solvers.step_size`` (PI, Hairer, Norsett and Wanner), with the largest over
the samples of a tile of the root mean square over the nodes as the norm. A result therefore depends
on the tile a sample is in, within the tolerance. Accepted steps are constants of the gradient, so
the way back is ``numba_cpu.pull`` with the recorded step sizes.
"""

from typing import Any

import numpy as np

from .. import step_size
from ..step_size import PREVIOUS
from .caching import inlined, kernel
from .fused_devices import currents
from .lanes import (
    at_least,
    div,
    fill,
    fma,
    load,
    magnitude,
    mul,
    root,
    spread,
    store,
    width,
)
from .numba_cpu import scale, stage_input

ZERO = np.float32(0)

# How a tile ended.
REACHED, NOT_FINITE, UNDERFLOW, EXHAUSTED, FULL = 0, 1, 2, 3, 4

ORDER = 5
_after_accepted = inlined(step_size.after_accepted)
_after_rejected = inlined(step_size.after_rejected)
_step_end = inlined(step_size.step_end)
_first_guess = inlined(step_size.first_guess)
_first_size = inlined(step_size.first_size)


@inlined
def _slope(plan: Any, terms: Any, inverse: Any, v: Any, out: Any) -> None:
    currents(False, plan, terms, inverse, v, out)
    scale(out, inverse)


@inlined
def _largest(value: Any, alive: Any, room: Any) -> float:
    """The largest lane of those alive; NaN or infinite if one of them is."""
    store(room, 0, value)
    result = 0.0
    for lane in range(len(alive)):
        if alive[lane]:
            one = np.float64(room[lane])
            if not one <= 1e30:
                return np.inf
            result = max(result, one)
    return result


@inlined
def _norm(
    value: Any, before: Any, after: Any, rows: int, rtol: Any, atol: Any, alive: Any, room: Any
) -> float:
    """max over samples of rms over nodes of value / (atol + rtol max(|before|, |after|))."""
    squares = fill(value, 0.0)
    for row in range(rows - 1):
        at = row * width(value)
        size = at_least(magnitude(load(before, at)), magnitude(load(after, at)))
        part = div(load(value, at), fma(size, fill(value, rtol), fill(value, atol)))
        squares = fma(part, part, squares)
    squares = mul(squares, fill(value, 1.0 / max(rows - 1, 1)))
    return _largest(root(squares), alive, room)


@inlined
def _first_step(
    plan: Any, terms: Any, inverse: Any, y: Any, span: float, rtol: Any, atol: Any, slopes: Any,
    scratch: Any, alive: Any, room: Any,
) -> float:  # fmt: skip
    """A first step near the right size, from the first two derivatives (HNW I, section II.4)."""
    rows = inverse.shape[0]
    size = _norm(y, y, y, rows, rtol, atol, alive, room)
    rate = _norm(slopes[0], y, y, rows, rtol, atol, alive, room)
    guess = _first_guess(size, rate, span)
    for row in range(rows):
        at = row * width(y)
        store(scratch, at, fma(fill(y, guess), load(slopes[0], at), load(y, at)))
    _slope(plan, terms, inverse, scratch, slopes[1])
    for row in range(rows):
        at = row * width(y)
        bend = fma(fill(y, -1.0), load(slopes[0], at), load(slopes[1], at))
        store(scratch, at, bend)
    bend = _norm(scratch, y, y, rows, rtol, atol, alive, room)
    return _first_size(guess, rate, bend, span, ORDER)


@inlined
def _attempt(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, h: Any, y: Any, after: Any, slopes: Any,
    inputs: Any, first: int, scratch: Any,
) -> None:  # fmt: skip
    """Stages 2 to 7 of a step, and its end in ``after``."""
    stages, rows = b.shape[0], inverse.shape[0]
    keep = inputs.shape[0] > 0
    if keep:
        stage_input(0, rows, h, a, y, slopes, inputs[first])
    for i in range(1, stages):
        now = inputs[first + i] if keep else scratch
        stage_input(i, rows, h, a, y, slopes, now)
        _slope(plan, terms, inverse, now, slopes[i])
    for row in range(rows):
        at = row * width(y)
        value = load(y, at)
        for i in range(stages):
            if b[i] != ZERO:
                value = fma(spread(h * b[i]), load(slopes[i], at), value)
        store(after, at, value)
    _slope(plan, terms, inverse, after, slopes[stages])


@inlined
def _error(
    error: Any, h: Any, y: Any, after: Any, slopes: Any, rows: int, rtol: Any, atol: Any,
    scratch: Any, alive: Any, room: Any,
) -> float:  # fmt: skip
    """The estimated error over the tolerance; infinite where the end is not finite.

    The estimate itself is left in ``scratch``.
    """
    squares, size = fill(y, 0.0), fill(y, 0.0)
    for row in range(rows - 1):
        at = row * width(y)
        end, value = load(after, at), fill(y, 0.0)
        for i in range(error.shape[0]):
            value = fma(spread(h * error[i]), load(slopes[i], at), value)
        store(scratch, at, value)
        scale = at_least(magnitude(load(y, at)), magnitude(end))
        scale = fma(scale, fill(y, rtol), fill(y, atol))
        part = div(value, scale)
        squares = fma(part, part, squares)
        size = fma(end, end, size)
    mean = fill(y, 1.0 / max(rows - 1, 1))
    # An infinite state makes its own scale infinite; 0 inf = nan keeps it from passing.
    return _largest(root(fma(size, fill(y, 0.0), mul(squares, mean))), alive, room)


@inlined
def _alive(y: Any, rows: int, alive: Any) -> None:
    """Samples that begin finite; one that does not must not stop the others of its tile."""
    for lane in range(len(alive)):
        alive[lane] = True
        for row in range(rows):
            if not np.isfinite(y[row * width(y) + lane]):
                alive[lane] = False


@inlined
def _blame(value: Any, rows: int) -> int:
    """The node with the largest value, or the first that is not finite."""
    worst, node = -1.0, 0
    for row in range(rows - 1):
        for lane in range(width(value)):
            size = abs(value[row * width(value) + lane])
            if not size <= 1e30:
                return row
            if size > worst:
                worst, node = size, row
    return node


@inlined
def _obstacle(h: float, span: float, tried: int, most: int, count: int, places: int) -> int:
    """Why no step can be tried any more; ``REACHED`` where one can."""
    if not h > 1e-15 * span:
        return UNDERFLOW
    if tried >= most:
        return EXHAUSTED
    return FULL if count == places else REACHED


@kernel
def solve(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, error: Any, span: float, rtol: float,
    atol: float, most: int, y: Any, inputs: Any, sizes: Any, outcome: Any, rooms: Any,
) -> None:  # fmt: skip
    """Solve one tile ``y`` (rows samples) over ``span`` [s], in place.

    Args:
        plan: the topology, ``plan.Packed.arrays``.
        terms: (E, 4) packed.
        inverse: (rows,), 0 for ground.
        a: (7, 7) of the method.
        b: (6,) of the method.
        error: (7,), b minus the embedded weights.
        span: from 0 to this [s].
        rtol: relative tolerance.
        atol: absolute tolerance [V].
        most: gives up after so many tried steps.
        y: the states.
        inputs: room for the stage inputs of every accepted step (6 steps, rows samples), or none.
        sizes: room for the accepted step sizes [s].
        outcome: (6,) of float64: how it ended, time [s], accepted, rejected, evaluations, and
            the node to blame when it did not reach the end.
        rooms: room for (9, rows samples).
    """
    rows, stages = inverse.shape[0], b.shape[0]
    slopes, after, scratch = rooms[2:], rooms[0], rooms[1]
    room, alive = np.empty(width(y), y.dtype), np.empty(width(y), np.bool_)
    _alive(y, rows, alive)
    _slope(plan, terms, inverse, y, slopes[0])
    t, count, rejected, previous, held, how = 0.0, 0, 0, PREVIOUS, False, REACHED
    h = _first_step(
        plan, terms, inverse, y, span, rtol, atol, slopes, scratch, alive, room
    )  # fmt: skip
    while t < span:
        how = _obstacle(h, span, count + rejected, most, count, sizes.shape[0])
        if how != REACHED:
            break
        end = _step_end(t, h, span)
        h = end - t
        step = y.dtype.type(h)
        _attempt(
            plan, terms, inverse, a, b, step, y, after, slopes, inputs, count * stages, scratch
        )
        size = _error(error, step, y, after, slopes, rows, rtol, atol, scratch, alive, room)
        if not size <= 1.0:
            rejected, held = rejected + 1, True
            h *= _after_rejected(size, ORDER)
            continue
        t, sizes[count] = end, step
        count += 1
        y[:] = after
        slopes[0][:] = slopes[stages]
        h *= _after_accepted(size, previous, held, ORDER)
        previous, held = max(size, PREVIOUS), False
    outcome[0], outcome[1], outcome[2], outcome[3] = how, t, count, rejected
    outcome[4] = 2 + stages * (count + rejected)
    outcome[5] = _blame(scratch, rows) if how != REACHED else 0
