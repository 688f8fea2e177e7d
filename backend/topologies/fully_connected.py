"""Every node with every other, in the edge order of KirchhoffNet's two-dimensional networks."""

import numpy as np

from ..params import Param
from .base import COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring
from .places import circle


def fully_connected_edges(
    nodes: int, include_ground: bool = True, forward: int = 1, back: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Node numbers at the source and the target of every edge, in KirchhoffNet's order.

    For i, for j != i: ``forward`` copies of i -> j, then ``back`` copies of j -> i, over 0..nodes
    with ground (0) or 1..nodes without. With n numbers, E = n (n - 1) (forward + back).

    Returns:
        Two arrays (E,).
    """
    number = np.arange(0 if include_ground else 1, nodes + 1)
    count = len(number)
    i = np.repeat(np.arange(count), count - 1)
    j = np.tile(np.arange(count - 1), count)
    j += j >= i
    copies = forward + back
    first, second = np.repeat(number[i], copies), np.repeat(number[j], copies)
    ahead = np.tile(np.arange(copies) < forward, len(i))
    return np.where(ahead, first, second), np.where(ahead, second, first)


@TOPOLOGIES.register("fully_connected")
class FullyConnected(Topology):
    """A device for every ordered pair of nodes, ground included if wanted; parallel ones too."""

    title = "Fully connected"
    params = (
        Param("nodes", 5, low=2, high=2000, slider=(2, 30), doc="Nodes without ground."),
        Param("include_ground", True, doc="Connect ground like a node."),
        Param("forward", 1, low=0, high=1000, slider=(0, 10), doc="Copies of i to j."),
        Param("back", 0, low=0, high=1000, slider=(0, 10), doc="Copies of j to i beside them."),
        *ENDS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        nodes = self.whole("nodes")
        ends = nodes + self.flag("include_ground")
        return Size(nodes, ends * (ends - 1) * (self.whole("forward") + self.whole("back")))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges in KirchhoffNet's order."""
        nodes = self.whole("nodes")
        source, target = fully_connected_edges(
            nodes, self.flag("include_ground"), self.whole("forward"), self.whole("back")
        )
        return Wiring(source, target, *circle(nodes), *self.first_and_last(nodes))
