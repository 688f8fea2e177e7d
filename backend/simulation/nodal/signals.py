"""Small signals about an operating point: poles, and the response to a sine."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...circuit import Circuit
from ...circuit.general import one_slice
from ...circuit.nodal.assembly import CONSTANT
from ...circuit.nodal.reduction import MOST
from ...devices import kind_of
from ...errors import CircuitError, StudioError, quoted
from ...registry import nearest
from ..stopping import StopSignal
from .local import equations, finite_poles
from .problem import NodalProblem
from .response import Response
from .rest import resting
from .softened import solvable

ROUNDING = 4 * np.finfo(float).eps
"""What a sum of products is off by, as a share of its terms."""

UNCERTAIN = 1e-4
"""Share of the largest voltage by which a response may be uncertain."""

MOST_SWEPT = 300
"""Unknowns of a response, whose equations are inverted at every frequency."""


@dataclass(frozen=True)
class SignalSource:
    """What a small sine can be put on.

    Args:
        name: a driven node's id, or a device's.
        unit: V or A, of the sine.
        moves: whether it has a waveform that moves.
    """

    name: str
    unit: str
    moves: bool


def check_size(problem: NodalProblem, most: int = MOST) -> None:
    """Refuse a circuit whose dense equations would take long.

    Raises:
        CircuitError: says how many unknowns there may be.
    """
    if problem.size > most:
        raise CircuitError(
            f"small signals are solved as dense equations of at most {most} unknowns, and this "
            f"circuit has {problem.size:,}; take a part of it"
        )


def linearised(problem: NodalProblem, x: np.ndarray) -> np.ndarray:
    """K + L di/dx at x (N, N), the equations of nodal analysis for small signals."""
    now = equations(problem.resting, problem.table(0), np.zeros(1), x[None])
    return -now.jacobian[0, :, : problem.size]


def poles_at(problem: NodalProblem, x: np.ndarray) -> np.ndarray:
    """The finite poles [1/s] of the circuit linearised at x, ordered by size.

    det(s E + R (K + L di/dx) T) = 0, the equations of index 1; there are as many as equations with
    a derivative. Where charged diodes need a resistance to have such equations, see ``softened``,
    x is found again.

    Raises:
        CircuitError: the equations contradict each other, leave something open, or are too many.
    """
    check_size(problem)
    if problem.reduced.open:
        problem = solvable(problem.circuit)
        x = resting(problem).x
    r = problem.reduced
    matrix = -(r.combined @ linearised(problem, x) @ r.expanded)
    count = int((~r.algebraic).sum())
    found = finite_poles(matrix, r.stored, count)
    if len(found) < count:
        raise CircuitError("its poles cannot be told: slopes there leave the range of numbers")
    return found


def poles(circuit: Circuit) -> np.ndarray:
    """The poles of a circuit at its operating point [1/s].

    Raises:
        CircuitError: several slices, or nothing sets some voltage at rest.
        SolveError: no operating point was found.
    """
    one_slice(circuit, "poles belong to")
    problem = NodalProblem(circuit)
    return poles_at(problem, resting(problem).x)


def signal_sources(problem: NodalProblem) -> list[SignalSource]:
    """Driven nodes, then devices that give a voltage or a current; time itself has no name."""
    found = []
    for source in problem.equations.sources:
        unit = "V"
        if source.param != CONSTANT:
            place, name = problem.equations.names[source.param]
            kind = kind_of(problem.equations.devices[place].kind)
            unit = next(param.unit for param in kind.params if param.name == name)
        # One level alone is a constant.
        moves = source.wave is not None and len(source.wave.levels) > 1
        found.append(SignalSource("" if source.clock else source.name, unit, moves))
    return found


def source_of(problem: NodalProblem, name: str) -> int:
    """The place of a source.

    Raises:
        StudioError: there is no source of that name.
    """
    names = [source.name for source in signal_sources(problem)]
    if not name or name not in names:
        others = nearest(name, [n for n in names if n]) if any(names) else "the circuit has none"
        raise StudioError(f"there is no source {quoted(name)}; {others}")
    return names.index(name)


def sweep(circuit: Circuit, source: str, frequencies: Sequence[float]) -> Response:
    """The response to a small sine of one source, at the operating point.

    Args:
        circuit: of either class, with one slice.
        source: id of a driven node, a voltage source or a current source.
        frequencies: [Hz], positive.

    Raises:
        CircuitError: several slices, or nothing sets some voltage at rest.
        SolveError: no operating point was found.
        StudioError: no such source, or a frequency that is not positive.
    """
    one_slice(circuit, "a sweep belongs to")
    problem = NodalProblem(circuit)
    check_size(problem, MOST_SWEPT)
    place = source_of(problem, source)
    return response_at(problem, resting(problem).x, place, np.array(frequencies, float))


def response_at(
    problem: NodalProblem, x: np.ndarray, place: int, frequencies: np.ndarray,
    stop: StopSignal | None = None,
) -> Response:  # fmt: skip
    """The response of all nodes to a small sine of source ``place`` at x (N,).

    (j 2 pi f M + K + L di/dx) V = -(B + L di/ds + j 2 pi f B') e, with e one at the source.

    Args:
        problem: the circuit.
        x: its operating point.
        place: of the source.
        frequencies: (F,) [Hz], positive.
        stop: ends the work early.

    Raises:
        StudioError: a frequency that is not positive.
        Stopped: ``stop`` was set.
    """
    f = frequencies
    if f.ndim != 1 or not len(f) or not (np.isfinite(f) & (f > 0)).all():
        raise StudioError("frequencies must be positive numbers in Hz")
    n, whole, circuit = problem.size, problem.whole, problem.circuit
    now = equations(problem.resting, problem.table(0), np.zeros(1), x[None])
    linear = -now.jacobian[0]
    unit = np.zeros(len(problem.equations.sources))
    unit[place] = 1.0
    columns = [problem.equations.nodes[name] for name in circuit.node_ids]
    volts = np.flatnonzero(problem.units == 0)
    out = np.empty((len(f), len(columns)), complex)
    for k, frequency in enumerate(f):
        if stop is not None:
            stop.check()
        s = 2j * np.pi * frequency
        right = -(linear[:, n + place] + s * whole["moved"][:n, place])
        found = _certain(linear[:, :n] + s * whole["stored"][:n], right, volts)
        out[k] = np.concatenate([found, unit])[columns]
    source = signal_sources(problem)[place]
    return Response(f, out, circuit.node_ids, source.name, f"V/{source.unit}")


def _certain(matrix: np.ndarray, right: np.ndarray, volts: np.ndarray) -> np.ndarray:
    """matrix^-1 right (n,), told as far as rounding lets it.

    Each component is uncertain by eps |A^-1| (|A| |x| + |b|) (Skeel 1979), whatever the units of
    rows and columns. Where that is much beside the largest voltage everything is NaN; what is
    smaller than its own uncertainty is 0.

    Args:
        matrix: (n, n).
        right: (n,).
        volts: places of the voltages among the unknowns.
    """
    if not len(right):
        return right
    rows = np.abs(matrix).max(axis=1)
    rows[rows == 0] = 1.0
    columns = np.abs(matrix / rows[:, None]).max(axis=0)
    columns[columns == 0] = 1.0
    even, wanted = matrix / rows[:, None] / columns, right / rows
    try:
        inverse = np.linalg.inv(even)
    except np.linalg.LinAlgError:
        return np.full(len(right), np.nan, complex)
    x = inverse @ wanted
    x = x + inverse @ (wanted - even @ x)
    terms = np.abs(even) @ np.abs(x) + np.abs(wanted)
    off = ROUNDING * (np.abs(inverse) @ terms) / columns
    x = x / columns
    largest = np.abs(x[volts]).max(initial=0.0)
    if not np.isfinite(x).all() or off[volts].max(initial=0.0) > UNCERTAIN * largest:
        return np.full(len(right), np.nan, complex)
    return np.where(np.abs(x) > off, x, 0.0)
