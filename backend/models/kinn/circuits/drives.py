"""A field along a line as the voltage of a driven node."""

from collections.abc import Sequence

from ....waveforms import Waveform
from ....waveforms.piecewise_constant import PiecewiseConstant
from ....waveforms.piecewise_linear import PiecewiseLinear


def held(values: Sequence[float], step: float, edge: float = 0.0) -> Waveform:
    """u_k from k times the step to (k + 1) times it.

    Args:
        values: u_k [V].
        step: [s].
        edge: share of a step in which a source goes from one value to the next, half of it before
            the jump and half after; 0 for a jump, of which a netlist makes an edge of its own.
    """
    if not edge:
        return PiecewiseConstant(tuple(k * step for k in range(len(values))), tuple(values))
    times, levels = [0.0], [values[0]]
    for k in range(1, len(values)):
        times += [(k - edge / 2) * step, (k + edge / 2) * step]
        levels += [values[k - 1], values[k]]
    return PiecewiseLinear(tuple(times), tuple(levels))


def straight(values: Sequence[float], step: float) -> Waveform:
    """u_k at k times the step [s], straight in between."""
    return PiecewiseLinear(tuple(k * step for k in range(len(values))), tuple(values))
