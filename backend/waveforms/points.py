"""What waveforms given at points have in common: times, and a voltage for each."""

from dataclasses import dataclass
from itertools import pairwise

from ..errors import CircuitError
from .base import Waveform


@dataclass(frozen=True)
class Points(Waveform):
    """A voltage by its values at some times."""

    times: tuple[float, ...] = (0.0,)
    values: tuple[float, ...] = (0.0,)

    lists = {"times": "s", "values": "V"}  # noqa: RUF012

    def check(self) -> None:
        """Times ascend from 0 s, and each has a value.

        Raises:
            CircuitError: names the first point that breaks a rule.
        """
        times, count = self.times, len(self.values)
        if not times or len(times) != count:
            raise CircuitError(
                f"there are {len(times)} times and {count} values; give one value for every time"
            )
        if times[0] != 0.0:
            raise CircuitError(f"the first time must be 0 s, got {times[0]:g} s", ("times", 0))
        for k, (one, other) in enumerate(pairwise(times)):
            if other <= one:
                raise CircuitError(
                    f"times must ascend, and {other:g} s follows {one:g} s", ("times", k + 1)
                )

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
