"""A rectangle of nodes."""

import numpy as np

from ..params import Param
from .base import BOTH_WAYS, COMMON, TOPOLOGIES, Size, Topology, Wiring, two_ways
from .places import lattice


@TOPOLOGIES.register("grid")
class Grid(Topology):
    """Rows and columns; each node is tied to its right and its lower neighbour."""

    title = "Grid"
    params = (
        Param("rows", 4, low=1, high=1000, slider=(1, 20), doc="Rows of nodes."),
        Param("columns", 6, low=2, high=1000, slider=(2, 20), doc="Columns of nodes."),
        Param("wrap", False, doc="Join opposite borders (a torus)."),
        BOTH_WAYS,
        *COMMON,
    )

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        rows, columns = self.whole("rows"), self.whole("columns")
        pairs = rows * self._ties(columns) + columns * self._ties(rows)
        return Size(rows * columns, pairs * (2 if self.flag("both_ways") else 1))

    def wire(self, rng: np.random.Generator) -> Wiring:
        """For every node the tie to the right, then the tie downwards; inputs left, outputs right.

        Borders shorter than three nodes are not wrapped: the tie exists already.
        """
        rows, columns = self.whole("rows"), self.whole("columns")
        number = np.arange(1, rows * columns + 1).reshape(rows, columns)
        column, row = np.arange(columns), np.arange(rows)
        right = np.where(column < self._ties(columns), np.roll(number, -1, axis=1), 0)
        below = np.where(row[:, None] < self._ties(rows), np.roll(number, -1, axis=0), 0)
        source = np.repeat(number.ravel(), 2)
        target = np.stack([right, below], axis=-1).ravel()
        source, target = source[target > 0], target[target > 0]
        if self.flag("both_ways"):
            source, target = two_ways(source, target)
        places = lattice(rows, columns)
        return Wiring(source, target, *places, number[:, 0].tolist(), number[:, -1].tolist())

    def _ties(self, length: int) -> int:
        """Ties along a line of nodes."""
        return length if self.flag("wrap") and length > 2 else length - 1
