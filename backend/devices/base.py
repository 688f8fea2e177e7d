"""What a device kind must answer, and the sign convention all of them share.

Currents are positive from source to target, through the device: a current i leaves the source
and enters the target. D = v_s - v_d is the voltage across the device. Of a one-sided device the
source is sensed only: the current leaves the supply, which is ground, and enters the target.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ..params import Param
from ..registry import Registry
from .activation import Activation

if TYPE_CHECKING:
    from torch import Tensor

DEVICES: "Registry[type[DeviceLaw]]" = Registry("device kind")

Slots = Mapping[str, float]

GROUPS = ("Passive", "Sources", "Controlled", "Transistors")
"""Headings of menus, in their order; kinds of no group stand below under what they sense."""

BOX = "M0 0h.2v-.16h.6v.32h-.6v-.16M.8 0h.2"


class Span(NamedTuple):
    """Bounds: at any voltages g_s = s by_source and g_d = s by_target [S], low <= s <= high."""

    by_source: "Tensor"
    by_target: "Tensor"
    low: "Tensor | float"
    high: "Tensor | float"


class DeviceLaw(ABC):
    """The constitutive law i(v_s, v_d) of one kind of device; stateless and vectorised.

    Subclasses are registered and used as classes, never instantiated. Every method takes
    voltages of any shape and parameters that broadcast against them.

    Attributes:
        title: name shown in menus.
        group: one of ``GROUPS``, empty for the activations.
        params: the parameters, in file order.
        symbol: schematic symbol as an SVG path from (0, 0) to (1, 0).
        smooth: whether the small-signal conductances are continuous.
        difference: whether the current depends on D alone, so that the adjoint branch is an
            ordinary conductance (Gao et al. 2023, theorem 2.1).
        one_sided: whether the current leaves ground instead of the source, which is sensed only.
        waveform: whether a waveform may be added to its value (in the general class).
        terminals: none beyond source and target.
        controlled: by no other device's current.
        expressed: by no expression.
    """

    title: ClassVar[str]
    group: ClassVar[str] = ""
    params: ClassVar[tuple[Param, ...]]
    symbol: ClassVar[str] = BOX
    smooth: ClassVar[bool] = True
    difference: ClassVar[bool] = True
    one_sided: ClassVar[bool] = False
    waveform: ClassVar[bool] = False
    terminals: ClassVar[tuple[str, ...]] = ()
    controlled: ClassVar[bool] = False
    expressed: ClassVar[bool] = False

    @classmethod
    @abstractmethod
    def current(cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]) -> "Tensor":
        """The current i from source to target [A]."""

    @classmethod
    @abstractmethod
    def conductances(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "tuple[Tensor, Tensor]":
        """The small-signal conductances g_s = di/dv_s and g_d = di/dv_d [S]."""

    @classmethod
    @abstractmethod
    def derivatives(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "dict[str, Tensor]":
        """di/dparam for every parameter."""

    @classmethod
    def span(cls, p: Mapping[str, "Tensor"]) -> "Span | None":
        """The small-signal conductances of all voltages; ``None`` where no bounds are known."""
        del p
        return None

    @classmethod
    @abstractmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        """The current as an expression that ngspice, LTspice and Xyce all read."""

    @classmethod
    def card(cls, name: str, source: str, target: str, p: Mapping[str, float]) -> str | None:
        """A SPICE card that says the same in fewer words, where no gate multiplies the current."""
        return None


class FusedLaw(DeviceLaw):
    """i = gain phi(a v_s + b v_d + c), the family the fused kernels know.

    Attributes:
        activation: phi.
        constant: gain, a, b, c before any parameter is added.
        slots: for every parameter the factors with which it enters gain, a, b and c.
    """

    activation: ClassVar[Activation]
    constant: ClassVar[Slots] = {"gain": 1.0}
    slots: ClassVar[Mapping[str, Slots]]

    @classmethod
    def fused(cls, p: Mapping[str, "Tensor"]) -> "dict[str, Tensor | float]":
        """gain, a, b and c of the family from the kind's own parameters."""
        terms: dict[str, Tensor | float] = {
            name: cls.constant.get(name, 0.0) for name in ("gain", "a", "b", "c")
        }
        for name, entries in cls.slots.items():
            for slot, factor in entries.items():
                terms[slot] = terms[slot] + factor * p[name]
        return terms

    @classmethod
    def _argument(
        cls, v_s: "Tensor", v_d: "Tensor", terms: "Mapping[str, Tensor | float]"
    ) -> "Tensor":
        return terms["a"] * v_s + terms["b"] * v_d + terms["c"]

    @classmethod
    def current(cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]) -> "Tensor":
        """The current gain phi(a v_s + b v_d + c) [A]."""
        terms = cls.fused(p)
        return terms["gain"] * cls.activation.value(cls._argument(v_s, v_d, terms))

    @classmethod
    def conductances(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "tuple[Tensor, Tensor]":
        """g_s = gain phi'(u) a and g_d = gain phi'(u) b [S]."""
        terms = cls.fused(p)
        u = cls._argument(v_s, v_d, terms)
        slope = terms["gain"] * cls.activation.slope(u, cls.activation.value(u))
        return slope * terms["a"], slope * terms["b"]

    @classmethod
    def span(cls, p: Mapping[str, "Tensor"]) -> "Span":
        """gain a and gain b, times what phi' can be."""
        terms, like = cls.fused(p), next(iter(p.values()))
        by_source, by_target = (like.new_zeros(()) + terms["gain"] * terms[end] for end in "ab")
        low, high = cls.activation.slopes
        return Span(by_source.expand_as(like), by_target.expand_as(like), low, high)

    @classmethod
    def derivatives(
        cls, v_s: "Tensor", v_d: "Tensor", p: Mapping[str, "Tensor"]
    ) -> "dict[str, Tensor]":
        """di/dparam by the chain rule through gain, a, b and c."""
        terms = cls.fused(p)
        u = cls._argument(v_s, v_d, terms)
        value = cls.activation.value(u)
        slope = terms["gain"] * cls.activation.slope(u, value)
        by_slot = {"gain": value, "a": slope * v_s, "b": slope * v_d, "c": slope}
        return {
            name: sum((factor * by_slot[slot] for slot, factor in entries.items()), u.new_zeros(()))
            for name, entries in cls.slots.items()
        }

    @classmethod
    def spice(cls, v_s: str, v_d: str, p: Mapping[str, float]) -> str:
        """The current as an expression that ngspice, LTspice and Xyce all read."""
        terms = {name: cls.constant.get(name, 0.0) for name in ("gain", "a", "b", "c")}
        for name, entries in cls.slots.items():
            for slot, factor in entries.items():
                terms[slot] += factor * p[name]
        argument = f"{terms['a']!r}*{v_s}+{terms['b']!r}*{v_d}+{terms['c']!r}"
        return f"{terms['gain']!r}*{cls.activation.spice(argument)}"
