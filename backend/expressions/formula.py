"""Expressions of netlists as trees: built, evaluated, differentiated, written.

A tree has numbers and names, node voltages and branch currents at its ends, and functions within;
operators are functions, too. What a function computes and how it changes stands in ``functions``.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import CircuitError, clipped
from ..registry import Registry

MAX_DEPTH = 200
"""Functions within functions; a chain of sums or products counts once."""


class Formula:
    """An expression; immutable."""

    __slots__ = ()

    def __add__(self, other: "Formula | float") -> "Formula":
        return call("+", self, as_formula(other))

    def __radd__(self, other: float) -> "Formula":
        return as_formula(other) + self

    def __sub__(self, other: "Formula | float") -> "Formula":
        return self + -as_formula(other)

    def __rsub__(self, other: float) -> "Formula":
        return as_formula(other) + -self

    def __mul__(self, other: "Formula | float") -> "Formula":
        return call("*", self, as_formula(other))

    def __rmul__(self, other: float) -> "Formula":
        return as_formula(other) * self

    def __truediv__(self, other: "Formula | float") -> "Formula":
        return call("/", self, as_formula(other))

    def __rtruediv__(self, other: float) -> "Formula":
        return call("/", as_formula(other), self)

    def __pow__(self, other: "Formula | float") -> "Formula":
        return call("**", self, as_formula(other))

    def __neg__(self) -> "Formula":
        return call("neg", self)


@dataclass(frozen=True, slots=True)
class Number(Formula):
    """A constant."""

    value: float


@dataclass(frozen=True, slots=True)
class Name(Formula):
    """A parameter, an argument of a function, or ``time``; in small letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Voltage(Formula):
    """The voltage of a node [V]."""

    node: str


@dataclass(frozen=True, slots=True)
class Current(Formula):
    """The current through a voltage source, from its first node to its second [A]."""

    source: str


@dataclass(frozen=True, slots=True)
class Call(Formula):
    """A function of expressions; made by ``call``."""

    function: str
    arguments: tuple[Formula, ...]
    depth: int
    size: int


Array = Any
"""A number or an array of numbers; all that meet must broadcast."""

Values = Mapping[Formula, Array]


@dataclass(frozen=True)
class Function:
    """What a function of expressions computes.

    Args:
        value: of its arguments, numbers or arrays.
        least: smallest number of arguments.
        most: largest number of arguments.
        slopes: the derivative by every argument; None where it is 0 almost everywhere.
        form: how it is written, ``{0}`` for the first argument; empty for name and brackets.
    """

    value: Callable[..., Array]
    least: int = 1
    most: int = 1
    slopes: Callable[..., list[Formula]] | None = None
    form: str = ""


FUNCTIONS: "Registry[Function]" = Registry("function")

ZERO, ONE = Number(0.0), Number(1.0)


def as_formula(value: Formula | float) -> Formula:
    """The expression itself, or a number as one."""
    return value if isinstance(value, Formula) else Number(float(value))


def call(name: str, *arguments: Formula) -> Formula:
    """A function of expressions, folded where all are numbers; sums and products are flat.

    Raises:
        CircuitError: an unknown function, too few or many arguments, or too deep.
    """
    if name not in FUNCTIONS:
        raise CircuitError(f"there is no function '{clipped(name, 40)}'")
    function = FUNCTIONS[name]
    if not function.least <= len(arguments) <= function.most:
        raise CircuitError(f"'{name}' takes {_counted(function)}, and {len(arguments)} are given")
    if all(isinstance(argument, Number) for argument in arguments):
        return Number(_finite(_applied(name, [a.value for a in arguments]), name))  # type: ignore[attr-defined]
    if name in {"+", "*"}:
        arguments = _flat(name, arguments)
        if name == "*" and ZERO in arguments:
            return ZERO
        if len(arguments) == 1:
            return arguments[0]
    depth = 1 + max(depth_of(argument) for argument in arguments)
    if depth > MAX_DEPTH:
        raise CircuitError(f"the expression has more than {MAX_DEPTH} functions within functions")
    return Call(name, arguments, depth, 1 + sum(size_of(argument) for argument in arguments))


