"""Untrained flows, and the settings that train them.

A flow has one node for every coordinate and none beside. With further nodes the way to the noise
would still be unique for all voltages together, but the density of the data alone would be an
integral over the others, known by a bound only (Huang, Dinh, Courville 2020, Augmented normalizing
flows, arXiv 2002.07101). Likelihoods, divergences and pictures here are exact, so we do without.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...circuit import GROUND, Circuit, Node, Slice
from ...circuit.device_table import DeviceTable
from ...devices import DEVICES, DeviceLaw
from ...errors import StudioError
from ...params import Param, check_params
from ...shapes import Data
from ...topologies.fully_connected import fully_connected_edges
from ...topologies.places import circle

GROUND_KINDS = {"tanh": "tanh_diff", "tanh_diff": "tanh_diff", "sigmoid": "sigmoid"}
"""Kinds of devices between nodes, and with ground: what senses ground senses nothing."""

PARAMS = (
    Param("slices", 10, low=1, high=64, slider=(1, 16), doc="Stretches of time, each its devices."),
    Param("parallel", 28, low=1, high=1000, slider=(1, 100), doc="Devices from node to node."),
    Param("to_ground", 24, low=1, high=1000, slider=(1, 100), doc="Devices to and from ground."),
    Param("duration", 0.2, "s", low=1e-3, high=100.0, slider=(0.1, 1), doc="Length of a slice."),
    Param("kind", "tanh", choices=tuple(GROUND_KINDS), doc="Smooth kind, so that densities are."),
    Param("spread", 3.0, low=0.0, high=100.0, slider=(0, 4), doc="Deviation of first slopes."),
    Param(
        "reach", 1.5, "V", low=0.0, high=100.0, slider=(0, 5), doc="Where devices bend at first."
    ),
)

COMMON: dict[str, Any] = {
    "solver": "rk4",
    "solver_options": {"steps": 4},
    "learning_rate": 5e-3,
    "weight_decay": 0.0,
    "beta2": 0.99,
    "schedule": "one_cycle",
    "warm_up": 0.1,
    "gradient_clip": 1.0,
    "ema": 0.998,
    "batch_size": 512,
    "epochs": 30,
}
FINE = {"steps": 5}
IMAGES = {
    "model_options": {"slices": 2, "parallel": 1, "duration": 1.0, "spread": 1.0},
    "batch_size": 128,
    "epochs": 3,
}
"""Few devices from pixel to pixel, of which there are 4,032 pairs, and a stop before the hundred
images are learnt by heart."""

OWN: dict[str, dict[str, Any]] = {
    "gen_digits": IMAGES,
    "gen_two_moons": {"model_options": {"slices": 5}},
    "gen_two_spirals": {
        "model_options": {"slices": 8},
        "solver_options": FINE,
        "learning_rate": 8e-3,
        "epochs": 60,
    },
    "potential1": {"solver_options": FINE, "epochs": 15},
    "potential2": {
        "model_options": {"slices": 5, "reach": 3.0},
        "solver_options": FINE,
        "epochs": 30,
    },
}
"""What differs, so that no network has more parameters than the published one.

