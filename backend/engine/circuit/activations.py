"""phi, phi' and phi'' of the fused family in lanes; the number of the activation is a constant.

Every function is inlined with a constant ``code`` (``plan.CODES``), and the compiler keeps one
branch. tanh is x (R + P(x^2) / Q(x^2)), fitted to it on |x| <= 8 with an error below 1e-8 (3e-7
with float32 rounding); P / Q apart from R takes two multiplications less than one quotient would.
exp is 2^n times a polynomial; ln(1 + e) a polynomial of e <= 1.
"""

from typing import Any

import numpy as np

from .caching import inlined
from .lanes import (
    add,
    at_least,
    at_most,
    div,
    fma,
    magnitude,
    minus,
    mul,
    nearest,
    positive,
    power_of_two,
    spread,
    where_positive,
)
from .plan import CODES

F = np.float32
IDENTITY, RELU, LEAKY_RELU = CODES["identity"], CODES["relu"], CODES["leaky_relu"]
TANH, SIGMOID, SOFTPLUS = CODES["tanh"], CODES["sigmoid"], CODES["softplus"]
ZERO, ONE, TWO, HALF, LEAK = F(0), F(1), F(2), F(0.5), F(0.01)

TANH_END = F(8.0)
R, P0, P1, P2, P3 = (F(p) for p in (0.0178639121, 1153581.37, 148090.34, 3645.08527, 18.5443985))
Q0, Q1, Q2, Q3 = (F(q) for q in (1174563.67, 549426.404, 30727.7576, 400.502944))

EXP_END = F(-87.0)
LOG2_E, LN2_HIGH, LN2_LOW = F(1.44269504088896), F(-0.693359375), F(2.12194440e-4)
E2, E3, E4, E5, E6 = (F(e) for e in (0.5, 0.16666416, 0.04166635, 0.00837513, 0.00139411))
L0, L1, L2, L3, L4, L5, L6, L7, L8 = (
    F(c)
    for c in (
        0.99999997, -0.49999445, 0.33318122, -0.24835399, 0.19076881,
        -0.13602248, 0.07751609, -0.02907406, 0.0051261,
    )
)  # fmt: skip


@inlined
def _tanh(x: Any) -> Any:
    x = at_most(at_least(x, spread(-TANH_END)), spread(TANH_END))
    s = mul(x, x)
    p = fma(fma(fma(spread(P3), s, spread(P2)), s, spread(P1)), s, spread(P0))
    q = fma(fma(fma(add(s, spread(Q3)), s, spread(Q2)), s, spread(Q1)), s, spread(Q0))
    return mul(x, add(div(p, q), spread(R)))


@inlined
def _exp_minus(x: Any) -> Any:
    """exp(-x) for x >= 0."""
    y = at_least(minus(x), spread(EXP_END))
    n = nearest(mul(y, spread(LOG2_E)))
    r = fma(n, spread(LN2_LOW), fma(n, spread(LN2_HIGH), y))
    p = fma(fma(spread(E6), r, spread(E5)), r, spread(E4))
    p = fma(fma(fma(p, r, spread(E3)), r, spread(E2)), r, spread(ONE))
    return mul(fma(p, r, spread(ONE)), power_of_two(n))


@inlined
def _log_one_plus(e: Any) -> Any:
    """ln(1 + e) for 0 <= e <= 1."""
    p = fma(fma(fma(spread(L8), e, spread(L7)), e, spread(L6)), e, spread(L5))
    p = fma(fma(fma(p, e, spread(L4)), e, spread(L3)), e, spread(L2))
    return mul(fma(fma(p, e, spread(L1)), e, spread(L0)), e)


@inlined
def phi(code: int, u: Any) -> Any:
    """The value of the activation at u."""
    if code == RELU:
        return positive(u)
    if code == LEAKY_RELU:
        return where_positive(u, u, mul(u, spread(LEAK)))
    if code == TANH:
        return _tanh(u)
    if code == SIGMOID:
        return fma(_tanh(mul(u, spread(HALF))), spread(HALF), spread(HALF))
    if code == SOFTPLUS:
        return add(positive(u), _log_one_plus(_exp_minus(magnitude(u))))
    return u


@inlined
def slope(code: int, u: Any, value: Any) -> Any:
    """phi'(u), given phi(u)."""
    if code == RELU:
        return where_positive(u, spread(ONE), spread(ZERO))
    if code == LEAKY_RELU:
        return where_positive(u, spread(ONE), spread(LEAK))
    if code == TANH:
        return fma(minus(value), value, spread(ONE))
    if code == SIGMOID:
        return fma(minus(value), value, value)
    if code == SOFTPLUS:
        return phi(SIGMOID, u)
    return spread(ONE)


@inlined
def times_slope(code: int, q: Any, u: Any, value: Any) -> Any:
    """q phi'(u), given phi(u)."""
    if code == RELU:
        return where_positive(u, q, spread(ZERO))
    if code == LEAKY_RELU:
        return where_positive(u, q, mul(q, spread(LEAK)))
    if code == IDENTITY:
        return q
    return mul(q, slope(code, u, value))


@inlined
def curvature(code: int, value: Any, slope: Any) -> Any:
    """phi''(u), given phi and phi'; without the delta at the kink of relu."""
    if code == TANH:
        return mul(mul(value, slope), spread(F(-2)))
    if code == SIGMOID:
        return mul(slope, fma(value, spread(F(-2)), spread(ONE)))
    if code == SOFTPLUS:
        return fma(minus(slope), slope, slope)
    return spread(ZERO)
