"""What a waveform must answer: the voltage that holds a driven node, over the circuit's time.

A waveform is smooth between its breakpoints, where a solve begins a new step. It is linear in its
*levels* y_j, the voltages among its parameters,

    u(t) = sum_j w_j(t) y_j,

so that du/dy_j = w_j is all an adjoint needs to know.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from ..checks import a_choice, a_list, a_number, a_record
from ..errors import CircuitError, Place
from ..params import Param, check_params
from ..registry import Registry

WAVEFORMS: "Registry[type[Waveform]]" = Registry("waveform")

MAX_POINTS = 100_000
"""Points of a piecewise waveform."""

MAX_PIECES = 20_000
"""Smooth pieces of a circuit within its duration, each between two times at which a drive bends."""

MAX_BREAKS = 1_000_000
"""Such times of all its drives, counted for each."""

LARGEST = 1e300
"""Volts that a drive may have, and volts a second by which it may change."""

Shares = Mapping[int, float]
"""w_j by j, where it is not 0."""


class Motion(NamedTuple):
    """du/dt of a smooth piece, s after its start, as a sum over levels.

    du/dt = sum_j y_j (slope_j + amplitude_j exp(-fade s) (omega cos(x) - fade sin(x))
                       - tail_j decay exp(-decay s)),
    x = omega s + phase.
    """

    slopes: Shares
    amplitudes: Shares
    omega: float
    phase: float
    fade: float
    tails: Shares = MappingProxyType({})
    decay: float = 0.0


@dataclass(frozen=True)
class Waveform(ABC):
    """A voltage over time [s], from the start of the circuit's first slice.

    Subclasses are frozen dataclasses with a field for every parameter of ``params`` and every list
    of ``lists``.

    Attributes:
        title: name shown in menus.
        params: the parameters that are single numbers.
        lists: unit of every parameter that is a list of numbers.
        linear: straight between breakpoints.
        jumps: may jump at its breakpoints; in a netlist an edge stands in the place of a jump.
        symbol: SVG path of its form within a circle of radius 1 about (0, 0), y downwards.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    lists: ClassVar[Mapping[str, str]] = {}
    linear: ClassVar[bool] = True
    jumps: ClassVar[bool] = False
    symbol: ClassVar[str]

    def __post_init__(self) -> None:
        given = {param.name: getattr(self, param.name) for param in self.params}
        try:
            checked = check_params(self.params, given)
        except ValueError as error:
            raise CircuitError(str(error)) from None
        for name, value in checked.items():
            object.__setattr__(self, name, float(value))
        for name in self.lists:
            points = a_list(list(getattr(self, name)), (name,), MAX_POINTS)
            values = tuple(a_number(value, (name, k)) for k, value in enumerate(points))
            object.__setattr__(self, name, values)
        self.check()
        if self.peak > LARGEST:
            raise CircuitError(f"the voltage may be {LARGEST:g} V at most, got {self.peak:g} V")
        for place, rate in self.rates():
            if not rate <= LARGEST:
                raise CircuitError(
                    f"the voltage changes by more than {LARGEST:g} V/s; choose smaller voltages or "
                    "longer times",
                    place,
                )

    @abstractmethod
    def check(self) -> None:
        """Refuse parameters that do not go together.

        Raises:
            CircuitError: see above.
        """

    @property
    def kind(self) -> str:
        """The registered name."""
        return next(name for name, kind in WAVEFORMS.items() if kind is type(self))

    def to_dict(self) -> dict[str, Any]:
        """The waveform in the file format."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        shown = {k: list(v) if k in self.lists else v for k, v in values.items()}
        return {"kind": self.kind, "params": shown}

    @property
    @abstractmethod
    def levels(self) -> tuple[float, ...]:
        """The voltages y_j among the parameters [V]."""

    @property
    @abstractmethod
    def level_names(self) -> tuple[str, ...]:
        """Their names, such as ``low`` or ``values[3]``."""

    @abstractmethod
    def breaks(self, end: float) -> "list[float]":
        """Times in (0, end) at which the waveform is not smooth, ascending [s]."""

    @property
    def peak(self) -> float:
        """No voltage is larger [V]."""
        return max(abs(level) for level in self.levels)

    def rates(self) -> Iterable[tuple[Place, float]]:
        """Bounds of |du/dt| [V/s], each with the place of the parameter to blame."""
        return ()

    @abstractmethod
    def shares(self, t: float) -> Shares:
        """w_j(t); at a jump those after it."""

    @abstractmethod
    def spice(self, end: float) -> str:
        """The value of a voltage source's card, up to the circuit's end [s]."""

    def between(self, start: float, end: float) -> Callable[[float], Shares]:
        """w_j of one smooth piece; a jump at either end belongs to the neighbours."""
        if not self.linear:
            return self.shares
        # Inside, where rounding of the breakpoints takes neither to the other side.
        low, high = 0.75 * start + 0.25 * end, 0.25 * start + 0.75 * end
        first, last = self.shares(low), self.shares(high)
        if first == last:
            return lambda t: first

        def straight(t: float) -> Shares:
            x = (t - low) / (high - low)
            mixed = {j: (1 - x) * w for j, w in first.items()}
            for j, w in last.items():
                mixed[j] = mixed.get(j, 0.0) + x * w
            return mixed

        return straight

    def motion(self, start: float, end: float) -> Motion:
        """du/dt of one smooth piece."""
        at, span = self.between(start, end), end - start
        first, last = at(start), at(end)
        slopes = {j: (last.get(j, 0.0) - first.get(j, 0.0)) / span for j in {**first, **last}}
        return Motion({j: rate for j, rate in slopes.items() if rate}, {}, 0.0, 0.0, 0.0)

    def steady(self, start: float, end: float) -> bool:
        """Whether it stands still between two breakpoints."""
        at = self.between(start, end)
        return self.linear and at(start) == at(end)

    def raised(self, by: float) -> "Waveform":
        """The waveform with ``by`` [V] added at all times."""
        scalars = {name for name in self.level_names if "[" not in name}
        changes: dict[str, Any] = {name: getattr(self, name) + by for name in scalars}
        if len(scalars) < len(self.level_names):
            changes["values"] = tuple(level + by for level in self.levels)
        return replace(self, **changes)

    def at(self, t: float) -> float:
        """u(t) [V]; at a jump the voltage after it."""
        return total(self.shares(t), self.levels)


def total(shares: Shares, levels: tuple[float, ...]) -> float:
    """sum_j w_j y_j."""
    return math.fsum(w * levels[j] for j, w in shares.items())


def read_drive(data: Any, where: Place) -> Waveform:
    """A waveform from the file format.

    Raises:
        CircuitError: names the place, what was found and what to do.
    """
    record = a_record(data, where, {"kind"}, {"params"})
    kind = WAVEFORMS[a_choice(record["kind"], (*where, "kind"), WAVEFORMS.names())]
    scalars = {param.name for param in kind.params}
    where = (*where, "params")
    given = a_record(record.get("params", {}), where, set(kind.lists), scalars)
    values: dict[str, Any] = {}
    for name, value in given.items():
        place = (*where, name)
        if name in scalars:
            values[name] = a_number(value, place)
        else:
            points = enumerate(a_list(value, place, MAX_POINTS))
            values[name] = tuple(a_number(point, (*place, k)) for k, point in points)
    try:
        return kind(**values)
    except CircuitError as error:
        raise CircuitError(error.message, (*where, *error.where)) from None
