"""A train of pulses with slanted edges."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import CircuitError, Place
from ..params import Param
from .base import MAX_PIECES, WAVEFORMS, Shares, Waveform

LOW, HIGH = 0, 1

BRIEF = 1e-9
"""A width of 0 s in a netlist, as a share of the shorter edge."""


@WAVEFORMS.register("pulse")
@dataclass(frozen=True)
class Pulse(Waveform):
    """Low up to the delay; then every period a straight rise, high for a width, a straight fall.

    As PULSE of SPICE, where rise and fall last longer than 0 s.
    """

    low: float = 0.0
    high: float = 1.0
    delay: float = 0.0
    rise: float = 1e-3
    fall: float = 1e-3
    width: float = 0.5
    period: float = 1.0

    title = "Pulse"
    symbol = "M-.62.3h.26v-.6h.52v.6h.46"
    params = (
        Param("low", 0.0, "V", slider=(-5, 5), doc="Before and between the pulses."),
        Param("high", 1.0, "V", slider=(-5, 5), doc="During a pulse."),
        Param("delay", 0.0, "s", low=0.0, slider=(0, 1), doc="Start of the first rise."),
        Param("rise", 1e-3, "s", low=0.0, slider=(0, 0.1), doc="How long a rise lasts."),
        Param("fall", 1e-3, "s", low=0.0, slider=(0, 0.1), doc="How long a fall lasts."),
        Param("width", 0.5, "s", low=0.0, slider=(0, 1), doc="How long it stays high."),
        Param("period", 1.0, "s", low=0.0, slider=(0.01, 2), doc="From rise to rise."),
    )

    def check(self) -> None:
        """Edges last, and a period holds a whole pulse."""
        for name in ("rise", "fall", "period"):
            if getattr(self, name) <= 0:
                raise CircuitError(
                    f"{name} must be longer than 0 s; a jump is piecewise_constant", (name,)
                )
        if self.rise + self.width + self.fall > self.period * (1 + 1e-12):
            raise CircuitError(
                f"rise, width and fall last {self.rise + self.width + self.fall:g} s, longer than "
                f"the period of {self.period:g} s",
                ("period",),
            )

    @property
    def levels(self) -> tuple[float, ...]:
        """Low and high [V]."""
        return self.low, self.high

    @property
    def level_names(self) -> tuple[str, ...]:
        """Their names."""
        return "low", "high"

    @property
    def _corners(self) -> tuple[float, float, float, float]:
        """When the edges begin and end, within a period."""
        top = self.rise + self.width
        return 0.0, self.rise, top, min(top + self.fall, self.period)

    def breaks(self, end: float) -> list[float]:
        """Where edges begin and end.

        Raises:
            CircuitError: more periods than a solve goes through.
        """
        count = (end - self.delay) / self.period
        if count * 4 > MAX_PIECES:
            raise CircuitError(
                f"{count:.3g} periods pass within {end:g} s and at most {MAX_PIECES // 4:,} are "
                "solved; make the period longer or the duration shorter",
                ("period",),
            )
        times = [
            self.delay + k * self.period + corner
            for k in range(max(0, math.ceil(count)))
            for corner in self._corners
        ]
        return sorted({t for t in times if 0 < t < end})

    def rates(self) -> Iterable[tuple[Place, float]]:
        """Of both edges."""
        for name in ("rise", "fall"):
            time = getattr(self, name)
            yield (name,), abs(self.low) / time + abs(self.high) / time

    def shares(self, t: float) -> Shares:
        """Of low and high; it has no jumps."""
        since = t - self.delay
        if since <= 0:
            return {LOW: 1.0}
        phase = math.fmod(since, self.period)
        # A corner that was computed as a breakpoint must be met from either side.
        _, _, falls, bottom = self._corners
        high = min(phase / self.rise, 1.0) if phase < falls else 1 - (phase - falls) / self.fall
        if phase >= bottom:
            high = 0.0
        high = min(max(high, 0.0), 1.0)
        return {LOW: 1.0 - high, HIGH: high}

    def spice(self, end: float) -> str:
        """A PULSE source; simulators read a width of 0 s as one that was not given."""
        width = self.width or BRIEF * min(self.rise, self.fall)
        fall = self.fall if self.width else self.fall - width
        values = self.low, self.high, self.delay, self.rise, fall, width, self.period
        return f"PULSE({' '.join(repr(value) for value in values)})"
