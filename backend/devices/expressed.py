"""Devices that do what an expression says: a current, or a voltage.

A circuit file (``kirchhoff-circuit/2``) keeps the text as it was written, beside the terminals and
numbers that it names:

    {"id": "m", "kind": "expression", "source": "gnd", "target": "out",
     "terminals": {"a": "n1", "b": "n2"}, "expression": "g*V(a)*V(b)", "params": {"g": 0.001}}

The language is that of behavioural sources: ``+ - * / ** ^``, comparisons, ``&& || !``, ``c ? x :
y``, numbers such as ``4.7k``, ``pi`` and ``e``, ``time``, and the functions of
``expressions.functions``. ``I(x)`` is none: a current-controlled voltage source makes a voltage of
a current.
"""

from collections.abc import Mapping
from typing import ClassVar

from .element import ELEMENTS, Element, Params, Stamps
from .sources import DIAMOND, branch


class Expressed(Element):
    """A source that follows an expression of voltages, named numbers and time.

    Its terminals and parameters are those that the expression names: ``V(x)`` is the voltage of
    the terminal x, or of ``source`` or ``target``; ``V(x,y)`` a difference; ``time`` in seconds.
    """

    group = "Controlled"
    params = ()
    expressed = True
    letter: ClassVar[str]

    @classmethod
    def spice(cls, name: str, nodes: Mapping[str, str], p: Params, value: str) -> list[str]:
        """``B<name> source target I=expression``; ``value`` is the expression of its nodes."""
        return [f"B{name} {nodes['source']} {nodes['target']} {cls.letter}={value}"]


@ELEMENTS.register("expression")
class ExpressedCurrent(Expressed):
    """The current i = f(v, p, t) from source to target."""

    title = "Current by an expression"
    usual = "g*V(source,target)"
    usual_params: ClassVar[Mapping[str, float]] = {"g": 1e-3}
    letter = "I"
    symbol = DIAMOND + "M.36 0h.28M.54-.08L.64 0L.54.08"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """One current."""
        to.expression("source", "target")


@ELEMENTS.register("expression_voltage")
class ExpressedVoltage(Expressed):
    """v_s - v_d = f(v, p, t); its current is positive from source to target through it."""

    title = "Voltage by an expression"
    usual = "u0*sin(2*pi*f*time)"
    usual_params: ClassVar[Mapping[str, float]] = {"u0": 1.0, "f": 1.0}
    current = "current"
    measured = False
    letter = "V"
    symbol = DIAMOND + "M.32 0h.1M.37-.05v.1M.58 0h.1M.5-.1v.2"

    @classmethod
    def stamp(cls, to: Stamps, p: Params) -> None:
        """v_s - v_d - f = 0."""
        to.expression(branch(to), "ground", -1.0)
