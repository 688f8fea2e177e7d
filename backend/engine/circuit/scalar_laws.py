"""The devices' laws in float64, as loops over devices that can go side by side."""

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ...devices.passive import EXPONENT_LIMIT
from .activations import IDENTITY, LEAKY_RELU, RELU, SIGMOID, SOFTPLUS, TANH
from .caching import inlined

DIODE = 6
"""The law that is not fused; its number follows those of ``plan.CODES``."""
LOG2_E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10


def _two_to_the(typing: Any, n: Any) -> Any:
    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        wide = ir.IntType(64)
        biased = builder.add(builder.fptosi(args[0], wide), ir.Constant(wide, 1023))
        return builder.bitcast(builder.shl(biased, ir.Constant(wide, 52)), ir.DoubleType())

    return types.float64(types.float64), code


two_to_the: Any = intrinsic(_two_to_the)
"""2^n of a whole number, by its bits, which a loop over devices can do side by side."""


@inlined
def _exp_minus_parts(x: float) -> tuple[float, float]:
    """2^n and exp(r) - 1 with exp(-x) = 2^n exp(r), x >= 0: the Taylor polynomial of degree 12."""
    y = -x if x < 708.0 else -708.0
    n = np.rint(y * LOG2_E)
    r = (y - n * LN2_HIGH) - n * LN2_LOW
    p = 1.0 + r / 12.0
    p = 1.0 + p * r * (1.0 / 11.0)
    p = 1.0 + p * r * 0.1
    p = 1.0 + p * r * (1.0 / 9.0)
    p = 1.0 + p * r * 0.125
    p = 1.0 + p * r * (1.0 / 7.0)
    p = 1.0 + p * r * (1.0 / 6.0)
    p = 1.0 + p * r * 0.2
    p = 1.0 + p * r * 0.25
    p = 1.0 + p * r * (1.0 / 3.0)
    p = 1.0 + p * r * 0.5
    return two_to_the(n), p * r


@inlined
def _exp_minus(x: float) -> float:
    """exp(-x) for x >= 0, to rounding."""
    power, rest = _exp_minus_parts(x)
    return (1.0 + rest) * power


@inlined
def _exp_minus_less_one(x: float) -> float:
    """exp(-x) - 1 for x >= 0, to rounding also where x is tiny."""
    power, rest = _exp_minus_parts(x)
    return (power - 1.0) + power * rest


@inlined
def _phi(code: int, u: float) -> float:
    if code == RELU:
        return u if not u <= 0.0 else 0.0
    if code == LEAKY_RELU:
        return u if not u <= 0.0 else 0.01 * u
    if code == TANH:
        # 1 - exp(-2|u|) would leave nothing of a picovolt.
        e = _exp_minus_less_one(2.0 * abs(u))
        return math.copysign(e / (2.0 + e), u) if u == u else u
    if code == SIGMOID:
        e = _exp_minus(abs(u))
        return (1.0 / (1.0 + e) if u > 0.0 else e / (1.0 + e)) if u == u else u
    if code == IDENTITY:
        return u
    if code == DIODE:
        if u > EXPONENT_LIMIT:
            return math.exp(EXPONENT_LIMIT) * (1.0 + u - EXPONENT_LIMIT) - 1.0
        return math.expm1(u)
    return (u if u > 0.0 else 0.0) + math.log1p(math.exp(-abs(u)))


@inlined
def _through(code: int, gain: Any, current: Any) -> None:
    """From arguments to currents, in place; a loop that can go side by side."""
    for e in range(current.shape[0]):
        current[e] = gain[e] * _phi(code, current[e])


@inlined
def by_law(code: int, gain: Any, current: Any) -> None:
    """From arguments to currents, in place, of devices of one law."""
    if code == RELU:
        _through(RELU, gain, current)
    elif code == LEAKY_RELU:
        _through(LEAKY_RELU, gain, current)
    elif code == TANH:
        _through(TANH, gain, current)
    elif code == SIGMOID:
        _through(SIGMOID, gain, current)
    elif code == SOFTPLUS:
        _through(SOFTPLUS, gain, current)
    elif code == IDENTITY:
        _through(IDENTITY, gain, current)
    else:
        _through(DIODE, gain, current)


@inlined
def _phi_slope(code: int, u: float) -> float:
    """phi'(u); 0 at the kink of relu, 0.01 at that of leaky_relu."""
    if code == RELU:
        return 1.0 if u > 0.0 else 0.0
    if code == LEAKY_RELU:
        return 1.0 if u > 0.0 else 0.01
    if code == TANH:
        e = _exp_minus(2.0 * abs(u))
        return 4.0 * e / ((1.0 + e) * (1.0 + e))
    if code == SIGMOID:
        e = _exp_minus(abs(u))
        return e / ((1.0 + e) * (1.0 + e))
    if code == IDENTITY:
        return 1.0
    if code == DIODE:
        return math.exp(min(u, EXPONENT_LIMIT))
    e = _exp_minus(abs(u))
    return 1.0 / (1.0 + e) if u > 0.0 else e / (1.0 + e)


@inlined
def _steepen(code: int, gain: Any, values: Any) -> None:
    for e in range(values.shape[0]):
        values[e] = gain[e] * _phi_slope(code, values[e])


@inlined
def steepness_by_law(code: int, gain: Any, values: Any) -> None:
    """From arguments u to gain phi'(u), in place, of devices of one law."""
    if code == RELU:
        _steepen(RELU, gain, values)
    elif code == LEAKY_RELU:
        _steepen(LEAKY_RELU, gain, values)
    elif code == TANH:
        _steepen(TANH, gain, values)
    elif code == SIGMOID:
        _steepen(SIGMOID, gain, values)
    elif code == SOFTPLUS:
        _steepen(SOFTPLUS, gain, values)
    elif code == IDENTITY:
        _steepen(IDENTITY, gain, values)
    else:
        _steepen(DIODE, gain, values)


@inlined
def value_by_law(code: int, u: float) -> float:
    """phi(u) of one device."""
    return _phi(code, u)


@inlined
def slope_by_law(code: int, u: float) -> float:
    """phi'(u) of one device."""
    return _phi_slope(code, u)
