"""Circuits that come to rest, and settings with which they learn."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ...circuit import GROUND, Circuit, Device, Slice
from ...shapes import Data
from .builtin import image_circuit, vector_circuit
from .initial import initialise

SETTLED = 12.0
"""Time constants of the leaks after which a transient is said to have ended: e^-12 is 6e-6."""

RAIL, CLAMP = 1.0, 10.0
"""Voltage beyond which a feature's clamps conduct [V], and their conductance [S]."""

VECTORS: dict[str, Any] = {
    "epochs": 30,
    "batch_size": 64,
    "learning_rate": 0.1,
    "weight_decay": 0.01,
    "label_smoothing": 0.0,
    "solver": "auto",
    "solver_options": {"rtol": 1e-6},
}
IMAGES: dict[str, Any] = {
    **VECTORS,
    "learning_rate": 0.01,
    "label_smoothing": 0.05,
    "model_options": {"leak": 1.0},
}
NUMBERS: dict[str, Any] = {**VECTORS, "epochs": 60, "model_options": {"hidden": 24}}


def recipe(data: Data) -> dict[str, Any]:
    """Settings for a data set, as fields of a ``TrainSpec``."""
    if data.task == "regress":
        return NUMBERS
    return IMAGES if data.image_shape else VECTORS


def start(data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
    """An untrained circuit of one slice, with a leak at every node that settles.

    Raises:
        StudioError: a window does not fit into the image.
    """
    if data.image_shape and data.task == "classify":
        drawn = _images(data, options, seed)
    else:
        circuit = vector_circuit(data.inputs.count, data.names, options["hidden"])
        devices = [device for device in circuit.devices if device.kind == "tanh"]
        drawn = _gentle(initialise(_leaking(circuit, devices, options), seed))
    return drawn.replace(name=data.title)


def _leaking(circuit: Circuit, devices: list[Device], options: Mapping[str, Any]) -> Circuit:
    """The nodes with other devices in one slice and a locked leak at all that settle."""
    leak = float(options["leak"])
    leaks = [
        Device(f"leak_{node.id}", "resistor", node.id, GROUND, {"conductance": leak}, False)
        for node in circuit.nodes
        if node.role != "input"
    ]
    duration = SETTLED / leak if leak else SETTLED
    return circuit.replace(slices=(Slice((*devices, *leaks), duration),))


def _gentle(circuit: Circuit) -> Circuit:
    """tanh devices whose slopes at settling nodes are divided by the devices at the fuller end.

    Currents of tanh devices are bounded, so leaks G keep all voltages within the number of devices
    at a node times 1 A / G, and there is a steady state (Brouwer). Slopes at settling nodes feed
    back; these small ones let the leaks win at first, and the steady state is the only one as a
    rule.
    """
    settling = {node.id for node in circuit.nodes if node.role != "input"}
    degree = _degrees(circuit)
    found = []
    for device in circuit.devices:
        if device.kind == "tanh":
            share = 1.0 / max(degree[device.source], degree[device.target])
            free = {"a": device.source in settling, "b": device.target in settling, "c": False}
            params = {
                name: value * share if free[name] else value
                for name, value in device.params.items()
            }
            device = replace(device, params=params)
        found.append(device)
    (part,) = circuit.slices
    return circuit.replace(slices=(replace(part, devices=tuple(found)),))


def _degrees(circuit: Circuit) -> dict[str, int]:
    degree: dict[str, int] = {}
    for device in circuit.devices:
        for end in (device.source, device.target):
            degree[end] = degree.get(end, 0) + 1
    # Ground can take any current, so its many devices do not matter.
    degree[GROUND] = 1
    return degree


def _images(data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
    """Pixels to clamped features to outputs, by transconductors and a bias current each.

    Nothing feeds back, so leaks and clamps outweigh all else at every voltage: whatever is learnt,
    there is one steady state and it is stable.
    """
    assert data.image_shape
    circuit = image_circuit(
        data.image_shape, data.names, options["channels"], options["window"], options["stride"],
        data.channels, "transconductor",
    )  # fmt: skip
    rank = {"input": 0, "hidden": 1, "output": 2}
    place = {GROUND: 3, **{node.id: rank[node.role] for node in circuit.nodes}}
    forward = [d for d in circuit.devices if place[d.source] < place[d.target] < 3]
    rng, enters = np.random.default_rng(seed), Counter(device.target for device in forward)
    devices = [
        replace(d, params={"gain": float(rng.normal(0.0, enters[d.target] ** -0.5))})
        for d in forward
    ]
    for node in circuit.nodes:
        if place[node.id]:
            devices.append(
                Device(f"bias_{node.id}", "current_source", GROUND, node.id, {"current": 0.0})
            )
        if place[node.id] == 1:
            clamp = {"conductance": CLAMP, "threshold": RAIL}
            devices += [
                Device(f"high_{node.id}", "rectifier", node.id, GROUND, clamp, False),
                Device(f"low_{node.id}", "rectifier", GROUND, node.id, clamp, False),
            ]
    return _leaking(circuit, devices, options)
