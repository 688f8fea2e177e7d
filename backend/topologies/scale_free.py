"""Few hubs, many leaves."""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import BOTH_WAYS, COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring
from .graphs import from_graph, new_seed
from .places import spring


@TOPOLOGIES.register("scale_free")
class ScaleFree(Topology):
    """Each new node ties itself to well connected ones (Barabasi and Albert 1999)."""

    title = "Scale free"
    params = (
        Param("nodes", 20, low=2, high=20_000, slider=(3, 200), doc="Number of nodes."),
        Param("attach", 2, low=1, high=1000, slider=(1, 6), doc="Ties of each new node."),
        BOTH_WAYS,
        *ENDS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes, attach = self.whole("nodes"), self.whole("attach")
        if attach >= nodes:
            raise StudioError(
                f"{self.title}: attach must be less than the {nodes} nodes, got {attach}"
            )
        return Size(nodes, (nodes - attach) * attach * (2 if self.flag("both_ways") else 1))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges of the grown graph."""
        import networkx as nx

        seed = new_seed(rng)
        graph = nx.barabasi_albert_graph(self.whole("nodes"), self.whole("attach"), seed=seed)
        return from_graph(self, graph, spring(graph, seed))
