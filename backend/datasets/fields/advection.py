"""Advection: a wave that keeps its form and moves on, the easiest operator there is."""

from typing import ClassVar

import numpy as np

from ...params import Param
from ..base import DATASETS
from .base import SEED, Computed, counts, resolution
from .spectral import shifted, smooth_waves
from .store import Pair

FINEST = 256


@DATASETS.register("advection")
class Advection(Computed):
    """A wave on a ring of length 1 that moves with a constant speed, from time 0 to time 1.

    u_t + speed u_x = 0, so u(x, 1) = u(x - speed, 0), exact to rounding. u(x, 0) has 12 waves of
    random height, less the shorter they are.
    """

    title: ClassVar[str] = "Advection"
    params: ClassVar[tuple[Param, ...]] = (
        *counts(n=200, validation=50, test=100),
        resolution(64),
        Param(
            "speed", 0.3, low=-10, high=10, slider=(-1, 1), doc="Ring lengths in a unit of time."
        ),
        SEED,
    )
    finest = FINEST

    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """The waves at time 0 and 1 (n, 1, points)."""
        u = smooth_waves(streams, self.finest)
        return u[:, None], shifted(u, float(self.options["speed"]))[:, None]
