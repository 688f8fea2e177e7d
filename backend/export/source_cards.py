"""The value of a voltage source's card as a waveform of ours."""

import re
from collections.abc import Callable, Sequence

from ..errors import CircuitError, place_text
from ..waveforms import Waveform
from ..waveforms.constant import Constant
from ..waveforms.piecewise_linear import PiecewiseLinear
from ..waveforms.pulse import Pulse
from ..waveforms.sine import Sine

FORM = re.compile(r"(pulse|sin|pwl)\s*\(?\s*([^()]*?)\s*\)?", re.IGNORECASE)

_UNSAID = "a {} of {} counts as not given and means {}; write the number that is meant"


def read_source(text: str, number: Callable[[str], float], sign: float = 1.0) -> Waveform:
    """The waveform of a source: DC, PULSE, SIN or PWL.

    Args:
        text: what stands behind the two nodes.
        number: reads a SPICE number.
        sign: -1 where the source stands upside down.

    Raises:
        CircuitError: another form, or numbers that make no waveform.
    """
    text = re.sub(r"^dc\s*=?\s*", "", text.strip(), flags=re.IGNORECASE)
    match = FORM.fullmatch(text)
    if match is None:
        # A start value beside a waveform is another circuit than the one from 0 s on.
        if len(text.split()) != 1:
            raise CircuitError(
                f"the source '{text[:40]}' is not read; this reader knows DC, PULSE, SIN and PWL"
            )
        return Constant(sign * number(text))
    values = [number(word) for word in match[2].replace(",", " ").split()]
    try:
        return _FORMS[match[1].lower()](values, sign)
    except CircuitError as error:
        place = f"{place_text(error.where)}: " if error.where else ""
        raise CircuitError(f"{match[1].upper()}: {place}{error.message}") from None


def _pulse(values: Sequence[float], sign: float) -> Waveform:
    if len(values) != 7:
        raise CircuitError(
            f"there are {len(values)} numbers; give all seven, low, high, delay, rise, fall, width "
            "and period, because simulators differ in what they add"
        )
    low, high, *times = values
    if not times[3]:
        raise CircuitError(_UNSAID.format("width", "0 s", "the whole simulation"))
    return Pulse(sign * low, sign * high, *times)


def _sine(values: Sequence[float], sign: float) -> Waveform:
    if not 3 <= len(values) <= 6:
        raise CircuitError(
            f"there are {len(values)} numbers; give offset, amplitude and frequency, then delay, "
            "damping and phase where they are not 0"
        )
    offset, amplitude, *rest = values
    if not rest[0]:
        raise CircuitError(_UNSAID.format("frequency", "0 Hz", "one period in the simulation"))
    return Sine(sign * offset, sign * amplitude, *rest)


def _piecewise(values: Sequence[float], sign: float) -> Waveform:
    if not values or len(values) % 2:
        raise CircuitError(f"there are {len(values)} numbers; give a time and a voltage each")
    times, levels = list(values[::2]), [sign * level for level in values[1::2]]
    if times[0] > 0:  # until its first time a source stays at its first voltage
        times, levels = [0.0, *times], [levels[0], *levels]
    return PiecewiseLinear(tuple(times), tuple(levels))


_FORMS: dict[str, Callable[[Sequence[float], float], Waveform]] = {
    "pulse": _pulse,
    "sin": _sine,
    "pwl": _piecewise,
}
