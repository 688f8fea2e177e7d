"""The arithmetic of step control on plain numbers; compiled kernels inline the same functions.

PI control, ``h_new = h safety error^-(1/q - 0.75 beta) previous^beta``, with ``error`` in units of
the tolerance and ``q`` the power of ``h`` with which its estimate falls (``order``).

References:
    Hairer, Norsett, Wanner, Solving ODEs I, section II.4; volume II, section IV.2; code DOPRI5.
"""

SAFETY, SHRINK, GROW, BETA = 0.9, 0.2, 10.0, 0.04
"""Aims a little below the tolerance; smallest and largest factor; weight of the previous error,
which damps the zigzag at the stability limit."""

PREVIOUS = 1e-4
"""The previous error of the first step, a cautious guess, and the least that counts."""

INFINITE = float("inf")


def after_accepted(error: float, previous: float, held: bool, order: int) -> float:
    """Factor for the step after an accepted one; no growth (``held``) right after a rejection."""
    factor = GROW
    if error > 0.0:
        factor = SAFETY * error ** (0.75 * BETA - 1.0 / order) * previous**BETA
    return min(1.0 if held else GROW, max(SHRINK, factor))


def after_rejected(error: float, order: int) -> float:
    """Factor for another try; the smallest when the error is not finite."""
    if not error < INFINITE:
        return SHRINK
    return max(SHRINK, SAFETY * error ** (-1.0 / order))


def step_end(t: float, h: float, span: float) -> float:
    """Where a step of about ``h`` ends.

    A remainder of a hundredth is taken along rather than left for a sliver of a step.
    """
    return span if t + 1.01 * h >= span else t + h


def first_guess(size: float, slope: float, span: float) -> float:
    """A step over which the slope hardly changes, from the norms of the state and of its slope.

    Circuits live anywhere between picoseconds and hours, so "tiny" is a part of the span.
    """
    return 1e-6 * span if min(size, slope * span) < 1e-5 else min(0.01 * size / slope, span)


def first_size(guess: float, slope: float, bend: float, span: float, order: int) -> float:
    """The first step, from the norms of the slope and of its change over ``guess``."""
    largest = max(slope, bend / guess)
    if not largest < INFINITE:
        return guess * 1e-3
    if largest * span <= 1e-15:
        return guess
    return min(100.0 * guess, (0.01 / largest) ** (1.0 / order), span)
