"""One declaration of a parameter: form, validation, file format and help text read it."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .errors import RunError, quoted
from .registry import nearest

Value = float | int | bool | str


@dataclass(frozen=True)
class Param:
    """A named, bounded value.

    Args:
        name: key in files and on the command line.
        default: the value when none is given; its type decides the type of the parameter.
        unit: SI unit, empty for a pure number.
        low: smallest allowed value, ``None`` for no bound.
        high: largest allowed value, ``None`` for no bound.
        slider: the range a slider shows; wider values can still be typed.
        choices: the allowed values of a text parameter.
        doc: one short sentence.
        role: of a parameter in a device's law: ``gain`` and ``slope`` multiply, ``offset`` shifts.
        initial: how a training draws its first value (see ``models.circuits.initial``); empty to
            keep the stated one.
    """

    name: str
    default: Value
    unit: str = ""
    low: float | None = None
    high: float | None = None
    slider: tuple[float, float] | None = None
    choices: tuple[str, ...] = ()
    doc: str = ""
    role: str = ""
    initial: str = ""

    @property
    def integer(self) -> bool:
        """Whether only whole numbers are allowed."""
        return isinstance(self.default, int) and not isinstance(self.default, bool)

    def check(self, value: Any) -> Value:
        """The value in the parameter's own type.

        Raises:
            ValueError: wrong type, not finite, or out of range; the text says what to do.
        """
        if isinstance(self.default, bool):
            return self._bool(value)
        if isinstance(self.default, str):
            return self._choice(value)
        return self._number(value)

    def _bool(self, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in {"true", "false", "yes", "no", "1", "0"}:
            return value.lower() in {"true", "yes", "1"}
        raise ValueError(f"{self.name} must be true or false, got {quoted(value)}")

    def _choice(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(f"{self.name} must be text, got {quoted(value)}")
        if self.choices and value not in self.choices:
            raise ValueError(
                f"{self.name} is {quoted(value)}: {nearest(value, list(self.choices))}"
            )
        return value

    def _number(self, value: Any) -> float | int:
        try:
            number = float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number):
            raise ValueError(f"{self.name} must be a finite number, got {quoted(value)}")
        if self.integer and number != int(number):
            raise ValueError(f"{self.name} must be a whole number, got {quoted(value)}")
        if self.low is not None and number < self.low:
            raise ValueError(
                f"{self.name} must be at least {self._shown(self.low)}, got {quoted(value)}"
            )
        if self.high is not None and number > self.high:
            raise ValueError(
                f"{self.name} must be at most {self._shown(self.high)}, got {quoted(value)}"
            )
        return int(number) if self.integer else number

    def _shown(self, bound: float) -> str:
        return f"{bound:g} {self.unit}".strip()

    def to_dict(self) -> dict[str, Any]:
        """The declaration as JSON, for forms in the browser."""
        return {
            "name": self.name,
            "default": self.default,
            "unit": self.unit,
            "low": self.low,
            "high": self.high,
            "slider": list(self.slider) if self.slider else None,
            "integer": self.integer,
            "choices": list(self.choices),
            "doc": self.doc,
        }


def check_params(params: Iterable[Param], given: Mapping[str, Any]) -> dict[str, Value]:
    """All parameters, given ones checked and missing ones at their default.

    Raises:
        ValueError: an unknown name (with the nearest known one) or a refused value.
    """
    known = {param.name: param for param in params}
    # Files bring anything.
    if not isinstance(given, Mapping):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(f"expected values by name, got {quoted(given)}")
    for name in given:
        if name not in known:
            hint = nearest(name, list(known)) if known else "there are none."
            raise ValueError(f"unknown parameter {quoted(name)}: {hint}")
    return {
        name: param.check(given[name]) if name in given else param.default
        for name, param in known.items()
    }


def checked_options(what: str, params: Iterable[Param], given: Mapping[str, Any]) -> dict[str, Any]:
    """All options of something that is named in a training, as ``check_params`` has them.

    Args:
        what: they belong to, as messages call it.
        params: their declarations.
        given: those that were chosen.

    Raises:
        RunError: an unknown name or a refused value.
    """
    try:
        return dict(check_params(params, given))
    except ValueError as error:
        raise RunError(f"{what}: {error}") from None
