"""MOSFETs of level 1 and bipolar transistors after Ebers and Moll."""

from collections.abc import Mapping
from typing import ClassVar

from ..params import Param
from .element import ELEMENTS, Element, Params, Stamps
from .passive import SPICE_SCALE

CHANNEL = "M0 0h.3v-.25h.4v.25h.3M.3-.33h.4"
JUNCTIONS = "M0 0h.25l.15-.2h.2l.15.2h.25M.35-.2h.3M.5-.2v-.3"
"""What both polarities of a symbol share; the first further terminal is at (0.5, -0.5)."""


class Mosfet(Element):
    """The drain current of Shichman and Hodges (1968); source = drain, target = source terminal.

    With v_ov = v_gs - v_th, beta = transconductance width / length, and channel-length modulation
    m = 1 + modulation v_ds,

        i = 0 (v_ov <= 0);  beta m v_ds (v_ov - v_ds/2) (v_ds < v_ov);  beta m v_ov^2 / 2,

    v_th = threshold + body (sqrt(surface - v_bs) - sqrt(surface)). Drain and source change places
    where v_ds < 0; a p-channel counts every voltage and the current the other way. A diode leads
    from the bulk to either end (of a p-channel, from either end to the bulk).
    """

    params = (
        Param(
            "transconductance", 2e-5, "A/V^2", low=0.0, slider=(1e-5, 1e-3), doc="KP of a netlist."
        ),
        Param("threshold", 0.7, "V", slider=(-2, 2), doc="Gate voltage at which it opens, VTO."),
        Param("modulation", 0.0, "1/V", low=0.0, slider=(0, 0.2), doc="LAMBDA of a netlist."),
        Param("body", 0.0, "sqrt(V)", low=0.0, slider=(0, 1), doc="Body effect, GAMMA."),
        Param("surface", 0.6, "V", low=1e-3, slider=(0.3, 1), doc="Surface potential, PHI."),
        Param("width", 1e-4, "m", low=1e-12, slider=(1e-6, 1e-3), doc="Of the channel."),
        Param("length", 1e-4, "m", low=1e-12, slider=(1e-6, 1e-3), doc="Of the channel."),
        Param(
            "saturation_current",
            1e-14,
            "A",
            low=0.0,
            slider=(1e-16, 1e-12),
            doc="Of the diodes between bulk and channel, IS.",
        ),
    )
    group = "Transistors"
    terminals = ("gate", "bulk")
    polarity: ClassVar[str]

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """One current from drain to source, and the two diodes of the bulk."""
        controls = ("source", "gate", "target", "bulk")
        names = tuple(param.name for param in cls.params if param.name != "saturation_current")
        to.atom(cls.polarity, "source", "target", controls, names)
        for end in ("source", "target"):
            pair = ("bulk", end) if cls.polarity == "nmos" else (end, "bulk")
            to.atom("junction", *pair, pair, ("saturation_current", 1.0 / SPICE_SCALE))

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``M<name> drain gate source bulk model`` and its model card."""
        ends = " ".join(nodes[end] for end in ("source", "gate", "target", "bulk"))
        sign = -1.0 if cls.polarity == "pmos" else 1.0
        return [
            f"M{name} {ends} mos_{name} W={p['width']!r} L={p['length']!r}",
            f".model mos_{name} {cls.polarity.upper()}(LEVEL=1 KP={p['transconductance']!r} "
            f"VTO={sign * p['threshold']!r} LAMBDA={p['modulation']!r} GAMMA={p['body']!r} "
            f"PHI={p['surface']!r} IS={p['saturation_current']!r})",
        ]


@ELEMENTS.register("nmos")
class NChannel(Mosfet):
    """A MOSFET with an n-channel."""

    title = "MOSFET, n-channel"
    polarity = "nmos"
    symbol = f"{CHANNEL}M.5-.33v-.17"


@ELEMENTS.register("pmos")
class PChannel(Mosfet):
    """A MOSFET with a p-channel; its threshold counts positive below the source."""

    title = "MOSFET, p-channel"
    polarity = "pmos"
    symbol = f"{CHANNEL}M.5-.33a.04.04 0 1 0 0-.08a.04.04 0 1 0 0 .08M.5-.41v-.09"


class Bipolar(Element):
    """Ebers and Moll 1954: two junctions and the transport current between them.

    With e_f = exp(v_be / (n_f V_T)) and e_r = exp(v_bc / (n_r V_T)), V_T = 25.85 mV,

        i_ct = I_s (e_f - e_r) (1 - conductance v_bc),
        i_be = I_s (e_f - 1) / beta_f,  i_bc = I_s (e_r - 1) / beta_r.

    Source = collector, target = emitter. The exponentials go on as
    tangents beyond 80 n V_T.
    """

    params = (
        Param("saturation_current", 1e-16, "A", low=0.0, slider=(1e-17, 1e-12), doc="IS."),
        Param("forward_gain", 100.0, "", low=1e-6, slider=(10, 500), doc="BF."),
        Param("reverse_gain", 1.0, "", low=1e-6, slider=(0.1, 10), doc="BR."),
        Param("forward_ideality", 1.0, "", low=0.1, high=100, slider=(1, 2), doc="NF."),
        Param("reverse_ideality", 1.0, "", low=0.1, high=100, slider=(1, 2), doc="NR."),
        Param("conductance", 0.0, "1/V", low=0.0, slider=(0, 0.1), doc="1 / VAF: Early effect."),
    )
    group = "Transistors"
    terminals = ("base",)
    polarity: ClassVar[str]

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """Transport from collector to emitter; a junction from the base to either."""
        controls = ("source", "base", "target")
        names = tuple(param.name for param in cls.params)
        ends = {"transport": ("source", "target"), "forward": ("base", "target")}
        ends["reverse"] = ("base", "source")
        for part, (row, into) in ends.items():
            to.atom(f"{cls.polarity}_{part}", row, into, controls, names)

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``Q<name> collector base emitter model`` and its model card."""
        ends = " ".join(nodes[end] for end in ("source", "base", "target"))
        early = f" VAF={1 / p['conductance']!r}" if p["conductance"] else ""
        return [
            f"Q{name} {ends} bip_{name}",
            f".model bip_{name} {cls.polarity.upper()}(IS={p['saturation_current']!r} "
            f"BF={p['forward_gain']!r} BR={p['reverse_gain']!r} "
            f"NF={p['forward_ideality'] * SPICE_SCALE!r} "
            f"NR={p['reverse_ideality'] * SPICE_SCALE!r}{early})",
        ]


@ELEMENTS.register("npn")
class Npn(Bipolar):
    """A bipolar transistor whose base is positive when it conducts."""

    title = "Bipolar transistor, npn"
    polarity = "npn"
    symbol = f"{JUNCTIONS}M.73-.12L.75 0L.64-.06"


@ELEMENTS.register("pnp")
class Pnp(Bipolar):
    """A bipolar transistor whose base is negative when it conducts."""

    title = "Bipolar transistor, pnp"
    polarity = "pnp"
    symbol = f"{JUNCTIONS}M.62-.08L.6-.2L.71-.14"
