"""Resistor, current source, rectifier and diode."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..params import Param
from . import activation
from .base import DEVICES, DeviceLaw, FusedLaw, Span

if TYPE_CHECKING:
    from torch import Tensor

THERMAL_VOLTAGE = 0.02585
"""kT/q at 300 K [V]."""

EXPONENT_LIMIT = 32.0
"""The diode is continued by its tangent beyond this many ideality x 25.85 mV (0.827 V)."""

SPICE_SCALE = THERMAL_VOLTAGE / (1.38064852e-23 * 300.15 / 1.6021766208e-19)
"""V_T as a share of the one SPICE has at 27 degrees Celsius."""

OUT_OF_REACH = 1.0
"""A current that no diode of these circuits carries [A]."""


@DEVICES.register("resistor")
class Resistor(FusedLaw):
    """i = conductance (v_s - v_d)."""

    title = "Resistor"
    group = "Passive"
    params = (Param("conductance", 1.0, "S", slider=(0, 5), doc="Current per volt.", role="gain"),)
    activation = activation.IDENTITY
    slots = {"conductance": {"a": 1.0, "b": -1.0}}  # noqa: RUF012
    symbol = "M0 0h.2l.05-.12l.1.24l.1-.24l.1.24l.1-.24l.1.24l.05-.12h.2"


@DEVICES.register("current_source")
class CurrentSource(FusedLaw):
    """i = current, whatever the voltages."""

    title = "Current source"
    group = "Sources"
    params = (
        Param(
            "current", 0.1, "A", slider=(-2, 2), doc="Current from source to target.", role="offset"
        ),
    )
    activation = activation.IDENTITY
    slots = {"current": {"c": 1.0}}  # noqa: RUF012
    waveform = True
    symbol = (
        "M0 0h.25M.75 0h.25M.25 0a.25.25 0 1 0 .5 0a.25.25 0 1 0-.5 0M.35 0h.3M.55-.08l.1.08l-.1.08"
    )


@DEVICES.register("rectifier")
class Rectifier(FusedLaw):
    """i = conductance max(v_s - v_d - threshold, 0), conductance >= 0.

    The piecewise-linear diode: a conductance, a forward voltage and a one-way switch in series. It
    is passive for thresholds from 0 V on; a negative threshold is a battery in series. Whatever
    the threshold, di/dv_s >= 0 >= di/dv_d, so a circuit of rectifiers preserves order: raising
    an initial voltage lowers no later one.
    """

    title = "Rectifier"
    group = "Passive"
    params = (
        Param(
            "conductance",
            1.0,
            "S",
            low=0.0,
            slider=(0, 5),
            doc="Slope above the threshold.",
            role="gain",
            initial="positive",
        ),
        Param(
            "threshold",
            0.0,
            "V",
            slider=(-2, 2),
            doc="Voltage at which it opens.",
            role="offset",
            initial="uniform",
        ),
    )
    activation = activation.RELU
    constant = {"a": 1.0, "b": -1.0}  # noqa: RUF012
    slots = {"conductance": {"gain": 1.0}, "threshold": {"c": -1.0}}  # noqa: RUF012
    smooth = False
    symbol = "M0 0h.35M.65 0h.35M.35-.2v.4l.3-.2zM.65-.2v.4M.4.3h.12l.14-.14"

    @classmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        """The current as an expression of its own form, so that a netlist tells the kind."""
        return f"{p['conductance']!r}*max({v_s}-{v_d}+{-1.0 * p['threshold']!r},0)"


@DEVICES.register("diode")
class Diode(DeviceLaw):
    """i = I_s (exp(D / (n V_T)) - 1), continued by its tangent beyond 32 n V_T.

    V_T = 25.85 mV, n the ideality, I_s the saturation current. Shockley 1949, equation 3.6; the
    tangent keeps the exponential representable and its slope continuous.
    """

    title = "Diode"
    group = "Passive"
    params = (
        Param(
            "saturation_current",
            1e-14,
            "A",
            low=0.0,
            slider=(1e-15, 1e-9),
            doc="Reverse current.",
        ),
        Param("ideality", 1.0, "", low=0.1, high=100, slider=(0.5, 4), doc="Emission coefficient."),
    )
    symbol = "M0 0h.35M.65 0h.35M.35-.2v.4l.3-.2zM.65-.2v.4"

    @classmethod
    def _exponential(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "tuple[Tensor, Tensor, Tensor]":
        """x = D/(n V_T), e = exp(min(x, limit)) and r = max(x - limit, 0)."""
        x = (v_s - v_d) / (p["ideality"] * THERMAL_VOLTAGE)
        return x, x.clamp(max=EXPONENT_LIMIT).exp(), (x - EXPONENT_LIMIT).relu()

    @classmethod
    def current(cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]) -> "Tensor":
        """The current [A]."""
        x, e, r = cls._exponential(v_s, v_d, p)
        return p["saturation_current"] * (x.clamp(max=EXPONENT_LIMIT).expm1() + e * r)

    @classmethod
    def conductances(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "tuple[Tensor, Tensor]":
        """g = I_s e / (n V_T) at the source and -g at the target [S]."""
        _, e, _ = cls._exponential(v_s, v_d, p)
        g = p["saturation_current"] * e / (p["ideality"] * THERMAL_VOLTAGE)
        return g, -g

    @classmethod
    def span(cls, p: Mapping[str, "Tensor"]) -> Span:
        """From nothing to the conductance of the tangent."""
        least = p["saturation_current"] / (p["ideality"] * THERMAL_VOLTAGE)
        one = least.new_ones(()).expand_as(least)
        return Span(one, -one, 0.0, least * math.exp(EXPONENT_LIMIT))

    @classmethod
    def derivatives(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "dict[str, Tensor]":
        """di/dI_s = e (1 + r) - 1 and di/dn = -I_s e x / n."""
        x, e, r = cls._exponential(v_s, v_d, p)
        return {
            "saturation_current": e * (1 + r) - 1,
            "ideality": -p["saturation_current"] * e * x / p["ideality"],
        }

    @classmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        """The current as an expression that ngspice, LTspice and Xyce all read."""
        x = f"(({v_s}-{v_d})/{p['ideality'] * THERMAL_VOLTAGE!r})"
        limit = repr(EXPONENT_LIMIT)
        return f"{p['saturation_current']!r}*(exp(min({x},{limit}))*(1+max({x}-{limit},0))-1)"

    @classmethod
    def card(cls, name: str, source: str, target: str, p: Mapping[str, float]) -> str | None:
        """SPICE's own diode, ``D<name>`` and its model, where the tangent is out of reach.

        Simulators help their own diodes to converge; they know no tangent.
        """
        if p["saturation_current"] * math.exp(EXPONENT_LIMIT) < OUT_OF_REACH:
            return None
        return (
            f"D{name} {source} {target} dio_{name}\n.model dio_{name} "
            f"D(IS={p['saturation_current']!r} N={p['ideality'] * SPICE_SCALE!r})"
        )
