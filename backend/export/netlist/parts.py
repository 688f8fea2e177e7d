"""How every kind of element becomes nodes, drives and devices of ours."""

from ...circuit import GROUND
from ...errors import CircuitError, clipped
from ...waveforms import Waveform
from ...waveforms.constant import Constant
from .assembly import PARTS, Assembly, Store, scaled
from .deck import Element
from .junction import add_diode
from .matching import Found, shares


def ends_of(element: Element) -> tuple[str, str]:
    """The two nodes of an element.

    Raises:
        CircuitError: they are one.
    """
    plus, minus = element.nodes[:2]
    if plus == minus:
        raise CircuitError(
            f"'{clipped(element.name, 40)}' connects '{clipped(plus, 40)}' with itself; leave it "
            "out or correct a node"
        )
    return plus, minus


@PARTS.register("resistor")
def resistor(made: Assembly, element: Element) -> None:
    """A conductance."""
    plus, minus = ends_of(element)
    value = {"conductance": 1 / element.values["resistance"]}
    made.add(element, Found("resistor", plus, minus, value))


@PARTS.register("capacitor")
def capacitor(made: Assembly, element: Element) -> None:
    """A node's own capacitance where it leads to ground from a node that nothing holds."""
    plus, minus = ends_of(element)
    value = element.values["capacitance"]
    made.stores.append(Store(plus, minus, element.values.get("ic"), element))
    node = minus if plus == GROUND else plus
    if GROUND in (plus, minus) and node not in made.drives:
        made.capacitance[node] = made.capacitance.get(node, 0.0) + value
    else:
        made.device(element, "capacitor", plus, minus, {"capacitance": value})


@PARTS.register("inductor")
def inductor(made: Assembly, element: Element) -> None:
    """With its current at the start."""
    plus, minus = ends_of(element)
    start, _ = made.deck.currents.get(element.name.lower(), (element.values["current"], None))
    value = {"inductance": element.values["inductance"], "current": start}
    made.device(element, "inductor", plus, minus, value)


@PARTS.register("voltage_source")
def voltage_source(made: Assembly, element: Element) -> None:
    """A driven node where it leads to ground and nothing follows its current."""
    plus, minus = ends_of(element)
    assert element.waveform is not None
    node = minus if plus == GROUND else plus
    if GROUND in (plus, minus) and element.name.lower() not in made.sensed:
        if node in made.drives:
            raise CircuitError(
                f"node '{clipped(node, 40)}' is held by the source of {made.drives[node][0]} "
                "already"
            )
        made.drives[node] = element.place, scaled(element.waveform, -1.0 if node == minus else 1.0)
        return
    params, drive = _constant_and_course(element.waveform, "voltage")
    made.device(element, "voltage_source", plus, minus, params, drive=drive)


@PARTS.register("current_source")
def current_source(made: Assembly, element: Element) -> None:
    """A constant current, or a course over time."""
    plus, minus = ends_of(element)
    assert element.waveform is not None
    wave = scaled(element.waveform, element.values["m"])
    params, drive = _constant_and_course(wave, "current")
    made.device(element, "current_source", plus, minus, params, drive=drive)


def _constant_and_course(wave: Waveform, name: str) -> tuple[dict[str, float], Waveform | None]:
    if isinstance(wave, Constant):
        return {name: wave.voltage}, None
    return {name: 0.0}, wave


@PARTS.register("diode")
def diode(made: Assembly, element: Element) -> None:
    """A diode of the fast class where its model has no more than that."""
    ends_of(element)
    add_diode(made, element)


@PARTS.register("vccs")
def current_by_voltage(made: Assembly, element: Element) -> None:
    """A resistor or transconductors of the fast class."""
    plus, minus, above, below = element.nodes
    found = shares(plus, minus, above, below, element.values["gain"])
    if not found or plus == minus != GROUND or above == below != GROUND:
        raise CircuitError(f"'{clipped(element.name, 40)}' passes no current; leave it out")
    made.add(element, *found)


@PARTS.register("vcvs")
def voltage_by_voltage(made: Assembly, element: Element) -> None:
    """An amplifier."""
    plus, minus = ends_of(element)
    terminals = {"plus": element.nodes[2], "minus": element.nodes[3]}
    made.device(element, "vcvs", plus, minus, element.values, terminals=terminals)


@PARTS.register("cccs")
@PARTS.register("ccvs")
def by_current(made: Assembly, element: Element) -> None:
    """What follows the current of a voltage source."""
    plus, minus = ends_of(element)
    control = sensed_source(made, element.control)
    terminals = {"control": control}
    made.device(element, element.kind, plus, minus, element.values, terminals=terminals)


def sensed_source(made: Assembly, name: str) -> str:
    """The id of a voltage source whose current is followed.

    Raises:
        CircuitError: there is none.
    """
    if name.lower() in made.sources:
        return made.sources[name.lower()]
    raise CircuitError(
        f"there is no voltage source '{clipped(name, 40)}' whose current could be followed; "
        "put one of 0 V in series and name it"
    )
