"""The march of one sample through one slice in float64, forward or of the adjoint, step by step.

A march fills a tape: the ends of its steps and the polynomial of each. It returns when the tape is
full, so that a long solve can be cancelled, and goes on from its ``state`` when it is called again.
"""

import math
from typing import Any

import numpy as np

from .. import step_size
from ..step_size import PREVIOUS
from .caching import inlined, kernel, part
from .scalar_field import drive, finite, pull_back, slope_of, stamp_jacobian, steepness
from .scalar_steps import (
    explicit_bends,
    explicit_step,
    implicit_bends,
    implicit_step,
    norm,
    remember,
    stiffness,
)

REACHED, FULL, STIFF, NOT_FINITE, UNDERFLOW, EXHAUSTED, LOOK = range(7)
"""Why a march returned: at its end; the tape is full; better done implicitly; a value is not
finite; the steps fell to nothing; too many steps; the implicit step should be looked at."""

(
    TIME, SIZE, PREVIOUS_ERROR, HOLD, TRIED, STEPS, REJECTED, EVALUATIONS, SMALLEST, LARGEST,
    STIFF_STEPS, CALM_STEPS, WORST, LIMIT, COUNT, SINCE_LOOK, BOUND, JACOBIANS,
    SLACK, NOISE,
) = range(20)  # fmt: skip
"""Places in ``state``."""

STATE_SIZE = 20
STIFF_LIMIT, STIFF_SURE, CALM_SURE = 3.25, 15, 6
"""h |eigenvalue| beyond which a step of dopri5 is at its stability limit; how many such steps in
a row of others prove stiffness; how many calm ones disprove it (Hairer and Wanner, DOPRI5)."""
WORTH = 30.0
"""The implicit method takes over only where at least so many explicit steps remain."""
LOOK_EVERY = 16.0
NOISE_POWER, NOISE_SURE, MOST_SLACK = 1.5, 10.0, 1e4
"""An error that falls slower than h^1.5 is rounding; so often in a row of others proves it; and so
much the tolerance may be widened for it: what matters is then found by a second tolerance."""
CHATTER_EVERY, CHATTER_SHARE = 500.0, 0.12
INSIDE_SHARE, INSIDE_LEAST = 1e-10, 1e-13
"""How far inside a stretch between jumps the path is read: a share of it, and of the duration,
which is more than the digits that the time of a jump is known to."""

_after_accepted = inlined(step_size.after_accepted)
_after_rejected = inlined(step_size.after_rejected)
_step_end = inlined(step_size.step_end)


@part
def copy_row(values: Any, out: Any) -> None:
    """Without the checks of an array assignment, which cost seconds to compile."""
    for row in range(out.shape[0]):
        out[row] = values[row]


@part
def evaluate_forward(context: Any, t: float, y: Any, out: Any) -> None:
    """dv/dt of a circuit; ``context`` is its field, room for currents, and its sources."""
    slope_of(*context[0], y, context[1], out)
    drive(context[2], t, out)


@part
def differentiate_forward(context: Any, t: float, y: Any, out: Any) -> None:
    """J of a circuit."""
    steepness(*context[0], y, context[1])
    stamp_jacobian(*context[0], context[1], False, out)


@part
def read_path(times: Any, states: Any, bends: Any, t: float, out: Any) -> None:
    """The state at ``t`` on a tape."""
    last = times.shape[0] - 1
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if times[middle] <= t:
            low = middle
        else:
            high = middle
    if last == 0 or t <= times[low]:
        for row in range(out.shape[0]):
            out[row] = states[low, row]
        return
    theta = min((t - times[low]) / (times[low + 1] - times[low]), 1.0)
    y, bend = states[low], bends[low]
    for row in range(out.shape[0]):
        out[row] = y[row] + theta * (
            bend[0, row] + theta * (bend[1, row] + theta * (bend[2, row] + theta * bend[3, row]))
        )


@part
def _inside(stretch: Any, tau: float, span: float) -> float:
    """Tau within the stretch, so that a device that switches at its end is on the right side."""
    low, high = stretch[0], stretch[1]
    edge = min(0.25 * (high - low), INSIDE_SHARE * (high - low) + INSIDE_LEAST * span)
    return min(max(tau, low + edge), high - edge)


