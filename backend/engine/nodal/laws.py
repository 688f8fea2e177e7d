"""The scalar laws of atoms by number: value, slopes by controls, derivatives by arguments.

Numbers from ``EXPRESSION`` on are expressions, whose programs stand in the same array.
"""

from typing import Any

import numpy as np

from ...devices.activation import LEAK
from ...devices.passive import EXPONENT_LIMIT
from .caching import part
from .tape import run
from .transistor_laws import LIMIT, base, channel, charge, junction, transport

NAMES = (
    "identity", "relu", "leaky_relu", "tanh", "sigmoid", "softplus", "diode", "junction", "charge",
    "nmos", "pmos", "npn_transport", "npn_forward", "npn_reverse", "pnp_transport", "pnp_forward",
    "pnp_reverse",
)  # fmt: skip
"""The laws; their numbers are their places."""

NUMBERS = {name: number for number, name in enumerate(NAMES)}
(
    IDENTITY, RELU, LEAKY_RELU, TANH, SIGMOID, SOFTPLUS, DIODE, JUNCTION, CHARGE, NMOS, PMOS,
    NPN_TRANSPORT, NPN_FORWARD, NPN_REVERSE, PNP_TRANSPORT, PNP_FORWARD, PNP_REVERSE,
) = range(17)  # fmt: skip

EXPRESSION = len(NAMES)
"""The number of an expression, plus where its program begins in the array of numbers."""

CONTROLS, ARGUMENTS = 4, 8
"""Most of each that a law has; an expression may have more."""


@part
def activation(code: int, u: Any) -> Any:
    """phi(u) and phi'(u)."""
    one = 1.0 + 0.0 * u
    if code == IDENTITY:
        return u, one
    if code == RELU:
        return (u, one) if u.real > 0.0 else (0.0 * u, 0.0 * u)
    if code == LEAKY_RELU:
        return (u, one) if u.real > 0.0 else (LEAK * u, LEAK * one)
    if code == TANH:
        # Of complex numbers np.tanh keeps too few digits.
        less = np.expm1(-2.0 * (u if u.real > 0.0 else -u))
        value = -less / (2.0 + less)
        return (value if u.real > 0.0 else -value), 4.0 * (1.0 + less) / (2.0 + less) ** 2
    e = np.exp(-(u if u.real > 0.0 else -u))
    high = 1.0 / (1.0 + e)
    low = e / (1.0 + e)
    if code == SIGMOID:
        return (high if u.real > 0.0 else low), high * low
    return (u if u.real > 0.0 else 0.0 * u) + np.log1p(e), high if u.real > 0.0 else low


@part
def fused(code: int, a: Any, v: Any, g: Any, d: Any) -> Any:
    """gain phi(a v_s + b v_d + c): arguments gain, a, b, c."""
    u = a[1] * v[0] + a[2] * v[1] + a[3]
    value, slope = activation(code, u)
    steep = a[0] * slope
    g[0], g[1] = steep * a[1], steep * a[2]
    d[0], d[1], d[2], d[3] = value, steep * v[0], steep * v[1], steep
    return a[0] * value


@part
def law(code: int, a: Any, codes: Any, v: Any, g: Any, d: Any) -> Any:
    """The current of one atom; fills slopes ``g`` (C,) and derivatives by arguments ``d`` (P,)."""
    if code < DIODE:
        return fused(code, a, v, g, d)
    if code <= JUNCTION:
        return junction(EXPONENT_LIMIT if code == DIODE else LIMIT, a, v, g, d)
    if code == CHARGE:
        return charge(a, v, g, d)
    if code <= PMOS:
        return channel(1.0 if code == NMOS else -1.0, a, v, g, d)
    if code >= EXPRESSION:
        return run(codes, code - EXPRESSION, a, v, g, d)
    sign = 1.0 if code < PNP_TRANSPORT else -1.0
    if code in (NPN_TRANSPORT, PNP_TRANSPORT):
        return transport(sign, a, v, g, d)
    return base(sign, code in (NPN_FORWARD, PNP_FORWARD), a, v, g, d)


def steepest(name: str, args: Any, volts: float) -> float:
    """About the largest conductance [S] of a law within so many volts; 0 where it is not known."""
    number = NUMBERS[name]
    if number < DIODE:
        return float(abs(args[0]) * max(abs(args[1]), abs(args[2])))
    if number in (NMOS, PMOS):
        return float(args[0] * args[5] / args[6] * volts)
    return 0.0
