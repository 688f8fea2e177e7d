"""Random parameters to start a training from."""

import math
from dataclasses import replace

import numpy as np

from ..circuit import GROUND, Circuit, Device, Slice

GAIN = 0.7
THRESHOLD = 0.5
SLOPE = 1.0
BIAS = 0.5


def initialise(circuit: Circuit, seed: int) -> Circuit:
    """The circuit with random parameters in its trainable devices.

    Gains are N(0, 0.7^2 / degree), with the larger number of devices at either end in the same
    slice as the degree, so that the sum of currents at a node does not grow with its connections;
    thresholds are U(-0.5, 0.5) V. Slopes a, b, g are N(0, 1) and biases N(0, 0.5^2): these laws
    saturate or are few. Resistors, sources and diodes keep their values.
    """
    rng = np.random.default_rng(seed)
    return circuit.replace(slices=tuple(_slice(part, rng) for part in circuit.slices))


def _slice(part: Slice, rng: np.random.Generator) -> Slice:
    degree: dict[str, int] = {}
    for device in part.devices:
        for end in (device.source, device.target):
            degree[end] = degree.get(end, 0) + 1
    # Ground can take any current, so its many devices do not matter.
    degree[GROUND] = 1
    return replace(part, devices=tuple(_device(d, degree, rng) for d in part.devices))


def _device(device: Device, degree: dict[str, int], rng: np.random.Generator) -> Device:
    if not device.trainable:
        return device
    spread = math.sqrt(max(degree[device.source], degree[device.target]))
    values = dict(device.params)
    for name in values:
        if name == "gain":
            values[name] = float(rng.normal(0.0, GAIN / spread))
        elif name == "threshold":
            values[name] = float(rng.uniform(-THRESHOLD, THRESHOLD))
        elif name in ("a", "b", "g"):
            values[name] = float(rng.normal(0.0, SLOPE))
        elif name == "c":
            values[name] = float(rng.normal(0.0, BIAS))
    return replace(device, params=values)