def depth_of(formula: Formula) -> int:
    """How deep functions stand within functions."""
    return formula.depth if isinstance(formula, Call) else 0


def size_of(formula: Formula) -> int:
    """The number of parts."""
    return formula.size if isinstance(formula, Call) else 1


def _counted(function: Function) -> str:
    if function.least == function.most:
        return "1 argument" if function.least == 1 else f"{function.least} arguments"
    return f"{function.least} or more arguments"


def _flat(name: str, arguments: tuple[Formula, ...]) -> tuple[Formula, ...]:
    """The terms of a sum, or factors of a product, without those that change nothing."""
    terms: list[Formula] = []
    for argument in arguments:
        if isinstance(argument, Call) and argument.function == name:
            terms += argument.arguments
        else:
            terms.append(argument)
    idle = ZERO if name == "+" else ONE
    return tuple(term for term in terms if term != idle)


def _applied(name: str, arguments: list[Array]) -> Array:
    with np.errstate(all="ignore"):
        return FUNCTIONS[name].value(*[np.asarray(argument, float) for argument in arguments])


def _finite(value: Array, name: str) -> float:
    found = float(value)
    if not np.isfinite(found):
        raise CircuitError(f"'{name}' gives no finite number here")
    return found


def evaluate(formula: Formula, values: Values) -> Array:
    """The value of an expression.

    Args:
        formula: the expression.
        values: of everything at its ends that is no number.

    Raises:
        CircuitError: something has no value.
    """
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Call):
        return _applied(formula.function, [evaluate(one, values) for one in formula.arguments])
    if formula not in values:
        raise CircuitError(f"'{clipped(written(formula), 40)}' has no value here")
    return values[formula]


def derivative(formula: Formula, by: Formula) -> Formula:
    """The derivative by a voltage, current or name, 0 at jumps."""
    if formula == by:
        return ONE
    if not isinstance(formula, Call):
        return ZERO
    inner = [derivative(argument, by) for argument in formula.arguments]
    if all(one == ZERO for one in inner):
        return ZERO
    slopes = FUNCTIONS[formula.function].slopes
    if slopes is None:
        return ZERO
    outer = slopes(*formula.arguments)
    terms = [o * i for o, i in zip(outer, inner, strict=True) if i != ZERO]
    return call("+", *terms)


def ends(formula: Formula) -> list[Formula]:
    """Everything at the ends that is no number, each once, in order."""
    found: dict[Formula, None] = {}
    stack = [formula]
    while stack:
        part = stack.pop()
        if isinstance(part, Call):
            stack += reversed(part.arguments)
        elif not isinstance(part, Number):
            found[part] = None
    return list(found)


def parts_of(formula: Formula) -> Iterator[Formula]:
    """The expression and everything within it."""
    stack = [formula]
    while stack:
        part = stack.pop()
        yield part
        if isinstance(part, Call):
            stack += part.arguments


def replaced(formula: Formula, new: Callable[[Formula], Formula]) -> Formula:
    """The expression with other ends."""
    if isinstance(formula, Call):
        arguments = [replaced(argument, new) for argument in formula.arguments]
        return call(formula.function, *arguments)
    return formula if isinstance(formula, Number) else new(formula)


def written(formula: Formula) -> str:
    """The expression as ngspice, LTspice and Xyce read it."""
    match formula:
        case Number(value):
            return repr(value) if value >= 0 else f"({value!r})"
        case Name(text):
            return text
        case Voltage(node):
            return f"V({node})"
        case Current(source):
            return f"I({source})"
        case Call(function, arguments):
            texts = [written(argument) for argument in arguments]
            form = FUNCTIONS[function].form
            if function in {"+", "*"}:
                return f"({function.join(texts)})"
            return form.format(*texts) if form else f"{function}({','.join(texts)})"
    raise TypeError(f"no expression: {formula!r}")
