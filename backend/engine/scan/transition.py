"""One step of a cascade of unit gain, s⁺ = A s + B u, and how it changes with the time constants.

A (n, n) is lower triangular and B (n,); with x_m = Δ/τ_m, a_m = exp(-x_m):

- ``exact``: the columns of exp(M), where M has -x_m on its diagonal and x_m to the left of it, and
  a row of zeros on top for the input, which is held.
- ``foh``: v_m⁺ = a_m v_m + (φ - a_m) v_{m-1} + (1 - φ) v_{m-1}⁺ with φ = (1 - a_m)/x_m.
- ``gs``: v_m⁺ = a_m v_m + (1 - a_m) v_{m-1}⁺.
- ``delay``: v_m⁺ = a_m v_m + (1 - a_m) v_{m-1}.

The first cell sees the input, held over the step, in all of them. Everything is in float64.
"""

import math
from typing import Any

import numpy as np

from ..compiled import inlined, kernel

RULES = ("exact", "foh", "gs", "delay")
EXACT, FOH, GS, DELAY = range(4)
LEAST, MOST = 1e-30, 1e13
"""Bounds of Δ/τ. Beyond, a cell stands still or follows at once, to within rounding."""
FINE = 5
"""exp is a power series where all of M is below 2^-FINE, and squared from there."""
TERMS = 8
"""Terms of that series beyond the number of cells."""


@inlined
def _chain(x: Any, cells: int, out: Any, work: Any) -> None:
    """exp(M) of the chain with rates 0, x_1, ..., x_cells.

    All terms off the diagonal are positive, and the diagonal is set anew after every squaring; so
    every entry has the accuracy of a few roundings for each squaring, however stiff the chain.
    """
    top = 0.0
    for i in range(1, cells + 1):
        top = max(top, x[i])
    squarings = max(0, math.ceil(math.log2(top)) + FINE)
    fine = 2.0**-squarings
    size = cells + 1
    for i in range(size):
        for j in range(size):
            out[i, j] = 1.0 if i == j else 0.0
    for term in range(cells + TERMS, 0, -1):
        for i in range(cells, 0, -1):
            factor = x[i] * fine / term
            for j in range(i):
                out[i, j] = factor * (out[i - 1, j] - out[i, j])
            out[i, i] = 1.0 - factor * out[i, i]
    for _ in range(squarings):
        fine *= 2.0
        for i in range(size):
            for j in range(i):
                total = 0.0
                for k in range(j, i + 1):
                    total += out[i, k] * out[k, j]
                work[i, j] = total
        for i in range(size):
            for j in range(i):
                out[i, j] = work[i, j]
            out[i, i] = math.exp(-x[i] * fine)


@inlined
def _exact(x: Any, cells: int, table: Any, slopes: Any, wanted: bool, rooms: Any) -> None:
    """``table`` (n, n + 1) and its derivatives by x, ``slopes`` (n, n, n + 1).

    d exp[.., λ_m, ..]/dλ_m repeats λ_m: the derivative is a chain that has cell m twice.
    """
    chain, longer, work, twice = rooms
    _chain(x, cells, chain, work)
    for i in range(1, cells + 1):
        for j in range(i + 1):
            table[i - 1, j] = chain[i, j]
        table[i - 1, i] = math.expm1(-x[i])
    if not wanted:
        return
    for m in range(1, cells + 1):
        for i in range(m + 1):
            twice[i] = x[i]
        for i in range(m, cells + 1):
            twice[i + 1] = x[i]
        _chain(twice, cells + 1, longer, work)
        for i in range(m, cells + 1):
            for j in range(m):
                slopes[m - 1, i - 1, j] = (chain[i, j] - longer[i + 1, j]) / x[m]
            slopes[m - 1, i - 1, m] = -longer[i + 1, m] / x[m]
        slopes[m - 1, m - 1, m] = -chain[m, m]


