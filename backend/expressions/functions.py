"""The functions and operators of expressions, as ngspice and LTspice compute them.

A new function is one entry here: its value and its slopes.
"""

from itertools import accumulate
from typing import Any

import numpy as np

from .formula import FUNCTIONS, ONE, ZERO, Formula, Function, Number, as_formula, call

FEW, MANY = 16, 10_000
"""Most arguments of max and min, and of functions that take any number of them."""


def _define(name: str, value: Any, least: int = 1, most: int | None = None, **rest: Any) -> None:
    FUNCTIONS.register(name)(Function(value, least, least if most is None else most, **rest))


def _step(x: Any) -> Any:
    return np.where(x > 0, 1.0, 0.0)


def _table(x: Any, *points: Any) -> Any:
    return np.interp(x, [float(at) for at in points[::2]], [float(y) for y in points[1::2]])


def _table_slopes(x: Formula, *points: Formula) -> list[Formula]:
    slopes = [as_formula(0.0)]
    for k in range(0, len(points) - 2, 2):
        left, below, right, above = points[k : k + 4]
        inside = call("&&", call(">", x, left), call("<=", x, right))
        slopes.append(call("if", inside, (above - below) / (right - left), ZERO))
    return [call("+", *slopes), *[ZERO] * len(points)]


def _product_slopes(*factors: Formula) -> list[Formula]:
    """The product of the factors before and of those behind each."""
    before, behind = [ONE, *accumulate(factors[:-1], _times)], [as_formula(1.0)]
    for factor in reversed(factors[1:]):
        behind.append(_times(behind[-1], factor))
    return [_times(one, other) for one, other in zip(before, reversed(behind), strict=True)]


def _times(one: Formula, other: Formula) -> Formula:
    return one * other


def _chosen(larger: bool) -> Any:
    """Slopes of max or min: 1 for the argument that is the largest or smallest."""

    def slopes(*arguments: Formula) -> list[Formula]:
        found = []
        for k, one in enumerate(arguments):
            share: Formula = ONE
            for j, other in enumerate(arguments):
                if j != k:
                    ahead = call(">" if larger else "<", one, other)
                    share = share * ahead
            found.append(share)
        return found

    return slopes


def _power(x: Any, y: Any) -> Any:
    """``x**y`` as ngspice has it: of |x| where the power is no whole number."""
    whole = np.asarray(y) == np.round(y)
    return np.where(whole, np.power(x, np.where(whole, y, 1.0)), np.power(np.abs(x), y))


def _power_slopes(x: Formula, y: Formula) -> list[Formula]:
    by_exponent = ZERO if isinstance(y, Number) else (x**y) * call("ln", x)
    return [y * x ** (y - 1.0), by_exponent]


def _sized(x: Formula, y: Formula, signed: bool) -> list[Formula]:
    """Slopes of |x|**y, with or without the sign of x."""
    steep = y * call("pwr", x, y - 1.0)
    size = call("pwrs" if signed else "pwr", x, y) * call("ln", call("abs", x))
    return [steep if signed else steep * call("sgn", x), size]


_define("+", lambda *a: sum(a[1:], a[0]), 1, MANY, slopes=lambda *a: [ONE] * len(a))
_define("*", lambda *a: np.prod(np.broadcast_arrays(*a), axis=0), 1, MANY, slopes=_product_slopes)
_define("/", np.divide, 2, slopes=lambda x, y: [1 / y, -x / y**2], form="({0}/{1})")
_define("**", _power, 2, slopes=_power_slopes, form="pow({0},{1})")
_define("neg", np.negative, slopes=lambda x: [Number(-1.0)], form="(-{0})")

for _name, _test in {
    "<": np.less,
    ">": np.greater,
    "<=": np.less_equal,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}.items():
    _define(_name, lambda x, y, t=_test: t(x, y) * 1.0, 2, form=f"({{0}}{_name}{{1}})")
_define("&&", lambda x, y: ((x != 0) & (y != 0)) * 1.0, 2, form="({0}&&{1})")
_define("||", lambda x, y: ((x != 0) | (y != 0)) * 1.0, 2, form="({0}||{1})")
_define("!", lambda x: (x == 0) * 1.0, form="(!{0})")
_define(
    "if",
    lambda c, x, y: np.where(c != 0, x, y),
    3,
    slopes=lambda c, x, y: [ZERO, call("!=", c, ZERO), call("==", c, ZERO)],
    form="({0}?{1}:{2})",
)

