"""phi, phi' and phi'' of the fused family in lanes; the number of the activation is a constant.

Every function is inlined with a constant ``code`` (``plan.CODES``), and the compiler keeps one
branch.
"""

from typing import Any

from .caching import inlined
from .exponentials import exp_minus, log_one_plus, sigmoid, tanh
from .lanes import add, fill, fma, magnitude, minus, mul, positive, where_positive
from .plan import CODES

IDENTITY, RELU, LEAKY_RELU = CODES["identity"], CODES["relu"], CODES["leaky_relu"]
TANH, SIGMOID, SOFTPLUS = CODES["tanh"], CODES["sigmoid"], CODES["softplus"]
LEAK = 0.01


@inlined
def phi(code: int, u: Any) -> Any:
    """The value of the activation at u."""
    if code == RELU:
        return positive(u)
    if code == LEAKY_RELU:
        return where_positive(u, u, mul(u, fill(u, LEAK)))
    if code == TANH:
        return tanh(u)
    if code == SIGMOID:
        return sigmoid(u)
    if code == SOFTPLUS:
        return add(positive(u), log_one_plus(exp_minus(magnitude(u))))
    return u


@inlined
def slope(code: int, u: Any, value: Any) -> Any:
    """phi'(u), given phi(u)."""
    if code == RELU:
        return where_positive(u, fill(u, 1.0), fill(u, 0.0))
    if code == LEAKY_RELU:
        return where_positive(u, fill(u, 1.0), fill(u, LEAK))
    if code == TANH:
        return fma(minus(value), value, fill(u, 1.0))
    if code == SIGMOID:
        return fma(minus(value), value, value)
    if code == SOFTPLUS:
        return phi(SIGMOID, u)
    return fill(u, 1.0)


@inlined
def times_slope(code: int, q: Any, u: Any, value: Any) -> Any:
    """q phi'(u), given phi(u)."""
    if code == RELU:
        return where_positive(u, q, fill(u, 0.0))
    if code == LEAKY_RELU:
        return where_positive(u, q, mul(q, fill(u, LEAK)))
    if code == IDENTITY:
        return q
    return mul(q, slope(code, u, value))


@inlined
def curvature(code: int, value: Any, slope: Any) -> Any:
    """phi''(u), given phi and phi'; without the delta at the kink of relu."""
    if code == TANH:
        return mul(mul(value, slope), fill(value, -2.0))
    if code == SIGMOID:
        return mul(slope, fma(value, fill(value, -2.0), fill(value, 1.0)))
    if code == SOFTPLUS:
        return fma(minus(slope), slope, slope)
    return fill(value, 0.0)
