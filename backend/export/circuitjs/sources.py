"""The waveforms of circuitjs sources as ours, and back.

Its sources are periodic from all times on: with x the periods that have passed, phase included,
sine, square, triangle, sawtooth and pulse are functions of x modulo 1. Ours begin with a delay, in
which a pulse stands at its low voltage; a square wave that begins high is one whose low is above.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import CircuitError, ExportError
from ...waveforms import Waveform
from ...waveforms.base import MAX_PIECES
from ...waveforms.constant import Constant
from ...waveforms.piecewise_constant import EDGE
from ...waveforms.piecewise_linear import PiecewiseLinear
from ...waveforms.pulse import Pulse
from ...waveforms.sine import Sine

FORMS = {
    0: "DC", 1: "sine", 2: "square", 3: "triangle", 4: "sawtooth", 5: "pulse", 6: "noise",
}  # fmt: skip
COSINE, OWN_DUTY = 2, 4
"""Flags: a sine a quarter ahead, of old files; a pulse whose width the file states."""

OLD_DUTY = 1 / (2 * math.pi)
BRIEF = 3 * EDGE
"""Edges shorter than this share of a period are jumps there."""


@dataclass(frozen=True)
class Source:
    """What the line of a source says.

    Args:
        form: number of its waveform.
        frequency: [Hz].
        peak: [V].
        bias: [V].
        phase: [rad].
        duty: share of a period at the upper voltage.
    """

    form: int = 0
    frequency: float = 40.0
    peak: float = 5.0
    bias: float = 0.0
    phase: float = 0.0
    duty: float = 0.5

    @property
    def begins(self) -> float:
        """Share of a period that has passed at 0 s, in [0, 1)."""
        share = math.fmod(self.phase / (2 * math.pi), 1.0)
        return share + 1.0 if share < 0 else share


def read_source(source: Source, span: float) -> Waveform:
    """The waveform of a source.

    Args:
        source: what the file says.
        span: how long it must be known [s].

    Raises:
        CircuitError: a form that has no counterpart, or numbers that make none.
    """
    if source.form == 0:
        return Constant(source.peak + source.bias)
    if source.form not in _READERS:
        shown = FORMS.get(source.form, f"number {source.form}")
        raise CircuitError(
            f"its waveform is {shown}; those read are DC, sine, square, triangle, sawtooth, pulse"
        )
    if source.frequency <= 0:
        raise CircuitError(f"its frequency is {source.frequency:g} Hz and must be above 0 Hz")
    periods = span * source.frequency
    if periods * 4 > MAX_PIECES:
        raise CircuitError(
            f"{periods:.3g} of its periods pass within {span:g} s and at most {MAX_PIECES // 4:,} "
            "are solved; make the time step in the file's first line shorter"
        )
    return _READERS[source.form](source, span)


def _sine(source: Source, _: float) -> Waveform:
    degrees = math.degrees(source.phase)
    return Sine(source.bias, source.peak, source.frequency, phase=degrees)


def _square(source: Source, _: float) -> Waveform:
    return _jumping(source, source.bias - source.peak, source.bias + source.peak)


def _pulse(source: Source, _: float) -> Waveform:
    return _jumping(source, source.bias, source.bias + source.peak)


def _jumping(source: Source, below: float, above: float) -> Waveform:
    """Above for the first part of a period, below for the rest of it."""
    duty, period, begins = source.duty, 1 / source.frequency, source.begins
    if not 0 < duty < 1:
        return Constant(above if duty >= 1 else below)
    edge = EDGE * min(duty, 1 - duty)
    if begins < duty:
        low, high, delay, width = above, below, duty - begins, 1 - duty
    else:
        low, high, delay, width = below, above, 1 - begins, duty
    times = (delay, edge, edge, width - edge, 1.0)
    return Pulse(low, high, *(share * period for share in times))


def _triangle(source: Source, span: float) -> Waveform:
    low, high = source.bias - source.peak, source.bias + source.peak
    period = 1 / source.frequency
    if not source.begins:
        return Pulse(low, high, 0.0, period / 2, period / 2, 0.0, period)
    return _unrolled(source, span, ((0.0, low), (0.5, high), (1.0, low)))


def _sawtooth(source: Source, span: float) -> Waveform:
    low, high = source.bias - source.peak, source.bias + source.peak
    period = 1 / source.frequency
    if not source.begins:
        return Pulse(low, high, 0.0, period * (1 - EDGE), period * EDGE, 0.0, period)
    return _unrolled(source, span, ((0.0, low), (1 - EDGE, high), (1.0, low)))


def _unrolled(source: Source, span: float, corners: Sequence[tuple[float, float]]) -> Waveform:
    """Straight lines between corners of every period, given by share and voltage."""
    begins, period = source.begins, 1 / source.frequency
    places = [
        (count + share - begins, voltage)
        for count in range(math.ceil(span * source.frequency + begins) + 1)
        for share, voltage in corners[:-1]
    ]
    after = next(k for k, (share, _) in enumerate(places) if share > 0)
    (one, low), (other, high) = places[after - 1], places[after]
    first = low + (high - low) * (0 - one) / (other - one)
    points = [(0.0, first), *places[after:]]
    return PiecewiseLinear(
        tuple(share * period for share, _ in points), tuple(voltage for _, voltage in points)
    )


_READERS: dict[int, Callable[[Source, float], Waveform]] = {
    1: _sine, 2: _square, 3: _triangle, 4: _sawtooth, 5: _pulse,
}  # fmt: skip


def write_source(waveform: Waveform) -> Source:
    """The source with a waveform.

    Raises:
        ExportError: circuitjs has no such form; says which it has.
    """
    if isinstance(waveform, Constant):
        return Source(peak=waveform.voltage)
    if isinstance(waveform, Sine) and not (waveform.delay or waveform.damping):
        phase = math.radians(waveform.phase)
        return Source(1, waveform.frequency, waveform.amplitude, waveform.offset, phase)
    found = _of_pulse(waveform) if isinstance(waveform, Pulse) else None
    if found is None:
        raise ExportError(
            f"its waveform '{waveform.kind}' cannot be said in a Falstad circuit, which has "
            "constant voltages, sines without delay and damping, square waves, triangles, sawteeth"
        )
    return found


def _of_pulse(pulse: Pulse) -> Source | None:
    period, frequency = pulse.period, 1 / pulse.period
    bias, peak = (pulse.low + pulse.high) / 2, (pulse.high - pulse.low) / 2
    brief = BRIEF * period
    if pulse.delay == 0 and pulse.width == 0 and math.isclose(pulse.rise + pulse.fall, period):
        if math.isclose(pulse.rise, pulse.fall):
            return Source(3, frequency, peak, bias)
        return Source(4, frequency, peak, bias) if pulse.fall <= brief else None
    above = pulse.rise + pulse.width
    # Before its first rise a pulse is low: a periodic one must not have been high then.
    if max(pulse.rise, pulse.fall) > brief or pulse.delay > period - above + brief:
        return None
    phase = 2 * math.pi * math.fmod(1 - pulse.delay / period, 1.0)
    return Source(2, frequency, peak, bias, phase, above / period)
