"""The energy of a circuit over time, and how far its balance can be trusted."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray

GIVING = ("Sources", "Controlled")
"""Groups of kinds whose energy is injected; that of all others is dissipated, or stored."""

TOLERANCE = 1e-3
"""An energy balance holds when it closes to this share of the largest energy."""


@dataclass(frozen=True)
class EnergyBalance:
    """Energies of one trajectory, counted from its start.

    stored(t) - stored(0) + dissipated(t) - injected(t) is nothing in a circuit that obeys its laws.
    Stored energy is a function of the state, 1/2 C v^2, 1/2 L i^2 and of junctions the integral of
    v dq; the others are integrals of v i over the steps of the solve.

    Args:
        stored: by capacitors, inductors and the charges of junctions (T,) [J].
        dissipated: in devices that are no sources, since 0 s (T,) [J]; negative where active ones
            give more than the others take.
        injected: by driven nodes, sources and controlled sources, since 0 s (T,) [J].
        error: estimated error of the integrals (T,) [J].
        by_device: what every device took in all (E,) [J], negative where it gave.
        by_drive: what the source of every driven node gave in all (M,) [J].
        floor: what rounding alone may make of nothing [J].
    """

    stored: Float64[np.ndarray, " T"]
    dissipated: Float64[np.ndarray, " T"]
    injected: Float64[np.ndarray, " T"]
    error: Float64[np.ndarray, " T"]
    by_device: Float64[np.ndarray, " E"] = field(default_factory=lambda: np.zeros(0))
    by_drive: Float64[np.ndarray, " M"] = field(default_factory=lambda: np.zeros(0))
    floor: float = 0.0

    @property
    def residual(self) -> NDArray[np.float64]:
        """stored(t) - stored(0) + dissipated(t) - injected(t) (T,) [J]."""
        if not len(self.stored):
            return self.stored
        with np.errstate(invalid="ignore", over="ignore"):  # of a solve that diverged
            return self.stored - self.stored[0] + self.dissipated - self.injected

    @property
    def largest(self) -> float:
        """The largest of all energies [J]."""
        sizes = np.abs(np.concatenate([self.stored, self.dissipated, self.injected]))
        return float(sizes[np.isfinite(sizes)].max(initial=0.0))

    @property
    def off(self) -> float:
        """The largest residual as a share of the largest energy."""
        return self._share(self.residual)

    @property
    def doubt(self) -> float:
        """The estimated error of the integrals as a share of the largest energy."""
        return self._share(self.error)

    @property
    def bound(self) -> float:
        """The share within which the balance closes, as far as that is known."""
        return self.off + self.doubt

    @property
    def state(self) -> str:
        """``balanced``, ``off`` (more than the integrals' error explains) or ``undecided``."""
        if self.bound <= TOLERANCE:
            return "balanced"
        sure = np.isfinite(self.off) and self.off > max(TOLERANCE, 2.0 * self.doubt)
        return "off" if sure else "undecided"

    @property
    def sentence(self) -> str:
        """What may be said of it."""
        if self.largest <= self.floor:
            return "no energy is stored, injected or dissipated"
        if self.state == "balanced":
            return f"balanced within {_digit(self.bound)} of the largest energy"
        if self.state == "off":
            return (
                f"not balanced: {_digit(self.off)} of the largest energy is missing or too much, "
                "so these voltages are inaccurate"
            )
        return (
            "not decided: the integrals of power are known only within "
            f"{_digit(self.bound)} of the largest energy"
        )

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """The arrays of an ``.npz`` file, by key."""
        return {
            "energy_stored": self.stored,
            "energy_dissipated": self.dissipated,
            "energy_injected": self.injected,
            "energy_error": self.error,
            "energy_by_device": self.by_device,
            **({"energy_by_drive": self.by_drive} if self.by_drive.size else {}),
        }

    def _share(self, energy: NDArray[np.float64]) -> float:
        largest = self.largest
        if not np.isfinite(energy).all():
            return float("inf")
        return float(np.abs(energy).max(initial=0.0)) / largest if largest > self.floor else 0.0


def _digit(share: float) -> str:
    """One digit, rounded up: it is a bound."""
    if not np.isfinite(share):
        return "an unknown share"
    if share < 1e-15:
        return "1e-15"
    unit = 10.0 ** np.floor(np.log10(share))
    return f"{np.ceil(share / unit * (1 - 1e-9)) * unit:.0e}".replace("e-0", "e-").replace(
        "e+00", ""
    )
