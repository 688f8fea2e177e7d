"""tanh, the logistic function, exp(-x) and ln(1 + e) in lanes, by the type of the lanes.

In float32 tanh is x (R + P(x^2) / Q(x^2)), fitted to it on |x| <= 8 with an error below 1e-8 (3e-7
with rounding); P / Q apart from R takes two multiplications less than one quotient would. exp is
2^n times a polynomial; ln(1 + e) a polynomial of e <= 1.

In float64 all are within a few roundings: exp(y) - 1 = 2^n (exp(r) - 1) + 2^n - 1 with Taylor's
series for |r| <= ln(2) / 2, tanh(x) = m / (m + 2) with m = exp(2x) - 1, and ln(1 + e) =
2 artanh(e / (2 + e)). Their series end where the next term is below a rounding.
"""

import math
from typing import Any

from .caching import inlined
from .lanes import (
    add,
    at_least,
    at_most,
    by_type,
    div,
    fill,
    fma,
    magnitude,
    minus,
    mul,
    nearest,
    polynomial,
    power_of_two,
    where_positive,
)

LOG2_E = 1.44269504088896340736

TANH_END = 8.0
R, P0, P1, P2, P3 = 0.0178639121, 1153581.37, 148090.34, 3645.08527, 18.5443985
Q0, Q1, Q2, Q3 = 1174563.67, 549426.404, 30727.7576, 400.502944

EXP_END = -87.0
LN2_HIGH, LN2_LOW = -0.693359375, 2.12194440e-4
E2, E3, E4, E5, E6 = 0.5, 0.16666416, 0.04166635, 0.00837513, 0.00139411
L0, L1, L2, L3, L4, L5, L6, L7, L8 = (
    0.99999997, -0.49999445, 0.33318122, -0.24835399, 0.19076881,
    -0.13602248, 0.07751609, -0.02907406, 0.0051261,
)  # fmt: skip

TANH_END_64, EXP_END_64 = 20.0, -708.0
LN2_HIGH_64, LN2_LOW_64 = -6.93147180369123816490e-01, -1.90821492927058770002e-10
_exp_rest = polynomial([1.0 / math.factorial(k) for k in range(13, 1, -1)])
"""(exp(r) - 1 - r) / r^2; the next term is 1e-17 of exp(r) - 1."""
_twice_artanh = polynomial([2.0 / (2 * k + 1) for k in range(16, -1, -1)])
"""2 artanh(s) / s of s^2 <= 1/9; the next term is 2e-18."""


@inlined
def _tanh_single(x: Any) -> Any:
    x = at_most(at_least(x, fill(x, -TANH_END)), fill(x, TANH_END))
    s = mul(x, x)
    p = fma(fma(fma(fill(x, P3), s, fill(x, P2)), s, fill(x, P1)), s, fill(x, P0))
    q = fma(fma(fma(add(s, fill(x, Q3)), s, fill(x, Q2)), s, fill(x, Q1)), s, fill(x, Q0))
    return mul(x, add(div(p, q), fill(x, R)))


@inlined
def _sigmoid_single(x: Any) -> Any:
    return fma(_tanh_single(mul(x, fill(x, 0.5))), fill(x, 0.5), fill(x, 0.5))


@inlined
def _exp_minus_single(x: Any) -> Any:
    y = at_least(minus(x), fill(x, EXP_END))
    n = nearest(mul(y, fill(x, LOG2_E)))
    r = fma(n, fill(x, LN2_LOW), fma(n, fill(x, LN2_HIGH), y))
    p = fma(fma(fill(x, E6), r, fill(x, E5)), r, fill(x, E4))
    p = fma(fma(fma(p, r, fill(x, E3)), r, fill(x, E2)), r, fill(x, 1.0))
    return mul(fma(p, r, fill(x, 1.0)), power_of_two(n))


@inlined
def _log_one_plus_single(e: Any) -> Any:
    p = fma(fma(fma(fill(e, L8), e, fill(e, L7)), e, fill(e, L6)), e, fill(e, L5))
    p = fma(fma(fma(p, e, fill(e, L4)), e, fill(e, L3)), e, fill(e, L2))
    return mul(fma(fma(p, e, fill(e, L1)), e, fill(e, L0)), e)


@inlined
def _reduced(y: Any) -> Any:
    """2^n and exp(r) - 1 with y = n ln(2) + r."""
    n = nearest(mul(y, fill(y, LOG2_E)))
    r = fma(n, fill(y, LN2_LOW_64), fma(n, fill(y, LN2_HIGH_64), y))
    return power_of_two(n), fma(mul(r, r), _exp_rest(r), r)


@inlined
def _tanh_double(x: Any) -> Any:
    x = at_most(at_least(x, fill(x, -TANH_END_64)), fill(x, TANH_END_64))
    power, part = _reduced(add(x, x))
    less_one = fma(power, part, add(power, fill(x, -1.0)))
    return div(less_one, add(less_one, fill(x, 2.0)))


@inlined
def _exp_minus_double(x: Any) -> Any:
    power, part = _reduced(at_least(minus(x), fill(x, EXP_END_64)))
    return fma(power, part, power)


@inlined
def _sigmoid_double(x: Any) -> Any:
    e, one = _exp_minus_double(magnitude(x)), fill(x, 1.0)
    return div(where_positive(x, one, e), add(e, one))


@inlined
def _log_one_plus_double(e: Any) -> Any:
    s = div(e, add(e, fill(e, 2.0)))
    return mul(_twice_artanh(mul(s, s)), s)


tanh = by_type(_tanh_single, _tanh_double)
sigmoid = by_type(_sigmoid_single, _sigmoid_double)
exp_minus = by_type(_exp_minus_single, _exp_minus_double)
"""exp(-x) for x >= 0."""
log_one_plus = by_type(_log_one_plus_single, _log_one_plus_double)
"""ln(1 + e) for 0 <= e <= 1."""
