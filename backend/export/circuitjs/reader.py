"""Text files of the Falstad simulator (circuitjs), one element a line, as circuits of ours.

``READERS`` says for the word that opens a line what becomes of it. Whatever stands neither there
nor among what is only drawn (``DRAWN``) is refused with its line and the element's name.

A file states no end. The circuit lasts ``STEPS_SHOWN`` of its time steps, which is about what the
simulator's own scope shows.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...circuit import Circuit
from ...devices.passive import THERMAL_VOLTAGE
from ...errors import CircuitError, quoted
from .assembly import assemble
from .diodes import MODELS, USUAL, DiodeModel, of_drop, parameters
from .names import ELEMENTS, unescaped
from .sketch import Part, Point, Sketch
from .sources import COSINE, OLD_DUTY, OWN_DUTY, Source
from .transistors import collector_and_emitter
from .transistors import parameters as transistor_parameters

STEPS_SHOWN = 20_000
MAX_LINES = 200_000
FIRST = re.compile(r"\s*\$ +\d+ +[0-9.eE+-]+ +[0-9.eE+-]+ +\d+")
"""How a file begins: flags, time step, speed and so on."""

DRAWN = frozenset({
    "x", "b", "o", "h", "%", "?", "B", "!", ".",
    "32", "34", "38", "210", "211", "368", "403", "423",
})  # fmt: skip
"""Text, boxes, scopes, sliders, definitions and probes: they carry no current."""


@dataclass(frozen=True)
class Element:
    """One line of a file.

    Args:
        line: its number.
        kind: the word that opens it.
        start: its first point.
        end: its second point, a node only of elements with two ends.
        flags: as stated.
        words: what follows.
    """

    line: int
    kind: str
    start: Point
    end: Point
    flags: int
    words: tuple[str, ...]

    def number(self, place: int, usual: float | None = None) -> float:
        """The number at a place of the words; the usual one where the line ends before it.

        Raises:
            CircuitError: it is missing or no finite number.
        """
        if place >= len(self.words):
            if usual is None:
                raise CircuitError("the line ends too early; a value is missing")
            return usual
        return _number(self.words[place])

    def part(self, what: str, kind: str = "", **params: float) -> Part:
        """The element as a part of a sketch."""
        return Part(self.line, what, self.start, self.end, kind, params)


@dataclass
class _File:
    """What is known while lines are read."""

    sketch: Sketch
    models: dict[str, DiodeModel]


def is_circuitjs(text: str) -> bool:
    """Whether a text is a file of the Falstad simulator, by its first line."""
    return FIRST.match(text[:500]) is not None


def parse_circuitjs(text: str) -> Circuit:
    """The circuit in the text of a circuitjs file.

    Raises:
        CircuitError: an element, value or connection that has no counterpart; names the line.
    """
    lines = text.splitlines()
    if len(lines) > MAX_LINES:
        raise CircuitError(f"the file has {len(lines):,} lines and at most {MAX_LINES:,} are read")
    try:
        return _parsed(lines)
    except CircuitError as error:
        raise CircuitError(f"Falstad circuit, {error.message}") from None


def _parsed(lines: list[str]) -> Circuit:
    file = _File(Sketch(), dict(MODELS))
    rows = [(number, re.split(r"[\s+]+", line.strip())) for number, line in enumerate(lines, 1)]
    rows = [(number, words) for number, words in rows if words != [""]]
    for number, words in rows:  # models may follow the diodes that name them
        if words[0] in ("$", "34"):
            _said(number, lambda words=words: _state(file, words))
    for number, words in rows:
        if words[0] != "$" and words[0] not in DRAWN:
            _said(number, lambda number=number, words=words: _read(file, number, words))
    return assemble(file.sketch)


def _said(number: int, act: Callable[[], None]) -> None:
    try:
        act()
    except CircuitError as error:
        raise CircuitError(f"line {number}: {error.message}") from None


def _state(file: _File, words: list[str]) -> None:
    """The time step, or the model of a diode."""
    if words[0] == "$":
        step = _number(words[2]) if len(words) > 2 else 0.0
        if not 0 < step <= 1e6:
            raise CircuitError(f"the time step is {step:g} s and must be above 0 s")
        file.sketch.span = step * STEPS_SHOWN
        return
    if len(words) < 7:
        raise CircuitError("the model of a diode ends too early; a value is missing")
    current, resistance, emission, breakdown = (_number(word) for word in words[3:7])
    name = unescaped(words[1])
    file.models[name] = DiodeModel(current, resistance, emission, breakdown)


def _read(file: _File, number: int, words: list[str]) -> None:
    kind = words[0]
    if kind not in READERS:
        what = ELEMENTS.get(kind)
        named = f"{quoted(kind)} is {what}" if what else f"the element {quoted(kind)} is unknown"
        raise CircuitError(f"{named}, which is not read here; this reader knows {KNOWN}")
    if len(words) < 6:
        raise CircuitError(f"{quoted(kind)} needs two points and flags")
    x, y, x2, y2, flags = (_whole(word) for word in words[1:6])
    READERS[kind](file, Element(number, kind, (x, y), (x2, y2), flags, tuple(words[6:])))


def _number(word: str) -> float:
    try:
        value = float(word) if len(word) < 400 and "_" not in word else math.nan
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise CircuitError(f"{quoted(word)} is not a finite number")
    return value


def _whole(word: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", word, re.ASCII):
        raise CircuitError(f"{quoted(word)} is not a whole number")
    return int(word)


def _wire(file: _File, element: Element) -> None:
    file.sketch.join(element.start, element.end)


def _switch(file: _File, element: Element) -> None:
    """As it stands in the file: closed it is a wire, open it is nothing."""
    position = element.words[0] if element.words else "0"
    if position in ("0", "false"):
        file.sketch.join(element.start, element.end)


def _ground(file: _File, element: Element) -> None:
    file.sketch.grounds.append(element.start)


def _label(file: _File, element: Element) -> None:
    words = element.words
    text = unescaped(words[0]) if words and element.flags & 4 else " ".join(words)
    file.sketch.label(text, element.start)


def _output(file: _File, element: Element) -> None:
    file.sketch.outputs.append(element.start)


def _voltmeter(file: _File, element: Element) -> None:
    if resistance := element.number(2, 0.0):
        raise CircuitError(
            f"the voltmeter has {resistance:g} ohm of its own; draw a resistor instead"
        )


def _resistor(file: _File, element: Element) -> None:
    resistance = element.number(0)
    if not resistance or not math.isfinite(1 / resistance):
        raise CircuitError(f"the resistance is {resistance:g} ohm; draw a wire or give it one")
    file.sketch.parts.append(element.part("the resistor", "resistor", conductance=1 / resistance))


def _capacitor(file: _File, element: Element) -> None:
    capacitance, voltage = element.number(0), element.number(1, 0.0)
    if capacitance <= 0:
        raise CircuitError(f"the capacitance is {capacitance:g} F and must be positive")
    if element.flags & 4 and element.kind == "c" and (resistance := element.number(3, 0.0)):
        raise CircuitError(
            f"the capacitor has a series resistance of {resistance:g} ohm; draw a resistor instead"
        )
    file.sketch.capacitors.append((element.part("the capacitor"), capacitance, voltage))


def _current_source(file: _File, element: Element) -> None:
    if limit := element.number(1, 0.0):
        raise CircuitError(
            f"the current source gives up at {limit:g} V, which is not modelled here; make it ideal"
        )
    current = element.number(0, 0.01) or 0.01  # as the simulator reads 0 A
    file.sketch.parts.append(element.part("the current source", "current_source", current=current))


def _inductor(file: _File, element: Element) -> None:
    inductance, current = element.number(0), element.number(1, 0.0)
    params = {"inductance": inductance, "current": current}
    file.sketch.parts.append(element.part("the inductor", "inductor", **params))


def _transistor(file: _File, element: Element) -> None:
    polarity, beta = element.number(0), element.number(3, 100.0)
    if polarity not in (1, -1):
        raise CircuitError(f"the transistor is of kind {polarity:g}; expected 1 or -1")
    model = unescaped(element.words[4]) if len(element.words) > 4 else USUAL
    params = transistor_parameters(beta, model, THERMAL_VOLTAGE)
    ends = collector_and_emitter(element.start, element.end, element.flags, int(polarity))
    kind = "npn" if polarity > 0 else "pnp"
    part = Part(element.line, "the transistor", *ends, kind, params, {"base": element.start})
    file.sketch.parts.append(part)


def _diode(file: _File, element: Element) -> None:
    if element.flags & 2:
        name = unescaped(element.words[0]) if element.words else USUAL
        if name not in file.models:
            raise CircuitError(f"the diode names the model {quoted(name)}, which no line describes")
        model = file.models[name]
    else:
        old = element.flags & 1 and element.words
        name = f"fwdrop={element.words[0]}" if old else USUAL
        model = of_drop(element.number(0)) if old else file.models[USUAL]
    params = parameters(name, model, THERMAL_VOLTAGE)
    file.sketch.parts.append(element.part("the diode", "diode", **params))


def _source(element: Element) -> Source:
    usual = Source()
    values = [
        element.number(place, value)
        for place, value in enumerate(
            (usual.form, usual.frequency, usual.peak, usual.bias, usual.phase, usual.duty)
        )
    ]
    source = Source(int(values[0]), *values[1:])
    if element.flags & COSINE:
        source = replace(source, phase=math.pi / 2)
    if source.form == 5 and not element.flags & OWN_DUTY:
        source = replace(source, duty=OLD_DUTY)
    return source


def _rail(file: _File, element: Element) -> None:
    file.sketch.rails.append((element.part("the voltage rail"), _source(element)))


def _slider_rail(file: _File, element: Element) -> None:
    # In the place of the frequency stands the voltage that the slider was left at.
    source = Source(peak=element.number(1))
    file.sketch.rails.append((element.part("the variable voltage"), source))


def _voltage_source(file: _File, element: Element) -> None:
    file.sketch.sources.append((element.part("the voltage source"), _source(element)))


READERS: dict[str, Callable[[_File, Element], None]] = {
    "w": _wire,
    "370": _wire,
    "s": _switch,
    "g": _ground,
    "207": _label,
    "O": _output,
    "p": _voltmeter,
    "r": _resistor,
    "c": _capacitor,
    "209": _capacitor,
    "l": _inductor,
    "t": _transistor,
    "i": _current_source,
    "d": _diode,
    "R": _rail,
    "172": _slider_rail,
    "v": _voltage_source,
}
"""Elements by the word that opens their line; an ammeter is a wire."""

KNOWN = (
    "resistors, capacitors, inductors, diodes, bipolar transistors, current and voltage sources, "
    "rails, wires, switches, grounds, node labels and outputs"
)
