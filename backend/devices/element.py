"""Devices of the general class: what two voltages at a time do not say.

Inductors, sources, controlled sources, junctions with charge and transistors have currents of
their own, further terminals or a waveform. They enter the equations of modified nodal analysis
(Ho, Ruehli, Brennan 1975),

    M dx/dt + K x + S u(t) + L i(x) = 0,

with the node voltages and own currents x, constant M and K, waveforms u, and *atoms* i: scalar
currents, each a function of at most four voltages.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar, Protocol

from ..params import Param
from ..registry import Registry
from .base import BOX

ELEMENTS: "Registry[type[Element]]" = Registry("device kind")

SOURCE, TARGET, GROUND_ROW = "source", "target", "ground"
"""Names of the rows that every device has."""

Params = Mapping[str, float]


class Stamps(Protocol):
    """Where a device writes its part of the equations.

    Rows are named: ``source``, ``target``, the terminals, ``ground``, own unknowns. A node's row
    is the sum of the currents that leave it; an own unknown's row is the device's own equation.
    A value is ``factor``, or ``factor`` times the parameter ``param``.
    """

    def own(self, name: str, unit: str) -> str:
        """A further unknown with an equation of its own; the name of its row."""
        ...

    def node(self, name: str, beside: str) -> str:
        """A node inside the device that starts at the voltage of another; the name of its row."""
        ...

    def control(self) -> str:
        """The row of the current of the device that controls this one."""
        ...

    def add(self, row: str, column: str, factor: float, param: str = "") -> None:
        """K[row, column] += value."""
        ...

    def store(self, row: str, column: str, factor: float, param: str = "") -> None:
        """M[row, column] += value."""
        ...

    def give(self, row: str, factor: float, param: str) -> None:
        """row += factor (param + u(t)), with u the device's waveform where it has one."""
        ...

    def atom(
        self, law: str, row: str, into: str, controls: tuple[str, ...],
        params: tuple[str | float, ...], scale: float = 1.0,
    ) -> None:  # fmt: skip
        """``scale`` times the scalar law of the controls' values leaves ``row`` for ``into``.

        Its arguments are parameters by name, or numbers.
        """
        ...

    def expression(self, row: str, into: str, scale: float = 1.0) -> None:
        """``scale`` times the value of the device's expression leaves ``row`` for ``into``."""
        ...

    def start(self, name: str, param: str) -> None:
        """The own unknown starts at the value of a parameter."""
        ...


class Element(ABC):
    """The equations of one kind of device of the general class; used as a class.

    Attributes:
        title: name shown in menus.
        group: one of ``GROUPS``.
        params: the parameters, in file order.
        terminals: names of the terminals beyond source and target.
        controlled: whether the current of another device controls it, whose id stands under
            ``control`` among the terminals.
        waveform: whether a waveform may be added to its value.
        current: row whose value is the current from source to target, where that is an unknown.
        measured: whether its current may control other devices.
        stores: whether it stores all energy that it takes.
        symbol: schematic symbol as an SVG path from (0, 0) to (1, 0).
        expressed: whether an expression says what it does, and which terminals and parameters it
            has.
        usual: the expression where none is given, and
        usual_params: its parameters.
    """

    title: ClassVar[str]
    group: ClassVar[str]
    params: ClassVar[tuple[Param, ...]]
    terminals: ClassVar[tuple[str, ...]] = ()
    controlled: ClassVar[bool] = False
    waveform: ClassVar[bool] = False
    current: ClassVar[str] = ""
    measured: ClassVar[bool] = False
    stores: ClassVar[bool] = False
    symbol: ClassVar[str] = BOX
    expressed: ClassVar[bool] = False
    usual: ClassVar[str] = ""
    usual_params: ClassVar[Params] = {}

    @classmethod
    @abstractmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """Write the device's part of the equations."""

    @classmethod
    @abstractmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """The cards of the device.

        Args:
            name: to be put behind the card's letter.
            nodes: what a netlist calls source, target, terminals, and ``control`` by its card.
            p: parameters.
            value: the waveform as a source's card has it, empty without one.
        """
