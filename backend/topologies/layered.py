"""Columns of nodes, the circuit's answer to a multilayer perceptron."""

from itertools import pairwise

import numpy as np

from ..params import Param
from .base import COMMON, TOPOLOGIES, Size, Topology, Wiring, two_ways
from .places import stacks


@TOPOLOGIES.register("layered")
class Layered(Topology):
    """Inputs, hidden layers and outputs; every node drives all nodes of the next layer."""

    title = "Layered"
    params = (
        Param("inputs", 3, low=1, high=10_000, slider=(1, 16), doc="Nodes of the first layer."),
        Param("width", 5, low=1, high=10_000, slider=(1, 16), doc="Nodes of a hidden layer."),
        Param("depth", 2, low=0, high=1000, slider=(0, 6), doc="Number of hidden layers."),
        Param("outputs", 2, low=1, high=10_000, slider=(1, 16), doc="Nodes of the last layer."),
        Param("both_ways", False, doc="Also a device back from every node of the next layer."),
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        sizes = self._sizes()
        pairs = sum(here * after for here, after in pairwise(sizes))
        return Size(sum(sizes), pairs * (2 if self.flag("both_ways") else 1))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Layer after layer; source outer, target inner."""
        sizes = self._sizes()
        starts = np.concatenate([[0], np.cumsum(sizes)]) + 1
        layers = [np.arange(a, b) for a, b in pairwise(starts)]
        pairs = list(pairwise(layers))
        source = np.concatenate([np.repeat(here, len(after)) for here, after in pairs])
        target = np.concatenate([np.tile(after, len(here)) for here, after in pairs])
        if self.flag("both_ways"):
            source, target = two_ways(source, target)
        return Wiring(source, target, *stacks(sizes), layers[0].tolist(), layers[-1].tolist())

    def _sizes(self) -> list[int]:
        hidden = [self.whole("width")] * self.whole("depth")
        return [self.whole("inputs"), *hidden, self.whole("outputs")]
