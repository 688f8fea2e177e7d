"""From a model's units to seconds, farads and siemens."""

from dataclasses import dataclass
from typing import NamedTuple

LEAST_RESISTANCE, MOST_RESISTANCE = 1e3, 1e7
"""Of a cell's leak [Ohm]: below, sources are loaded; above, leakage currents count."""

READ_CONDUCTANCE = 1e-3
"""Of a node that adds up currents [S]."""

LAG = 1e-6
"""Time constant of such a node, in units of the model's time."""


class Cell(NamedTuple):
    """A capacitor to ground [F] and its leak [S]."""

    capacitance: float
    leak: float


@dataclass(frozen=True)
class Scale:
    """What stands for a unit of the model's time, and the usual capacitor; 1 V stands for 1.

    Args:
        seconds: T, in which the unit of time passes [s]; of a lane along an axis, its length.
        farads: the usual capacitance C [F]. It is a free choice: only tau = C / G has an effect.
    """

    seconds: float = 1e-3
    farads: float = 1e-9

    def cell(self, tau: float) -> Cell:
        """The parts of a cell: C / G = tau T, with the usual C where 1 / G stays in its range.

        Beyond the range of resistances the capacitor differs instead, so that tau is kept.

        Args:
            tau: time constant > 0, in the model's time.
        """
        resistance = tau * self.seconds / self.farads
        resistance = min(max(resistance, LEAST_RESISTANCE), MOST_RESISTANCE)
        return Cell(tau * self.seconds / resistance, 1.0 / resistance)

    def conductance(self, rate: float) -> float:
        """g C / T of a rate g [1 / model time] at the usual capacitor [S]."""
        return rate * self.farads / self.seconds

    @property
    def reader(self) -> Cell:
        """A node that adds up currents: its voltage is their sum over its leak, after a lag."""
        return Cell(READ_CONDUCTANCE * LAG * self.seconds, READ_CONDUCTANCE)
