"""Expressions in the words that ngspice, LTspice and Xyce share."""

import math
from collections.abc import Callable
from functools import reduce

from ..errors import CircuitError
from .formula import Call, Formula, Number, call, size_of

MOST = 20_000
"""Parts of an expression once it is spelled out."""

SHORT = 60
"""Parts up to which a whole power is written as a product."""


def portable(formula: Formula) -> Formula:
    """The same expression of functions that every simulator has.

    Raises:
        CircuitError: it becomes too long.
    """
    if not isinstance(formula, Call):
        return formula
    arguments = [portable(one) for one in formula.arguments]
    spell = SPELLED.get(formula.function)
    found = spell(*arguments) if spell else call(formula.function, *arguments)
    if size_of(found) > MOST:
        raise CircuitError(f"the expression has more than {MOST:,} parts once it is spelled out")
    return found


def _power(x: Formula, y: Formula) -> Formula:
    if not isinstance(y, Number):
        return call("**", call("abs", x), y)
    size = call("**", call("abs", x), y)  # ngspice takes every base without its sign
    if y.value != round(y.value):
        return size
    count = abs(int(y.value))
    if not 0 < count * size_of(x) <= SHORT:
        return call("sgn", x) * size if count % 2 else size
    product = reduce(lambda one, other: one * other, [x] * count)
    return product if y.value > 0 else 1.0 / product


def _sized(x: Formula, y: Formula) -> Formula:
    return call("**", call("abs", x), y)


def _chosen(condition: Formula, one: Formula | float, other: Formula | float) -> Formula:
    return call("if", condition, _number(one), _number(other))


def _number(value: Formula | float) -> Formula:
    return value if isinstance(value, Formula) else Number(value)


def _equal(x: Formula, y: Formula) -> Formula:
    return call("<=", x, y) * call(">=", x, y)


def _true(x: Formula) -> Formula:
    """1 where it counts as true; comparisons are 0 or 1 already."""
    plain = isinstance(x, Call) and x.function in {"<", ">", "<=", ">="}
    return x if plain else 1.0 - _equal(x, Number(0.0))


def _angle(y: Formula, x: Formula) -> Formula:
    half = math.pi / 2
    left = _chosen(call(">=", y, Number(0.0)), half, -half) - call("atan", x / y)
    return _chosen(call(">", x, Number(0.0)), call("atan", y / x), left)


def _table(x: Formula, *points: Formula) -> Formula:
    pairs = list(zip(points[::2], points[1::2], strict=True))

    def between(low: int, high: int) -> Formula:
        """Of the pieces from ``low`` on, up to ``high``; piece k ends at point k."""
        if low == high:
            if low == 0:
                return pairs[0][1]
            if low == len(pairs):
                return pairs[-1][1]
            (left, below), (right, above) = pairs[low - 1], pairs[low]
            return below + (above - below) / (right - left) * (x - left)
        middle = (low + high) // 2
        before = call("<", x, pairs[middle][0])
        return _chosen(before, between(low, middle), between(middle + 1, high))

    return between(0, len(pairs))


def _nested(name: str) -> Callable[..., Formula]:
    return lambda *arguments: reduce(lambda one, other: call(name, one, other), arguments)


SPELLED: dict[str, Callable[..., Formula]] = {
    "**": _power,
    "pwr": _sized,
    "pwrs": lambda x, y: call("sgn", x) * _sized(x, y),
    "square": lambda x: _power(x, Number(2.0)),
    "log2": lambda x: call("ln", x) / math.log(2.0),
    "hypot": lambda x, y: call("sqrt", x * x + y * y),
    "atan2": _angle,
    "max": _nested("max"),
    "min": _nested("min"),
    "limit": lambda x, a, b: call("min", call("max", x, call("min", a, b)), call("max", a, b)),
    "table": _table,
    "u": lambda x: _chosen(call(">", x, Number(0.0)), 1.0, 0.0),
    "uramp": lambda x: call("max", x, Number(0.0)),
    "buf": lambda x: _chosen(call(">", x, Number(0.5)), 1.0, 0.0),
    "inv": lambda x: _chosen(call(">", x, Number(0.5)), 0.0, 1.0),
    "int": lambda x: _chosen(call("<", x, Number(0.0)), call("ceil", x), call("floor", x)),
    "nint": lambda x: call("floor", x + 0.5),
    "==": _equal,
    "!=": lambda x, y: 1.0 - _equal(x, y),
    "!": lambda x: _equal(x, Number(0.0)),
    "&&": lambda x, y: _true(x) * _true(y),
    "||": lambda x, y: call("max", _true(x), _true(y)),
}
"""What is not known everywhere, by what is."""
