"""Junctions beyond the end of their exponential, where no real part carries their current."""

from typing import NamedTuple

import numpy as np

from ...engine.nodal import laws
from ...engine.nodal.transistor_laws import LIMIT
from ...errors import clipped
from .limits import Junction, junctions
from .problem import NodalProblem


class Overdriven(NamedTuple):
    """A junction that is farther forward than its law holds.

    Args:
        row: of the columns it was found in.
        name: of its device.
        volts: across it [V].
        limit: where its exponential ends [V].
    """

    row: int
    name: str
    volts: float
    limit: float

    @property
    def sentence(self) -> str:
        """What is wrong with it, and what helps."""
        return (
            f"a junction of '{clipped(self.name)}' stands at {self.volts:.3g} V forward, and its "
            f"law holds up to {self.limit:.3g} V; put a resistor in series, or check its polarity"
        )


def overdriven(problem: NodalProblem, columns: np.ndarray) -> Overdriven | None:
    """The junction of a solution that is farthest beyond its exponential.

    Junctions without a current are left out, and diodes of the fast class: the straight line that
    follows their exponential is part of their law, and of their netlist.

    Args:
        problem: the circuit.
        columns: unknowns, then sources (T, N + S).
    """
    atoms, farthest = problem.equations.atoms, None
    worst = 1.0
    for junction in junctions(problem.resting):
        codes, args = problem.resting[:2]
        if codes[junction.atom] == laws.DIODE or not args[junction.atom, 0]:
            continue
        controls = atoms[junction.atom].controls
        high, low = (_at(columns, controls[end]) for end in (junction.high, junction.low))
        volts, limit = junction.sign * (high - low), LIMIT * junction.thermal
        row = int(np.argmax(volts))
        if volts[row] > worst * limit:
            worst = float(volts[row]) / limit
            name = _device(problem, junction)
            farthest = Overdriven(row, name, float(volts[row]), limit)
    return farthest


def _at(columns: np.ndarray, place: int) -> np.ndarray:
    return columns[:, place] if place >= 0 else np.zeros(len(columns))


def _device(problem: NodalProblem, junction: Junction) -> str:
    return problem.equations.devices[problem.equations.atoms[junction.atom].device].id
