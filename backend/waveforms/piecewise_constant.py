"""A voltage that jumps from value to value: samples that are held."""

from bisect import bisect_right
from dataclasses import dataclass

from .base import WAVEFORMS, Shares
from .points import Points

EDGE = 1e-5
"""Width of an edge in a netlist as a share of the shorter of the two steps beside it."""


@WAVEFORMS.register("piecewise_constant")
@dataclass(frozen=True)
class PiecewiseConstant(Points):
    """u(t) = values_k from times_k up to the next of the times."""

    title = "Piecewise constant"
    jumps = True
    symbol = "M-.62.4h.36v-.42h.5v-.36h.38"

    def shares(self, t: float) -> Shares:
        """The value of the last of the times."""
        return {max(bisect_right(self.times, t) - 1, 0): 1.0}

    def spice(self, end: float) -> str:
        """A PWL source whose edges have half their width before the jump and half after it."""
        corners, ends = [(0.0, self.values[0])], (*self.times[2:], end)
        for k, (time, later) in enumerate(zip(self.times[1:], ends, strict=True), start=1):
            if time >= end:
                break
            half = EDGE / 2 * min(time - self.times[k - 1], min(later, end) - time)
            corners += [(time - half, self.values[k - 1]), (time + half, self.values[k])]
        return f"PWL({' '.join(f'{t!r} {u!r}' for t, u in corners)})"
