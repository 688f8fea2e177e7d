"""A directed random graph."""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring
from .graphs import from_graph, new_seed
from .places import spring

DEVICES_A_NODE = 2


@TOPOLOGIES.register("random")
class Random(Topology):
    """A given number of devices between different ordered pairs, all equally likely: G(n, m)."""

    title = "Random"
    params = (
        Param("nodes", 20, low=2, high=20_000, slider=(2, 200), doc="Number of nodes."),
        Param(
            "devices", 0, low=0, high=1_000_000, slider=(0, 400),
            doc="Devices per slice; 0 for two a node.",
        ),
        *ENDS,
        *COMMON,
    )  # fmt: skip

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes = self.whole("nodes")
        devices = self.whole("devices") or min(DEVICES_A_NODE, nodes - 1) * nodes
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
            self.size().nodes, self.size().devices, seed=seed, directed=True
        )
        return from_graph(self, graph, spring(graph, seed))
