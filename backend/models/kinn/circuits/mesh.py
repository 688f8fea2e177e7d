"""Meshes of resistors as circuits: at rest, Darcy's equation on a square grounded at its border."""

import math

import numpy as np
from numpy.typing import NDArray

from ....circuit import GROUND, Circuit
from .drawing import Drawing
from .ring import node_name
from .scale import Scale

UNIT = 1e-4
"""What stands for a conductivity of 1 [S]."""

REST = 25.0
"""Time constants of the slowest mode after which a mesh counts as at rest: e^-25 is 1e-11."""


def mesh_circuit(
    a: NDArray[np.float64],
    source: NDArray[np.float64],
    *,
    scale: Scale | None = None,
    name: str = "Mesh",
) -> Circuit:
    """The inner nodes of a mesh with the voltages v of -div(a grad v) = source, 0 on the border.

    Between two neighbours lies the conductance (a_i + a_j) / 2, times the ratio of the other axis'
    distance to this one's; into every inner node flows the source times the area it stands for. The
    circuit relaxes from 0 V and is at rest at its end, whose voltages do not depend on the scale.

    Args:
        a: conductivity > 0 at the points of a line or a square, ends included.
        source: at the same points.
        scale: of the parts.
        name: of the circuit.
    """
    scale, drawing = scale or Scale(), Drawing()
    add_mesh(drawing, a, source, scale=scale)
    return drawing.circuit(relaxation(a, scale), name)


def add_mesh(
    drawing: Drawing,
    a: NDArray[np.float64],
    source: NDArray[np.float64],
    *,
    scale: Scale,
    lane: str = "",
    row: int = 0,
) -> list[str]:
    """As ``mesh_circuit``, beside what a drawing holds already; the names of its inner nodes."""
    spacing = [1.0 / (size - 1) for size in a.shape]
    area = math.prod(spacing)
    inner = [tuple(k + 1 for k in place) for place in np.ndindex(*(size - 2 for size in a.shape))]
    names = {place: node_name(lane, "v", tuple(k - 1 for k in place)) for place in inner}
    for place, node in names.items():
        at = place[-1] - 1, row + (place[0] - 1 if len(place) > 1 else 0)
        drawing.node(node, scale.farads, at=at, role="output")
    for place, node in names.items():
        drawing.current(node, UNIT * area * float(source[place]))
        for axis, h in enumerate(spacing):
            # A face as wide as the other axis' spacing, over the distance along its own; of a line,
            # where there is no other axis, the equation is multiplied by h alone.
            ratio = area / h**2
            for way in (-1, 1):
                other = (*place[:axis], place[axis] + way, *place[axis + 1 :])
                between = 0.5 * float(a[place] + a[other]) * ratio * UNIT
                if other not in names:
                    drawing.resistor(node, GROUND, between)
                elif way == 1:
                    drawing.resistor(node, names[other], between)
    return list(names.values())


def relaxation(a: NDArray[np.float64], scale: Scale) -> float:
    """When a mesh is at rest [s], by a bound on its slowest mode.

    Conductances only speed it up: it is no slower than a mesh of the least conductivity, whose
    slowest mode is a half wave along every axis.
    """
    area = math.prod(1.0 / (size - 1) for size in a.shape)
    slowest = sum(4 * math.sin(math.pi / (2 * (size - 1))) ** 2 * (size - 1) ** 2 * area
                  for size in a.shape)  # fmt: skip
    return REST * scale.farads / (UNIT * float(a.min()) * slowest)
