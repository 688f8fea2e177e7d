"""A directed random graph."""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring
from .graphs import from_graph, new_seed
from .places import spring


@TOPOLOGIES.register("random")
class Random(Topology):
    """A given number of devices between different ordered pairs, all equally likely: G(n, m)."""

    title = "Random"
    params = (
        Param("nodes", 20, low=2, high=20_000, slider=(2, 200), doc="Number of nodes."),
        Param("devices", 40, low=1, high=1_000_000, slider=(1, 400), doc="Devices per slice."),
        *ENDS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes, devices = self.whole("nodes"), self.whole("devices")
        if devices > nodes * (nodes - 1):
            raise StudioError(
                f"{self.title}: {nodes} nodes have {nodes * (nodes - 1):,} ordered pairs; "
                f"{devices:,} devices do not fit"
            )
        return Size(nodes, devices)

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges of the random graph."""
        import networkx as nx

        seed = new_seed(rng)
        graph = nx.gnm_random_graph(
            self.whole("nodes"), self.whole("devices"), seed=seed, directed=True
        )
        return from_graph(self, graph, spring(graph, seed))
