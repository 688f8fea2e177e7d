"""A line of equal sections: the textbook delay line with an exact answer."""

import numpy as np

from ..params import Param
from .base import COMMON, TOPOLOGIES, Size, Topology, Wiring
from .places import lattice

_, *REST = COMMON


@TOPOLOGIES.register("rc_ladder")
class RcLadder(Topology):
    """Nodes in a row; the first is charged and the charge spreads along the line.

    With resistors, C dv/dt = -G L v with L the path's Laplacian, so that v(t) = exp(-G L t / C) v0.
    """

    title = "RC ladder"
    params = (
        Param("sections", 8, low=2, high=100_000, slider=(2, 50), doc="Number of nodes."),
        Param("conductance", 1.0, "S", low=1e-15, high=1e15, slider=(0.1, 10), doc="Of resistors."),
        Param("capacitance", 1.0, "F", low=1e-18, high=1e6, slider=(0.1, 5), doc="Of the nodes."),
        Param("voltage", 1.0, "V", slider=(-2, 2), doc="First node's initial voltage."),
        Param("load", False, doc="One more device from the last node to ground."),
        Param("kind", "resistor", choices=COMMON[0].choices, doc="Kind of all devices."),
        *REST,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        sections = self.whole("sections")
        return Size(sections, sections - 1 + self.flag("load"))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """From each node to the next, then the load."""
        sections = self.whole("sections")
        source = np.arange(1, self.size().devices + 1)
        target = np.where(source < sections, source + 1, 0)
        return Wiring(source, target, *lattice(1, sections), (1,), (sections,))

    def voltages(self, wiring: Wiring, rng: np.random.Generator) -> np.ndarray:
        """The first node is charged."""
        voltages = np.zeros(wiring.count)
        voltages[0] = self.number("voltage")
        return voltages

    def capacitance(self) -> float:
        """Capacitance of every node [F]."""
        return self.number("capacitance")

    def weights(self, wiring: Wiring, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Equal resistors; other kinds as everywhere."""
        if self.text("kind") == "resistor":
            return {"conductance": np.full(len(wiring.source), self.number("conductance"))}
        return super().weights(wiring, rng)
