"""Parameters that are no longer what was learnt."""

from typing import ClassVar

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..devices import DEVICES
from ..errors import StudioError
from ..params import Param
from .base import CHANGES, Change, Touched
from .tables import check_device, named, with_tables

SPREAD, SCALE = "spread", "scale"


@CHANGES.register("drift")
class Drift(Change):
    """p -> p (1 + sigma n) with n ~ N(0, 1) drawn for every parameter; or with n = 1 for all.

    What leaves the bounds of a law is put back onto them. Nothing changes at sigma = 0.
    """

    title: ClassVar[str] = "Drift"
    params: ClassVar[tuple[Param, ...]] = (
        Param("sigma", 0.1, low=-1.0, high=10.0, slider=(0, 1), doc="Relative change."),
        Param("how", SPREAD, choices=(SPREAD, SCALE), doc="Drawn for each, or the same for all."),
        Param("device", "", doc="Id of the only one that drifts; empty: all."),
        Param("parameter", "", doc="The only one that drifts; empty: all."),
        Param("seed", 0, low=0, high=2**31 - 1, doc="Of what is drawn."),
    )
    place: ClassVar[str] = "device"
    strength: ClassVar[str] = "sigma"

    def apply(self, circuit: Circuit) -> Circuit:
        """With drifted parameters."""
        device, parameter = self.options["device"], self.options["parameter"]
        if device:
            check_device(circuit, device)
        names = {name for table in circuit.tables() for columns in table.params for name in columns}
        if parameter and parameter not in names:
            listed = ", ".join(sorted(names))
            raise StudioError(f"no device has a parameter {parameter!r}: choose one of {listed}")
        draw = np.random.default_rng(self.options["seed"])
        return with_tables(circuit, lambda table: self._in(table, draw))

    def touched(self, circuit: Circuit) -> Touched:
        """The device, or none where all drift."""
        del circuit
        device = self.options["device"]
        return Touched((device,) if device else ())

    def words(self) -> str:
        """How much of what."""
        what = self.options["parameter"] or "all parameters"
        of = f" of {self.options['device']}" if self.options["device"] else ""
        by = f"{100 * self.options['sigma']:.4g} %"
        return f"{what}{of} " + (f"drift by {by}" if self._spreads else f"scaled by {by}")

    @property
    def _spreads(self) -> bool:
        return self.options["how"] == SPREAD

    def _in(self, table: DeviceTable, draw: np.random.Generator) -> DeviceTable:
        device, only, sigma = (self.options[name] for name in ("device", "parameter", "sigma"))
        here = named(table, device) if device else np.ones(len(table), np.bool_)
        made = {}
        for code, kind in enumerate(table.kinds):
            columns, mine = {}, here[table.places(code)]
            bounds = bounds_of(kind)
            for name, values in table.params[code].items():
                # Drawn whoever drifts: one more device that does changes no other.
                n = draw.standard_normal(len(values)) if self._spreads else 1.0
                drifted = np.clip(values * (1.0 + sigma * n), *bounds[name])
                moved = mine if only in ("", name) else np.zeros_like(mine)
                columns[name] = np.where(moved, drifted, values)
            made[kind] = columns
        return table.with_params(made)


def bounds_of(kind: str) -> dict[str, tuple[float, float]]:
    """Lowest and highest value of every parameter of a kind of device."""
    return {
        param.name: (
            -np.inf if param.low is None else param.low,
            np.inf if param.high is None else param.high,
        )
        for param in DEVICES[kind].params
    }
