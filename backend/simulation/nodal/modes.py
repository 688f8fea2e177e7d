"""Poles as what they do: how fast a small push fades or grows, and how it swings meanwhile."""

from dataclasses import dataclass

import numpy as np

SURE = 1e-12
"""Share of the largest pole below which a real part is rounding."""

USUAL = (1.0, 1e6)
"""Frequencies shown of a circuit without poles [Hz]."""

BEYOND = 100.0
"""How far beyond the slowest and the fastest pole frequencies are shown."""

MOST_PEAKS = 40
"""Resonances that get frequencies of their own, the narrowest first."""

DECADES = 14
"""The most that is shown at once."""


@dataclass(frozen=True)
class Mode:
    """A real pole p, or two that are conjugate: a small push goes on as exp(Re p t) cos(Im p t).

    Args:
        real: Re p [1/s].
        imaginary: |Im p| [1/s]; 0 of a real pole.
    """

    real: float
    imaginary: float

    @property
    def size(self) -> float:
        """|p| [1/s]."""
        return float(np.hypot(self.real, self.imaginary))

    @property
    def frequency(self) -> float:
        """|p| / 2 pi [Hz]: where a low-pass bends, or a resonance lies."""
        return self.size / (2 * np.pi)

    @property
    def time_constant(self) -> float:
        """1 / |Re p| [s], in which a push fades or grows e-fold; infinite where it does neither."""
        return 1 / abs(self.real) if self.real else np.inf

    @property
    def damping(self) -> float:
        """-Re p / |p|: 1 without a swing, 0 of one that goes on for ever, negative of growth."""
        return -self.real / self.size if self.size else 0.0


def modes(poles: np.ndarray) -> list[Mode]:
    """Real poles and pairs of conjugate ones, the slowest first; rounding is no part of them."""
    least = SURE * float(np.abs(poles).max(initial=0.0))
    found = [
        Mode(*(float(part) if abs(part) > least else 0.0 for part in (pole.real, pole.imag)))
        for pole in np.asarray(poles, complex)
        if pole.imag > -least
    ]
    return sorted(found, key=lambda mode: (mode.size, mode.real))


def stable(poles: np.ndarray) -> bool | None:
    """Whether every push fades (``True``), some grows (``False``), or neither (``None``)."""
    reals = [mode.real for mode in modes(poles)]
    if any(real > 0 for real in reals):
        return False
    return True if all(real < 0 for real in reals) else None


def shown_range(poles: np.ndarray) -> tuple[float, float]:
    """The decades [Hz] around all poles, in which a response changes."""
    places = [mode.frequency for mode in modes(poles) if mode.frequency > 0]
    if not places:
        return USUAL
    low = np.floor(np.log10(min(places) / BEYOND))
    high = np.ceil(np.log10(max(places) * BEYOND))
    return float(10 ** max(low, high - DECADES)), float(10**high)


def shown_frequencies(poles: np.ndarray, low: float, high: float, count: int) -> np.ndarray:
    """Equal steps of log f between two frequencies, and points at every resonance between them.

    A peak of the response is as narrow as its damping is small, and would fall between two steps.

    Args:
        poles: of the circuit [1/s].
        low: the first frequency [Hz].
        high: the last one [Hz].
        count: of the equal steps' ends.
    """
    found = [np.geomspace(low, high, count)]
    swings = [mode for mode in modes(poles) if 0 < mode.damping < 0.5]
    for mode in sorted(swings, key=lambda mode: mode.damping)[:MOST_PEAKS]:
        aside = np.linspace(-4, 4, 17) * abs(mode.real)
        near = (np.sqrt(mode.imaginary**2 - mode.real**2) + aside) / (2 * np.pi)
        found.append(near[(near > low) & (near < high)])
    return np.unique(np.concatenate(found))
