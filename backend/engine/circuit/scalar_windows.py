"""What a long step may hide: devices that switch on and off again between its ends."""

from typing import Any

import numpy as np

from .activations import IDENTITY, LEAKY_RELU, RELU
from .caching import inlined, kernel
from .scalar_field import pull_back, slope_of, steepness

MOST = 64
"""Switches of one step that are looked at; the gaps between more of them are small."""

HALVINGS = 40
PARTS = 4


@inlined
def polynomial(c: Any, x: float) -> float:
    """c_0 + c_1 x + ... + c_4 x^4."""
    return c[0] + x * (c[1] + x * (c[2] + x * (c[3] + x * c[4])))


@inlined
def derivative(c: Any, x: float) -> float:
    """Its derivative."""
    return c[1] + x * (2.0 * c[2] + x * (3.0 * c[3] + x * 4.0 * c[4]))


@inlined
def crossing(c: Any, low: float, high: float, of_derivative: bool) -> float:
    """Where the polynomial, or its derivative, changes its sign in (low, high), by bisection."""
    begin = derivative(c, low) if of_derivative else polynomial(c, low)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        value = derivative(c, middle) if of_derivative else polynomial(c, middle)
        if (value > 0.0) == (begin > 0.0):
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@inlined
def switches_of(c: Any, found: Any, count: int) -> int:
    """Zeros of one device's argument inside the step, put into ``found`` from ``count`` on."""
    low = 0.0
    for part in range(1, PARTS + 1):
        high = part / PARTS
        at_low, at_high = polynomial(c, low), polynomial(c, high)
        if (at_low > 0.0) != (at_high > 0.0):
            if count < MOST:
                found[count] = crossing(c, low, high, False)
                count += 1
        elif (derivative(c, low) > 0.0) != (derivative(c, high) > 0.0):
            turn = crossing(c, low, high, True)
            if (polynomial(c, turn) > 0.0) != (at_low > 0.0) and count + 1 < MOST:
                found[count] = crossing(c, low, turn, False)
                found[count + 1] = crossing(c, turn, high, False)
                count += 2
        low = high
    return count


@inlined
def argument_of(field: Any, e: int, k: int, states: Any, bends: Any, c: Any) -> bool:
    """Device ``e``'s argument as a polynomial of step ``k``, and whether it may pass 0 there."""
    source, target, terms = field[3], field[4], field[5]
    a, b, s, d = terms[1, e], terms[2, e], source[e], target[e]
    c[0] = a * states[k, s] + b * states[k, d] + terms[3, e]
    reach = 0.0
    for i in range(4):
        c[i + 1] = a * bends[k, i, s] + b * bends[k, i, d]
        reach += abs(c[i + 1])
    return abs(c[0]) <= reach and reach > 0.0


@inlined
def rates_of(field: Any, v: Any, steep: Any, out: Any) -> None:
    """The conductance at every node over its capacitance [1/s]; ``steep`` is room for (E,)."""
    runs, first, last, _, target, terms, inverse, leaves = field
    steepness(*field, v, steep)
    for row in range(out.shape[0]):
        out[row] = 0.0
    for r in range(first, last):
        for e in range(runs[r, 0], runs[r, 1]):
            out[leaves[e]] += abs(steep[e] * terms[1, e])
            out[target[e]] += abs(steep[e] * terms[2, e])
    for row in range(out.shape[0]):
        out[row] *= inverse[row]


