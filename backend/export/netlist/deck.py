"""A flat list of typed elements: what a netlist says, apart from what our circuits can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ...expressions.formula import Formula
from ...waveforms import Waveform
from .lines import Place

ROOM = 27.0
"""Temperature of a circuit, and of the measurement of its models, where none is said [°C]."""


@dataclass(frozen=True)
class Model:
    """Parameters that several elements share.

    Args:
        name: as it was written.
        kind: ``d``, ``r``, ``npn`` and so on.
        values: in SI units, by names in small letters.
        place: of its card.
    """

    name: str
    kind: str
    values: Mapping[str, float]
    place: Place


@dataclass(frozen=True)
class Element:
    """One element between nodes.

    Args:
        name: unique in the deck; an element of a subcircuit carries the names of the cells.
        kind: such as ``resistor`` or ``voltage_source``.
        nodes: in the order of the card; ground is ``gnd``.
        place: of its card.
        values: in SI units; a current is positive from the first node to the second.
        waveform: course of a source over time; None where ``values`` has its ``dc`` part.
        expression: of a behavioural source.
        text: the same as it was written; empty where names in it mean something else.
        model: of a semiconductor.
        control: name of the voltage source whose current is sensed.
    """

    name: str
    kind: str
    nodes: tuple[str, ...]
    place: Place
    values: Mapping[str, float] = field(default_factory=dict)
    waveform: Waveform | None = None
    expression: Formula | None = None
    text: str = ""
    model: Model | None = None
    control: str = ""


@dataclass(frozen=True)
class Transient:
    """What ``.tran`` asks for, in seconds.

    Args:
        step: of the output; also the edge of a pulse that has none.
        stop: end of the simulation.
        uic: whether it starts from initial conditions instead of the operating point.
        place: of the card.
    """

    step: float
    stop: float
    uic: bool
    place: Place


@dataclass
class Deck:
    """A netlist in flat form.

    Args:
        title: its first line.
        ltspice: whether it is LTspice's own.
        nodes: names as first written, by themselves in small letters; without ground.
        elements: in the order of the cards.
        initial: voltages of ``.ic`` by node [V].
        guesses: voltages of ``.nodeset``, with which the search for the operating point begins, and
            ``uic`` starts where ``.ic`` says nothing [V].
        currents: of inductors in ``.ic`` [A].
        transient: None where nothing asks for one.
        temperature: of the circuit [°C].
        nominal: at which models were measured [°C].
        hint: why a model may be missing, for messages.
        behind: nodes within a capacitor by the node before its resistance, whose start they share.
    """

    title: str = ""
    ltspice: bool = False
    nodes: dict[str, str] = field(default_factory=dict)
    elements: list[Element] = field(default_factory=list)
    initial: dict[str, tuple[float, Place]] = field(default_factory=dict)
    guesses: dict[str, float] = field(default_factory=dict)
    currents: dict[str, tuple[float, Place]] = field(default_factory=dict)
    transient: Transient | None = None
    temperature: float = ROOM
    nominal: float = ROOM
    hint: str = ""
    behind: dict[str, str] = field(default_factory=dict)
