"""Currents and adjoint currents of all devices of a block, a tile of samples at a time.

``terms`` (E, 4) holds gain, a, b, c in packed order; with home h and other end o (see ``plan``)
u = a v_o + b v_h + c and i = gain phi(u) flows from o to h. The functions are inlined with constant
``code``, ``difference`` and ``trace``, so every combination that is used becomes its own loop.

With ``trace``, the trace of the Jacobian and its derivative come along: a device adds
gain phi'(u) omega with omega = b / C_h - a / C_o, where 1/C of ground is 0 (``inverse``).
"""

from typing import Any

import numpy as np

from .activations import (
    IDENTITY,
    LEAKY_RELU,
    RELU,
    SIGMOID,
    SOFTPLUS,
    TANH,
    curvature,
    phi,
    slope,
    times_slope,
)
from .caching import inlined
from .lanes import add, add_totals, fill, fma, load, mul, spread, store, sub, width
from .plan import DIFFERENCE, INTO_HOME

ZERO = np.float32(0)


@inlined
def _argument(difference: bool, terms: Any, e: int, v_o: Any, v_h: Any, d: Any) -> Any:
    """The argument u of one device; d = v_o - v_h."""
    if difference:
        return fma(spread(terms[e, 1]), d, spread(terms[e, 3]))
    return fma(spread(terms[e, 1]), v_o, fma(spread(terms[e, 2]), v_h, spread(terms[e, 3])))


@inlined
def _omega(difference: bool, terms: Any, e: int, inverse_o: Any, inverse_h: Any) -> Any:
    if difference:
        return -terms[e, 1] * (inverse_o + inverse_h)
    return terms[e, 2] * inverse_h - terms[e, 1] * inverse_o


@inlined
def block_currents(
    code: int, difference: bool, trace: bool, first: int, last: int, arrays: Any, terms: Any,
    inverse: Any, v: Any, net: Any,
) -> Any:  # fmt: skip
    """Add the net current into every node to ``net``; the trace, or zero without ``trace``."""
    homes, home_start, other, pair_start = arrays
    sum_of_slopes = fill(v, 0.0)
    for k in range(first, last):
        h = np.int64(homes[k]) * width(v)
        v_h, net_h = load(v, h), load(net, h)
        for p in range(home_start[k], home_start[k + 1]):
            o = np.int64(other[p]) * width(v)
            v_o = load(v, o)
            d = sub(v_o, v_h)
            current = fill(v, 0.0)
            for e in range(pair_start[p], pair_start[p + 1]):
                u = _argument(difference, terms, e, v_o, v_h, d)
                value = phi(code, u)
                current = fma(spread(terms[e, 0]), value, current)
                if trace:
                    omega = _omega(difference, terms, e, inverse[other[p]], inverse[homes[k]])
                    weight = spread(terms[e, 0] * omega)
                    sum_of_slopes = fma(weight, slope(code, u, value), sum_of_slopes)
            net_h = add(net_h, current)
            store(net, o, sub(load(net, o), current))
        store(net, h, net_h)
    return sum_of_slopes


