"""Burgers' equation: how a wave steepens and fades."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy import fft

from ...params import Param
from ..base import DATASETS
from .base import SEED, Computed, counts, resolution
from .spectral import etdrk4, heat_flow, matern_deviation, ring_fields, wavenumbers
from .store import Pair

TIME = 1.0
SCALE, INVERSE_LENGTH = 25.0, 5.0


@dataclass(frozen=True)
class Solving:
    """How finely an equation of a viscosity is solved.

    Args:
        viscosity: of the equation.
        points: of the ring.
        steps: from beginning to end.
    """

    viscosity: float
    points: int
    steps: int


VISCOSITIES = {
    "0.1/(2pi)": Solving(0.1 / (2 * math.pi), 512, 250),
    "0.1": Solving(0.1, 512, 500),
    "0.01": Solving(0.01, 512, 250),
    "0.001": Solving(0.001, 1024, 1500),
}
"""Fine enough for a relative error below 1e-6 at the end, that of numbers in single precision."""


@DATASETS.register("burgers")
class Burgers(Computed):
    """Burgers' equation on a ring of length 1: from the state at time 0 to the state at time 1.

    u_t + (u^2 / 2)_x = viscosity u_xx; u(x, 0) is drawn from N(0, 625 (-Laplace + 25)^-2) without
    its mean. Solved by ETDRK4 in Fourier space with the 2/3 rule against aliasing.

    References:
        Li et al. 2020, Fourier neural operator, arXiv 2010.08895, section 5.1. The published data
        say viscosity 0.1; 0.1 / (2 pi) on this ring is 0.1 on a ring of length 2 pi.
    """

    title: ClassVar[str] = "Burgers' equation"
    params: ClassVar[tuple[Param, ...]] = (
        *counts(),
        resolution(128),
        Param("viscosity", "0.1/(2pi)", choices=tuple(VISCOSITIES), doc="The less, the steeper."),
        SEED,
    )

    def __init__(self, **options: Any) -> None:
        # The fine grid depends on the viscosity, which is not checked yet.
        chosen = options.get("viscosity", "")
        self.finest = VISCOSITIES.get(chosen if isinstance(chosen, str) else "", _USUAL).points
        super().__init__(**options)

    @property
    def solving(self) -> Solving:
        """How the chosen equation is solved."""
        return VISCOSITIES[str(self.options["viscosity"])]

    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """The states at time 0 and 1 (n, 1, points)."""
        # More waves than the product keeps would only be aliased.
        deviation = matern_deviation(self.finest, SCALE, INVERSE_LENGTH)[: self.finest // 3]
        u = ring_fields(streams, self.finest, deviation)
        return u[:, None], evolved(u, self.solving.viscosity, self.solving.steps)[:, None]

    def baselines(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Also ``heat_only``: the equation without its nonlinear term."""
        heat = heat_flow(x.astype(np.float64), self.solving.viscosity, TIME)
        return {**super().baselines(x), "heat_only": heat.astype(np.float32)}


_USUAL = VISCOSITIES["0.1/(2pi)"]


def evolved(u: np.ndarray, viscosity: float, steps: int, time: float = TIME) -> np.ndarray:
    """The states (n, points) that Burgers' equation makes of states (n, points) in a time."""
    points = u.shape[-1]
    k = wavenumbers(points)
    flux = np.where(np.arange(len(k)) <= points // 3, -0.5j * k, 0)

    def nonlinear(v: np.ndarray) -> np.ndarray:
        return flux * fft.rfft(fft.irfft(v, n=points) ** 2)

    return fft.irfft(etdrk4(fft.rfft(u), -viscosity * k**2, nonlinear, time, steps), n=points)
