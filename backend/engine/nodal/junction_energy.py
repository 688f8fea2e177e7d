"""The energy in the charge of a junction."""

import numpy as np

from ...devices.passive import THERMAL_VOLTAGE
from .transistor_laws import HALF, LIMIT


def junction_energy(arguments: np.ndarray, v: np.ndarray) -> np.ndarray:
    """W = integral from 0 to v of u dq(u) (T,) [J], q the law ``charge``.

    Args:
        arguments: of that law: I_s, n, resistance, C_j0, potential, grading, transit time.
        v: over the junction (T,) [V].
    """
    saturation, ideality, _, capacitance, potential, grading, transit = arguments[:7]
    found = capacitance * _depletion(v, potential, grading)
    if transit > 0.0:
        found = found + transit * saturation * _diffusion(v, ideality * THERMAL_VOLTAGE)
    return found


def _depletion(v: np.ndarray, potential: float, m: float) -> np.ndarray:
    """The integral of u (1 - u/potential)^-m, above the knee of u times the tangent [V^2]."""
    knee = HALF * potential
    rest = 1.0 - np.minimum(v, knee) / potential
    one, two = (1.0 - rest ** (1.0 - m)) / (1.0 - m), (1.0 - rest ** (2.0 - m)) / (2.0 - m)
    over = np.maximum(v, knee)
    steep, straight = (1.0 - HALF) ** (-1.0 - m), 1.0 - HALF * (1.0 + m)
    beyond = straight * (over**2 - knee**2) / 2.0 + m / potential * (over**3 - knee**3) / 3.0
    return potential**2 * (one - two) + steep * beyond


def _diffusion(v: np.ndarray, thermal: float) -> np.ndarray:
    """The integral of u de(u), e = exp(u / thermal) - 1 and its tangent beyond the limit [V]."""
    x = v / thermal
    low, more = np.minimum(x, LIMIT), np.maximum(x - LIMIT, 0.0)
    # The integral of x e^x is (x - 1) e^x + 1.
    curved = (low - 1.0) * np.exp(low) + 1.0
    return thermal * (curved + np.exp(LIMIT) * more * (LIMIT + 0.5 * more))
