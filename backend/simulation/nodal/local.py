"""The equations at many times at once: residuals, Jacobians, and what follows from them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import eig

from ...engine.nodal.march import laws_at
from .problem import Kernel, NodalProblem

Limit = Callable[[np.ndarray], np.ndarray]
"""Controls (T, A, C) that are not too far from the last ones."""

ENTRIES = 4_000_000
"""Numbers of a stack of Jacobians."""

POLISHES = 6


@dataclass
class Local:
    """The equations of a kernel's field at T times.

    Args:
        f: -F z - G s - H i (T, n).
        jacobian: df/dw by z, s, s' and s'' (T, n, W).
        currents: of the atoms (T, A).
        slopes: of the atoms by their controls (T, A, C).
        by: derivatives by their arguments (T, A, P).
    """

    f: np.ndarray
    jacobian: np.ndarray
    currents: np.ndarray
    slopes: np.ndarray
    by: np.ndarray


def dense(matrix: tuple[np.ndarray, np.ndarray, np.ndarray], width: int) -> np.ndarray:
    """Compressed rows as a dense matrix."""
    start, place, value = matrix
    out = np.zeros((len(start) - 1, width))
    out[np.repeat(np.arange(len(out)), np.diff(start)), place] = value
    return out


def values_of(table: np.ndarray, t: np.ndarray, orders: int = 3) -> np.ndarray:
    """Values and derivatives of all sources (orders, T, S) at times of their piece [s].

    The same as ``engine.nodal.field.wave``, at all times at once.
    """
    start, slope, amplitude, omega, phase, fade, tail, decay = table.T
    s = t[:, None]
    omega, fade = np.where(amplitude == 0, 0.0, (omega, fade))
    decay = np.where(tail == 0, 0.0, decay)
    with np.errstate(over="ignore", invalid="ignore"):  # of what grows beyond all numbers
        kept, fallen = np.exp(-fade * s), np.exp(-decay * s)
        sine, cosine = kept * np.sin(omega * s + phase), kept * np.cos(omega * s + phase)
    out = np.zeros((orders, len(t), len(table)))
    # d^n/ds^n of exp(-fade s) sin(x) = Im of (i omega - fade)^n exp(i x - fade s).
    real, imaginary = np.ones_like(omega), np.zeros_like(omega)
    for order in range(orders):
        out[order] = amplitude * (real * sine + imaginary * cosine) + tail * fallen
        real, imaginary = -fade * real - omega * imaginary, omega * real - fade * imaginary
        tail = -decay * tail
    out[0] += start + slope * s - amplitude * np.sin(phase) - table[:, 6]
    if orders > 1:
        out[1] += slope
    return out


def equations(
    field: Kernel, table: np.ndarray, t: np.ndarray, z: np.ndarray, limit: Limit | None = None
) -> Local:
    """The equations at the states z (T, n) at times t (T,) of a piece [s].

    Args:
        field: of the kernels.
        table: the sources of the piece.
        t: times.
        z: states.
        limit: gives the controls at which laws are taken, beyond which their tangents go on.
    """
    n, count = z.shape[1], len(table)
    width, shape = n + 3 * count, (len(t), len(field[1]))
    w = np.concatenate([z, *values_of(table, t)], axis=1)
    linear, entering = dense(field[5], width), dense(field[4], n)
    reading = np.vstack([dense(field[3], width), np.zeros((1, width))])
    seen = np.ascontiguousarray((w @ reading.T)[:, field[2]])
    at = seen if limit is None else limit(seen)
    by = np.empty((*shape, field[1].shape[1]))
    currents, slopes = np.empty(shape), np.empty(at.shape)
    laws_at(field[0], field[1], at, currents, slopes, by)
    if limit is not None:
        currents = currents + ((seen - at) * slopes).sum(-1)
    f = -(w @ linear.T + currents @ entering)
    jacobian = np.broadcast_to(-linear, (len(t), n, width)).copy()
    if shape[1]:
        through = np.einsum("tac,acw->taw", slopes, reading[field[2]])
        jacobian -= np.einsum("an,taw->tnw", entering, through)
    return Local(f, jacobian, currents, slopes, by)


def solved(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """matrix^-1 right of every time (T, n), rows made of equal size; NaN where there is none."""
    size = np.abs(matrix).max(axis=2, keepdims=True)
    size[size == 0] = 1.0
    try:
        return np.linalg.solve(matrix / size, right[..., None] / size)[..., 0]
    except np.linalg.LinAlgError:
        if len(matrix) == 1:
            return np.full_like(right, np.nan)
        return np.concatenate(
            [solved(matrix[k : k + 1], right[k : k + 1]) for k in range(len(matrix))]
        )


def finite_poles(matrix: np.ndarray, stored: np.ndarray, count: int | None = None) -> np.ndarray:
    """The finite eigenvalues [1/s] of (matrix, stored), s stored x = matrix x, ordered by size.

    What has no derivative answers at once: its pole is at infinity. A matrix beyond the range of
    numbers has none that could be told.

    Args:
        matrix: (n, n).
        stored: (n, n).
        count: how many there are, where that is known; else the size of a pole decides.
    """
    with np.errstate(all="ignore"):
        row = np.abs(matrix).max(axis=1, initial=0.0) + np.abs(stored).max(axis=1, initial=0.0)
    row[row == 0] = 1.0
    sizes = [max(float(np.abs(each).max(initial=0.0)), 1e-300) for each in (stored, matrix)]
    pace = sizes[0] / sizes[1]
    with np.errstate(all="ignore"):
        even, slow = matrix / row[:, None], stored / (row[:, None] * pace)
    if not (np.isfinite(even).all() and np.isfinite(slow).all()):
        return np.zeros(0, complex)
    pair: Any = eig(even, slow, right=False, homogeneous_eigvals=True)
    top, bottom = np.asarray(pair)
    with np.errstate(over="ignore"):  # a pole of 0
        share = np.abs(bottom) / np.maximum(np.abs(top), 1e-300)
    finite = share > 1e-11 if count is None else np.argsort(-share)[:count]
    with np.errstate(divide="ignore", invalid="ignore"):
        poles = top[finite] / bottom[finite] / pace
    return poles[np.argsort(np.abs(poles))]


def chunks(count: int, n: int, width: int) -> list[slice]:
    """Stretches of times whose Jacobians fit."""
    step = max(1, ENTRIES // max(n * width, 1))
    return [slice(first, min(first + step, count)) for first in range(0, count, step)]


def polished(problem: NodalProblem, k: int, t: np.ndarray, z: np.ndarray) -> np.ndarray:
    """States (T, n) that obey the equations without a derivative, E z as it is.

    Between the ends of a step a polynomial knows nothing of a diode that switches; the voltages
    that follow at once from what capacitors hold do.
    """
    r, table = problem.reduced, problem.table(k)
    n, out = z.shape[1], z.copy()
    if not r.algebraic.any():
        return out
    for part in chunks(len(t), n, n + 3 * len(table)):
        x, held = z[part].copy(), z[part] @ r.stored.T
        left = np.ones(len(x), bool)
        for _ in range(POLISHES):
            now = equations(problem.field, table, t[part][left], x[left])
            matrix = np.where(r.algebraic.reshape(-1, 1), now.jacobian[:, :, :n], r.stored)
            off = np.where(r.algebraic, now.f, x[left] @ r.stored.T - held[left])
            move = solved(matrix, off)
            good = np.isfinite(move).all(axis=1)
            x[left] -= np.where(good.reshape(-1, 1), move, 0.0)
            small = np.abs(move) <= 1e-10 * (1e-9 + np.abs(x[left]))
            left[np.flatnonzero(left)] = good & ~small.all(axis=1)
            if not left.any():
                break
        sound = (np.isfinite(x).all(axis=1) & ~left).reshape(-1, 1)
        out[part] = np.where(sound, x, z[part])
    return out


def slopes(problem: NodalProblem, k: int, t: np.ndarray, z: np.ndarray, now: Local) -> np.ndarray:
    """dz/dt (T, n): E dz/dt = f, and the derivative of the equations without one."""
    r, table = problem.reduced, problem.table(k)
    n = z.shape[1]
    if not len(t):
        return np.empty_like(z)
    moving = np.concatenate([*values_of(table, t, 4)[1:]], axis=1)
    matrix = np.where(r.algebraic[:, None], now.jacobian[:, :, :n], r.stored)
    drift = np.einsum("tnw,tw->tn", now.jacobian[:, :, n:], moving)
    return solved(matrix, np.where(r.algebraic, -drift, now.f))
