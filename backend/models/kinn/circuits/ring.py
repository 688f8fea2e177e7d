"""Rings of resistors and gyrators as circuits: the nodes of a periodic field, tied along its axes.

Along an axis of S nodes at the distance h = 1 / S, in units of the model's time,

    C dv_i/dt = g (v_{i+1} - 2 v_i + v_{i-1}) - m/2 (v_{i+1} - v_{i-1}),  C = 1,

with resistors g = sigma^2 / (2 h^2) and gyrators m = beta / h: a pair of transconductors of m/2 and
-m/2 between neighbours, which exchange energy and neither make nor lose any. The field is the
voltage at 0 s; what the lane gives is read after one unit of time.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....circuit import Circuit
from .drawing import COLUMN, ROW, At, Drawing
from .scale import Scale

NEAR, WIDE = 80.0, 140.0
"""Distances of neighbours around a drawn ring [px], of many nodes and of few."""

FEW = 16
"""Up to so many there is room for every symbol."""

OUTWARDS = 120.0
"""From a node of a ring to the one that reads its slope [px]."""


def ring_circuit(
    start: NDArray[np.float64],
    sigmas: Sequence[float],
    betas: Sequence[float],
    *,
    scale: Scale | None = None,
    slopes: bool = False,
    name: str = "Ring",
) -> Circuit:
    """The ring (or torus) of one lane, run for one unit of the model's time.

    Args:
        start: the lane's current at every point (S...), collected on the capacitors [V].
        sigmas: width along every axis, in domain lengths.
        betas: drift along every axis, in domain lengths.
        scale: of the parts.
        slopes: whether nodes are added that read sigma (v_{i+1} - v_{i-1}) / (2 h), along every
            axis.
        name: of the circuit.
    """
    scale, drawing = scale or Scale(), Drawing()
    add_ring(drawing, start, sigmas, betas, scale=scale, slopes=slopes)
    return drawing.circuit(scale.seconds, name)


def add_ring(
    drawing: Drawing,
    start: NDArray[np.float64],
    sigmas: Sequence[float],
    betas: Sequence[float],
    *,
    scale: Scale,
    slopes: bool = False,
    lane: str = "",
    row: int = 0,
) -> None:
    """As ``ring_circuit``, beside what a drawing holds already.

    Args:
        drawing: takes the parts.
        start: see ``ring_circuit``.
        sigmas: see there.
        betas: see there.
        scale: of the parts.
        slopes: see there.
        lane: in front of the names of its nodes.
        row: of the board, where its first node stands.
    """
    places = list(np.ndindex(*start.shape))
    names = {place: node_name(lane, "v", place) for place in places}
    for place, node in names.items():
        at = _at(place, start.shape, row, slopes)
        drawing.node(node, scale.farads, float(start[place]), at=at, role="output")
    for axis, (sigma, beta) in enumerate(zip(sigmas, betas, strict=True)):
        size = start.shape[axis]
        g = scale.conductance(sigma**2 * size**2 / 2)
        half = scale.conductance(beta * size / 2)
        for place, node in names.items():
            after = names[_moved(place, axis, 1, size)]
            drawing.resistor(node, after, g)
            drawing.transconductor(after, node, -half)
            drawing.transconductor(node, after, half)
        for place in places if slopes else ():
            gain = sigma * size / 2
            terms = {names[_moved(place, axis, way, size)]: way * gain for way in (1, -1)}
            at = _slope_at(place, axis, start.shape, row)
            drawing.sum_of(node_name(lane, f"s{axis + 1}_", place), terms, scale.reader, at=at)


def node_name(lane: str, kind: str, place: tuple[int, ...]) -> str:
    """Such as ``lane 3 v12`` or ``v4_7``."""
    return f"{lane}{kind}{'_'.join(str(k + 1) for k in place)}"


def _moved(place: tuple[int, ...], axis: int, way: int, size: int) -> tuple[int, ...]:
    return (*place[:axis], (place[axis] + way) % size, *place[axis + 1 :])


def rows_of(shape: Sequence[int], slopes: bool) -> int:
    """Rows of the board that the ring or torus of a lane takes.

    Args:
        shape: nodes along every axis.
        slopes: whether nodes read slopes, too.
    """
    if len(shape) > 1:
        return math.prod(shape[:-1]) * (1 + len(shape) * slopes) + 1
    return math.ceil(2 * (_radius(shape[0]) + OUTWARDS * slopes) / ROW) + 2


def _radius(size: int) -> float:
    """Of a drawn ring [px]."""
    return size * (WIDE if size <= FEW else NEAR) / (2 * math.pi)


def _at(place: tuple[int, ...], shape: Sequence[int], row: int, slopes: bool) -> At:
    """A torus is drawn flat; a ring is one, clockwise from its top."""
    if len(shape) > 1:
        return place[-1], row + place[0]
    return _around(place[0], shape[0], 0.0, row, slopes)


def _slope_at(place: tuple[int, ...], axis: int, shape: Sequence[int], row: int) -> At:
    if len(shape) > 1:
        return place[-1], row + place[0] + (1 + axis) * math.prod(shape[:-1])
    return _around(place[0], shape[0], OUTWARDS, row, True)


def _around(number: int, size: int, outwards: float, row: int, slopes: bool) -> At:
    turn, radius = 2 * math.pi * number / size, _radius(size)
    centre = radius + OUTWARDS * slopes
    x, y = (radius + outwards) * math.sin(turn), -(radius + outwards) * math.cos(turn)
    return (centre + x) / COLUMN, row + (centre + y) / ROW
