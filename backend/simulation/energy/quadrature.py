"""Integrals over the steps of a solve, each with an estimate of its error."""

from collections.abc import Callable

import numpy as np

OUTER = np.sqrt(2.0 / 3.0)
INNER = np.array([-OUTER, -(0.2**0.5), 0.0, 0.2**0.5, OUTER])
"""Places inside of an interval from -1 to 1."""

FINE_END, FINE = 77.0 / 1470.0, np.array([432.0, 625.0, 672.0, 625.0, 432.0]) / 1470.0
COARSE_END, COARSE = 1.0 / 6.0, np.array([0.0, 5.0, 0.0, 5.0, 0.0]) / 6.0
"""Weights of the rules at the ends of the interval and at the places inside."""

Values = Callable[[np.ndarray], np.ndarray]
"""Values (P, W) at times (P,)."""

TOGETHER, ALIKE = 8, 4.0
"""So many steps at most are one interval, none longer than so many times another."""

NUMBERS = 2**21
"""About so many values are held at once."""


def integrals(low: np.ndarray, high: np.ndarray, values: Values) -> tuple[np.ndarray, np.ndarray]:
    """The integrals (K, W) over K intervals, and how far a simpler rule is off.

    Seven points of Gauss, Lobatto and Kronrod, exact for polynomials of degree 9, beside Lobatto's
    four among them, of degree 5 (Gander and Gautschi 2000).

    Args:
        low: where the intervals begin (K,).
        high: where they end (K,).
        values: what is integrated.
    """
    half, count = 0.5 * (high - low), len(low)
    inner = (low + half)[:, None] + half[:, None] * INNER
    points = np.concatenate([low[:, None], inner, high[:, None]], axis=1)
    found = values(points.ravel())
    found = found.reshape(count, len(INNER) + 2, found.shape[1])
    outer, inside = found[:, 0] + found[:, -1], found[:, 1:-1]
    fine = FINE_END * outer + np.einsum("j,kjw->kw", FINE, inside)
    coarse = COARSE_END * outer + np.einsum("j,kjw->kw", COARSE, inside)
    return half[:, None] * fine, half[:, None] * (fine - coarse)


def joined(edges: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Places of the edges (J,) between intervals of a few steps of similar length each.

    Steps are as short as the error of a solve asks for, an integral needs fewer of them.

    Args:
        edges: ends of the steps (K + 1,), ascending.
        wanted: places of edges at which an interval must end.
    """
    steps, must = np.diff(edges).tolist(), set(wanted.tolist())
    kept = [0]
    low = high = 0.0
    for place, step in enumerate(steps):
        first = place == kept[-1]
        low, high = (step, step) if first else (min(low, step), max(high, step))
        if not first and (place in must or place - kept[-1] == TOGETHER or high > ALIKE * low):
            kept.append(place)
            low = high = step
    return np.array([*kept, len(steps)] if steps else kept)


def chunks(count: int, width: int) -> list[slice]:
    """Intervals in stretches whose values fit."""
    most = max(1, NUMBERS // (max(width, 1) * (len(INNER) + 2)))
    return [slice(first, min(first + most, count)) for first in range(0, count, most)]
