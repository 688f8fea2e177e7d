"""One more device."""

from dataclasses import replace
from typing import ClassVar

import numpy as np

from ..circuit import Circuit, Device
from ..circuit.device_table import DeviceTable
from ..errors import StudioError
from ..params import Param
from .base import CHANGES, Change, Touched
from .tables import check_device, check_node

GROUND = "gnd"
MOST = 10_000
"""Devices of a slice that are taken apart for one more; larger ones are tables."""


@CHANGES.register("add")
class Add(Change):
    """A device of the same kind, slice and parameters as another one, between two nodes."""

    title: ClassVar[str] = "One more device"
    params: ClassVar[tuple[Param, ...]] = (
        Param("device", "", doc="Id of the device that is copied."),
        Param("source", "", doc="Node that the current leaves."),
        Param("target", "", doc="Node that it enters."),
        Param("id", "", doc="Of the new device; empty: a free one."),
    )
    place: ClassVar[str] = "device"
    needed: ClassVar[tuple[str, ...]] = ("device", "source", "target")
    fault: ClassVar[bool] = False

    def apply(self, circuit: Circuit) -> Circuit:
        """With one more device, which can be trained."""
        device = self.options["device"]
        check_device(circuit, device)
        for end in ("source", "target"):
            if self.options[end] != GROUND:
                check_node(circuit, self.options[end])
        index = next(k for k, part in enumerate(circuit.slices) if device in _ids(part.devices))
        part = circuit.slices[index]
        if len(part.devices) > MOST:
            raise StudioError(
                f"the slice has {len(part.devices):,} devices and one is added to {MOST:,} at "
                "most; draw the circuit and train it anew"
            )
        like = next(one for one in part.devices if one.id == device)
        ends = {"source": self.options["source"], "target": self.options["target"]}
        made = replace(like, id=self._id(circuit), trainable=True, **ends)
        slices = list(circuit.slices)
        slices[index] = replace(part, devices=(*part.devices, made))
        return circuit.replace(slices=tuple(slices))

    def touched(self, circuit: Circuit) -> Touched:
        """Its two ends."""
        del circuit
        ends = (self.options["source"], self.options["target"])
        return Touched(nodes=tuple(end for end in ends if end != GROUND))

    def words(self) -> str:
        """Like what, and where."""
        source, target = self.options["source"], self.options["target"]
        return f"one more device like {self.options['device']} from {source} to {target}"

    def _id(self, circuit: Circuit) -> str:
        taken = set(circuit.device_ids)
        if self.options["id"]:
            return self.options["id"]
        return next(f"a{k}" for k in range(1, len(taken) + 2) if f"a{k}" not in taken)


def _ids(devices: tuple[Device, ...] | DeviceTable) -> set[str]:
    if isinstance(devices, DeviceTable):
        return set(np.array(devices.ids).tolist())
    return {device.id for device in devices}
