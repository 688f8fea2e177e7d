"""Behavioural sources as devices: laws of ours, or sums of controlled sources."""

from ...circuit import GROUND
from ...errors import CircuitError, NoMatchError, clipped
from ...expressions.formula import Call, Current, Formula, Name, Voltage, call, ends
from ..expressions import device_of
from .assembly import GATE, PARTS, Assembly
from .course import course_of
from .deck import Element
from .expressed import expressed
from .matching import Affine, Found, affine, devices_of
from .parts import current_source, ends_of, sensed_source, voltage_source


@PARTS.register("behavioural_current")
def current(made: Assembly, element: Element) -> None:
    """A law between the two nodes, whichever way it is spelled."""
    plus, minus = element.nodes
    formula, text = element.expression, element.text
    assert formula is not None
    if made.gated:
        formula, text = _ungated(formula), text.replace("V(g1)*", "", 1).replace("v(g1)*", "", 1)
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
    elif _gate_of(text):
        raise CircuitError("this source is gated by a slice; only whole exported files hold slices")
    known = _own_spelling(text, plus, minus)
    if known is not None:
        made.add(element, known)
        return
    straight = affine(formula)
    try:
        if Name("time") in ends(formula):
            current_source(made, _timed(element, formula))
        elif straight is not None and any(isinstance(end, Current) for end in straight.weights):
            _mixed_current(made, element, straight)
        else:
            made.add(element, *devices_of(formula, plus, minus, text))
    except NoMatchError:
        expressed(made, element, "expression", formula)


def _timed(element: Element, formula: Formula) -> Element:
    """An independent source in the place of an expression of time."""
    wave = course_of(formula)
    values = {"dc": 0.0, "ac": 0.0, "phase": 0.0, "m": 1.0}
    return Element(element.name, "source", element.nodes, element.place, values, wave)


def _mixed_current(made: Assembly, element: Element, straight: Affine) -> None:
    """A sum of currents elsewhere, voltages and a constant."""
    plus, minus = ends_of(element)
    rest = Affine(
        {end: w for end, w in straight.weights.items() if isinstance(end, Voltage)},
        straight.constant,
    )
    for place, (end, gain) in enumerate(straight.weights.items()):
        if isinstance(end, Current) and gain:
            control = sensed_source(made, end.source)
            terminals, suffix = {"control": control}, f"_i{place}"
            made.device(
                element, "cccs", plus, minus, {"gain": gain}, suffix=suffix, terminals=terminals
            )
    if any(rest.weights.values()) or rest.constant:
        made.add(element, *devices_of(_sum(rest), plus, minus))


def _sum(straight: Affine) -> Formula:
    found: Formula = call("+", *[w * end for end, w in straight.weights.items()])
    return found + straight.constant


@PARTS.register("behavioural_voltage")
def voltage(made: Assembly, element: Element) -> None:
    """A course over time, or controlled sources in series."""
    plus, minus = ends_of(element)
    formula = element.expression
    assert formula is not None
    straight = affine(formula)
    if Name("time") in ends(formula):
        try:
            voltage_source(made, _timed(element, formula))
        except NoMatchError:
            expressed(made, element, "expression_voltage", formula)
        return
    if straight is None:
        expressed(made, element, "expression_voltage", formula)
        return
    chain = list(_links(made, straight))
    if not chain:
        raise CircuitError(f"'{clipped(element.name, 40)}' is 0 V whatever happens; write it as V")
    above = plus
    for place, (kind, params, terminals) in enumerate(chain):
        last = place == len(chain) - 1
        below = minus if last else made.inner(element, f"x{place + 1}")
        suffix = f"_{place + 1}" if place else ""
        made.device(element, kind, above, below, params, suffix=suffix, terminals=terminals)
        above = below


def _links(made: Assembly, straight: Affine) -> list[tuple[str, dict[str, float], dict[str, str]]]:
    """Kind, parameters and terminals of the sources in series that make up a sum."""
    links: list[tuple[str, dict[str, float], dict[str, str]]] = []
    voltages = {
        end.node: w for end, w in straight.weights.items() if isinstance(end, Voltage) and w
    }
    while voltages:
        node, gain = voltages.popitem()
        other = next((name for name, w in voltages.items() if w == -gain), GROUND)
        voltages.pop(other, None)
        links.append(("vcvs", {"gain": gain}, {"plus": node, "minus": other}))
    for end, w in straight.weights.items():
        if isinstance(end, Current) and w:
            control = {"control": sensed_source(made, end.source)}
            links.append(("ccvs", {"resistance": w}, control))
    if straight.constant:
        links.append(("voltage_source", {"voltage": straight.constant}, {}))
    return links


def _gate_of(text: str) -> bool:
    head, star, _ = text.lower().partition(")*")
    return bool(star) and head.startswith("v(g") and head[3:].isdigit()


def _own_spelling(text: str, plus: str, minus: str) -> Found | None:
    """The device whose current stands there as we write it, so that its kind is kept."""
    if not text:
        return None
    try:
        kind, source, params = device_of(text, plus, minus)
    except CircuitError:
        return None
    return Found(kind, source, minus, params)


def _ungated(formula: Formula) -> Formula:
    """The current without the gate in front, which is 1 but for a moment that loses no time."""
    gate = Voltage(GATE)
    if isinstance(formula, Call) and formula.function == "*" and gate in formula.arguments:
        rest = [one for one in formula.arguments if one != gate]
        return call("*", *rest) if len(rest) > 1 else rest[0]
    return formula
