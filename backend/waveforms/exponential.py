"""An exponential rise and, after it, an exponential fall."""

import math
from dataclasses import dataclass

from ..errors import CircuitError
from ..params import Param
from .base import WAVEFORMS, Motion, Shares, Waveform

LOW, HIGH = 0, 1

BRIEF = 1e-9
"""A delay of 0 s in a netlist, as a share of the shorter time constant."""


@WAVEFORMS.register("exponential")
@dataclass(frozen=True)
class Exponential(Waveform):
    """Low up to ``rise``, then towards high, and from ``fall`` on back towards low.

    u(t) = low + (high - low) (E(t - rise, rise_time) - E(t - fall, fall_time)), with
    E(s, tau) = 1 - exp(-s/tau) for s > 0, else 0. As EXP of SPICE.
    """

    low: float = 0.0
    high: float = 1.0
    rise: float = 0.0
    rise_time: float = 0.1
    fall: float = 0.5
    fall_time: float = 0.1

    title = "Exponential"
    symbol = "M-.62.3h.16c.06-.5.2-.6.5-.6c.06.5.2.6.58.6"
    linear = False
    params = (
        Param("low", 0.0, "V", slider=(-5, 5), doc="Before the rise and long after the fall."),
        Param("high", 1.0, "V", slider=(-5, 5), doc="What the rise tends to."),
        Param("rise", 0.0, "s", low=0.0, slider=(0, 1), doc="When the rise begins."),
        Param("rise_time", 0.1, "s", low=0.0, slider=(0, 1), doc="Time constant of the rise."),
        Param("fall", 0.5, "s", low=0.0, slider=(0, 1), doc="When the fall begins."),
        Param("fall_time", 0.1, "s", low=0.0, slider=(0, 1), doc="Time constant of the fall."),
    )

    def check(self) -> None:
        """Both take time, and the fall begins after the rise."""
        for name in ("rise_time", "fall_time"):
            if getattr(self, name) <= 0:
                raise CircuitError(f"{name} must be longer than 0 s", (name,))
        if self.fall < self.rise:
            raise CircuitError(
                f"the fall at {self.fall:g} s begins before the rise at {self.rise:g} s", ("fall",)
            )

    @property
    def levels(self) -> tuple[float, ...]:
        """Low and high [V]."""
        return self.low, self.high

    @property
    def level_names(self) -> tuple[str, ...]:
        """Their names."""
        return "low", "high"

    def breaks(self, end: float) -> list[float]:
        """Where the rise and the fall begin."""
        return sorted({t for t in (self.rise, self.fall) if 0 < t < end})

    def shares(self, t: float) -> Shares:
        """Of low and high; it has no jumps."""
        high = _gone(t - self.rise, self.rise_time) - _gone(t - self.fall, self.fall_time)
        return {LOW: 1.0 - high, HIGH: high}

    def motion(self, start: float, end: float) -> Motion:
        """That of the rise as a wave at its crest, that of the fall as a tail."""
        middle = 0.5 * (start + end)
        rise, fall = 1 / self.rise_time, 1 / self.fall_time
        amplitude = math.exp(-(start - self.rise) * rise) if middle > self.rise else 0.0
        tail = math.exp(-(start - self.fall) * fall) if middle > self.fall else 0.0
        return Motion(
            {}, {LOW: amplitude, HIGH: -amplitude}, 0.0, 0.5 * math.pi, rise,
            {LOW: -tail, HIGH: tail}, fall,
        )  # fmt: skip

    def spice(self, end: float) -> str:
        """An EXP source; ngspice reads a delay of 0 s as one that was not given."""
        least = BRIEF * min(self.rise_time, self.fall_time)
        rise, fall = (time or least for time in (self.rise, self.fall))
        values = self.low, self.high, rise, self.rise_time, fall, self.fall_time
        return f"EXP({' '.join(repr(value) for value in values)})"


def _gone(since: float, time: float) -> float:
    """1 - exp(-s/tau) once it has begun."""
    return -math.expm1(-since / time) if since > 0 else 0.0