@kernel
def hidden_windows(field: Any, times: Any, states: Any, bends: Any, out: Any) -> int:
    """Places between two switches of a step where the field is not the slope of its polynomial.

    A device switches where its argument a v_s + b v_d + c passes 0. Between two switches the step
    may have seen nothing; there the field and the polynomial's slope are compared, and what the
    difference would move a voltage by until the next switch is noted.

    Args:
        field: of the slice.
        times: of the steps' ends (K + 1,) [s].
        states: there (K + 1, N + 1) [V].
        bends: polynomials (K, 4, N + 1).
        out: room for times [s] and voltages [V] (R, 2).

    Returns:
        How many there are; those beyond R are left out.
    """
    runs, first, last, source, inverse = field[0], field[1], field[2], field[3], field[6]
    rows = states.shape[1]
    c, found = np.empty(5), np.empty(MOST)
    v, slope, current = np.empty(rows), np.empty(rows), np.empty(source.shape[0])
    rates = np.empty(rows)
    noted = 0
    for k in range(bends.shape[0]):
        h, count = times[k + 1] - times[k], 0
        for r in range(first, last):
            if runs[r, 2] == IDENTITY:
                continue
            for e in range(runs[r, 0], runs[r, 1]):
                if argument_of(field, e, k, states, bends, c):
                    count = switches_of(c, found, count)
        if count < 2:
            continue
        marks = np.sort(found[:count])
        for j in range(count - 1):
            gap = marks[j + 1] - marks[j]
            if gap <= 1e-12:
                continue
            x = 0.5 * (marks[j] + marks[j + 1])
            for row in range(rows):
                p = bends[k, :, row]
                v[row] = states[k, row] + x * (p[0] + x * (p[1] + x * (p[2] + x * p[3])))
            slope_of(*field, v, current, slope)
            rates_of(field, v, current, rates)
            missed = 0.0
            for row in range(rows):
                if inverse[row] == 0.0:  # ground and driven nodes
                    continue
                p = bends[k, :, row]
                own = p[0] + x * (2.0 * p[1] + x * (3.0 * p[2] + x * 4.0 * p[3]))
                # A fast node forgets within its own time constant.
                time = min(gap * h, 1.0 / max(rates[row], 1e-300))
                missed = max(missed, time * abs(slope[row] - own / h))
            if missed > 0.0:
                if noted < out.shape[0]:
                    out[noted, 0], out[noted, 1] = times[k] + x * h, missed
                noted += 1
    return noted


@kernel
def switch_times(field: Any, times: Any, states: Any, bends: Any, out: Any) -> int:
    """When devices switch [s], how long the argument takes from -2 to 2 [s], whether with a kink.

    Args:
        field: of the slice.
        times: of the steps' ends (K + 1,) [s].
        states: there (K + 1, N + 1) [V].
        bends: polynomials (K, 4, N + 1).
        out: room (R, 3), in the order of the steps.

    Returns:
        How many there are; those beyond R are left out.
    """
    runs, first, last = field[0], field[1], field[2]
    c, found, noted = np.empty(5), np.empty(MOST), 0
    for k in range(bends.shape[0]):
        h = times[k + 1] - times[k]
        for r in range(first, last):
            if runs[r, 2] == IDENTITY:
                continue
            kinked = runs[r, 2] == RELU or runs[r, 2] == LEAKY_RELU
            for e in range(runs[r, 0], runs[r, 1]):
                if not argument_of(field, e, k, states, bends, c):
                    continue
                for j in range(switches_of(c, found, 0)):
                    if noted < out.shape[0]:
                        out[noted, 0] = times[k] + found[j] * h
                        out[noted, 1] = 4.0 * h / max(abs(derivative(c, found[j])), 1e-300)
                        out[noted, 2] = 1.0 if kinked else 0.0
                    noted += 1
    return noted


@kernel
def adjoint_defects(
    field: Any, voltages: Any, adjoint: Any, slopes: Any, widths: Any, out: Any
) -> None:
    """What J(v)^T lambda moves lambda by within a width, beside a given dlambda/dtau; the largest.

    Args:
        field: of the slice.
        voltages: (T, N + 1) [V].
        adjoint: lambda (T, N + 1).
        slopes: dlambda/dtau (T, N + 1) [1/s].
        widths: how long it lasts (T,) [s].
        out: room (T,).
    """
    steep, own = np.empty(field[3].shape[0]), np.empty(voltages.shape[1])
    rates = np.empty(voltages.shape[1])
    for i in range(voltages.shape[0]):
        steepness(*field, voltages[i], steep)
        pull_back(*field, steep, adjoint[i], own)
        rates_of(field, voltages[i], steep, rates)
        out[i] = 0.0
        for row in range(own.shape[0]):
            if field[6][row] == 0.0:  # what a driven node gathers moves nothing
                continue
            time = min(widths[i], 1.0 / max(rates[row], 1e-300))
            out[i] = max(out[i], time * abs(own[row] - slopes[i, row]))