@inlined
def _ramp(x: float) -> tuple[float, float, float, float]:
    """Weights of the old and the new end of a linear input, φ - a and 1 - φ, and their slopes."""
    a = math.exp(-x)
    if x > 0.5:
        mean = -math.expm1(-x) / x
        fall = (a - mean) / x
        return mean - a, 1.0 - mean, fall + a, -fall
    old, new, old_slope, new_slope = 0.0, 0.0, 0.0, 0.0
    power = 1.0  # (-x)^k / (k + 1)!
    for k in range(16):
        # φ = sum of (-x)^k/(k+1)!, a = sum of (-x)^k/k!
        if k > 0:
            old -= k * power
            new -= power
        following = power / (k + 2)  # (-x)^k / (k + 2)!
        old_slope += (k + 1) * (k + 1) * following
        new_slope += (k + 1) * following
        power *= -x / (k + 2)
    return old, new, old_slope, new_slope


@inlined
def _by_rule(x: Any, cells: int, rule: int, table: Any, slopes: Any) -> None:
    """``table`` and ``slopes`` cell by cell, for rules that pass one cell's end to the next."""
    for i in range(1, cells + 1):
        a, rise = math.exp(-x[i]), -math.expm1(-x[i])
        old, new, old_slope, new_slope = 0.0, rise, 0.0, a
        if i > 1 and rule == DELAY:
            old, new, old_slope, new_slope = rise, 0.0, a, 0.0
        if i > 1 and rule == FOH:
            old, new, old_slope, new_slope = _ramp(x[i])
        for j in range(i):
            # The row above holds A - 1 on its diagonal.
            before = 1.0 if i == 1 else table[i - 2, j] + (1.0 if j == i - 1 else 0.0)
            table[i - 1, j] = new * before
            slopes[i - 1, i - 1, j] = new_slope * before
            for m in range(1, i):
                slopes[m - 1, i - 1, j] = new * slopes[m - 1, i - 2, j]
        table[i - 1, i] = -rise
        slopes[i - 1, i - 1, i] = -a
        if i > 1:
            table[i - 1, i - 1] += old
            slopes[i - 1, i - 1, i - 1] += old_slope


@kernel()
def _fill(tau: Any, step: float, rule: int, wanted: bool, table: Any, slopes: Any) -> bool:
    """Fill ``table`` and ``slopes`` (by τ) channel by channel; False where τ is negative or NaN."""
    cells, channels = tau.shape
    x, twice = np.zeros(cells + 1), np.zeros(cells + 2)
    size = cells + 2
    rooms = np.zeros((size, size)), np.zeros((size, size)), np.zeros((size, size)), twice
    own, change = np.zeros((cells, cells + 1)), np.zeros((cells, cells, cells + 1))
    for d in range(channels):
        for m in range(cells):
            if not tau[m, d] >= 0.0:
                return False
            x[m + 1] = MOST if tau[m, d] * MOST <= step else max(step / tau[m, d], LEAST)
        if rule == EXACT:
            _exact(x, cells, own, change, wanted, rooms)
        else:
            _by_rule(x, cells, rule, own, change)
        for i in range(cells):
            for j in range(i + 2):
                table[i, j, d] = own[i, j]
                if wanted:
                    for m in range(cells):
                        free = LEAST < x[m + 1] < MOST
                        scale = -x[m + 1] / tau[m, d] if free else 0.0
                        slopes[m, i, j, d] = change[m, i, j] * scale
    return True


def fill(
    tau: np.ndarray, step: float, rule: str, wanted: bool
) -> tuple[np.ndarray, np.ndarray] | None:
    """B and A - 1 of every channel, and their derivatives by τ.

    Args:
        tau: (n, D), float64.
        step: Δ.
        rule: one of ``RULES``.
        wanted: whether derivatives are.

    Returns:
        The table (n, n + 1, D), [i, 0] = B_i and [i, j] = A_ij - δ_ij, and the derivatives
        (n, n, n + 1, D), the first index that of τ, empty unless wanted; ``None`` where a time
        constant is negative or no number.
    """
    cells, channels = tau.shape
    table = np.zeros((cells, cells + 1, channels))
    slopes = np.zeros((cells if wanted else 0, cells, cells + 1, channels))
    known = _fill(tau, step, RULES.index(rule), wanted, table, slopes)
    return (table, slopes) if known else None
