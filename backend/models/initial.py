"""Random parameters to start a training from."""

from dataclasses import replace

import numpy as np

from ..circuit import GROUND, Circuit, Device, Slice
from ..device_table import DeviceTable

GAIN = 0.7
THRESHOLD = 0.5
SPREAD = {"a": 1.0, "b": 1.0, "g": 1.0, "c": 0.5}


def initialise(circuit: Circuit, seed: int) -> Circuit:
    """The circuit with random parameters in its trainable devices.

    Gains are N(0, 0.7^2 / degree), with the larger number of devices at either end in the same
    slice as the degree, so that the sum of currents at a node does not grow with its connections;
    conductances of rectifiers, which have one sign, are U(0, 1.4 / degree). Thresholds are
    U(-0.5, 0.5) V. Slopes a, b, g are N(0, 1) and biases N(0, 0.5^2): these laws
    saturate or are few. Resistors, sources and diodes keep their values. Tables of devices draw
    one kind and parameter after the other, single objects device after device.
    """
    rng = np.random.default_rng(seed)
    return circuit.replace(slices=tuple(_slice(part, rng) for part in circuit.slices))


def _slice(part: Slice, rng: np.random.Generator) -> Slice:
    if isinstance(part.devices, DeviceTable):
        return replace(part, devices=_table(part.devices, rng))
    degree: dict[str, int] = {}
    for device in part.devices:
        for end in (device.source, device.target):
            degree[end] = degree.get(end, 0) + 1
    # Ground can take any current, so its many devices do not matter.
    degree[GROUND] = 1
    return replace(part, devices=tuple(_device(d, degree, rng) for d in part.devices))


def _table(table: DeviceTable, rng: np.random.Generator) -> DeviceTable:
    ground = len(table.names) - 1
    degree = np.bincount(table.source, minlength=ground + 1)
    degree += np.bincount(table.target, minlength=ground + 1)
    degree[ground] = 1
    params = {}
    for code, (kind, columns) in enumerate(zip(table.kinds, table.params, strict=True)):
        members = table.places(code)
        free = table.trainable[members]
        crowd = np.maximum(degree[table.source[members]], degree[table.target[members]])
        params[kind] = {
            name: np.where(free, _drawn(kind, name, crowd, values, rng), values)
            for name, values in columns.items()
        }
    return table.with_params(params)


def _drawn(
    kind: str, name: str, degree: np.ndarray, values: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """First values (n,) of a parameter of devices at nodes of the given degrees (n,)."""
    if kind == "rectifier" and name == "conductance":
        return rng.uniform(0.0, 2 * GAIN / degree)
    if name == "gain":
        return rng.normal(0.0, GAIN / np.sqrt(degree))
    if name == "threshold":
        return rng.uniform(-THRESHOLD, THRESHOLD, len(degree))
    return rng.normal(0.0, SPREAD[name], len(degree)) if name in SPREAD else values


def _device(device: Device, degree: dict[str, int], rng: np.random.Generator) -> Device:
    if not device.trainable:
        return device
    crowd = np.array([max(degree[device.source], degree[device.target])])
    values = {
        name: float(_drawn(device.kind, name, crowd, np.array([value]), rng)[0])
        for name, value in device.params.items()
    }
    return replace(device, params=values)
