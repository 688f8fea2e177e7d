"""Sources between any two nodes, alone or controlled by a voltage or a current elsewhere."""

from collections.abc import Mapping

from ..params import Param
from .element import ELEMENTS, Element, Params, Stamps

CIRCLE = "M0 0h.2M.8 0h.2M.2 0a.3.3 0 1 0 .6 0a.3.3 0 1 0-.6 0"
DIAMOND = "M0 0h.2M.8 0h.2M.2 0l.3-.3l.3.3l-.3.3z"


def branch(to: Stamps) -> str:
    """An own current from source to target, with the equation v_s - v_d + ... = 0."""
    i = to.own("current", "A")
    to.add("source", i, 1.0)
    to.add("target", i, -1.0)
    to.add(i, "source", 1.0)
    to.add(i, "target", -1.0)
    return i


@ELEMENTS.register("voltage_source")
class VoltageSource(Element):
    """v_s - v_d = voltage + u(t); its current is positive from source to target through it."""

    title = "Voltage source"
    group = "Sources"
    params = (Param("voltage", 1.0, "V", slider=(-5, 5), doc="Of the source over the target."),)
    waveform = True
    measured = True
    current = "current"
    symbol = CIRCLE + "M.3 0h.12M.36-.06v.12M.58 0h.12"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """v_s - v_d - (voltage + u) = 0."""
        to.give(branch(to), -1.0, "voltage")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``V<name> source target value``."""
        return [f"V{name} {nodes['source']} {nodes['target']} {value or repr(p['voltage'])}"]


@ELEMENTS.register("vcvs")
class VoltageControlledVoltage(Element):
    """v_s - v_d = gain (v_plus - v_minus): an amplifier that draws no current where it senses."""

    title = "Voltage-controlled voltage source"
    group = "Controlled"
    params = (Param("gain", 1.0, "", slider=(-10, 10), doc="Voltage per volt."),)
    terminals = ("plus", "minus")
    current = "current"
    symbol = DIAMOND + "M.32 0h.1M.37-.05v.1M.58 0h.1"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """v_s - v_d - gain (v_plus - v_minus) = 0."""
        i = branch(to)
        to.add(i, "plus", -1.0, "gain")
        to.add(i, "minus", 1.0, "gain")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``E<name> source target plus minus gain``."""
        ends = " ".join(nodes[end] for end in ("source", "target", "plus", "minus"))
        return [f"E{name} {ends} {p['gain']!r}"]


@ELEMENTS.register("vccs")
class VoltageControlledCurrent(Element):
    """i = gain (v_plus - v_minus) from source to target."""

    title = "Voltage-controlled current source"
    group = "Controlled"
    params = (Param("gain", 1.0, "S", slider=(-3, 3), doc="Current per volt."),)
    terminals = ("plus", "minus")
    symbol = DIAMOND + "M.35 0h.3M.57-.06l.08.06l-.08.06"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """gain on the places of its two ends and the two sensed nodes."""
        for row, sign in (("source", 1.0), ("target", -1.0)):
            to.add(row, "plus", sign, "gain")
            to.add(row, "minus", -sign, "gain")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``G<name> source target plus minus gain``."""
        ends = " ".join(nodes[end] for end in ("source", "target", "plus", "minus"))
        return [f"G{name} {ends} {p['gain']!r}"]


@ELEMENTS.register("cccs")
class CurrentControlledCurrent(Element):
    """i = gain i_control from source to target, with the current of a voltage source."""

    title = "Current-controlled current source"
    group = "Controlled"
    params = (Param("gain", 1.0, "", slider=(-10, 10), doc="Current per ampere."),)
    controlled = True
    symbol = VoltageControlledCurrent.symbol

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """gain on the column of the controlling current."""
        control = to.control()
        to.add("source", control, 1.0, "gain")
        to.add("target", control, -1.0, "gain")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``F<name> source target control gain``."""
        ends = f"{nodes['source']} {nodes['target']} {nodes['control']}"
        return [f"F{name} {ends} {p['gain']!r}"]


@ELEMENTS.register("ccvs")
class CurrentControlledVoltage(Element):
    """v_s - v_d = resistance i_control, with the current of a voltage source."""

    title = "Current-controlled voltage source"
    group = "Controlled"
    params = (Param("resistance", 1.0, "ohm", slider=(-10, 10), doc="Voltage per ampere."),)
    controlled = True
    current = "current"
    symbol = VoltageControlledVoltage.symbol

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """v_s - v_d - resistance i_control = 0."""
        to.add(branch(to), to.control(), -1.0, "resistance")

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``H<name> source target control resistance``."""
        ends = f"{nodes['source']} {nodes['target']} {nodes['control']}"
        return [f"H{name} {ends} {p['resistance']!r}"]
