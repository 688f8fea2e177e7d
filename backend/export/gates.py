"""Gates: in a netlist, each slice's currents are multiplied by 1 during the slice and 0 outside.

A gate on all currents only changes the pace of time,

    C dv/dt = g(t) i(v)   is   C dv/ds = i(v)   with   s = integral of g dt,

so each edge overshoots until s has caught up with t: outside the edges the voltages are exactly
those of gates that switch at once. One gate falls to 0 before a boundary and the next rises after
it, so no two slices act together, however stiff they are. An edge's corners are breakpoints of the
simulator's time steps: none jumps over a boundary.

Diodes may settle within picoseconds of a slice that lasts a second, too fast for the steps of a
simulator, and behind a boundary too short for the digits of its clock. A gate therefore rises as
the cube of time, corner by corner: s grows with its fourth power, and charge that would move
within 1e-20 of the slice moves within 1e-9 of it.
"""

from itertools import accumulate, pairwise

Corner = tuple[float, float]

RAMP = 1e-5
"""Width of a gate's edge as a share of the shorter neighbouring slice."""

PEAK = 1.5
"""Height of a falling edge halfway: the area below 1, PEAK, 0 is that of a sudden edge."""

RISE = ((1e-3, 1e-9), (1e-2, 1e-6), (1e-1, 1e-3))
"""First corners of a rising edge: shares of its width, and levels that are their cubes."""


def gates(durations: list[float]) -> list[list[Corner]]:
    """Corners (time, level) of every slice's gate; its integral is the slice's duration."""
    starts = [0.0, *accumulate(durations[:-1])]
    before = [durations[0], *durations[:-1]]
    # Never narrower than what the two times can be told apart by.
    widths = [
        max(RAMP * min(pair), 1e-12 * start)
        for start, *pair in zip(starts, before, durations, strict=True)
    ]
    corners: list[list[Corner]] = []
    for k, (start, width) in enumerate(zip(starts, widths, strict=True)):
        if k:
            corners[-1] += [(start - width, 1), (start - width / 2, PEAK), (start, 0)]
        rise = [(start, 0.0), *_rise(start, width)]
        corners.append([(0.0, 0.0), *rise] if k else rise)
    return corners


def _rise(start: float, width: float) -> list[Corner]:
    """The corners after ``start``: a cube, then a peak that makes up for what it has missed."""
    shares = [(0.0, 0.0), *RISE]
    below = area(shares)
    (x, level), half = shares[-1], 0.5
    # The area up to 1 shall be 1: below + (half - x) (level + peak) / 2 + half (peak + 1) / 2.
    peak = (2 * (1 - below) - (half - x) * level - half) / (1 - x)
    edge = [*RISE, (half, peak), (1.0, 1.0)]
    return [(start + share * width, level) for share, level in edge]


def area(corners: list[Corner]) -> float:
    """The integral of a gate between its first and its last corner."""
    return sum(
        0.5 * (level + later) * (end - time) for (time, level), (end, later) in pairwise(corners)
    )


def opens_for_good(corners: list[Corner]) -> bool:
    """Whether a gate opens at 0 s and stays open, with no time lost: one slice needs no other."""
    times = [time for time, _ in corners]
    return (
        len(corners) > 1
        and corners[0] == (0.0, 0.0)
        and corners[-1][1] == 1.0
        and times == sorted(times)
        and all(0 <= level <= 3 for _, level in corners)
        and abs(area(corners) - times[-1]) <= 1e-6 * times[-1]
    )
