"""Newton's steps through exponentials: a junction's voltage goes on by the logarithm.

An iteration that overshoots the knee of a diode would land where its current is astronomical, and
might stay there. As in SPICE, laws are taken at limited voltages, and their tangents lead on to
the voltages the iteration has (Nagel 1975, section 4.3.2).
"""

from typing import NamedTuple

import numpy as np

from ...devices.passive import THERMAL_VOLTAGE
from ...engine.nodal import laws
from .problem import Kernel


class Junction(NamedTuple):
    """Control ``high`` over ``low`` of an atom, with n V_T and the critical voltage [V]."""

    atom: int
    high: int
    low: int
    thermal: float
    critical: float
    sign: float


def junctions(field: Kernel) -> list[Junction]:
    """The junctions of all atoms; the ``low`` control is moved to limit one."""
    found = []
    for atom, (code, args) in enumerate(zip(field[0].tolist(), field[1], strict=False)):
        if laws.DIODE <= code <= laws.CHARGE:
            pairs = [(0, 1, args[1], 1.0)]
        elif laws.NPN_TRANSPORT <= code < laws.EXPRESSION:
            sign = 1.0 if code < laws.PNP_TRANSPORT else -1.0
            pairs = [(1, 2, args[3], sign), (1, 0, args[4], sign)]
        else:
            continue
        for high, low, ideality, sign in pairs:
            thermal = float(ideality) * THERMAL_VOLTAGE
            critical = thermal * np.log(thermal / (np.sqrt(2.0) * max(float(args[0]), 1e-300)))
            found.append(Junction(atom, high, low, thermal, float(critical), sign))
    return found


class Limiter:
    """Keeps the controls of junctions near those of the iteration before.

    Args:
        field: of the kernels.

    Attributes:
        limited: whether the last controls were limited.
    """

    def __init__(self, field: Kernel) -> None:
        self.junctions = junctions(field)
        self.before: np.ndarray | None = None
        self.limited = False

    def __call__(self, seen: np.ndarray) -> np.ndarray:
        """Controls (1, A, C) at which laws are taken."""
        at, before = seen.copy(), self.before
        self.limited = False
        if before is not None:
            for j in self.junctions:
                old = j.sign * (before[0, j.atom, j.high] - before[0, j.atom, j.low])
                new = j.sign * (seen[0, j.atom, j.high] - seen[0, j.atom, j.low])
                kept = _limited(new, old, j.thermal, j.critical)
                if kept != new:
                    self.limited = True
                    at[0, j.atom, j.low] = seen[0, j.atom, j.high] - j.sign * kept
        self.before = at
        return at


def _limited(new: float, old: float, thermal: float, critical: float) -> float:
    """A junction's voltage that is not too far above the last one."""
    if new <= critical or abs(new - old) <= 2.0 * thermal:
        return new
    if old > 0.0:
        share = 1.0 + (new - old) / thermal
        return old + thermal * float(np.log(share)) if share > 0.0 else critical
    return thermal * float(np.log(new / thermal)) if new > thermal else critical
