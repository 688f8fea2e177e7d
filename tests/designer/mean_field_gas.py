"""Writes the example ``mean-field``: the mean of a KITINet's collisions as a circuit.

Six particles are the corners of a hexagon of side l, fast and slow ones in turn. A pair i, j of
mean-field collisions gets the conductance

    G_ij = rate C q/2 (g_ij/g_max) exp(-D_ij/l),

q = 1/(n - 1) the probability that a random matching has it. In steps of rate dt = c the rule is
C dV_i/dt = sum_j G_ij (V_j - V_i), so that charge is momentum. As all differences shrink alike,
g_ij/g_max stays what it was, and constant conductances are the rule at all times.

    python -m tests.designer.mean_field_gas
"""

import math

from backend.circuit import Circuit, Device, Node, Slice
from designer.gallery import FOLDER

COUNT, RADIUS = 6, 170.0
SPEEDS = (1.0, 0.2)
"""Of fast and slow particles [V]."""

RATE = 10.0
"""Rounds of collisions with c = 1 in a second."""

DURATION = 2.0
PATH = FOLDER / "mean-field.json"


def places() -> list[tuple[float, float]]:
    """Corners of the hexagon of side 1."""
    turns = [2 * math.pi * k / COUNT for k in range(COUNT)]
    return [(math.sin(turn), -math.cos(turn)) for turn in turns]


def circuit() -> Circuit:
    """The gas, with capacitors of 1 F."""
    names = [f"{'fast' if k % 2 == 0 else 'slow'}{k // 2 + 1}" for k in range(COUNT)]
    corners, roles = places(), {0: "input", COUNT // 2: "output"}
    nodes = tuple(
        Node(name, SPEEDS[k % 2], 1.0, roles.get(k, "hidden"),
             x=round(RADIUS * x, 1), y=round(RADIUS * y, 1))
        for k, (name, (x, y)) in enumerate(zip(names, corners, strict=True))
    )  # fmt: skip
    devices = []
    for one in range(COUNT):
        for other in range(one + 1, COUNT):
            if (one - other) % 2 == 0:  # of equal velocities: they never collide
                continue
            apart = math.dist(corners[one], corners[other])
            conductance = round(RATE * 0.5 / (COUNT - 1) * math.exp(-apart), 9)
            devices.append(Device(f"r{one + 1}{other + 1}", "resistor", names[one], names[other],
                                  {"conductance": conductance}))  # fmt: skip
    return Circuit(nodes, (Slice(tuple(devices), DURATION),), name="Mean-field collisions")


if __name__ == "__main__":
    PATH.write_text(circuit().to_json(), encoding="utf-8")