@inlined
def block_adjoint(
    code: int, difference: bool, gain: bool, trace: bool, first: int, last: int, arrays: Any,
    terms: Any, inverse: Any, v: Any, mu: Any, mu_trace: Any, back: Any, gradient: Any,
) -> None:  # fmt: skip
    """Add J^T mu to ``back`` and the gradients of the terms, summed over lanes, to ``gradient``.

    With q = mu_h - mu_o and w = gain (q phi' + m phi'' omega), m the cotangent of the trace: a w
    enters o, b w enters h, and the gradients are q phi + m phi' omega (gain), w v_o - m gain phi' /
    C_o (a), w v_h + m gain phi' / C_h (b) and w (c). With the constant ``gain`` those of gain and c
    are formed, else those of a, b and c.
    """
    homes, home_start, other, pair_start = arrays
    for k in range(first, last):
        h = np.int64(homes[k]) * width(v)
        v_h, mu_h, back_h = load(v, h), load(mu, h), load(back, h)
        for p in range(home_start[k], home_start[k + 1]):
            o = np.int64(other[p]) * width(v)
            v_o = load(v, o)
            d, q = sub(v_o, v_h), sub(mu_h, load(mu, o))
            into_o, into_h = fill(v, 0.0), fill(v, 0.0)
            for e in range(pair_start[p], pair_start[p + 1]):
                u = _argument(difference, terms, e, v_o, v_h, d)
                value = phi(code, u)
                w = times_slope(code, q, u, value)
                by_gain, by_a, by_b = fill(v, 0.0), fill(v, 0.0), fill(v, 0.0)
                if gain:
                    by_gain = mul(w, u) if code in (RELU, LEAKY_RELU) else mul(q, value)
                rate = slope(code, u, value) if trace else w
                if trace:
                    omega = _omega(difference, terms, e, inverse[other[p]], inverse[homes[k]])
                    m_omega = mul(mu_trace, spread(omega))
                    w = fma(m_omega, curvature(code, value, rate), w)
                    by_gain = fma(m_omega, rate, by_gain)
                w = mul(w, spread(terms[e, 0]))
                into_o = fma(spread(terms[e, 1]), w, into_o)
                if not gain:
                    by_a = mul(w, d if difference else v_o)
                if not difference:
                    into_h = fma(spread(terms[e, 2]), w, into_h)
                    by_b = mul(w, v_h)
                if trace and not gain:
                    share = mul(mul(mu_trace, rate), spread(terms[e, 0]))
                    inverse_o, inverse_h = inverse[other[p]], inverse[homes[k]]
                    if difference:
                        by_a = fma(share, spread(-(inverse_o + inverse_h)), by_a)
                    else:
                        by_a = fma(share, spread(-inverse_o), by_a)
                        by_b = fma(share, spread(inverse_h), by_b)
                if gain:
                    add_totals(gradient, 4 * e, by_gain, fill(v, 0.0), fill(v, 0.0), w)
                else:
                    add_totals(gradient, 4 * e, fill(v, 0.0), by_a, by_b, w)
            back_h = sub(back_h, into_o) if difference else add(back_h, into_h)
            store(back, o, add(load(back, o), into_o))
        store(back, h, back_h)


@inlined
def supplied_currents(
    trace: bool, first: int, last: int, arrays: Any, terms: Any, inverse: Any, v: Any, net: Any
) -> Any:
    """As ``block_currents``, of linear devices that give to their home and take from nobody."""
    homes, home_start, other, pair_start = arrays
    sum_of_slopes = fill(v, 0.0)
    for k in range(first, last):
        h = np.int64(homes[k]) * width(v)
        v_h, net_h = load(v, h), load(net, h)
        for p in range(home_start[k], home_start[k + 1]):
            v_o = load(v, np.int64(other[p]) * width(v))
            for e in range(pair_start[p], pair_start[p + 1]):
                u = _argument(False, terms, e, v_o, v_h, v_o)
                net_h = fma(spread(terms[e, 0]), u, net_h)
                if trace:
                    weight = spread(terms[e, 0] * terms[e, 2] * inverse[homes[k]])
                    sum_of_slopes = add(sum_of_slopes, weight)
        store(net, h, net_h)
    return sum_of_slopes


@inlined
def supplied_adjoint(
    trace: bool, first: int, last: int, arrays: Any, terms: Any, inverse: Any, v: Any, mu: Any,
    mu_trace: Any, back: Any, gradient: Any,
) -> None:  # fmt: skip
    """As ``block_adjoint``, of the devices of ``supplied_currents``: q = mu_h."""
    homes, home_start, other, pair_start = arrays
    for k in range(first, last):
        h = np.int64(homes[k]) * width(v)
        v_h, mu_h = load(v, h), load(mu, h)
        for p in range(home_start[k], home_start[k + 1]):
            o = np.int64(other[p]) * width(v)
            v_o = load(v, o)
            into_o, into_h = fill(v, 0.0), fill(v, 0.0)
            for e in range(pair_start[p], pair_start[p + 1]):
                w = mul(mu_h, spread(terms[e, 0]))
                by_b = mul(w, v_h)
                if trace:
                    by_b = fma(mu_trace, spread(terms[e, 0] * inverse[homes[k]]), by_b)
                into_o = fma(spread(terms[e, 1]), w, into_o)
                into_h = fma(spread(terms[e, 2]), w, into_h)
                add_totals(gradient, 4 * e, fill(v, 0.0), mul(w, v_o), by_b, w)
            store(back, o, add(load(back, o), into_o))
            store(back, h, add(load(back, h), into_h))