@part
def evaluate_adjoint(context: Any, tau: float, y: Any, out: Any) -> None:
    """dlambda/dtau = J(v(T - tau))^T lambda; ``context`` adds room for v, the tape and T."""
    field, steep, v, times, states, bends, span, stretch = context
    read_path(times, states, bends, span - _inside(stretch, tau, span), v)
    steepness(*field, v, steep)
    pull_back(*field, steep, y, out)


@part
def differentiate_adjoint(context: Any, tau: float, y: Any, out: Any) -> None:
    """The Jacobian of the adjoint's field, J(v(T - tau))^T."""
    field, steep, v, times, states, bends, span, stretch = context
    read_path(times, states, bends, span - _inside(stretch, tau, span), v)
    steepness(*field, v, steep)
    stamp_jacobian(*field, steep, True, out)


@inlined
def _growth_bound(jacobian: Any) -> float:
    """The largest rate at which anything can grow: the logarithmic norm of the maximum."""
    worst = -1e300
    for i in range(jacobian.shape[0]):
        total = jacobian[i, i]
        for j in range(jacobian.shape[0]):
            if j != i:
                total += abs(jacobian[i, j])
        worst = max(worst, total)
    return worst


@inlined
def _first_step(span: float, y: Any, slope: Any) -> float:
    """Over which the state moves by a hundredth; the error estimate mends it at once."""
    size, rate = 0.0, 0.0
    for row in range(y.shape[0]):
        size, rate = max(size, abs(y[row])), max(rate, abs(slope[row]))
    if rate == 0.0:
        return span
    return min(0.01 * size / rate if size > 0.0 else 1e-6 * span, span)


@inlined
def _worst(value: Any, before: Any, met: Any) -> float:
    """The row that is not finite (of several the largest before), else of the largest share."""
    count = value.shape[0] - 1
    place, most, broken = 0, -1.0, False
    for row in range(count):
        bad = not np.isfinite(value[row])
        size = abs(before[row]) if bad else abs(value[row]) / (met[row] + 1e-300)
        if (bad and not broken) or (bad == broken and size > most):
            place, most, broken = row, size, bad
    return float(place)


@inlined
def _hear_noise(h: float, error: float, failed: Any, state: Any) -> None:
    """Widen the tolerance where smaller steps do not make the error smaller as they should.

    Args:
        h: of the step that was tried.
        error: its error over the tolerance.
        failed: length and error of the rejected step before; 0 for none.
        state: of the march.
    """
    if failed[0] > h and error > 0.0 and failed[1] < np.inf:
        power = math.log(failed[1] / error) / math.log(failed[0] / h)
        state[NOISE] = state[NOISE] + 1.0 if power < NOISE_POWER else max(0.0, state[NOISE] - 1.0)
        if state[NOISE] >= NOISE_SURE and state[SLACK] < MOST_SLACK:
            state[SLACK] *= 4.0
            state[NOISE] = 0.0


@part
def _between(jumps: Any, t: float, span: float, stretch: Any) -> None:
    """The last jump up to ``t`` and the first one after it; 0 and ``span`` where there is none."""
    low, high = 0, jumps.shape[0]
    while low < high:
        middle = (low + high) // 2
        if jumps[middle] <= t:
            low = middle + 1
        else:
            high = middle
    stretch[0] = jumps[low - 1] if low > 0 else 0.0
    stretch[1] = jumps[low] if low < jumps.shape[0] else span


@inlined
def _chatters(state: Any, left: float, h: float) -> bool:
    """Whether steps go back and forth at the stability limit without ever staying beyond it."""
    steps = state[STEPS]
    often = state[REJECTED] > CHATTER_SHARE * steps
    return steps % CHATTER_EVERY == 0.0 and often and left > CHATTER_EVERY * h


