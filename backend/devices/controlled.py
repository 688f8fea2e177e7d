"""Devices that sense a voltage and draw nothing for it: their current comes from the supply."""

from collections.abc import Mapping

from ..params import Param
from . import activation
from .base import DEVICES, FusedLaw


@DEVICES.register("transconductor")
class Transconductor(FusedLaw):
    """i = gain v_s, from the supply into the target; the source is sensed and gives nothing.

    A voltage-controlled current source of SPICE, G 0 target source 0 gain. In the adjoint circuit
    lambda of the target flows back to the source, and nothing to the target.
    """

    title = "Transconductor"
    group = "Controlled"
    params = (
        Param(
            "gain",
            1.0,
            "S",
            slider=(-3, 3),
            doc="Current into the target per volt of the source.",
            role="gain",
        ),
    )
    activation = activation.IDENTITY
    slots = {"gain": {"a": 1.0}}  # noqa: RUF012
    difference = False
    one_sided = True
    symbol = "M0 0h.16M.8 0h.2M.24-.28v.56l.56-.28z"

    @classmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        """The current as an expression of its own form, so that a netlist tells the kind."""
        return f"{p['gain']!r}*{v_s}"

    @classmethod
    def card(cls, name: str, source: str, target: str, p: Mapping[str, float]) -> str:
        """The linear source that every SPICE has, ``G<name>``."""
        return f"G{name} 0 {target} {source} 0 {p['gain']!r}"
