"""Smooth random fields on a ring and stiff equations in Fourier space."""

from collections.abc import Callable

import numpy as np
from numpy import fft

CONTOUR = 32
"""Points on a circle around every eigenvalue, over which the weights of ETDRK4 are means."""


def wavenumbers(points: int) -> np.ndarray:
    """2 pi k, k = 0 to points/2, of a ring of length 1."""
    return 2 * np.pi * np.arange(points // 2 + 1)


def ring_fields(
    streams: list[np.random.Generator], points: int, deviation: np.ndarray
) -> np.ndarray:
    """Gaussian fields sum_k sqrt(2) s_k (a_k cos 2 pi k x + b_k sin 2 pi k x) of mean zero.

    a_k and b_k are independent standard normal numbers.

    Args:
        streams: random numbers of every field.
        points: of the ring.
        deviation: s_k of k = 1, 2, ... below points/2.

    Returns:
        (fields, points).
    """
    modes = len(deviation)
    drawn = np.stack([stream.standard_normal((2, modes)) for stream in streams])
    spectrum = np.zeros((len(streams), points // 2 + 1), complex)
    spectrum[:, 1 : modes + 1] = (drawn[:, 0] - 1j * drawn[:, 1]) * deviation
    return fft.irfft(spectrum * (points / np.sqrt(2)), n=points)


def matern_deviation(points: int, scale: float, inverse_length: float) -> np.ndarray:
    """s_k of N(0, scale^2 (-Laplace + l^2)^-2), scale / ((2 pi k)^2 + l^2), k from 1 on."""
    return scale / (wavenumbers(points)[1:-1] ** 2 + inverse_length**2)


def etdrk4(
    start: np.ndarray,
    linear: np.ndarray,
    nonlinear: Callable[[np.ndarray], np.ndarray],
    time: float,
    steps: int,
) -> np.ndarray:
    """v(time) of dv/dt = L v + N(v) with a diagonal L, to fourth order of the step.

    Args:
        start: v(0), the last axes those of L.
        linear: the diagonal of L.
        nonlinear: N.
        time: at the end.
        steps: of equal length.

    References:
        Cox and Matthews 2002, Exponential time differencing for stiff systems.
        Kassam and Trefethen 2005, Fourth-order time-stepping for stiff PDEs: the weights as means
        over a circle, without cancellation.
    """
    whole, half, q, f1, f2, f3 = _weights(linear, time / steps)
    v = start
    for _ in range(steps):
        at_v = nonlinear(v)
        a = half * v + q * at_v
        at_a = nonlinear(a)
        at_b = nonlinear(half * v + q * at_a)
        at_c = nonlinear(half * a + q * (2 * at_b - at_v))
        v = whole * v + f1 * at_v + f2 * (at_a + at_b) + f3 * at_c
    return v


def _weights(linear: np.ndarray, step: float) -> tuple[np.ndarray, ...]:
    """exp(h L), exp(h L / 2), and the weights of N at the stages."""
    circle = np.exp(2j * np.pi * (np.arange(CONTOUR) + 0.5) / CONTOUR)
    z = step * linear[..., None] + circle
    e = np.exp(z)
    q = ((np.exp(z / 2) - 1) / z).mean(-1).real
    f1 = ((-4 - z + e * (4 - 3 * z + z**2)) / z**3).mean(-1).real
    f2 = 2 * ((2 + z + e * (z - 2)) / z**3).mean(-1).real
    f3 = ((-4 - 3 * z - z**2 + e * (4 - z)) / z**3).mean(-1).real
    return np.exp(step * linear), np.exp(step * linear / 2), *(step * w for w in (q, f1, f2, f3))


def heat_flow(u: np.ndarray, diffusivity: float, time: float) -> np.ndarray:
    """The solution (..., points) of u_t = diffusivity u_xx on the ring, to rounding."""
    points = u.shape[-1]
    decay = np.exp(-diffusivity * time * wavenumbers(points) ** 2)
    return fft.irfft(fft.rfft(u) * decay, n=points)


def shifted(u: np.ndarray, distance: float) -> np.ndarray:
    """u(x - distance) on the ring, the trigonometric interpolant moved."""
    points = u.shape[-1]
    return fft.irfft(fft.rfft(u) * np.exp(-1j * distance * wavenumbers(points)), n=points)


WAVES = 12


def smooth_waves(streams: list[np.random.Generator], points: int) -> np.ndarray:
    """Fields (n, points) of 12 waves, as few as every grid of 25 points can hold.

    Wave k has the standard deviation 25 / ((2 pi k)^2 + 25), as the fields of Burgers' equation.
    """
    return ring_fields(streams, points, matern_deviation(points, 25.0, 5.0)[:WAVES])
