"""What stands behind the nodes of a V or I card: a constant, a course over time, a part for AC."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...errors import CircuitError, clipped, place_text
from ...waveforms import Waveform
from ...waveforms.constant import Constant
from ...waveforms.exponential import Exponential
from ...waveforms.piecewise_linear import PiecewiseLinear
from ...waveforms.pulse import Pulse
from ...waveforms.sine import Sine
from .deck import Transient
from .words import Words, is_word

_UNSAID = "a {} of {} counts as not given and means {}; write the number that is meant"

MAX_PULSES = 5000
"""Of a train that ends, which becomes one piecewise linear waveform."""


@dataclass(frozen=True)
class Course:
    """The value of a source.

    Args:
        dc: where time does not matter [V or A].
        magnitude: of the small signal [V or A].
        phase: of the small signal [deg].
        waveform: over time; a constant where only ``dc`` is given.
    """

    dc: float
    magnitude: float
    phase: float
    waveform: Waveform


@dataclass
class _Moment:
    """What the defaults of a waveform need to know."""

    transient: Transient | None
    ltspice: bool

    def step(self, what: str) -> float:
        """The output step, which stands for an edge that is not given."""
        if self.transient is None or self.transient.step <= 0 or self.ltspice:
            raise CircuitError(
                f"{what} is not given, and simulators differ in what they take for it; write it out"
            )
        return self.transient.step

    def stop(self, what: str) -> float:
        """The end of the simulation, which stands for a time that is not given."""
        if self.transient is None:
            raise CircuitError(f"{what} is not given and there is no '.tran' to tell it; write it")
        return self.transient.stop


def read_course(
    words: Words,
    first: int,
    number: Callable[[str], float],
    transient: Transient | None,
    ltspice: bool = False,
) -> Course:
    """The value of a source.

    Args:
        words: of the card.
        first: index of the first word behind the nodes.
        number: reads a number or expression.
        transient: for what a waveform leaves out.
        ltspice: whether LTspice's defaults hold, which differ.

    Raises:
        CircuitError: another form, or numbers that make no waveform.
    """
    given: dict[str, list[str]] = {}
    rest, shown = deque(words.words[first:]), " ".join(words.words[first : first + 9])
    if rest and rest[0].lower() not in _HEADS:
        given["dc"] = [rest.popleft()]
    while rest:
        head = rest.popleft().lower()
        if head not in _HEADS or head in given:
            raise CircuitError(
                f"the source '{clipped(shown, 40)}' is not read; this reader knows DC, AC, PULSE, "
                "SIN, EXP and PWL"
            )
        found = given.setdefault(head, [])
        while rest and rest[0].lower() not in _HEADS and len(found) < _HEADS[head]:
            if is_word(rest[0]) and head == "ac":
                break
            found.append(rest.popleft())
    for head in ("dc", "ac"):
        if head in words.keys:
            given[head] = [words.keys[head]]
    return _course(given, number, _Moment(transient, ltspice))


_HEADS = {"dc": 1, "ac": 2, **dict.fromkeys(("pulse", "sin", "sine", "pwl", "exp"), 10**6)}
"""Words that open a part of a source, and how many numbers may follow."""


def _course(given: dict[str, list[str]], number: Callable[[str], float], moment: _Moment) -> Course:
    values = {head: [number(word) for word in words] for head, words in given.items()}
    waves = [head for head in values if head in _FORMS]
    if len(waves) > 1:
        raise CircuitError(f"a source has one course, got {' and '.join(waves)}".upper())
    dc = (values.get("dc") or [0.0])[0]
    magnitude, phase = (
        [*values.get("ac", []), 0.0, 0.0][:2]
        if values.get("ac")
        else (1.0 if "ac" in values else 0.0, 0.0)
    )
    if not waves:
        return Course(dc, magnitude, phase, Constant(dc))
    head = waves[0]
    try:
        waveform = _FORMS[head](values[head], moment)
    except CircuitError as error:
        place = f"{place_text(error.where)}: " if error.where else ""
        raise CircuitError(f"{head.upper()}: {place}{error.message}") from None
    if "dc" in values and moment.transient is None and waveform.at(0.0) != dc:
        raise CircuitError(
            f"DC {dc:g} and a {head.upper()} that begins at {waveform.at(0.0):g} differ, and "
            "without '.tran' simulators take DC; remove one of them"
        )
    return Course(dc, magnitude, phase, waveform)


def _pulse(values: Sequence[float], moment: _Moment) -> Waveform:
    if not 2 <= len(values) <= 8:
        raise CircuitError(
            f"there are {len(values)} numbers; give low, high, delay, rise, fall, width and period"
        )
    low, high, *times = values
    if len(times) > 3 and not times[3]:
        raise CircuitError(_UNSAID.format("width", "0 s", "the whole simulation"))
    delay = times[0] if times else 0.0
    rise = (times[1] if len(times) > 1 else 0.0) or moment.step("its rise")
    fall = (times[2] if len(times) > 2 else 0.0) or moment.step("its fall")
    width = times[3] if len(times) > 3 else moment.stop("its width")
    period = times[4] if len(times) > 4 else 0.0
    if not period:
        # One pulse within the simulation, however long it lasts.
        period = max(moment.stop("its period"), rise + width + fall)
    count = times[5] if len(times) > 5 else 0.0
    if delay < 0:
        raise CircuitError("it begins before 0 s; give a delay of 0 s or more", ("delay",))
    found = Pulse(low, high, delay, rise, fall, width, period)
    return _train(found, count) if count else found


def _train(pulse: Pulse, count: float) -> Waveform:
    """A pulse that comes a few times only."""
    if count != int(count) or not 0 < count <= MAX_PULSES:
        raise CircuitError(f"it may come 1 to {MAX_PULSES:,} times, got {count:g}")
    times, levels = [0.0], [pulse.low]
    for k in range(int(count)):
        start, top = pulse.delay + k * pulse.period, pulse.rise + pulse.width
        corners = (0.0, pulse.rise, top, top + pulse.fall)
        heights = (pulse.low, pulse.high, pulse.high, pulse.low)
        for corner, level in zip(corners, heights, strict=True):
            if start + corner > times[-1]:
                times.append(start + corner)
                levels.append(level)
    return PiecewiseLinear(tuple(times), tuple(levels))


def _sine(values: Sequence[float], moment: _Moment) -> Waveform:
    if not 2 <= len(values) <= 6:
        raise CircuitError(
            f"there are {len(values)} numbers; give offset, amplitude and frequency, then delay, "
            "damping and phase where they are not 0"
        )
    offset, amplitude, *rest = values
    if rest and not rest[0]:
        raise CircuitError(_UNSAID.format("frequency", "0 Hz", "one period in the simulation"))
    frequency = rest[0] if rest else 1 / moment.stop("its frequency")
    return Sine(offset, amplitude, frequency, *rest[1:])


def _exponential(values: Sequence[float], moment: _Moment) -> Waveform:
    if not 2 <= len(values) <= 6:
        raise CircuitError(
            f"there are {len(values)} numbers; give both levels, then delay and time constant of "
            "the rise and of the fall"
        )
    low, high, *times = values
    if times and not times[0] and not moment.ltspice:
        raise CircuitError(_UNSAID.format("delay", "0 s", "the output step to ngspice"))
    given = times[0] if times else 0.0
    rise = given if given or moment.ltspice else moment.step("its delay")
    rise_time = (times[1] if len(times) > 1 else 0.0) or moment.step("its first time constant")
    fall = times[2] if len(times) > 2 else rise + moment.step("the start of its fall")
    fall_time = (times[3] if len(times) > 3 else 0.0) or moment.step("its second time constant")
    return Exponential(low, high, rise, rise_time, fall, fall_time)


def _piecewise(values: Sequence[float], moment: _Moment) -> Waveform:
    if not values or len(values) % 2:
        raise CircuitError(f"there are {len(values)} numbers; give a time and a voltage each")
    times, levels = list(values[::2]), list(values[1::2])
    if times[0] > 0:  # until its first time a source stays at its first voltage
        times, levels = [0.0, *times], [levels[0], *levels]
    return PiecewiseLinear(tuple(times), tuple(levels))


_FORMS: dict[str, Callable[[Sequence[float], _Moment], Waveform]] = {
    "pulse": _pulse,
    "sin": _sine,
    "sine": _sine,
    "pwl": _piecewise,
    "exp": _exponential,
}
