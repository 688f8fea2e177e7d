"""Sheets of resistors as circuits: the nodes of a field with ends, open or grounded there."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ....circuit import GROUND, Circuit
from .drawing import Drawing
from .ring import node_name
from .scale import Scale


def sheet_circuit(
    start: NDArray[np.float64],
    sigmas: Sequence[float],
    grounded: bool,
    *,
    scale: Scale | None = None,
    name: str = "Sheet",
) -> Circuit:
    """The sheet of one lane, run for one unit of the model's time.

    Resistors g = sigma^2 / (2 h^2) tie neighbours at the distance h. A node at an open end stands
    for half a distance: half its capacitor, and half the resistors along the end; a grounded end is
    ground itself. Half wave k along an axis of S points fades at 4 g sin^2(pi k / (2 (S - 1))).

    Args:
        start: the lane's current at every point, ends included, collected on the capacitors [V].
        sigmas: width along every axis, in domain lengths.
        grounded: whether the ends are.
        scale: of the parts.
        name: of the circuit.
    """
    scale, drawing = scale or Scale(), Drawing()
    add_sheet(drawing, start, sigmas, grounded, scale=scale)
    return drawing.circuit(scale.seconds, name)


def add_sheet(
    drawing: Drawing,
    start: NDArray[np.float64],
    sigmas: Sequence[float],
    grounded: bool,
    *,
    scale: Scale,
    lane: str = "",
    row: int = 0,
) -> dict[tuple[int, ...], str]:
    """As ``sheet_circuit``, beside what a drawing holds already; names of the nodes by place."""
    shape = start.shape
    places = [place for place in np.ndindex(*shape) if not (grounded and _at_end(place, shape))]
    names = {place: node_name(lane, "v", place) for place in places}
    shares = {place: _shares(place, shape) for place in places}
    for place, node in names.items():
        capacitance = scale.farads * math.prod(shares[place])
        at = place[-1], row + (place[0] if len(place) > 1 else 0)
        drawing.node(node, capacitance, float(start[place]), at=at, role="output")
    for axis, sigma in enumerate(sigmas):
        g = scale.conductance(sigma**2 * (shape[axis] - 1) ** 2 / 2)
        for place, node in names.items():
            across = math.prod(share for k, share in enumerate(shares[place]) if k != axis)
            for way in (-1, 1):
                other = (*place[:axis], place[axis] + way, *place[axis + 1 :])
                if way == 1 and other in names:
                    drawing.resistor(node, names[other], g * across)
                elif grounded and other not in names:
                    drawing.resistor(node, GROUND, g * across)
    return names


def _at_end(place: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return any(k in (0, size - 1) for k, size in zip(place, shape, strict=True))


def _shares(place: tuple[int, ...], shape: tuple[int, ...]) -> list[float]:
    """The part of a distance that a node stands for, along every axis."""
    return [0.5 if k in (0, size - 1) else 1.0 for k, size in zip(place, shape, strict=True)]
