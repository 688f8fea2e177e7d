"""Nodes whose voltage at rest is decided by leaks of junctions, and by nothing that was drawn."""

import numpy as np

from ...circuit.nodal.assembly import Atom
from ...engine.nodal import laws
from ...engine.nodal.transistor_laws import GMIN
from .problem import NodalProblem

LEAST = 10.0 * GMIN
"""What a node conducts in all at most, where the leaks of its junctions count [S]."""


def leaking(problem: NodalProblem, jacobian: np.ndarray) -> tuple[str, ...]:
    """Ids of nodes with a junction that conduct no more than leaks do.

    Simulators choose these leaks differently, so such a voltage means nothing.

    Args:
        problem: the circuit.
        jacobian: of the equations at rest (N, N) [S].
    """
    equations = problem.equations
    touched = {row for atom in equations.atoms if _junction(atom) for row in (atom.row, atom.into)}
    nodes = [equations.nodes[name] for name in problem.circuit.node_ids]
    names = dict(zip(nodes, problem.circuit.node_ids, strict=True))
    return tuple(
        names[row]
        for row in sorted(touched & set(nodes))
        if row < problem.size and np.abs(jacobian[row]).max() <= LEAST
    )


def _junction(atom: Atom) -> bool:
    number = laws.NUMBERS.get(atom.law, -1)
    return number in (laws.DIODE, laws.JUNCTION) or number >= laws.NPN_TRANSPORT
