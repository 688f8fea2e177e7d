"""Devices that can carry least, left out."""

import json
from typing import ClassVar

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..devices import DEVICES
from ..errors import StudioError, quoted
from ..params import Param
from .base import CHANGES, Change, Touched
from .tables import check_device, with_tables, without

REACH = 1.0
"""Voltages from minus to plus this are looked at [V]."""

POINTS = 9
"""Voltages of either end."""


@CHANGES.register("prune")
class Prune(Change):
    """A share of the devices of every slice is left out, those that can carry least.

    What a device can carry is the largest |i(v_s, v_d)| at voltages within 1 V. One device stays
    in every slice. Pruning by size as in networks: Han et al. 2015, section 3.
    """

    title: ClassVar[str] = "Prune"
    params: ClassVar[tuple[Param, ...]] = (
        Param("share", 0.2, low=0.0, high=1.0, slider=(0, 0.9), doc="Of the devices of a slice."),
        Param("devices", "", doc="Ids of those that go, a JSON list; empty: the weakest."),
    )
    strength: ClassVar[str] = "share"
    recorded: ClassVar[tuple[str, ...]] = ("devices",)

    def apply(self, circuit: Circuit) -> Circuit:
        """Without the weakest devices."""
        for device in self._named:
            check_device(circuit, device)
        return with_tables(circuit, lambda table: without(table, self._weakest(table)))

    def fixed(self, circuit: Circuit) -> Change:
        """With the ids of those that are the weakest now."""
        return Prune(**{**self.options, "devices": json.dumps(self.touched(circuit).devices)})

    def touched(self, circuit: Circuit) -> Touched:
        """What is left out."""
        gone = []
        for table in circuit.tables():
            ids = table.ids
            gone += [ids[place] for place in np.flatnonzero(self._weakest(table))]
        return Touched(tuple(gone))

    def words(self) -> str:
        """Which share."""
        return f"without the weakest {100 * self.options['share']:.4g} % of the devices"

    @property
    def _named(self) -> tuple[str, ...]:
        """Those that were named."""
        text = self.options["devices"]
        try:
            found = json.loads(text) if text else []
        except ValueError:
            found = None
        if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
            raise StudioError(f"devices of a change prune: {quoted(text)} is no JSON list of ids")
        return tuple(found)

    def _weakest(self, table: DeviceTable) -> np.ndarray:
        """Which devices go (E,)."""
        gone = np.zeros(len(table), np.bool_)
        if named := set(self._named):
            return np.fromiter((name in named for name in table.ids), np.bool_, len(table))
        count = min(int(np.ceil(self.options["share"] * len(table))), len(table) - 1)
        if count > 0:
            gone[np.argsort(_carried(table), kind="stable")[:count]] = True
        return gone


def _carried(table: DeviceTable) -> np.ndarray:
    """The largest size of every device's current at voltages within reach (E,) [A]."""
    import torch  # only where currents are asked for

    ends = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
    v_s, v_d = (grid.reshape(-1, 1) for grid in torch.meshgrid(ends, ends, indexing="ij"))
    largest = np.zeros(len(table))
    for code, kind in enumerate(table.kinds):
        values = {name: torch.tensor(column) for name, column in table.params[code].items()}
        currents = DEVICES[kind].current(v_s, v_d, values)
        shape = (POINTS * POINTS, len(table.places(code)))
        largest[table.places(code)] = currents.abs().broadcast_to(shape).amax(0).numpy()
    return largest
