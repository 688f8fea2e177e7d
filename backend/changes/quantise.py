"""Parameters as a few bits hold them."""

from typing import ClassVar

import numpy as np

from ..circuit import Circuit
from ..circuit.device_table import DeviceTable
from ..params import Param
from .base import CHANGES, Change, Touched
from .drift import bounds_of
from .tables import with_tables


@CHANGES.register("quantise")
class Quantise(Change):
    """p -> round(p / s) s, s = max |p| / (2^(bits - 1) - 1) of that parameter in its slice.

    One bit is the sign, and the maximum is over devices of the same kind. What leaves the bounds
    of a law is put back onto them.
    """

    title: ClassVar[str] = "Few bits"
    params: ClassVar[tuple[Param, ...]] = (
        Param("bits", 4, low=2, high=24, slider=(2, 12), doc="Of every parameter, with its sign."),
    )
    strength: ClassVar[str] = "bits"

    def apply(self, circuit: Circuit) -> Circuit:
        """With rounded parameters."""
        return with_tables(circuit, self._in)

    def touched(self, circuit: Circuit) -> Touched:
        """All devices: nothing that could be marked."""
        del circuit
        return Touched()

    def words(self) -> str:
        """How many bits."""
        return f"all parameters in {self.options['bits']} bits"

    def _in(self, table: DeviceTable) -> DeviceTable:
        levels = 2 ** (self.options["bits"] - 1) - 1
        made = {}
        for kind, columns in zip(table.kinds, table.params, strict=True):
            bounds = bounds_of(kind)
            made[kind] = {
                name: np.clip(_rounded(values, levels), *bounds[name])
                for name, values in columns.items()
            }
        return table.with_params(made)


def _rounded(values: np.ndarray, levels: int) -> np.ndarray:
    step = np.abs(values).max(initial=0.0) / levels
    return np.round(values / step) * step if step > 0 else values
