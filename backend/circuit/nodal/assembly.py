"""From a circuit of any class to the equations of modified nodal analysis.

    M dx/dt + K x + B s(t) + B' ds/dt + L i(x) = 0

x holds the voltages of the nodes that no source holds, then the own unknowns of devices; s the
values of all sources, driven nodes among them; i the atoms (Ho, Ruehli, Brennan 1975). Every value
is a number, or a factor times a parameter, so that derivatives by parameters are at hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ...devices import DeviceLaw, Element, FusedLaw, kind_of
from ...errors import clipped
from ...expressions.program import Program
from ...waveforms import Waveform
from ..description import GROUND, Circuit, Device
from ..expressed import program_of
from ..general import one_slice

CONSTANT = -1
"""The parameter of an entry that is a number."""

HIDDEN = -1
"""The row of ground, whose equation follows from all others."""


class Entry(NamedTuple):
    """``factor`` times parameter ``param`` (or 1) at a row and a column."""

    row: int
    column: int
    factor: float
    param: int = CONSTANT


class Atom(NamedTuple):
    """A scalar current that leaves ``row`` for ``into``.

    Args:
        law: its name among the laws of ``engine.nodal``.
        controls: columns of what it depends on.
        terms: for every argument of the law a number and pairs of factor and parameter.
        device: place of the device.
        scale: of the current.
        program: of an expression.
    """

    law: str
    row: int
    into: int
    controls: tuple[int, ...]
    terms: tuple[tuple[float, tuple[tuple[float, int], ...]], ...]
    device: int
    scale: float = 1.0
    program: Program | None = None


class Source(NamedTuple):
    """A value s = param + u(t); of driven nodes u alone; or time itself, which no one chose."""

    name: str
    wave: Waveform | None
    param: int = CONSTANT
    clock: bool = False


@dataclass
class Unknown:
    """A component of x: a node's voltage, or a device's own unknown.

    ``param`` is its start, or ``beside`` the column at whose value it starts.
    """

    name: str
    unit: str
    device: int = -1
    start: float = 0.0
    param: int = CONSTANT
    beside: int = HIDDEN


def _sums() -> dict[str, list[Entry]]:
    """Empty lists of what adds up, by matrix."""
    return {"linear": [], "stored": [], "atoms": []}


@dataclass
class Equations:
    """The equations of a circuit; columns from ``len(unknowns)`` on are sources, -1 is ground.

    Args:
        circuit: the description.
        devices: its devices in order.
        unknowns: x; the free nodes first, in the circuit's order.
        sources: s; the driven nodes first, in the circuit's order.
        params: values of all parameters.
        names: device and parameter of each.
        linear: entries of K and B.
        stored: entries of M and B'.
        atoms: i.
        nodes: column of every node of the circuit.
        currents: column of the current from source to target, where that is an unknown, by device.
        own: unknowns of every device by name.
        first_param: place of every device's first parameter.
        shown: what adds up to the current of every device that is shown, by matrix (``linear``,
            ``stored``, ``atoms``): entries whose row is the device; of atoms the column is the
            place and the factor the sign.
        terminals: device and name of every end that no current from source to target speaks for:
            of devices with further terminals these and the target.
        ends: what adds up to the current that enters a device there, as ``shown``; the row is the
            place among ``terminals``.
    """

    circuit: Circuit
    devices: tuple[Device, ...]
    unknowns: list[Unknown] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    params: list[float] = field(default_factory=list)
    names: list[tuple[int, str]] = field(default_factory=list)
    linear: list[Entry] = field(default_factory=list)
    stored: list[Entry] = field(default_factory=list)
    atoms: list[Atom] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)
    currents: dict[int, int] = field(default_factory=dict)
    own: dict[tuple[int, str], int] = field(default_factory=dict)
    first_param: list[int] = field(default_factory=list)
    shown: dict[str, list[Entry]] = field(default_factory=lambda: _sums())
    terminals: list[tuple[int, str]] = field(default_factory=list)
    ends: dict[str, list[Entry]] = field(default_factory=lambda: _sums())

    @property
    def size(self) -> int:
        """Number of unknowns."""
        return len(self.unknowns)

    @property
    def rows(self) -> int:
        """Unknowns and driven nodes; entries in rows from ``size`` on are those of driven nodes."""
        return self.size + len(self.circuit.driven)

    def column(self, place: int) -> int:
        """The column of a place: negative places below ground are sources."""
        return place if place >= HIDDEN else self.size + (-2 - place)


def assemble(circuit: Circuit) -> Equations:
    """The equations of a circuit of one slice.

    Raises:
        CircuitError: more than one slice.
    """
    one_slice(circuit, "nodal analysis is for")
    found = Equations(circuit, circuit.devices)
    # While unknowns are added, source k stands as -2 - k; ``_settle`` puts it behind them.
    for node in circuit.nodes:
        if node.drive is not None:
            found.nodes[node.id] = -2 - len(found.sources)
            found.sources.append(Source(node.id, node.drive))
        else:
            row = len(found.unknowns)
            found.nodes[node.id] = row
            found.unknowns.append(Unknown(node.id, "V", start=node.voltage))
            if node.capacitance > 0:
                found.stored.append(Entry(row, row, node.capacitance))
    found.nodes[GROUND] = HIDDEN
    stamps = [_Stamps(found, place) for place in range(len(found.devices))]
    for each in stamps:
        each.enter()
    _settle(found, stamps)
    return found


class _Stamps:
    """Writes one device's part; see ``devices.element.Stamps``."""

    def __init__(self, to: Equations, place: int) -> None:
        self.to, self.place = to, place
        self.device = to.devices[place]
        device = self.device
        self.kind: type[DeviceLaw] | type[Element] = kind_of(device.kind)
        self.rows = {"source": to.nodes[device.source], "target": to.nodes[device.target]}
        self.rows["ground"] = HIDDEN
        for name, node in device.terminals.items():
            if name != "control":
                self.rows[name] = to.nodes[node]
        self.param = len(to.params)
        to.first_param.append(self.param)
        self.params = {name: float(value) for name, value in device.params.items()}
        order = list(self.params) if self.kind.expressed else [p.name for p in self.kind.params]
        to.params += [self.params[name] for name in order]
        to.names += [(place, name) for name in order]
        self.slots = {name: self.param + k for k, name in enumerate(order)}
        self.waiting: list[tuple[str, float, str]] = []
        self.given: dict[str, int] = {}
        self.leaving = "source"
        nodes = [name for name in device.terminals if name != "control"]
        self.ends: dict[str, int] = {}
        for name in ("target", *nodes) if nodes else ():
            self.ends[name] = len(to.terminals)
            to.terminals.append((place, name))

    def enter(self) -> None:
        """Write the device."""
        if not issubclass(self.kind, Element):
            self._law(self.kind)
            return
        self.kind.stamp(self, self.params)
        if self.kind.current:
            self.to.currents[self.place] = self.rows[self.kind.current]

    def own(self, name: str, unit: str) -> str:
        """A further unknown."""
        self.rows[name] = len(self.to.unknowns)
        self.to.own[self.place, name] = self.rows[name]
        title = f"{name} of '{clipped(self.device.id)}'"
        self.to.unknowns.append(Unknown(title, unit, self.place))
        return name

    def node(self, name: str, beside: str) -> str:
        """A node inside the device that starts at the voltage of another."""
        self.own(name, "V")
        self.to.unknowns[-1].beside = self.rows[beside]
        return name

    def control(self) -> str:
        """The row of the controlling current, which may belong to a later device."""
        return "control"

    def add(self, row: str, column: str, factor: float, param: str = "") -> None:
        """An entry of K."""
        if column == "control":
            self.waiting.append((row, factor, param))
            return
        self._enter("linear", row, self.rows[column], factor, param)

    def store(self, row: str, column: str, factor: float, param: str = "") -> None:
        """An entry of M."""
        self._enter("stored", row, self.rows[column], factor, param)

    def give(self, row: str, factor: float, param: str) -> None:
        """A source's value in a row."""
        if param not in self.given:
            self.given[param] = -2 - len(self.to.sources)
            self.to.sources.append(Source(self.device.id, self.device.drive, self.slots[param]))
        self._enter("linear", row, self.given[param], factor, "")

    def atom(
        self, law: str, row: str, into: str, controls: tuple[str, ...],
        params: tuple[str | float, ...], scale: float = 1.0,
    ) -> None:  # fmt: skip
        """A scalar current."""
        terms = tuple(
            (0.0, ((1.0, self.slots[each]),)) if isinstance(each, str) else (each, ())
            for each in params
        )
        self._atom(law, row, into, controls, terms, scale)

    def expression(self, row: str, into: str, scale: float = 1.0) -> None:
        """The value of the device's expression."""
        program = program_of(self.device)
        terms = tuple((0.0, ((1.0, self.slots[name]),)) for name in program.params)
        self._atom("expression", row, into, program.voltages, terms, scale)
        made = self.to.atoms[-1]
        clock = (self._clock(),) if program.timed else ()
        self.to.atoms[-1] = made._replace(program=program, controls=(*made.controls, *clock))

    def _clock(self) -> int:
        for number, source in enumerate(self.to.sources):
            if source.clock:
                return -2 - number
        self.to.sources.append(Source("time", None, clock=True))
        return -1 - len(self.to.sources)

    def start(self, name: str, param: str) -> None:
        """The value of an own unknown at the start."""
        unknown = self.to.unknowns[self.rows[name]]
        unknown.start, unknown.param = self.params[param], self.slots[param]

    def settle(self) -> None:
        """Write what waited for another device's current."""
        if self.waiting:
            places = {device.id: place for place, device in enumerate(self.to.devices)}
            column = self.to.currents[places[self.device.terminals["control"]]]
            for row, factor, param in self.waiting:
                self._enter("linear", row, column, factor, param)

    def _enter(self, matrix: str, row: str, column: int, factor: float, param: str) -> None:
        # Rows and columns of ground are left out: its voltage is 0.
        if column == HIDDEN:
            return
        slot = self.slots[param] if param else CONSTANT
        if self.rows[row] != HIDDEN:
            entries: list[Entry] = getattr(self.to, matrix)
            entries.append(Entry(self.rows[row], column, factor, slot))
        if row == self.leaving:
            self.to.shown[matrix].append(Entry(self.place, column, factor, slot))
        if row in self.ends:
            self.to.ends[matrix].append(Entry(self.ends[row], column, factor, slot))

    def _atom(
        self, law: str, row: str, into: str, controls: tuple[str, ...],
        terms: tuple[tuple[float, tuple[tuple[float, int], ...]], ...], scale: float = 1.0,
    ) -> None:  # fmt: skip
        rows = tuple(self.rows[name] for name in controls)
        for name, sign in ((row, 1.0), (into, -1.0)):
            if name == self.leaving:
                shown = Entry(self.place, len(self.to.atoms), sign)
                self.to.shown["atoms"].append(shown)
            if name in self.ends:
                entered = Entry(self.ends[name], len(self.to.atoms), sign)
                self.to.ends["atoms"].append(entered)
        self.to.atoms.append(
            Atom(law, self.rows[row], self.rows[into], rows, terms, self.place, scale)
        )

    def _law(self, law: type[DeviceLaw]) -> None:
        """A device of the fast class; linear ones go into K and B."""
        leaves = self.leaving = "ground" if law.one_sided else "source"
        if not issubclass(law, FusedLaw):
            terms = tuple((0.0, ((1.0, self.slots[param.name]),)) for param in law.params)
            self._atom(self.device.kind, leaves, "target", ("source", "target"), terms)
            return
        parts: dict[str, list[tuple[float, str]]] = {name: [] for name in ("gain", *"abc")}
        for name, entries in law.slots.items():
            for slot, factor in entries.items():
                parts[slot].append((factor, name))
        if law.activation.name == "identity" and not parts["gain"]:
            self._linear(leaves, law.constant, parts)
            return
        terms = tuple(
            (law.constant.get(slot, 0.0), tuple((f, self.slots[name]) for f, name in pairs))
            for slot, pairs in parts.items()
        )
        self._atom(law.activation.name, leaves, "target", ("source", "target"), terms)

    def _linear(
        self, leaves: str, constant: Mapping[str, float],
        parts: Mapping[str, list[tuple[float, str]]],
    ) -> None:  # fmt: skip
        gain = constant.get("gain", 0.0)
        for slot, column in (("a", "source"), ("b", "target")):
            own = [(constant[slot], "")] if slot in constant else []
            for factor, param in [*own, *parts[slot]]:
                for row, sign in ((leaves, gain), ("target", -gain)):
                    self.add(row, column, sign * factor, param)
        for factor, param in parts["c"]:
            for row, sign in ((leaves, gain), ("target", -gain)):
                self.give(row, sign * factor, param)


def _settle(found: Equations, stamps: list[_Stamps]) -> None:
    for each in stamps:
        each.settle()

    def moved(place: int) -> int:
        return found.column(place)

    for name in ("linear", "stored"):
        entries: list[Entry] = getattr(found, name)
        setattr(
            found, name, [e._replace(row=moved(e.row), column=moved(e.column)) for e in entries]
        )
        for sums in (found.shown, found.ends):
            sums[name] = [e._replace(column=moved(e.column)) for e in sums[name]]
    found.atoms = [
        atom._replace(
            row=moved(atom.row), into=moved(atom.into),
            controls=tuple(moved(place) for place in atom.controls),
        )
        for atom in found.atoms
    ]  # fmt: skip
    found.nodes = {name: moved(place) for name, place in found.nodes.items()}
    for unknown in found.unknowns:
        unknown.beside = moved(unknown.beside)
