"""A circuit as the compiled marches take it."""

from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import numpy as np

from ..circuit import Circuit
from ..circuit.held_field import durations_of, pieces_of
from ..engine.tableaus import DORMAND_PRINCE, ButcherTableau
from ..solvers import Solver
from .scalar import ScalarArrays, scalar_arrays
from .sources import Sources

SPARSE_FROM = 48
"""Circuits of more nodes are renumbered so that their Jacobians stay narrow."""


class Explicit(NamedTuple):
    """A Runge-Kutta method as the march takes it."""

    a: np.ndarray
    b: np.ndarray
    c: np.ndarray
    error: np.ndarray
    dense: np.ndarray
    order: int
    used: int


@lru_cache
def explicit(kind: type[Solver] | None = None) -> Explicit:
    """The coefficients of an explicit solver; of Dormand and Prince without one."""
    tableau = DORMAND_PRINCE if kind is None else kind.tableau
    assert isinstance(tableau, ButcherTableau)
    stages = len(tableau.b)
    a = np.zeros((stages, stages))
    for i, row in enumerate(tableau.a):
        a[i, : len(row)] = row
    b = np.array(tableau.b, np.float64)
    error = np.zeros(0) if tableau.b_low is None else b - np.array(tableau.b_low)
    dense = np.zeros((0, 0)) if tableau.dense is None else np.array(tableau.dense, np.float64)
    order = getattr(kind, "error_order", tableau.order)
    c = np.array(tableau.c, np.float64)
    return Explicit(a, b, c, error, dense, order, tableau.stages)


class Problem:
    """One circuit's fields, start and capacitances; rows are its own order of the nodes.

    Args:
        circuit: the description; all of its laws must be known to the kernels.
        arrays: its devices.

    Attributes:
        order: the circuit's place of every row (N,).
        v0: start (N + 1,), 0 for ground [V].
        inverse: 1 / C (N + 1,), 0 for ground and driven nodes [1/F].
        pieces: slices, cut where a drive bends or jumps; all that follows counts pieces.
        durations: of the pieces [s].
        sources: what holds the driven nodes.
    """

    def __init__(self, circuit: Circuit, arrays: ScalarArrays) -> None:
        self.circuit, self.arrays = circuit, arrays
        self.nodes, self.devices = len(circuit.nodes), len(arrays.source)
        self.order, rows = arrays.numbering(self.nodes, SPARSE_FROM)
        self.source, self.target = rows[arrays.source], rows[arrays.target]
        self.leaves = rows[arrays.leaves]
        self.inverse, self.v0 = np.zeros(self.nodes + 1), np.zeros(self.nodes + 1)
        free = np.array([node.drive is None for node in circuit.nodes])
        capacitance = np.array([node.capacitance for node in circuit.nodes])
        self.inverse[:-1] = (free / capacitance)[self.order]
        self.v0[:-1] = np.array([node.voltage for node in circuit.nodes])[self.order]
        self.pieces = pieces_of(circuit)
        self.durations = durations_of(circuit, self.pieces)
        self.sources = Sources(circuit, self.pieces, self.rows)

    @classmethod
    def of(cls, circuit: Circuit) -> "Problem | None":
        """The problem, or ``None`` where the kernels do not know a law."""
        arrays = scalar_arrays(circuit)
        return None if arrays is None else cls(circuit, arrays)

    def field(self, k: int) -> tuple[Any, ...]:
        """What the kernels call the field of piece ``k``."""
        arrays, part = self.arrays, self.pieces[k].slice
        return (
            arrays.runs, arrays.bounds[part], arrays.bounds[part + 1], self.source, self.target,
            arrays.terms, self.inverse, self.leaves,
        )  # fmt: skip

    @cached_property
    def rows(self) -> np.ndarray:
        """The row of every node in the circuit's order (N,)."""
        rows = np.empty(self.nodes, np.int64)
        rows[self.order] = np.arange(self.nodes)
        return rows

    def columns(self, states: np.ndarray) -> np.ndarray:
        """States (T, N + 1) in rows as (T, N) in the circuit's order."""
        return states[:, self.rows]
