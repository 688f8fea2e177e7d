"""Navier and Stokes' equation in the plane: eddies that are stirred, drift and merge."""

from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

import numpy as np
from numpy import fft

from ...params import Param
from ..base import DATASETS
from .base import SEED, Computed, counts, resolution
from .spectral import etdrk4
from .store import Pair

VISCOSITIES = {"0.001": 1e-3, "0.01": 1e-2}
STEP = 0.05
"""Of time [units of the equation]: see the test that halves it."""

SCALE, INVERSE_LENGTH, SMOOTHNESS = 7.0**1.5, 7.0, 2.5


@DATASETS.register("navier_stokes")
class NavierStokes(Computed):
    """Vorticity of a stirred fluid on a torus of side 1, from one moment to a later one.

    w_t + u . grad w = viscosity Laplace w + 0.1 (sin 2 pi (x + y) + cos 2 pi (x + y)), div u = 0;
    w(0) is drawn from N(0, 7^1.5 (-Laplace + 49)^-2.5). Solved by ETDRK4 on 64 x 64 points in
    Fourier space with the 2/3 rule against aliasing.

    References:
        Li et al. 2020, Fourier neural operator, arXiv 2010.08895, section 5.3: on 256 x 256 points,
        where ten moments are given. Here it is one, of a size that a laptop computes.
    """

    title: ClassVar[str] = "Navier-Stokes vorticity"
    params: ClassVar[tuple[Param, ...]] = (
        *counts(n=200, validation=40, test=40),
        resolution(64),
        Param("viscosity", "0.001", choices=tuple(VISCOSITIES), doc="The less, the more eddies."),
        Param("start", 10.0, low=0, high=50, slider=(0, 20), doc="Time of the given vorticity."),
        Param("lead", 5.0, low=0.1, high=20, slider=(1, 10), doc="How much later it is asked for."),
        SEED,
    )
    dimensions = 2
    finest = 64
    chunk = 20

    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """The vorticities at both times (n, 1, points, points)."""
        viscosity = VISCOSITIES[str(self.options["viscosity"])]
        w = np.stack([vorticity(stream, self.finest) for stream in streams])
        force = stirring(self.finest)
        given = evolved(w, viscosity, float(self.options["start"]), force)
        later = evolved(given, viscosity, float(self.options["lead"]), force)
        return given[:, None], later[:, None]


@dataclass(frozen=True)
class _Waves:
    """What is fixed for a torus of so many points, by the wave numbers of ``rfft2``."""

    x: np.ndarray
    y: np.ndarray
    laplace: np.ndarray
    kept: np.ndarray


@lru_cache(maxsize=4)
def _waves(points: int) -> _Waves:
    whole = fft.fftfreq(points, 1 / points)[:, None]
    half = np.arange(points // 2 + 1)
    x, y = 2 * np.pi * whole, 2 * np.pi * half
    kept = (np.abs(whole) <= points // 3) & (half <= points // 3)
    return _Waves(x, y, -(x**2 + y**2), kept)


def vorticity(stream: np.random.Generator, points: int) -> np.ndarray:
    """One draw (points, points) of the vorticity at the beginning, without its mean.

    White noise whose wave k is multiplied by (7^1.5)^(1/2) (4 pi^2 |k|^2 + 49)^-1.25.
    """
    waves = _waves(points)
    deviation = SCALE**0.5 * (INVERSE_LENGTH**2 - waves.laplace) ** (-SMOOTHNESS / 2)
    noise = fft.rfft2(stream.standard_normal((points, points))) * points
    noise[0, 0] = 0.0
    return fft.irfft2(noise * deviation * waves.kept, s=(points, points))


def stirring(points: int) -> np.ndarray:
    """The curl of the force, 0.1 (sin 2 pi (x + y) + cos 2 pi (x + y))."""
    place = np.arange(points) / points
    angle = 2 * np.pi * (place[:, None] + place)
    return 0.1 * (np.sin(angle) + np.cos(angle))


def evolved(
    w: np.ndarray, viscosity: float, time: float, force: np.ndarray | float = 0.0,
    step: float = STEP,
) -> np.ndarray:  # fmt: skip
    """Vorticities (n, points, points) after a time.

    The stream function has -Laplace psi = w, the velocity is (psi_y, -psi_x).

    Args:
        w: at the beginning.
        viscosity: of the fluid.
        time: that passes.
        force: the curl of the force, constant in time.
        step: about how long a step is.
    """
    if time == 0:
        return w
    points = w.shape[-1]
    waves = _waves(points)
    poisson = np.divide(-1, waves.laplace, where=waves.laplace < 0, out=np.zeros(waves.kept.shape))
    along, across = 1j * waves.y * poisson, -1j * waves.x * poisson
    pushed = fft.rfft2(np.broadcast_to(force, (points, points))) * waves.kept

    def real(v: np.ndarray) -> np.ndarray:
        return fft.irfft2(v, s=(points, points))

    def nonlinear(v: np.ndarray) -> np.ndarray:
        # u . grad w = div (u w), as div u = 0: two products and no third.
        value = real(v)
        x, y = (fft.rfft2(real(part * v) * value) for part in (along, across))
        return pushed - waves.kept * (1j * waves.x * x + 1j * waves.y * y)

    steps = max(1, round(time / step))
    start = fft.rfft2(w) * waves.kept
    return real(etdrk4(start, viscosity * waves.laplace, nonlinear, time, steps))
