"""Heat conduction: every wave fades on its own, the short ones first."""

from typing import ClassVar

import numpy as np

from ...params import Param
from ..base import DATASETS
from .base import SEED, Computed, counts, resolution
from .spectral import heat_flow, smooth_waves
from .store import Pair

FINEST = 256
TIME = 1.0


@DATASETS.register("heat")
class Heat(Computed):
    """The temperature of a ring of length 1, from time 0 to time 1.

    u_t = diffusivity u_xx: wave k fades by exp(-diffusivity (2 pi k)^2), exact to rounding.
    u(x, 0) has 12 waves of random height, less the shorter they are.
    """

    title: ClassVar[str] = "Heat conduction"
    params: ClassVar[tuple[Param, ...]] = (
        *counts(n=200, validation=50, test=100),
        resolution(64),
        Param(
            "diffusivity", 0.002, low=0, high=0.05, doc="Squared ring lengths in a unit of time."
        ),
        SEED,
    )
    finest = FINEST

    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """The temperatures at time 0 and 1 (n, 1, points)."""
        u = smooth_waves(streams, self.finest)
        return u[:, None], self._later(u)[:, None]

    def baselines(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """Also ``heat_only``, the exact solution: what is left there is rounding."""
        exact = self._later(x.astype(np.float64)).astype(np.float32)
        return {**super().baselines(x), "heat_only": exact}

    def _later(self, u: np.ndarray) -> np.ndarray:
        return heat_flow(u, float(self.options["diffusivity"]), TIME)
