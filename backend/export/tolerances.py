"""What a simulator must be told about a circuit's own scale: tolerances and steps.

ngspice accepts a step when every capacitor's charge is known to reltol times the largest of the
charge itself and ``chgtol``, one number for all capacitors. Of a node that starts at 0 V and is
driven through others only ``chgtol`` decides: where it is smaller than what Newton's iteration
leaves undecided on the largest capacitor, ngspice cuts the step until it is "too small"; where it
is larger than the charges of a microvolt circuit, or of the smallest capacitor, ngspice sleeps
through what happens there. Hence, as a share of the circuit's voltages,

    vntol = COARSE x the smallest C / the largest C, but within RESOLUTION,
    reltol x chgtol = vntol x the largest C.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from ..circuit import Circuit

COARSE = 1e-7
"""Error of one step that the smallest capacitor may make, as a share of the circuit's scale."""

RESOLUTION = (1e-14, 1e-12)
"""Voltages are told apart down to such shares of the circuit's scale; doubles end at 1e-16."""

NEGLIGIBLE = 1e-7
"""A current is small that moves the smallest capacitor by this share of the scale in the end."""

FIRST = 1e-9
"""First number of ``.tran`` as a share of the total duration; ngspice begins with 1 % of it."""

MANY = 2e4
"""Short slices bound the steps of the long ones, but never ask for more steps than this."""


@dataclass(frozen=True)
class Tolerances:
    """Numbers of the control cards.

    Args:
        scale: of the voltages [V].
        vntol: voltages that cannot be told apart [V].
        abstol: current that does not count [A].
        chgtol: charge below which ``reltol`` is not asked for [C].
        first: the first step, or a guess of it [s].
        step: time between outputs [s].
        stop: the end [s].
        longest: the longest step allowed [s].
    """

    scale: float
    vntol: float
    abstol: float
    chgtol: float
    first: float
    step: float
    stop: float
    longest: float


def tolerances(circuit: Circuit, outputs: int, reltol: float) -> Tolerances:
    """Tolerances and steps from capacitances, durations, currents and initial voltages."""
    stop = math.fsum(part.duration for part in circuit.slices)
    step = stop / (outputs - 1)
    shortest = min(part.duration for part in circuit.slices)
    # An isolated source has no charge; without any capacitor one number is as good as another.
    capacitances = [node.capacitance for node in circuit.nodes if node.drive is None] or [1.0]
    scale = voltage_scale(circuit)
    low, high = RESOLUTION
    share = min(max(COARSE * min(capacitances) / max(capacitances), low), high)
    vntol = share * scale
    return Tolerances(
        scale=scale,
        vntol=_positive(vntol),
        abstol=_positive(NEGLIGIBLE * scale * min(capacitances) / stop),
        chgtol=_positive(vntol * max(capacitances) / reltol),
        first=FIRST * stop,
        step=step,
        stop=stop,
        longest=min(step, max(min(shortest / 20, _wave(circuit)), stop / MANY)),
    )


def _wave(circuit: Circuit) -> float:
    """A fifth of the shortest piece of a drive that is not straight [s]."""
    bent = [node.drive for node in circuit.nodes if node.drive and not node.drive.linear]
    times = [[0.0, *drive.breaks(circuit.duration), circuit.duration] for drive in bent]
    gaps = [later - time for each in times for time, later in pairwise(each)]
    return min(gaps, default=math.inf) / 5


def _positive(value: float) -> float:
    """Never 0, which simulators divide by, and never too large to be written."""
    return min(max(value, 1e-250), 1e250)


def voltage_scale(circuit: Circuit) -> float:
    """A power of ten near the voltages at the start, or near where currents drive them [V].

    Too small is harmless, since ``reltol`` is a share of what is there; too large hides what
    happens. So a current counts by what it can reach in the slice or across the conductances at
    its node, and as 1 V at most. A power of ten, so that another machine finds the same.
    """
    start = max(
        abs(node.voltage) if node.drive is None else node.drive.peak for node in circuit.nodes
    )
    scale = max(start, min(_driven(circuit), 1.0))
    exponent = round(math.log10(scale)) if 0 < scale < math.inf else 0
    return 10.0 ** min(max(exponent, -200), 200)


def _driven(circuit: Circuit) -> float:
    """The largest voltage that the currents of nodes at 0 V could reach in a slice [V]."""
    import torch  # only where a netlist is written

    from ..circuit.compile import compile_circuit

    compiled = compile_circuit(circuit)
    rest = torch.zeros(len(circuit.nodes), 1, dtype=torch.float64)
    largest = 0.0
    with torch.no_grad():
        for field, table in zip(compiled.fields(), circuit.tables(), strict=True):
            g_s, g_d = field.conductances(rest)
            across = torch.zeros(len(rest) + 1, dtype=torch.float64)
            across.index_add_(0, torch.from_numpy(table.source.copy()), g_s[:, 0].abs())
            across.index_add_(0, torch.from_numpy(table.target.copy()), g_d[:, 0].abs())
            pace = (across[:-1] / compiled.capacitance).clamp(min=1 / field.duration)
            reached = torch.nan_to_num(field(0.0, rest)[:, 0].abs() / pace, nan=0.0, posinf=0.0)
            largest = max(largest, float(reached.max()))
    return largest
