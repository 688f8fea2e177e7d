"""Random parameters to start a training from."""

from dataclasses import replace

import numpy as np

from ...circuit import GROUND, Circuit, Device, Slice
from ...circuit.device_table import DeviceTable
from ...devices import DEVICES

GAIN = 0.7
THRESHOLD = 0.5
SPREAD = {"slope": 1.0, "offset": 0.5}


def initialise(circuit: Circuit, seed: int) -> Circuit:
    """The circuit with random parameters in its trainable devices.

    Every law says how its parameters are drawn (``Param.initial``):

    * ``degree``: N(0, 0.7^2 / degree), with the larger number of devices at either end in the same
      slice as the degree, so that the sum of currents at a node does not grow with its connections;
    * ``positive``: U(0, 1.4 / degree), for what has one sign;
    * ``uniform``: U(-0.5, 0.5) V, for thresholds;
    * ``normal``: N(0, 1) for slopes and N(0, 0.5^2) for offsets, in laws that saturate or are few.

    Parameters that say nothing keep their values. Tables of devices draw one kind and parameter
    after the other, single objects device after device.
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
    param = next(param for param in DEVICES[kind].params if param.name == name)
    match param.initial:
        case "positive":
            return rng.uniform(0.0, 2 * GAIN / degree)
        case "degree":
            return rng.normal(0.0, GAIN / np.sqrt(degree))
        case "uniform":
            return rng.uniform(-THRESHOLD, THRESHOLD, len(degree))
        case "normal":
            return rng.normal(0.0, SPREAD[param.role], len(degree))
    return values


def _device(device: Device, degree: dict[str, int], rng: np.random.Generator) -> Device:
    if not device.trainable:
        return device
    crowd = np.array([max(degree[device.source], degree[device.target])])
    values = {
        name: float(_drawn(device.kind, name, crowd, np.array([value]), rng)[0])
        for name, value in device.params.items()
    }
    return replace(device, params=values)
