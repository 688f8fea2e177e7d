"""A supply: one voltage for all times."""

from dataclasses import dataclass

from ..params import Param
from .base import WAVEFORMS, Shares, Waveform


@WAVEFORMS.register("constant")
@dataclass(frozen=True)
class Constant(Waveform):
    """u(t) = voltage."""

    voltage: float = 1.0

    title = "Constant"
    symbol = "M0-.68v.44M-.22-.46h.44M-.22.42h.44"
    params = (Param("voltage", 1.0, "V", slider=(-5, 5), doc="At all times."),)

    def check(self) -> None:
        """Any voltage will do."""

    @property
    def levels(self) -> tuple[float, ...]:
        """The voltage [V]."""
        return (self.voltage,)

    @property
    def level_names(self) -> tuple[str, ...]:
        """Its name."""
        return ("voltage",)

    def breaks(self, end: float) -> list[float]:
        """None."""
        return []

    def shares(self, t: float) -> Shares:
        """All of it."""
        return {0: 1.0}

    def spice(self, end: float) -> str:
        """A DC source."""
        return f"DC {self.voltage!r}"
