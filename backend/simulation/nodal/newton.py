"""Zeros of a circuit's equations: Newton's method, and detours where it goes astray."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Equations = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""Residual (n,) and its Jacobian (n, n) at x (n,)."""

MOST = 100
SMALL, LOOSE, PATIENCE = 1e-13, 1e-10, 8
"""A step this small beside x ends the iteration; the second after so many steps."""


@dataclass
class Root:
    """What an iteration found.

    Args:
        x: the last point (n,).
        ok: whether it is a zero.
        steps: Newton steps taken.
        worst: row with the largest last step.
        condition: of the Jacobian there, estimated (1-norm).
        open: where the Jacobian has no inverse, the unknowns that it leaves open.
    """

    x: np.ndarray
    ok: bool
    steps: int
    worst: int = 0
    condition: float = np.inf
    open: tuple[int, ...] = ()


def newton(equations: Equations, x: np.ndarray, least: np.ndarray, most: int = MOST) -> Root:
    """Newton's method; a step is cut while the residual there is not finite.

    ``equations`` may say by an attribute ``limited`` that it took tangents in the place of laws,
    which no zero may do.

    Args:
        equations: residual and Jacobian.
        x: the start (n,).
        least: differences of x that are rounding (n,).
        most: steps.
    """
    x = x.copy()
    worst = 0
    with np.errstate(all="ignore"):
        f, jacobian = equations(x)
    for number in range(1, most + 1):
        move = _solved(jacobian, f)
        if move is None:
            return Root(x, False, number, worst, open=left_open(jacobian))
        worst = int(np.abs(move).argmax()) if len(move) else 0
        factor = 1.0
        while True:
            with np.errstate(all="ignore"):
                after = x - factor * move
                value, slope = equations(after)
            if np.isfinite(value).all() and np.isfinite(slope).all():
                break
            factor *= 0.25
            if factor < 1e-6:
                return Root(x, False, number, worst)
        x, f, jacobian = after, value, slope
        if getattr(equations, "limited", False):
            continue
        if factor < 1.0:
            continue
        # Rounding may keep the last digits moving: then fewer of them have to stand still.
        share = SMALL if number < PATIENCE else LOOSE
        if np.all(np.abs(move) <= share * np.abs(x) + least):
            return Root(x, _settled(f, jacobian, x, least), number, worst, _condition(jacobian))
    return Root(x, False, most, worst)


def _settled(f: np.ndarray, jacobian: np.ndarray, x: np.ndarray, least: np.ndarray) -> bool:
    """Whether the residual is rounding beside the terms that add up to it."""
    terms = np.abs(jacobian) @ (1e-8 * np.abs(x) + 10.0 * least)
    return bool(np.all(np.abs(f) <= terms + 1e-11 * np.abs(f).max(initial=0.0)))


def _solved(jacobian: np.ndarray, f: np.ndarray) -> np.ndarray | None:
    """jacobian^-1 f with rows of equal size; ``None`` where there is no such thing."""
    if not len(f):
        return f.copy()
    scale = np.abs(jacobian).max(axis=1, initial=0.0)
    if not np.all(scale > 0) or not np.isfinite(scale).all():
        return None
    try:
        move = np.linalg.solve(jacobian / scale[:, None], f / scale)
    except np.linalg.LinAlgError:
        return None
    return move if np.isfinite(move).all() else None


def left_open(jacobian: np.ndarray) -> tuple[int, ...]:
    """The columns along which a singular Jacobian does nothing."""
    if not np.isfinite(jacobian).all():
        return ()
    rows = np.abs(jacobian).max(axis=1, keepdims=True)
    even = jacobian / np.where(rows > 0, rows, 1.0)
    columns = np.abs(even).max(axis=0, keepdims=True)
    even = even / np.where(columns > 0, columns, 1.0)
    direction = np.abs(np.linalg.svd(even)[2][-1])
    return tuple(int(k) for k in np.flatnonzero(direction > 0.1 * direction.max())[:4])


def _condition(jacobian: np.ndarray) -> float:
    """The condition number of the Jacobian with rows and columns of equal size."""
    if not len(jacobian):
        return 1.0
    rows = np.abs(jacobian).max(axis=1, keepdims=True)
    even = jacobian / rows
    columns = np.abs(even).max(axis=0, keepdims=True)
    try:
        return float(np.linalg.cond(even / np.where(columns > 0, columns, 1.0), 1))
    except np.linalg.LinAlgError:
        return np.inf


def followed(
    family: Callable[[float], Equations], x: np.ndarray, least: np.ndarray, most: int = 400
) -> Root:
    """A zero of ``family(1)`` along zeros of ``family(s)`` from s = 0.

    The step in s doubles after a success and is quartered after a failure.
    """
    first = newton(family(0.0), x, least)
    if not first.ok:
        return first
    left: tuple[int, ...] = ()
    x, s, size, steps = first.x, 0.0, 0.1, first.steps
    while s < 1.0 and steps < most * 10:
        after = min(1.0, s + size)
        found = newton(family(after), x, least, 30)
        steps += found.steps
        if found.ok:
            x, s, size = found.x, after, size * 2.0
            if s == 1.0:
                return Root(x, True, steps, found.worst, found.condition)
        else:
            size *= 0.25
            left = found.open
            if size < 1e-7:
                break
    return Root(x, False, steps, open=left)
