"""What a sweep may choose: a range or a list of choices for each setting."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..checks import is_list, is_object
from ..errors import InputError, quoted
from ..registry import nearest

MOST_NAMES = 32
"""Settings of one search; TPE learns little of more from some hundred trials."""

MOST_CHOICES = 100

LARGEST = 1e300
"""Ends of a range stay below, so that their difference is a number, too."""

Scalar = float | int | bool | str


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, both among them.

    Args:
        low: the smallest.
        high: the largest.
        log: whether each decade is as likely as the next.
        step: between whole numbers; 0 for numbers of any kind.
    """

    low: float
    high: float
    log: bool = False
    step: int = 0

    def holds(self, value: Scalar) -> bool:
        """Whether a value is one of the range."""
        if isinstance(value, bool | str) or not self.low <= value <= self.high:
            return False
        return not self.step or (value - self.low) % self.step == 0

    def ends(self) -> dict[str, Scalar]:
        """The extreme values by the name of their place."""
        return {"low": self.low, "high": self.high}

    def words(self) -> str:
        """For messages and tables."""
        more = ", log" if self.log else f", step {self.step}" if self.step > 1 else ""
        return f"{self.low:g} to {self.high:g}{more}"

    def to_dict(self) -> dict[str, Any]:
        """As files have it."""
        more: dict[str, Any] = {"log": True} if self.log else {}
        return {
            "low": self.low,
            "high": self.high,
            **more,
            **({"step": self.step} if self.step else {}),
        }


@dataclass(frozen=True)
class Choice:
    """One of several values.

    Args:
        choices: at least two.
    """

    choices: tuple[Scalar, ...]

    def holds(self, value: Scalar) -> bool:
        """Whether a value is one of them."""
        return any(value == one and isinstance(value, bool) == isinstance(one, bool)
                   for one in self.choices)  # fmt: skip

    def ends(self) -> dict[str, Scalar]:
        """All of them, by the name of their place."""
        return {f"choices[{place}]": value for place, value in enumerate(self.choices)}

    def words(self) -> str:
        """For messages and tables."""
        return ", ".join(str(value) for value in self.choices)

    def to_dict(self) -> dict[str, Any]:
        """As files have it."""
        return {"choices": list(self.choices)}


Dimension = Range | Choice


def read_space(data: Any) -> dict[str, Dimension]:
    """The object ``search`` of a file; whether the settings exist is not looked at.

    Raises:
        InputError: names the place, what was found and what to do.
    """
    if not is_object(data) or not data:
        raise InputError(
            'expected ranges by the name of a setting, such as {"learning_rate": {"low": 0.001, '
            f'"high": 0.1, "log": true}}}}, got {quoted(data)}',
            ("search",),
        )
    if len(data) > MOST_NAMES:
        raise InputError(f"{len(data)} settings; at most {MOST_NAMES} are searched", ("search",))
    return {name: _dimension(found, ("search", name)) for name, found in data.items()}


def _dimension(data: Any, where: tuple[str, ...]) -> Dimension:
    if not is_object(data):
        raise InputError(
            f'expected {{"low": ..., "high": ...}} or {{"choices": [...]}}, got {quoted(data)}',
            where,
        )
    known = ("choices",) if "choices" in data else ("low", "high", "log", "step")
    for name in data:
        if name not in known:
            raise InputError(f"unknown field {quoted(name)}: {nearest(name, list(known))}", where)
    return (
        _choice(data["choices"], (*where, "choices")) if "choices" in data else _range(data, where)
    )


def _choice(data: Any, where: tuple[str, ...]) -> Choice:
    if not is_list(data) or not 2 <= len(data) <= MOST_CHOICES:
        raise InputError(
            f"expected a list of 2 to {MOST_CHOICES} values, got {quoted(data)}", where
        )
    found: list[Scalar] = []
    for place, value in enumerate(data):
        if not isinstance(value, bool | int | float | str) or value != value:
            raise InputError(f"expected a text, a number, true or false, got {quoted(value)}",
                             (*where, str(place)))  # fmt: skip
        if found and Choice(tuple(found)).holds(value):
            raise InputError(f"{quoted(value)} stands twice; leave one out", where)
        found.append(value)
    return Choice(tuple(found))


def _range(data: Mapping[str, Any], where: tuple[str, ...]) -> Range:
    low, high = (_number(data.get(name), (*where, name)) for name in ("low", "high"))
    log, step = data.get("log", False), data.get("step", 0)
    if not isinstance(log, bool):
        raise InputError(f"must be true or false, got {quoted(log)}", (*where, "log"))
    if low >= high:
        raise InputError(f"must be more than low, {low:g}, got {high:g}", (*where, "high"))
    if log and low <= 0:
        raise InputError(
            f"must be above 0 where log is true, got {low:g}; leave log out or raise it",
            (*where, "low"),
        )
    if "step" in data:
        _check_step(low, high, log, step, where)
    return Range(low, high, log, int(step))


def _check_step(low: float, high: float, log: bool, step: Any, where: tuple[str, ...]) -> None:
    place = (*where, "step")
    if isinstance(step, bool) or not isinstance(step, int) or step < 1:
        raise InputError(f"must be a whole number, at least 1, got {quoted(step)}", place)
    if log and step > 1:
        raise InputError("cannot stand beside log; leave one of the two out", place)
    if low != int(low) or high != int(high):
        raise InputError("low and high must be whole numbers where there is a step", place)
    if (high - low) % step:
        last = low + (high - low) // step * step
        raise InputError(
            f"{step} does not lead from {low:g} to {high:g}; take {last:g} for high", place
        )


def _number(value: Any, where: tuple[str, ...]) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        found = "nothing" if value is None else quoted(value)
        raise InputError(f"expected a finite number, got {found}", where)
    return value
