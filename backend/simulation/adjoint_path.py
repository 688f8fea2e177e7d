"""The adjoint of one slice between the steps it was computed at."""

from collections.abc import Sequence

import numpy as np
import torch

from ..circuit.compile import SliceField
from ..solvers import Adjoint, Tape


class AdjointPath:
    """The adjoint at the step ends, ready to be read anywhere in between.

    Values between the ends come from the cubic through both ends with the slopes
    dlambda/dt = -J^T lambda and dG/dt = -q di/dparam, q being what a device passes.
    """

    def __init__(self, field: SliceField, tape: Tape, result: Adjoint) -> None:
        self.times = tape.times.numpy()
        v, lam = tape.states[:, :, 0].T, result.states[:, :, 0].T
        self.field = field
        self.lam = lam.T.numpy()
        self.lam_slope = -field.vjp(0.0, v, lam)[0].T.numpy()
        self.increments = [steps.reshape(len(steps), -1).numpy() for steps in result.increments]
        self.v, self.mu = v, field.inverse * lam

    def lam_at(self, times: Sequence[float] | np.ndarray) -> np.ndarray:
        """Lambda (T, N) at the given times."""
        return hermite(self.times, self.lam, self.lam_slope, np.asarray(times))

    def gradients_at(self, times: np.ndarray) -> dict[str, np.ndarray]:
        """Running gradients (1 + T, E) by parameter: at the slice's start, then at the times."""
        at = np.concatenate([self.times[:1], times])
        count = self.field.device_count
        padded = torch.cat([self.mu, self.mu.new_zeros(1, self.mu.shape[1])])
        paths: dict[str, np.ndarray] = {}
        slopes = self.field.derivatives(self.v)
        increments = iter(self.increments)
        for group in self.field.kinds():
            q = group.across(padded).T.numpy()
            places = group.places.numpy()
            for name in group.values():
                steps = next(increments)
                total = np.zeros((len(self.times), len(places)))
                total[:-1] = np.cumsum(steps[::-1], axis=0)[::-1]
                slope = -q * slopes[name][group.places].T.numpy()
                path = paths.setdefault(name, np.full((len(at), count), np.nan))
                path[:, places] = hermite(self.times, total, slope, at)
        return paths


def hermite(
    knots: np.ndarray, values: np.ndarray, slopes: np.ndarray, at: np.ndarray
) -> np.ndarray:
    """Cubic Hermite interpolation of (K, M) values with slopes at ascending knots."""
    if len(knots) == 1 or not len(at):
        return np.repeat(values[:1], len(at), axis=0)
    left = np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)
    h = (knots[left + 1] - knots[left])[:, None]
    x = np.clip((at - knots[left])[:, None] / h, 0.0, 1.0)
    y = 1.0 - x
    return (
        values[left] * (y * y * (1 + 2 * x))
        + values[left + 1] * (x * x * (3 - 2 * x))
        + slopes[left] * (h * x * y * y)
        - slopes[left + 1] * (h * x * x * y)
    )