_define("max", lambda *a: np.max(np.broadcast_arrays(*a), axis=0), 2, FEW, slopes=_chosen(True))
_define("min", lambda *a: np.min(np.broadcast_arrays(*a), axis=0), 2, FEW, slopes=_chosen(False))
_define(
    "limit",
    lambda x, a, b: np.clip(x, np.minimum(a, b), np.maximum(a, b)),
    3,
    slopes=lambda x, a, b: [
        call(">", x, call("min", a, b)) * call("<", x, call("max", a, b)),
        call("<=", x, a) * call("<", a, b) + call(">=", x, a) * call(">", a, b),
        call(">=", x, b) * call("<", a, b) + call("<=", x, b) * call(">", a, b),
    ],
)
_define("table", _table, 3, MANY, slopes=_table_slopes)

_define("abs", np.abs, slopes=lambda x: [call("sgn", x)])
_define("sgn", np.sign)
_define("floor", np.floor)
_define("ceil", np.ceil)
_define("int", np.trunc)
_define("nint", np.round)
_define("u", _step)
_define("uramp", lambda x: np.maximum(x, 0.0), slopes=lambda x: [call("u", x)])
_define("buf", lambda x: np.where(x > 0.5, 1.0, 0.0))
_define("inv", lambda x: np.where(x > 0.5, 0.0, 1.0))
_define("square", np.square, slopes=lambda x: [2 * x])
_define(
    "hypot", np.hypot, 2, slopes=lambda x, y: [x / call("hypot", x, y), y / call("hypot", x, y)]
)

_define("sqrt", np.sqrt, slopes=lambda x: [0.5 / call("sqrt", x)])
_define("exp", np.exp, slopes=lambda x: [call("exp", x)])
_define("ln", np.log, slopes=lambda x: [1 / x])
_define("log10", np.log10, slopes=lambda x: [1 / (x * np.log(10.0))])
_define("log2", np.log2, slopes=lambda x: [1 / (x * np.log(2.0))])
_define("pwr", lambda x, y: np.power(np.abs(x), y), 2, slopes=lambda x, y: _sized(x, y, False))
_define(
    "pwrs",
    lambda x, y: np.sign(x) * np.power(np.abs(x), y),
    2,
    slopes=lambda x, y: _sized(x, y, True),
)

_define("sin", np.sin, slopes=lambda x: [call("cos", x)])
_define("cos", np.cos, slopes=lambda x: [-call("sin", x)])
_define("tan", np.tan, slopes=lambda x: [1 + call("tan", x) ** 2.0])
_define("asin", np.arcsin, slopes=lambda x: [1 / call("sqrt", 1 - x**2.0)])
_define("acos", np.arccos, slopes=lambda x: [-1 / call("sqrt", 1 - x**2.0)])
_define("atan", np.arctan, slopes=lambda x: [1 / (1 + x**2.0)])
_define("atan2", np.arctan2, 2, slopes=lambda y, x: [x / (x * x + y * y), -y / (x * x + y * y)])
_define("sinh", np.sinh, slopes=lambda x: [call("cosh", x)])
_define("cosh", np.cosh, slopes=lambda x: [call("sinh", x)])
_define("tanh", np.tanh, slopes=lambda x: [1 - call("tanh", x) ** 2.0])
_define("asinh", np.arcsinh, slopes=lambda x: [1 / call("sqrt", x**2.0 + 1)])
_define("acosh", np.arccosh, slopes=lambda x: [1 / call("sqrt", x**2.0 - 1)])
_define("atanh", np.arctanh, slopes=lambda x: [1 / (1 - x**2.0)])

ALIASES = {
    "log": "ln",
    "pow": "**",
    "ustep": "u",
    "stp": "u",
    "ternary_fcn": "if",
    "arctan": "atan",
    "arcsin": "asin",
    "arccos": "acos",
    "sign": "sgn",
    "round": "nint",
    "trunc": "int",
}
"""Other names of the same."""
