"""A sine that may begin late and fade."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ..errors import CircuitError, Place
from ..params import Param
from .base import MAX_PIECES, WAVEFORMS, Motion, Shares, Waveform

QUARTERS = 4
"""Pieces of a period, so that no step passes over a wave."""

OFFSET, AMPLITUDE = 0, 1

SLOW = 1e-9
"""A frequency of 0 Hz in a netlist, in periods up to the circuit's end."""


@WAVEFORMS.register("sine")
@dataclass(frozen=True)
class Sine(Waveform):
    """u(t) = offset + amplitude exp(-damping s) sin(2 pi frequency s + phase), s = t - delay >= 0.

    Before the delay s is 0. As SIN of SPICE, whose phase is in degrees, too.
    """

    offset: float = 0.0
    amplitude: float = 1.0
    frequency: float = 1.0
    delay: float = 0.0
    damping: float = 0.0
    phase: float = 0.0

    title = "Sine"
    symbol = "M-.62 0c.2-.72.42-.72.62 0s.42.72.62 0"
    linear = False
    params = (
        Param("offset", 0.0, "V", slider=(-5, 5), doc="The middle."),
        Param("amplitude", 1.0, "V", slider=(-5, 5), doc="The largest distance from it."),
        Param("frequency", 1.0, "Hz", low=0.0, slider=(0, 10), doc="Periods a second."),
        Param("delay", 0.0, "s", low=0.0, slider=(0, 1), doc="Until then the phase stands."),
        Param("damping", 0.0, "1/s", low=0.0, slider=(0, 5), doc="Rate at which it fades."),
        Param("phase", 0.0, "deg", slider=(-180, 180), doc="Where in the period it begins."),
    )

    def check(self) -> None:
        """Any numbers within their bounds will do."""

    @property
    def levels(self) -> tuple[float, ...]:
        """Offset and amplitude [V]."""
        return self.offset, self.amplitude

    @property
    def level_names(self) -> tuple[str, ...]:
        """Their names."""
        return "offset", "amplitude"

    def breaks(self, end: float) -> list[float]:
        """The delay, and every quarter of a period after it.

        Raises:
            CircuitError: more periods than a solve goes through.
        """
        count = (end - self.delay) * self.frequency * QUARTERS
        if count > MAX_PIECES:
            raise CircuitError(
                f"{count / QUARTERS:.3g} periods pass within {end:g} s and at most "
                f"{MAX_PIECES // QUARTERS:,} are solved; make the frequency lower or the duration "
                "shorter",
                ("frequency",),
            )
        times = [self.delay]
        times += [self.delay + k / (QUARTERS * self.frequency) for k in range(1, math.ceil(count))]
        return [t for t in times if 0 < t < end]

    @property
    def peak(self) -> float:
        """Offset and amplitude together [V]."""
        return abs(self.offset) + abs(self.amplitude)

    def rates(self) -> Iterable[tuple[Place, float]]:
        """Where it passes the middle, and as it fades."""
        size = abs(self.amplitude)
        yield ("frequency",), 2 * math.pi * self.frequency * size
        yield ("damping",), self.damping * size

    def shares(self, t: float) -> Shares:
        """Of offset and amplitude; it has no jumps."""
        since = max(t - self.delay, 0.0)
        turn = 2 * math.pi * self.frequency * since + math.radians(self.phase)
        return {OFFSET: 1.0, AMPLITUDE: math.exp(-self.damping * since) * math.sin(turn)}

    def motion(self, start: float, end: float) -> Motion:
        """That of a sine from the delay on."""
        since, omega = start - self.delay, 2 * math.pi * self.frequency
        if 0.5 * (start + end) < self.delay:
            return Motion({}, {}, 0.0, 0.0, 0.0)
        amplitude = math.exp(-self.damping * since)
        phase = math.fmod(omega * since, 2 * math.pi) + math.radians(self.phase)
        return Motion({}, {AMPLITUDE: amplitude}, omega, phase, self.damping)

    def raised(self, by: float) -> Waveform:
        """The middle raised."""
        return replace(self, offset=self.offset + by)

    def spice(self, end: float) -> str:
        """A SIN source; simulators read a frequency of 0 Hz as one that was not given."""
        frequency = self.frequency or SLOW / end
        values = (
            self.offset, self.amplitude, frequency, self.delay, self.damping, self.phase,
        )  # fmt: skip
        return f"SIN({' '.join(repr(value) for value in values)})"