@inlined
def _march(
    evaluate: Any, differentiate: Any, context: Any, timed: bool, implicit: bool, watch: bool,
    method: Any, span: float, steps: int, control: Any, y: Any, met: Any, state: Any, tape: Any,
    jumps: Any, stretch: Any,
) -> int:  # fmt: skip
    """The step loop; see ``march``.

    Where the field jumps, at ``jumps``, a step ends, and the next one starts with a slope of its
    own; ``stretch`` holds the two jumps that the field is asked between.
    """
    order = 4 if implicit else method[5]
    adaptive = steps == 0
    rows = y.shape[0]
    times, states, bends = tape
    rooms = (
        np.zeros((7, rows)), np.empty(rows), np.empty(rows), np.empty(rows), np.zeros(rows),
        np.zeros(rows), np.zeros(rows),
    )  # fmt: skip
    slopes, after, end, estimate, slope = rooms[0], rooms[2], rooms[3], rooms[4], rooms[5]
    side = rows - 1 if implicit else 0
    jacobian = np.empty((side, side))
    linear = (np.empty((side, side)), np.empty(side, np.int64), np.empty(side, np.int64))
    failed = np.zeros(2)
    count = 0
    state[COUNT] = 0
    t, h, previous, held = state[TIME], state[SIZE], state[PREVIOUS_ERROR], state[HOLD] > 0.0
    times[0] = t
    copy_row(y, states[0])
    _between(jumps, t, span, stretch)
    evaluate(context, t, y, slope)
    state[EVALUATIONS] += 1
    remember(y, met)
    if not (finite(y) and finite(slope)):
        state[WORST] = _worst(slope, y, met)
        return NOT_FINITE
    if h == 0.0:
        h = span / max(steps, 1)
        if adaptive:
            h = _first_step(span, y, slope)
    fresh = True
    while t < span:
        state[TIME], state[SIZE], state[COUNT] = t, h, count
        state[PREVIOUS_ERROR], state[HOLD] = previous, 1.0 if held else 0.0
        if count + 1 >= times.shape[0]:
            return FULL
        if implicit and fresh:
            differentiate(context, t, y, jacobian)
            state[JACOBIANS] += 1
            state[BOUND] = _growth_bound(jacobian)
            fresh = False
        if implicit and state[BOUND] * h > 0.5:
            if state[SINCE_LOOK] >= LOOK_EVERY:
                return LOOK
            h = min(h, state[LIMIT])
        if state[TRIED] >= control[4]:
            return EXHAUSTED
        if adaptive and not (h > 1e-300 and t + h > t):
            state[WORST] = _worst(after if not finite(after) else estimate, y, met)
            return UNDERFLOW if finite(after) else NOT_FINITE
        state[TRIED] += 1
        stop = _step_end(t, h, stretch[1])
        if not adaptive:
            tried = state[TRIED]
            stop = span if tried == steps else span * tried / steps
        wanted = h
        h = stop - t
        sound = True
        if implicit:
            sound = implicit_step(evaluate, context, t, h, timed, y, rooms, jacobian, linear)
        else:
            copy_row(slope, slopes[0])
            explicit_step(evaluate, context, t, h, method, y, rooms)
        state[EVALUATIONS] += 6 if implicit else method[6]
        error = np.inf
        if sound and finite(after) and finite(end):
            error = norm(estimate, y, after, met, control) / state[SLACK] if adaptive else 0.0
            _hear_noise(h, error, failed, state)
        failed[0] = 0.0
        if not error <= 1.0:
            if not adaptive:
                state[WORST] = _worst(after, y, met)
                return NOT_FINITE
            state[REJECTED] += 1
            failed[0], failed[1] = h, error
            held = True
            h *= _after_rejected(error, order)
            continue
        if implicit:
            implicit_bends(y, rooms, bends[count])
        else:
            explicit_bends(h, method, y, rooms, bends[count])
        if watch:
            if stiffness(h, rooms) > STIFF_LIMIT:
                state[STIFF_STEPS] += 1
                state[CALM_STEPS] = 0
            else:
                state[CALM_STEPS] += 1
                if state[CALM_STEPS] >= CALM_SURE:
                    state[STIFF_STEPS] = 0
        state[STEPS] += 1
        state[SINCE_LOOK] += 1
        state[SMALLEST], state[LARGEST] = min(state[SMALLEST], h), max(state[LARGEST], h)
        t = stop
        copy_row(after, y)
        copy_row(end, slope)
        remember(y, met)
        count += 1
        times[count] = t
        copy_row(y, states[count])
        fresh = True
        grow = _after_accepted(error, previous, held, order) if adaptive else 1.0
        if implicit and state[BOUND] > 0.0:
            grow = min(grow, 2.0)
        h *= grow
        if t >= stretch[1] and t < span:
            # A step that was cut short at a jump says nothing against the one that was wanted.
            h = max(h, wanted)
            _between(jumps, t, span, stretch)
            evaluate(context, t, y, slope)
            state[EVALUATIONS] += 1
        previous, held = max(error, PREVIOUS), False
        sure = state[STIFF_STEPS] >= STIFF_SURE and span - t > WORTH * h
        if watch and (sure or _chatters(state, span - t, h)):
            state[STIFF_STEPS] = 0
            state[TIME], state[SIZE], state[COUNT] = t, 0.0, count
            state[PREVIOUS_ERROR], state[HOLD] = PREVIOUS, 0.0
            return STIFF
    state[TIME], state[SIZE], state[COUNT] = t, h, count
    return REACHED


