"""Cascades of buffered RC cells as circuits: lanes with taps, banks of them, and components.

Cell m of a lane is a capacitor C with a leak G = C / tau_m, charged by a transconductor of gain
kappa_m G that senses the cell before: C dv_m/dt = G (kappa_m v_{m-1} - v_m). It draws no current
from there, so no cell loads another.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ....circuit import GROUND, Circuit
from ....errors import StudioError
from ....waveforms import Waveform
from .drawing import Drawing
from .drives import held
from .scale import Scale


@dataclass(frozen=True)
class Lane:
    """A cascade of n cells and what it is driven by, v_0 = bias + sum of weights times voltages.

    Args:
        taus: time constants tau_m (n,), in the model's time.
        weights: of driven nodes by their names.
        bias: [V].
        kappas: gains (n,) of any sign; empty for 1.
        start: voltages of the cells at 0 s (n,) [V]; empty for 0 V.
        name: in front of the names of its nodes.
        direct: names of the nodes that hold v_0 for the component z_n, by those of ``weights``,
            where they differ.
    """

    taus: Sequence[float]
    weights: Mapping[str, float]
    bias: float = 0.0
    kappas: Sequence[float] = ()
    start: Sequence[float] = ()
    name: str = ""
    direct: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not all(tau > 0 for tau in self.taus):
            raise StudioError(f"a time constant is {min(self.taus):g}; a cell needs a positive one")


def cascade_circuit(
    lanes: Sequence[Lane],
    drives: Mapping[str, Waveform],
    duration: float,
    *,
    scale: Scale | None = None,
    components: bool = False,
    name: str = "Cascade",
    labels: Mapping[str, str] | None = None,
) -> Circuit:
    """Lanes driven by common sources, every tap a node ``v1`` ... ``vn`` behind the lane's name.

    Args:
        lanes: the cascades.
        drives: waveforms of the driven nodes [V], in seconds.
        duration: of the circuit [s].
        scale: of the parts.
        components: whether nodes ``z0`` ... ``zn`` are added, whose voltages are
            z_k = sum_j (k over j) (-1)^(k - j) v_{n-j}, for lanes of one tau and gains of 1.
        name: of the circuit.
        labels: of driven nodes.

    Raises:
        StudioError: components of a lane whose cells differ.
    """
    scale, drawing, labels = scale or Scale(), Drawing(), labels or {}
    for row, (node, drive) in enumerate(drives.items()):
        drawing.held(node, drive, at=(0, row), label=labels.get(node, ""))
    for row, lane in enumerate(lanes):
        taps = _draw_lane(drawing, scale, lane, row)
        if components:
            _draw_components(drawing, scale, lane, taps, row)
    return drawing.circuit(duration, name)


def selective_circuit(
    values: Sequence[float],
    conductances: Sequence[float],
    step: float,
    *,
    leak: float = 0.0,
    edge: float = 0.0,
    scale: Scale | None = None,
) -> Circuit:
    """One cell ``v`` whose conductance to its input ``u`` changes from step to step.

    C dv/dt = g_k (u_k - v) - g_L v with C = 1 in the model's units; every step is a slice, in which
    a resistor of its own conducts.

    Args:
        values: u_k of every step [V].
        conductances: g_k of every step, in the model's units.
        step: in the model's time.
        leak: g_L.
        edge: of the waveform; see ``drives.held``.
        scale: of the parts.
    """
    scale, drawing = scale or Scale(), Drawing()
    drawing.held("u", held(values, step * scale.seconds, edge))
    drawing.node("v", scale.farads, at=(1, 0), role="output")
    slices = []
    for g in conductances:
        drawing.resistor("u", "v", scale.conductance(g))
        drawing.resistor("v", GROUND, scale.conductance(leak))
        slices.append(drawing.slice(step * scale.seconds))
    return Circuit(tuple(drawing.nodes.values()), tuple(slices), "Selective cell")


def _draw_lane(drawing: Drawing, scale: Scale, lane: Lane, row: int) -> list[str]:
    """Names of the taps, of which the last one is an output."""
    taps: list[str] = []
    last = len(lane.taus)
    for m, tau in enumerate(lane.taus, start=1):
        cell = scale.cell(tau)
        start = lane.start[m - 1] if lane.start else 0.0
        role = "output" if m == last else "hidden"
        tap = drawing.node(f"{lane.name}v{m}", cell.capacitance, start, at=(m, row), role=role)
        gain = cell.leak * (lane.kappas[m - 1] if lane.kappas else 1.0)
        drawing.resistor(tap, GROUND, cell.leak)
        if taps:
            drawing.transconductor(taps[-1], tap, gain)
        else:
            for source, weight in lane.weights.items():
                drawing.transconductor(source, tap, gain * weight)
            drawing.current(tap, gain * lane.bias)
        taps.append(tap)
    return taps


def _draw_components(
    drawing: Drawing, scale: Scale, lane: Lane, taps: Sequence[str], row: int
) -> None:
    if len(set(lane.taus)) > 1 or any(kappa != 1 for kappa in lane.kappas):
        raise StudioError(
            f"the cells of lane {lane.name or 1} differ, and components are differences across taps"
            " of equal ones; leave the components out"
        )
    order = len(taps)
    for k in range(order + 1):
        signs = {j: float(math.comb(k, j) * (-1) ** (k - j)) for j in range(k + 1)}
        # Tap n - j has the sign of j; the one before the first is what drives the lane.
        terms = {taps[order - j - 1]: c for j, c in signs.items() if j < order}
        bias = 0.0
        if order in signs:
            inward = {lane.direct.get(node, node): w for node, w in lane.weights.items()}
            terms |= {node: signs[order] * w for node, w in inward.items()}
            bias = signs[order] * lane.bias
        at = (order + 1 + k, row)
        drawing.sum_of(f"{lane.name}z{k}", terms, scale.reader, at=at, bias=bias)
