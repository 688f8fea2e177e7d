"""A diode with series resistance and charge."""

from collections.abc import Mapping

from ..params import Param
from .element import ELEMENTS, Element, Params, Stamps
from .passive import SPICE_SCALE


@ELEMENTS.register("junction_diode")
class JunctionDiode(Element):
    """A diode of SPICE: junction, series resistance, depletion and diffusion charge.

    With v over the junction, V_T = 25.85 mV and i = I_s (exp(v / (n V_T)) - 1),

        q = transit_time i + Q_j(v),   dQ_j/dv = capacitance (1 - v / potential)^-grading,

    the depletion capacitance going on as its tangent above half the potential (Nagel 1975, section
    5.2). The total current is i + dq/dt.
    """

    title = "Diode with charge"
    group = "Passive"
    params = (
        Param("saturation_current", 1e-14, "A", low=0.0, slider=(1e-15, 1e-9), doc="IS."),
        Param("ideality", 1.0, "", low=0.1, high=100, slider=(0.5, 4), doc="N."),
        Param("resistance", 0.0, "ohm", low=0.0, slider=(0, 100), doc="In series, RS."),
        Param("capacitance", 0.0, "F", low=0.0, slider=(0, 1e-9), doc="At 0 V, CJO."),
        Param("potential", 1.0, "V", low=1e-3, slider=(0.3, 1), doc="Of the junction, VJ."),
        Param("grading", 0.5, "", low=0.0, high=0.9, slider=(0.3, 0.5), doc="M."),
        Param("transit_time", 0.0, "s", low=0.0, slider=(0, 1e-6), doc="TT."),
    )
    symbol = "M0 0h.35M.65 0h.35M.35-.2v.4l.3-.2zM.65-.2v.4M.72-.2v.4"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """An inner node behind the resistance; the charge is an unknown where there is any."""
        anode = "source"
        if p["resistance"] > 0:
            anode = to.node("anode", beside="source")
            i = to.own("series", "A")
            to.add("source", i, 1.0)
            to.add(anode, i, -1.0)
            to.add(i, "source", 1.0)
            to.add(i, anode, -1.0)
            to.add(i, i, -1.0, "resistance")
        names = tuple(param.name for param in cls.params)
        to.atom("junction", anode, "target", (anode, "target"), names)
        if p["capacitance"] > 0 or p["transit_time"] > 0:
            q = to.own("charge", "C")
            to.store(anode, q, 1.0)
            to.store("target", q, -1.0)
            to.add(q, q, -1.0)
            to.atom("charge", q, "ground", (anode, "target"), names)

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``D<name> source target model`` and its model card."""
        return [
            f"D{name} {nodes['source']} {nodes['target']} dio_{name}",
            f".model dio_{name} D(IS={p['saturation_current']!r} N={p['ideality'] * SPICE_SCALE!r} "
            f"RS={p['resistance']!r} CJO={p['capacitance']!r} VJ={p['potential']!r} "
            f"M={p['grading']!r} TT={p['transit_time']!r})",
        ]
