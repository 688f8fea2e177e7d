"""A device that is stuck: it carries nothing, or a parameter has one value."""

from typing import ClassVar

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..devices import DEVICES
from ..errors import StudioError, quoted
from ..params import Param
from ..registry import nearest
from .base import CHANGES, Change, Touched
from .tables import check_device, named, with_tables, without


@CHANGES.register("stuck")
class Stuck(Change):
    """i = 0 in one device, which is the circuit without it; or one of its parameters at a value."""

    title: ClassVar[str] = "Stuck device"
    params: ClassVar[tuple[Param, ...]] = (
        Param("device", "", doc="Id of the device."),
        Param("parameter", "", doc="Which one is stuck; empty: no current flows at all."),
        Param("value", 0.0, slider=(-2, 2), doc="Of that parameter, in its own unit."),
    )
    place: ClassVar[str] = "device"
    needed: ClassVar[tuple[str, ...]] = ("device",)
    strength: ClassVar[str] = "value"

    def apply(self, circuit: Circuit) -> Circuit:
        """Without the device, or with its parameter at the value."""
        check_device(circuit, self.options["device"])
        return with_tables(circuit, self._in)

    def touched(self, circuit: Circuit) -> Touched:
        """The device."""
        del circuit
        return Touched((self.options["device"],))

    def words(self) -> str:
        """Which device, and at what."""
        device, parameter = self.options["device"], self.options["parameter"]
        stuck = f"{parameter} stuck at {self.options['value']:.4g}" if parameter else "cut"
        return f"{device} {stuck}"

    def _in(self, table: DeviceTable) -> DeviceTable:
        here = named(table, self.options["device"])
        if not here.any():
            return table
        parameter = self.options["parameter"]
        if not parameter:
            return without(table, here)
        code = int(table.codes[here][0])
        kind, columns = table.kinds[code], dict(table.params[code])
        if parameter not in columns:
            hint = nearest(parameter, list(columns))
            raise StudioError(f"a {kind} has no parameter {quoted(parameter)}: {hint}")
        known = next(param for param in DEVICES[kind].params if param.name == parameter)
        try:
            value = known.check(self.options["value"])
        except ValueError as error:
            raise StudioError(f"device {self.options['device']}: {error}") from None
        stuck = here[table.places(code)]
        columns[parameter] = np.where(stuck, value, columns[parameter])
        return table.with_params({kind: columns})
