"""How a circuit at rest answers a small sine of one of its sources."""

from ..circuit import Circuit
from ..circuit.general import one_slice
from ..errors import StudioError
from .nodal.modes import shown_frequencies, shown_range
from .nodal.problem import NodalProblem
from .nodal.response import Response
from .nodal.rest import resting
from .nodal.signals import (
    MOST_SWEPT,
    SignalSource,
    check_size,
    poles_at,
    response_at,
    signal_sources,
    source_of,
)
from .stopping import StopSignal

MOST_POINTS = 10_000
"""Frequencies of one response."""

USUAL_POINTS = 241
"""Frequencies where nobody says how many."""


def sources_of(circuit: Circuit) -> list[SignalSource]:
    """What a small sine can be put on: driven nodes, then sources, the first that moves in front.

    Raises:
        CircuitError: several slices.
    """
    one_slice(circuit, "a frequency response belongs to")
    found = [each for each in signal_sources(NodalProblem(circuit)) if each.name]
    return sorted(found, key=lambda source: not source.moves)


def frequency_response(
    circuit: Circuit,
    source: str | None = None,
    low: float | None = None,
    high: float | None = None,
    points: int = USUAL_POINTS,
    stop: StopSignal | None = None,
) -> Response:
    """The amplitude and phase of all node voltages over those of one source's small sine.

    The circuit is linearised at its operating point, with the sources at their values at 0 s.

    Args:
        circuit: of either class, with one slice.
        source: id of a driven node, a voltage source or a current source; else the first of them
            whose waveform moves, or the first.
        low: first frequency [Hz]; else a hundredth of the slowest pole's, down to a decade.
        high: last frequency [Hz]; else a hundred times the fastest pole's, up to a decade.
        points: frequencies in equal steps of log f; a few more stand at every resonance.
        stop: ends the work early.

    Raises:
        CircuitError: several slices, too many unknowns, or nothing sets some voltage at rest.
        SolveError: no operating point was found.
        StudioError: there is no such source, or the range is none.
        Stopped: ``stop`` was set.
    """
    known = sources_of(circuit)
    if not known:
        raise StudioError(
            "the circuit has no source to put a small sine on; hold a node by a source, or draw a "
            "voltage source or a current source"
        )
    problem = NodalProblem(circuit)
    check_size(problem, MOST_SWEPT)
    place = source_of(problem, known[0].name if source is None else source)
    x = resting(problem).x
    poles = poles_at(problem, x)
    first, last = shown_range(poles)
    first, last = first if low is None else low, last if high is None else high
    if not 0 < first < last < float("inf"):
        raise StudioError(f"the range of frequencies is empty: {first:g} to {last:g} Hz")
    if not 2 <= points <= MOST_POINTS:
        raise StudioError(f"a response has 2 to {MOST_POINTS:,} frequencies, got {points:,}")
    f = shown_frequencies(poles, first, last, points)
    return response_at(problem, x, place, f, stop)
