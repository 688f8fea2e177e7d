"""What the topologies drawn by networkx share."""

from typing import TYPE_CHECKING

import numpy as np

from .base import Topology, Wiring, two_ways
from .places import Places

if TYPE_CHECKING:
    import networkx as nx


def from_graph(topology: Topology, graph: "nx.Graph", places: Places) -> Wiring:
    """A wiring with one device per edge, or two when the topology says ``both_ways``."""
    edges = np.array(graph.edges, dtype=np.int64).reshape(-1, 2) + 1
    source, target = edges[:, 0], edges[:, 1]
    if not graph.is_directed() and topology.flag("both_ways"):
        source, target = two_ways(source, target)
    inputs, outputs = topology.first_and_last(graph.number_of_nodes())
    return Wiring(source, target, *places, inputs, outputs)


def new_seed(rng: np.random.Generator) -> int:
    """A seed for networkx, which does not draw from every numpy generator alike."""
    return int(rng.integers(2**31))