Twice the learning rate looks better for a thousand iterations; then the slopes become too steep for
the steps, and the likelihood of the discrete steps rises at the expense of the true one.
"""


def recipe(data: Data) -> dict[str, Any]:
    """Settings found by experiment (``benchmarks/flows.py``), none larger than a published net.

    Returns:
        Fields of a ``TrainSpec``; an epoch has 100 batches of fresh points.
    """
    return {**COMMON, **OWN.get(data.name, {})}


def start(data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
    """A fully connected circuit of all coordinates and ground whose flow is the identity.

    Devices come in pairs, one each way, that pass equal and opposite currents at first: the flow
    starts at rest, though every device already bends the plane somewhere else. Training breaks the
    balance at once, as the gradients of a pair are opposite. Slopes are N(0, spread^2) and every
    device bends at a line through a point drawn from N(0, reach^2 I).

    Args:
        data: gives the number of coordinates, one node each.
        options: values of ``PARAMS``; the default for what is missing.
        seed: of the random parameters.

    Raises:
        StudioError: a refused value.
    """
    try:
        chosen = check_params(PARAMS, options)
    except ValueError as error:
        raise StudioError(f"flow: {error}") from None
    x, y = circle(data.inputs.count)
    nodes = tuple(
        Node(f"n{k + 1}", role="both", x=float(x[k]), y=float(y[k])) for k in range(len(x))
    )
    names = (*(node.id for node in nodes), GROUND)
    rng = np.random.default_rng(seed)
    slices, first = [], 0
    for _ in range(int(chosen["slices"])):
        table = _table(names, chosen, first, rng)
        first += len(table)
        slices.append(Slice(table.described(), float(chosen["duration"])))
    return Circuit(nodes, tuple(slices), f"Flow: {data.title}")


def _table(
    names: tuple[str, ...], options: Mapping[str, Any], first: int, rng: np.random.Generator
) -> DeviceTable:
    """The devices of a slice: those between nodes, then those with ground."""
    ground, deviations = len(names) - 1, (float(options["spread"]), float(options["reach"]))
    kinds, parts = (options["kind"], GROUND_KINDS[options["kind"]]), []
    pairs = np.stack(fully_connected_edges(ground, False)) - 1
    node, rail = np.arange(ground), np.full(ground, ground)
    with_ground = np.array([[*node, *rail], [*rail, *node]])
    for kind, ends, copies in zip(
        kinds, (pairs, with_ground), (options["parallel"], options["to_ground"]), strict=True
    ):
        edges = np.repeat(ends, copies, axis=1)
        parts.append((edges, balanced(edges, copies, ground, deviations, DEVICES[kind], rng)))
    if kinds[0] == kinds[1]:
        both = {name: np.concatenate([p[name] for _, p in parts]) for name in parts[0][1]}
        codes, kinds, params = np.zeros(sum(e.shape[1] for e, _ in parts)), kinds[:1], (both,)
    else:
        codes = np.repeat([0, 1], [edges.shape[1] for edges, _ in parts])
        params = tuple(p for _, p in parts)
    source, target = np.concatenate([edges for edges, _ in parts], axis=1)
    return DeviceTable(
        names, kinds, codes, source, target, params, np.ones(len(codes), bool), first
    )


def balanced(
    edges: np.ndarray,
    copies: int,
    ground: int,
    deviations: tuple[float, float],
    law: type[DeviceLaw],
    rng: np.random.Generator,
) -> dict[str, np.ndarray]:
    """First values of slopes and bias (E,) by name that leave every voltage at rest.

    A device i -> j and its partner j -> i share the slope at i, the slope at j and the bias, so
    they pass the same current in opposite directions.

    Args:
        edges: state rows of sources and targets (2, E), the copies of an edge side by side.
        copies: devices from an end to another.
        ground: state row of ground.
        deviations: of slopes [1/V] and of the points at which devices bend [V].
        law: with one slope in front of the difference of voltages, or one for each.
        rng: source of random numbers.
    """
    low, high = edges.min(axis=0), edges.max(axis=0)
    copy = np.tile(np.arange(copies), edges.shape[1] // copies)
    key = (low * (ground + 1) + high) * copies + copy
    _, chosen, partner = np.unique(key, return_index=True, return_inverse=True)
    slopes = deviations[0] * rng.standard_normal((2, len(chosen)))
    if law.difference:
        slopes[1] = -slopes[0]
    centres = deviations[1] * rng.standard_normal((2, len(chosen)))
    centres[1, high[chosen] == ground] = 0.0
    bias = -(slopes * centres).sum(0)[partner]
    near, far = np.where(edges[0] == low, slopes[:, partner], slopes[::-1, partner])
    names = [param.name for role in ("slope", "offset") for param in law.params
             if param.role == role]  # fmt: skip
    return dict(zip(names, (near, bias) if law.difference else (near, far, bias), strict=True))
