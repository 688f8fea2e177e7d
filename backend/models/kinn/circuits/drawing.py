"""A circuit in the making: parts one after the other, numbered, with places on the board."""

import math
from collections.abc import Mapping

from ....circuit import GROUND, Circuit, Device, Node, Slice
from ....waveforms import Waveform
from .scale import Cell

COLUMN, ROW = 140.0, 100.0
"""Distances of nodes on the board [px]."""

At = tuple[float, float]
"""Column and row."""


class Drawing:
    """Nodes and devices of a circuit; conductances and gains of 0 are left out."""

    def __init__(self) -> None:
        self.nodes: dict[str, Node] = {}
        self.devices: list[Device] = []

    def node(
        self,
        name: str,
        capacitance: float,
        voltage: float = 0.0,
        *,
        at: At = (0, 0),
        role: str = "hidden",
        label: str = "",
    ) -> str:
        """A node with a capacitor [F] and its voltage at 0 s [V]."""
        x, y = at[0] * COLUMN, at[1] * ROW
        self.nodes[name] = Node(name, voltage, capacitance, role, label, x, y)
        return name

    def held(self, name: str, drive: Waveform, *, at: At = (0, 0), label: str = "") -> str:
        """A node that a source holds."""
        x, y = at[0] * COLUMN, at[1] * ROW
        self.nodes[name] = Node(name, drive.at(0.0), label=label, x=x, y=y, drive=drive)
        return name

    def resistor(self, source: str, target: str, conductance: float) -> None:
        """A conductance [S] between two nodes."""
        if conductance:
            self._device("resistor", source, target, {"conductance": conductance})

    def transconductor(self, source: str, target: str, gain: float) -> None:
        """A current of gain [S] times the source's voltage into the target."""
        if gain:
            self._device("transconductor", source, target, {"gain": gain})

    def current(self, target: str, amperes: float) -> None:
        """A current that flows always."""
        if amperes:
            self._device("current_source", GROUND, target, {"current": amperes})

    def sum_of(
        self, name: str, terms: Mapping[str, float], parts: Cell, *, at: At, bias: float = 0.0
    ) -> str:
        """A node whose voltage is bias + sum of c times the voltage of each node, after a lag C/G.

        Args:
            name: of the node.
            terms: c by the name of a node.
            parts: its capacitor and its leak.
            at: column and row.
            bias: what is added [V].
        """
        start = bias + math.fsum(c * self.nodes[source].voltage for source, c in terms.items())
        self.node(name, parts.capacitance, start, at=at, role="output")
        self.resistor(name, GROUND, parts.leak)
        for source, c in terms.items():
            self.transconductor(source, name, c * parts.leak)
        self.current(name, bias * parts.leak)
        return name

    def circuit(self, duration: float, name: str) -> Circuit:
        """All of it as one slice [s]."""
        return Circuit(tuple(self.nodes.values()), (self.slice(duration),), name)

    def slice(self, duration: float) -> Slice:
        """The devices so far as a slice; further ones belong to the next."""
        made = Slice(tuple(self.devices[self._given :]), duration)
        self._given = len(self.devices)
        return made

    _given = 0

    def _device(self, kind: str, source: str, target: str, params: Mapping[str, float]) -> None:
        name = f"d{len(self.devices) + 1}"
        self.devices.append(Device(name, kind, source, target, dict(params)))