@inlined
def _by_form(
    code: int, difference: bool, trace: bool, first: int, last: int, arrays: Any, terms: Any,
    inverse: Any, v: Any, net: Any,
) -> Any:  # fmt: skip
    if difference:
        return block_currents(code, True, trace, first, last, arrays, terms, inverse, v, net)
    return block_currents(code, False, trace, first, last, arrays, terms, inverse, v, net)


@inlined
def currents(trace: bool, plan: Any, terms: Any, inverse: Any, v: Any, net: Any) -> Any:
    """Net currents of all blocks into ``net``, which is overwritten; the trace of the Jacobian."""
    blocks, homes, home_start, other, pair_start = plan
    arrays = (homes, home_start, other, pair_start)
    net[:] = ZERO
    result = fill(v, 0.0)
    for j in range(blocks.shape[0]):
        code, first, last = blocks[j, 0], blocks[j, 2], blocks[j, 3]
        difference = blocks[j, 1] == DIFFERENCE
        rest = (trace, first, last, arrays, terms, inverse, v, net)
        if blocks[j, 1] == INTO_HOME:
            part = supplied_currents(*rest)
        elif code == RELU:
            part = _by_form(RELU, difference, *rest)
        elif code == LEAKY_RELU:
            part = _by_form(LEAKY_RELU, difference, *rest)
        elif code == TANH:
            part = _by_form(TANH, difference, *rest)
        elif code == SIGMOID:
            part = _by_form(SIGMOID, difference, *rest)
        elif code == SOFTPLUS:
            part = _by_form(SOFTPLUS, difference, *rest)
        else:
            part = _by_form(IDENTITY, difference, *rest)
        result = add(result, part)
    return result


@inlined
def _adjoint_by_form(
    code: int, difference: bool, gain: bool, trace: bool, first: int, last: int, arrays: Any,
    terms: Any, inverse: Any, v: Any, mu: Any, mu_trace: Any, back: Any, gradient: Any,
) -> None:  # fmt: skip
    rest = (trace, first, last, arrays, terms, inverse, v, mu, mu_trace, back, gradient)
    if gain and (code in (RELU, LEAKY_RELU)):
        block_adjoint(code, True, True, *rest)
    elif difference:
        block_adjoint(code, True, False, *rest)
    else:
        block_adjoint(code, False, False, *rest)


@inlined
def adjoint_currents(
    trace: bool, plan: Any, terms: Any, inverse: Any, v: Any, mu: Any, mu_trace: Any, back: Any,
    gradient: Any,
) -> None:  # fmt: skip
    """J^T mu of all blocks into ``back``, which is overwritten; gradients added to ``gradient``."""
    blocks, homes, home_start, other, pair_start = plan
    arrays = (homes, home_start, other, pair_start)
    back[:] = ZERO
    for j in range(blocks.shape[0]):
        code, first, last = blocks[j, 0], blocks[j, 2], blocks[j, 3]
        rest = (
            blocks[j, 1] == DIFFERENCE, blocks[j, 4] == 1, trace, first, last, arrays, terms,
            inverse, v, mu, mu_trace, back, gradient,
        )  # fmt: skip
        if blocks[j, 1] == INTO_HOME:
            supplied_adjoint(
                trace, first, last, arrays, terms, inverse, v, mu, mu_trace, back, gradient
            )
        elif code == RELU:
            _adjoint_by_form(RELU, *rest)
        elif code == LEAKY_RELU:
            _adjoint_by_form(LEAKY_RELU, *rest)
        elif code == TANH:
            _adjoint_by_form(TANH, *rest)
        elif code == SIGMOID:
            _adjoint_by_form(SIGMOID, *rest)
        elif code == SOFTPLUS:
            _adjoint_by_form(SOFTPLUS, *rest)
        else:
            _adjoint_by_form(IDENTITY, *rest)
