"""A voltage given at some times, straight between them."""

from bisect import bisect_right
from dataclasses import dataclass

from .base import WAVEFORMS, Shares, Waveform, check_times


@WAVEFORMS.register("piecewise_linear")
@dataclass(frozen=True)
class PiecewiseLinear(Waveform):
    """u(times_k) = values_k, straight between them and constant after the last."""

    times: tuple[float, ...] = (0.0,)
    values: tuple[float, ...] = (0.0,)

    title = "Piecewise linear"
    lists = {"times": "s", "values": "V"}  # noqa: RUF012

    def check(self) -> None:
        """Times ascend from 0 s."""
        check_times(self.times, self.values)

    @property
    def levels(self) -> tuple[float, ...]:
        """The values [V]."""
        return self.values

    @property
    def level_names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(f"values[{k}]" for k in range(len(self.values)))

    def breaks(self, end: float) -> list[float]:
        """The times."""
        return [t for t in self.times if 0 < t < end]

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
