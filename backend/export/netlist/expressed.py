"""What no device kind does, as a device that does what its expression says."""

import re

from ...circuit import GROUND
from ...circuit.expressed import RESERVED, checked_expression
from ...errors import CircuitError, clipped
from ...expressions.formula import Current, Formula, Voltage, ends, replaced, written
from ...expressions.signs import ambiguous
from .assembly import Assembly
from .deck import Element
from .parts import ends_of, sensed_source


def expressed(made: Assembly, element: Element, kind: str, formula: Formula) -> None:
    """Enter a device of an expression; a current that it follows becomes a voltage first.

    Raises:
        CircuitError: both nodes are one, a source is missing, or the expression is too long.
    """
    plus, minus = ends_of(element)
    unclear = ambiguous(formula, made.deck.ltspice)
    if unclear is not None:
        raise CircuitError(
            f"'{clipped(written(unclear), 40)}' of a negative number has another sign in ngspice "
            "than in LTspice; write a product, or abs() and sgn()"
        )
    names = {plus: "source", minus: "target"}
    terminals: dict[str, str] = {}
    for end in ends(formula):
        if isinstance(end, Voltage) and end.node not in names:
            name = _free(end.node, terminals)
            terminals[name], names[end.node] = end.node, name
    currents: dict[str, str] = {}
    for end in ends(formula):
        if isinstance(end, Current):
            name = _free(f"i_{end.source}", terminals)
            terminals[name] = _sensing(made, element, end.source, len(currents) + 1)
            currents[end.source] = name

    def named(end: Formula) -> Formula:
        if isinstance(end, Voltage):
            return Voltage(names[end.node])
        return Voltage(currents[end.source]) if isinstance(end, Current) else end

    made.device(
        element, kind, plus, minus, {}, terminals=terminals,
        expression=written(replaced(formula, named)),
    )  # fmt: skip
    checked_expression(made.devices[-1], ())


def _free(node: str, taken: dict[str, str]) -> str:
    """A terminal's name that is like a node's."""
    name = re.sub(r"\W", "_", node, flags=re.ASCII)[:40] or "_"
    if name[0].isdigit() or name.lower() in RESERVED:
        name = f"n_{name}"
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found


def _sensing(made: Assembly, element: Element, source: str, number: int) -> str:
    """A node whose voltage is the current of a source, 1 V for 1 A."""
    control = sensed_source(made, source)
    node = made.inner(element, f"i{number}")
    made.device(
        element, "ccvs", node, GROUND, {"resistance": 1.0}, suffix=f"_i{number}",
        terminals={"control": control},
    )  # fmt: skip
    return node
