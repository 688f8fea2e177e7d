"""Capacitor and inductor: the parts that store energy."""

from collections.abc import Mapping

from ..params import Param
from .element import ELEMENTS, Element, Params, Stamps


@ELEMENTS.register("capacitor")
class Capacitor(Element):
    """i = capacitance d(v_s - v_d)/dt, between any two nodes."""

    title = "Capacitor"
    group = "Passive"
    stores = True
    params = (Param("capacitance", 1.0, "F", low=0.0, slider=(0.1, 5), doc="Charge per volt."),)
    symbol = "M0 0h.44M.44-.22v.44M.56-.22v.44M.56 0h.44"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """C on the four places of its two nodes in M."""
        for row, column, sign in (
            ("source", "source", 1.0), ("source", "target", -1.0),
            ("target", "source", -1.0), ("target", "target", 1.0),
        ):  # fmt: skip
            to.store(row, column, sign, "capacitance")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``C<name> source target capacitance``."""
        return [f"C{name} {nodes['source']} {nodes['target']} {p['capacitance']!r}"]


@ELEMENTS.register("inductor")
class Inductor(Element):
    """inductance di/dt = v_s - v_d; its current at the start is a parameter."""

    title = "Inductor"
    group = "Passive"
    params = (
        Param("inductance", 1.0, "H", low=1e-30, slider=(0.1, 5), doc="Flux per ampere."),
        Param("current", 0.0, "A", slider=(-2, 2), doc="Current at the start."),
    )
    current = "current"
    stores = True
    symbol = "M0 0h.2a.1.1 0 0 1 .2 0a.1.1 0 0 1 .2 0a.1.1 0 0 1 .2 0h.2"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """The current leaves the source for the target; L di/dt - v_s + v_d = 0."""
        i = to.own("current", "A")
        to.start(i, "current")
        to.add("source", i, 1.0)
        to.add("target", i, -1.0)
        to.store(i, i, 1.0, "inductance")
        to.add(i, "source", -1.0)
        to.add(i, "target", 1.0)

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``L<name> source target inductance IC=current``."""
        ends = f"{nodes['source']} {nodes['target']}"
        return [f"L{name} {ends} {p['inductance']!r} IC={p['current']!r}"]
