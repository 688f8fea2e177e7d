"""Nodes on a circle, each tied to the next ones."""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import BOTH_WAYS, COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring, two_ways
from .places import circle


@TOPOLOGIES.register("ring")
class Ring(Topology):
    """Nodes on a circle; each is connected with its next neighbours."""

    title = "Ring"
    params = (
        Param("nodes", 20, low=3, high=100_000, slider=(3, 200), doc="Nodes on the circle."),
        Param("neighbours", 1, low=1, high=1000, slider=(1, 5), doc="Next nodes reached by each."),
        BOTH_WAYS,
        *ENDS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes = self.whole("nodes")
        return Size(nodes, nodes * self._reach() * (2 if self.flag("both_ways") else 1))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """For every node its neighbours, nearest first."""
        nodes, reach = self.whole("nodes"), self._reach()
        source = np.repeat(np.arange(nodes), reach)
        target = (source + np.tile(np.arange(1, reach + 1), nodes)) % nodes
        source, target = source + 1, target + 1
        if self.flag("both_ways"):
            source, target = two_ways(source, target)
        return Wiring(source, target, *circle(nodes), *self.first_and_last(nodes))

    def _reach(self) -> int:
        nodes, reach = self.whole("nodes"), self.whole("neighbours")
        # Beyond half the circle a pair would be met again from its other end.
        if reach > (nodes - 1) // 2:
            raise StudioError(
                f"{self.title}: {nodes} nodes have at most {(nodes - 1) // 2} next neighbours, "
                f"got {reach}"
            )
        return reach