@kernel
def march(
    field: Any, source: Any, implicit: bool, watch: bool, method: Any, span: float, steps: int,
    control: Any, y: Any, met: Any, state: Any, times: Any, states: Any, bends: Any,
) -> int:  # fmt: skip
    """March a circuit through one slice until its end, the tape's end or trouble.

    Args:
        field: runs, first, last, source, target, terms, inverse, leaves (``scalar_field``).
        source: what holds the driven nodes (``scalar_field.drive``).
        implicit: by RODAS instead of ``method``.
        watch: return as soon as the explicit method proves to be the wrong one.
        method: a, b, c, error, dense, order and the stages a step uses.
        span: duration [s].
        steps: equal steps; 0 where the error chooses them.
        control: rtol, two shares and a cap (``scalar_steps.norm``), and the most tried steps.
        y: the state (N + 1,) [V], 0 for ground; goes on to the end.
        met: the largest magnitudes met (N + 1,).
        state: where the march stands, and what it took.
        times: room for the ends of steps (K + 1,) [s].
        states: room for the states there (K + 1, N + 1) [V].
        bends: room for the polynomials (K, 4, N + 1).

    Returns:
        ``REACHED`` or why it stopped.
    """
    context = (field, np.empty(field[3].shape[0]), source)
    timed = False
    for m in range(source[0].shape[0]):
        timed = timed or source[1][m, 1] != 0.0
    return _march(
        evaluate_forward, differentiate_forward, context, timed, implicit, watch, method, span,
        steps, control, y, met, state, (times, states, bends), np.empty(0), np.empty(2),
    )  # fmt: skip


@kernel
def march_adjoint(
    field: Any, path_times: Any, path_states: Any, path_bends: Any, implicit: bool, watch: bool,
    method: Any, span: float, control: Any, y: Any, met: Any, state: Any, times: Any, states: Any,
    bends: Any, jumps: Any,
) -> int:  # fmt: skip
    """March the adjoint circuit, tau = T - t, along the tape of a slice; see ``march``.

    ``jumps`` are ascending times tau inside (0, span) at which conductances jump; steps end there.
    """
    rows = y.shape[0]
    stretch = np.array([0.0, span])
    context = (
        field, np.empty(field[3].shape[0]), np.empty(rows), path_times, path_states, path_bends,
        span, stretch,
    )  # fmt: skip
    return _march(
        evaluate_adjoint, differentiate_adjoint, context, True, implicit, watch, method, span, 0,
        control, y, met, state, (times, states, bends), jumps, stretch,
    )  # fmt: skip


@kernel
def jacobian_at(field: Any, v: Any, out: Any) -> None:
    """J = d(dv/dt)/dv at the voltages v (N + 1,), into ``out`` (N, N)."""
    steep = np.empty(field[3].shape[0])
    steepness(*field, v, steep)
    stamp_jacobian(*field, steep, False, out)
