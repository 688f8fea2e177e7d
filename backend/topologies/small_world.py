"""A ring whose ties are rewired at random."""

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import BOTH_WAYS, COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring
from .graphs import from_graph, new_seed
from .places import circle


@TOPOLOGIES.register("small_world")
class SmallWorld(Topology):
    """A ring with some ties rewired at random (Watts and Strogatz 1998), always connected."""

    title = "Small world"
    params = (
        Param("nodes", 20, low=3, high=20_000, slider=(3, 200), doc="Nodes on the circle."),
        Param("neighbours", 4, low=2, high=1000, slider=(2, 10), doc="Ties per node, even."),
        Param("rewire", 0.2, low=0.0, high=1.0, slider=(0, 1), doc="Share of rewired ties."),
        BOTH_WAYS,
        *ENDS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes, neighbours = self.whole("nodes"), self.whole("neighbours")
        if neighbours % 2 or neighbours >= nodes:
            raise StudioError(
                f"{self.title}: neighbours must be even and less than the {nodes} nodes, "
                f"got {neighbours}"
            )
        return Size(nodes, nodes * neighbours // (1 if self.flag("both_ways") else 2))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges of the rewired ring.

        Raises:
            StudioError: no connected graph turned up.
        """
        import networkx as nx

        nodes, neighbours = self.whole("nodes"), self.whole("neighbours")
        try:
            graph = nx.connected_watts_strogatz_graph(
                nodes, neighbours, self.number("rewire"), tries=200, seed=new_seed(rng)
            )
        except nx.NetworkXError:
            raise StudioError(
                f"{self.title}: {neighbours} neighbours rewired this much fall apart; "
                "raise neighbours or lower rewire"
            ) from None
        return from_graph(self, graph, circle(nodes))
