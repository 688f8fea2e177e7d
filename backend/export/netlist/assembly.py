"""A deck as a circuit of ours: the class is the fast one wherever that can hold it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property

from ...circuit import GROUND, Device
from ...errors import CircuitError, clipped
from ...expressions.formula import Current, ends
from ...registry import Registry
from ...waveforms import Waveform
from ...waveforms.piecewise_linear import PiecewiseLinear
from ..gates import opens_for_good
from .deck import Deck, Element
from .lines import Place
from .matching import Found

GATE = "g1"
"""Node of the gate of an exported circuit of one slice."""


@dataclass(frozen=True)
class Store:
    """A capacitor and the voltage that it begins with, where that is said."""

    plus: str
    minus: str
    start: float | None
    element: Element


@dataclass
class Assembly:
    """What has been made of a deck so far.

    Args:
        deck: the whole.
        gated: whether it is an exported circuit's cards, with a gate that opens for good.
        sensed: names of sources whose current something follows, in small letters.
    """

    deck: Deck
    gated: bool = False
    sensed: frozenset[str] = frozenset()
    capacitance: dict[str, float] = field(default_factory=dict)
    stores: list[Store] = field(default_factory=list)
    drives: dict[str, tuple[Place, Waveform]] = field(default_factory=dict)
    devices: list[Device] = field(default_factory=list)

    @cached_property
    def sources(self) -> dict[str, str]:
        """Names of voltage sources by themselves in small letters."""
        elements = self.deck.elements
        names = [element.name for element in elements if element.kind == "voltage_source"]
        return {name.lower(): name for name in names}

    def add(self, element: Element, *found: Found) -> None:
        """Enter devices that an element is made of."""
        for place, one in enumerate(found):
            suffix = f"_{place + 1}" if place else ""
            self.device(element, one.kind, one.source, one.target, one.params, suffix=suffix)

    def device(
        self,
        element: Element,
        kind: str,
        source: str,
        target: str,
        params: Mapping[str, float],
        *,
        suffix: str = "",
        drive: Waveform | None = None,
        terminals: Mapping[str, str] | None = None,
        expression: str = "",
    ) -> None:
        """Enter one device of an element."""
        name = f"{element.name}{suffix}"
        made = Device(
            name, kind, source, target, params, terminals=terminals or {}, drive=drive,
            expression=expression,
        )  # fmt: skip
        self.devices.append(made)

    def inner(self, element: Element, suffix: str) -> str:
        """A new node within an element."""
        name = f"{element.name}.{suffix}"
        return self.deck.nodes.setdefault(name.lower(), name)


Part = Callable[[Assembly, Element], None]

PARTS: "Registry[Part]" = Registry("element")


def assembled(deck: Deck) -> Assembly:
    """Nodes, drives and devices of a deck.

    Raises:
        CircuitError: an element that our circuits cannot hold; names its line.
    """
    made = Assembly(deck, _opens(deck), _sensed(deck))
    # Places of capacitors follow from what the sources hold.
    late = {"capacitor"}
    for wanted in (False, True):
        for element in deck.elements:
            if (element.kind in late) is not wanted or _is_gate(made, element):
                continue
            try:
                if element.kind not in PARTS:
                    raise CircuitError(
                        f"'{clipped(element.name, 40)}' has no counterpart here: there is no "
                        f"device kind for '{element.kind.replace('_', ' ')}'"
                    )
                PARTS[element.kind](made, element)
            except CircuitError as error:
                raise element.place.refusal(error) from None
    return made


def _is_gate(made: Assembly, element: Element) -> bool:
    return made.gated and element.nodes == (GATE, GROUND)


def _sensed(deck: Deck) -> frozenset[str]:
    found = {element.control.lower() for element in deck.elements if element.control}
    for element in deck.elements:
        if element.expression is not None:
            senses = ends(element.expression)
            found |= {end.source.lower() for end in senses if isinstance(end, Current)}
    return frozenset(found)


def _opens(deck: Deck) -> bool:
    """Whether one source holds the gate of an exported circuit, open once it has risen."""
    for element in deck.elements:
        if element.nodes == (GATE, GROUND) and element.name.lower() == "vg1":
            wave = element.waveform
            return isinstance(wave, PiecewiseLinear) and opens_for_good(
                list(zip(wave.times, wave.values, strict=True))
            )
    return False


def scaled(wave: Waveform, factor: float) -> Waveform:
    """A waveform with all its voltages multiplied."""
    if factor == 1.0:
        return wave
    changes: dict[str, object] = {}
    units = {param.name: param.unit for param in wave.params} | dict(wave.lists)
    for one in fields(wave):
        if units.get(one.name) == "V":
            value = getattr(wave, one.name)
            many = isinstance(value, tuple)
            changes[one.name] = tuple(factor * v for v in value) if many else factor * value
    return replace(wave, **changes)
