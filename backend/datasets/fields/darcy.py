"""Darcy's flow: the pressure of a fluid that seeps through ground of two kinds."""

from functools import lru_cache
from typing import ClassVar

import numpy as np
from scipy.sparse import csc_array, diags_array
from scipy.sparse.linalg import splu

from ...params import Param
from ..base import DATASETS
from .base import SEED, Computed, counts, resolution
from .store import Pair

HIGH, LOW = 12.0, 3.0
SMOOTHNESS, INVERSE_LENGTH = 2.0, 3.0


@DATASETS.register("darcy")
class Darcy(Computed):
    """Pressure in the unit square from the permeability of the ground, 3 or 12.

    -div(a grad u) = 1, u = 0 at the edge; a is 12 where a field drawn from N(0, (-Laplace + 9)^-2)
    with open edges is positive, else 3. Solved on 85 x 85 points by the five-point formula with the
    mean permeability of neighbours: as a resistor network with these conductances, into every node
    of which flows the current h^2.

    References:
        Li et al. 2020, Fourier neural operator, arXiv 2010.08895, section 5.2.
    """

    title: ClassVar[str] = "Darcy flow"
    params: ClassVar[tuple[Param, ...]] = (*counts(), resolution(43), SEED)
    periodic = False
    dimensions = 2
    finest = 85

    def solve(self, streams: list[np.random.Generator]) -> Pair:
        """Permeabilities and pressures (n, 1, points, points)."""
        a = np.stack([permeability(stream, self.finest) for stream in streams])
        u = np.stack([pressure(each) for each in a])
        return a[:, None], u[:, None]

    def baselines(self, x: np.ndarray) -> dict[str, np.ndarray]:
        """``zero``, and ``homogenised``: ground that is everywhere the geometric mean.

        That mean is the effective permeability of two kinds in equal shares, arranged by chance in
        the plane (Dykhne 1971).
        """
        zero = np.zeros_like(x)
        mean = np.exp(np.log(x).mean(axis=(-2, -1), keepdims=True))
        even = even_pressure(x.shape[-1]).astype(np.float32)
        return {"zero": zero, "homogenised": even / mean}


def permeability(stream: np.random.Generator, points: int) -> np.ndarray:
    """One draw of a (points, points), ends included.

    The field is sum_kl z_kl l^(s - 1) (pi^2 (k^2 + l^2) + 9)^(-s/2) cos(pi k x) cos(pi l y) with
    standard normal z, s = 2, without its mean; only its sign counts.
    """
    k = np.arange(points)
    decay = (np.pi**2 * (k[:, None] ** 2 + k**2) + INVERSE_LENGTH**2) ** (-SMOOTHNESS / 2)
    decay[0, 0] = 0.0
    weights = np.where(k > 0, np.sqrt(2), 1.0)
    waves = weights * np.cos(np.pi * np.outer(k, k) / (points - 1))
    field = waves @ (decay * stream.standard_normal((points, points))) @ waves.T
    return np.where(field >= 0, HIGH, LOW)


def pressure(a: np.ndarray, source: np.ndarray | float = 1.0) -> np.ndarray:
    """The solution u (points, points) of -div(a grad u) = source with u = 0 at the edge.

    Args:
        a: permeability (points, points), ends included.
        source: (points, points), or the same everywhere.
    """
    points = a.shape[0]
    inner = points - 2
    across = (a[1:-1, :-1] + a[1:-1, 1:]) / 2
    down = (a[:-1, 1:-1] + a[1:, 1:-1]) / 2
    own = across[:, :-1] + across[:, 1:] + down[:-1] + down[1:]
    right = across[:, 1:].copy()
    right[:, -1] = 0.0  # the last of a row is no neighbour of the first of the next
    beside, below = right.ravel()[:-1], down[1:-1].ravel()
    bands = [own.ravel(), -beside, -beside, -below, -below]
    matrix = diags_array(bands, offsets=[0, 1, -1, inner, -inner])  # pyright: ignore[reportArgumentType]
    current = np.broadcast_to(source, a.shape)[1:-1, 1:-1].ravel() / (points - 1) ** 2
    # A symmetric positive matrix needs no pivots.
    solver = splu(
        csc_array(matrix),
        permc_spec="MMD_AT_PLUS_A",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )
    u = np.zeros_like(a)
    u[1:-1, 1:-1] = solver.solve(current).reshape(inner, inner)
    return u


@lru_cache(maxsize=8)
def even_pressure(points: int) -> np.ndarray:
    """The pressure (points, points) in ground of permeability 1."""
    return pressure(np.ones((points, points)))
