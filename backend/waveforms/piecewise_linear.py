"""A voltage given at some times, straight between them."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from ..errors import Place
from .base import WAVEFORMS, Shares
from .points import Points


@WAVEFORMS.register("piecewise_linear")
@dataclass(frozen=True)
class PiecewiseLinear(Points):
    """u(times_k) = values_k, straight between them and constant after the last."""

    title = "Piecewise linear"
    symbol = "M-.62.36L-.22-.32.2.1.62-.4"

    def rates(self) -> Iterable[tuple[Place, float]]:
        """Of every stretch between two times."""
        points = pairwise(zip(self.times, self.values, strict=True))
        for k, ((start, one), (end, other)) in enumerate(points, start=1):
            yield ("values", k), abs(one) / (end - start) + abs(other) / (end - start)

    def shares(self, t: float) -> Shares:
        """Of the two values beside t."""
        k = bisect_right(self.times, t) - 1
        if k + 1 >= len(self.times):
            return {len(self.times) - 1: 1.0}
        x = (t - self.times[k]) / (self.times[k + 1] - self.times[k])
        return {k: 1.0 - x, k + 1: x} if x > 0 else {k: 1.0}

    def spice(self, end: float) -> str:
        """A PWL source."""
        points = zip(self.times, self.values, strict=True)
        return f"PWL({' '.join(f'{t!r} {u!r}' for t, u in points)})"
