"""Programs of expressions run: their value, and slopes by everything they read, in one way back.

A step knows f, f' and f'' of real numbers. A complex number stands for a + i b with b next to
nothing, of which f is f(a) + i b f'(a): so the complex step of ``pull`` keeps all its digits where
a complex function of a library would round the large part into the small one.
"""

import math
from typing import Any

import numpy as np

from ...expressions.program import CODES
from .caching import part

NUMBER, VOLTAGE, PARAM = CODES["number"], CODES["voltage"], CODES["param"]
NEG, ABS, SGN, STEP, RAMP = (CODES[n] for n in ("neg", "abs", "sgn", "u", "uramp"))
FLOOR, CEIL, TRUNC, NEAREST = (CODES[n] for n in ("floor", "ceil", "int", "nint"))
SQRT, EXP, LN, LOG10, LOG2 = (CODES[n] for n in ("sqrt", "exp", "ln", "log10", "log2"))
SIN, COS, TAN, ASIN, ACOS, ATAN = (CODES[n] for n in ("sin", "cos", "tan", "asin", "acos", "atan"))
SINH, COSH, TANH = (CODES[n] for n in ("sinh", "cosh", "tanh"))
ASINH, ACOSH, ATANH = (CODES[n] for n in ("asinh", "acosh", "atanh"))
SQUARE, NOT, BUF, INV = (CODES[n] for n in ("square", "!", "buf", "inv"))
ADD, SUB, MUL, DIV, MAX, MIN = (CODES[n] for n in ("+", "-", "*", "/", "max", "min"))
LESS, MORE, AT_MOST, AT_LEAST = (CODES[n] for n in ("<", ">", "<=", ">="))
EQUAL, OTHER, AND, OR = (CODES[n] for n in ("==", "!=", "&&", "||"))
POWER, SIZED, SIGNED, ATAN2, HYPOT = (CODES[n] for n in ("**", "pwr", "pwrs", "atan2", "hypot"))
CHOICE, TABLE = CODES["if"], CODES["table"]

LN2, LN10 = math.log(2.0), math.log(10.0)


@part
def _flat(op: int, x: float) -> float:
    """Functions that are constant but for their jumps."""
    if op == SGN:
        return float(np.sign(x))
    if op == STEP:
        return 1.0 if x > 0.0 else 0.0
    if op == FLOOR:
        return float(np.floor(x))
    if op == CEIL:
        return float(np.ceil(x))
    if op == TRUNC:
        return float(np.trunc(x))
    if op == NEAREST:
        return float(np.rint(x))
    if op == NOT:
        return 1.0 if x == 0.0 else 0.0
    if op == BUF:
        return 1.0 if x > 0.5 else 0.0
    return 0.0 if x > 0.5 else 1.0


@part
def _circular(op: int, x: float) -> tuple[float, float, float]:
    """Of angles, and back to them."""
    if op == SIN:
        return np.sin(x), np.cos(x), -np.sin(x)
    if op == COS:
        return np.cos(x), -np.sin(x), -np.cos(x)
    if op == TAN:
        y = np.tan(x)
        return y, 1.0 + y * y, 2.0 * y * (1.0 + y * y)
    if op == ATAN:
        s = 1.0 / (1.0 + x * x)
        return np.arctan(x), s, -2.0 * x * s * s
    s = 1.0 / np.sqrt((1.0 - x) * (1.0 + x))
    if op == ASIN:
        return np.arcsin(x), s, x * s * s * s
    return np.arccos(x), -s, -x * s * s * s


@part
def _hyperbolic(op: int, x: float) -> tuple[float, float, float]:
    """Hyperbolic functions and their inverses."""
    if op == SINH:
        return np.sinh(x), np.cosh(x), np.sinh(x)
    if op == COSH:
        return np.cosh(x), np.sinh(x), np.cosh(x)
    if op == TANH:
        y = np.tanh(x)
        # 1 - tanh^2 loses its digits where tanh is next to 1.
        e = np.exp(-2.0 * abs(x))
        s = 4.0 * e / ((1.0 + e) * (1.0 + e))
        return y, s, -2.0 * y * s
    if op == ASINH:
        s = 1.0 / np.hypot(1.0, x)
        return np.arcsinh(x), s, -x * s * s * s
    if op == ACOSH:
        s = 1.0 / np.sqrt((x - 1.0) * (x + 1.0)) if x >= 1.0 else np.nan
        return np.arccosh(x), s, -x * s * s * s
    s = 1.0 / ((1.0 - x) * (1.0 + x))
    return np.arctanh(x), s, 2.0 * x * s * s


@part
def unary(op: int, x: float) -> tuple[float, float, float]:
    """f(x), f'(x) and f''(x); at a kink f' is that of the right, at a jump 0."""
    if op == NEG:
        return -x, -1.0, 0.0
    if op == SQUARE:
        return x * x, 2.0 * x, 2.0
    if op == ABS:
        return abs(x), float(np.sign(x)), 0.0
    if op == RAMP:
        return (x, 1.0, 0.0) if x > 0.0 else (0.0 * x, 0.0, 0.0)
    if op == EXP:
        y = np.exp(x)
        return y, y, y
    if op == SQRT:
        y = np.sqrt(x)
        return y, 0.5 / y, -0.25 / (y * x)
    if op in (LN, LOG10, LOG2):
        by = 1.0 if op == LN else (LN10 if op == LOG10 else LN2)
        y = np.log(x) if op == LN else (np.log10(x) if op == LOG10 else np.log2(x))
        return y, 1.0 / (x * by), -1.0 / (x * x * by)
    if SIN <= op <= ATAN:
        return _circular(op, x)
    if SINH <= op <= ATANH:
        return _hyperbolic(op, x)
    return _flat(op, x), 0.0 * x, 0.0


@part
def _powers(op: int, x: float, y: float) -> tuple[float, float, float, float, float, float]:
    """x^y, with |x| where y is no whole number; |x|^y; sgn(x) |x|^y; and derivatives."""
    size, sign = abs(x), (-1.0 if x < 0.0 else 1.0)
    odd = op == SIGNED
    if op == POWER and y == np.rint(y):
        odd = y != 2.0 * np.rint(0.5 * y)
    value = size**y
    by_x = y * size ** (y - 1.0) if y != 0.0 else 0.0
    steep = y * (y - 1.0)
    by_xx = steep * size ** (y - 2.0) if steep != 0.0 else 0.0
    log = np.log(size) if size > 0.0 else 0.0
    mixed = (size ** (y - 1.0) if size > 0.0 else 0.0) * (1.0 + y * log)
    face = sign if odd else 1.0
    turn = 1.0 if odd else sign
    return (
        face * value, turn * by_x, face * value * log, face * by_xx, turn * mixed,
        face * value * log * log,
    )  # fmt: skip


@part
def smooth(op: int, x: float, y: float) -> tuple[float, float, float, float, float, float]:
    """f, f_x, f_y, f_xx, f_xy and f_yy of what is not arithmetic."""
    if op == ATAN2:  # of y/x with the arguments (y, x) in this order
        r = x * x + y * y
        both = 2.0 * x * y / (r * r)
        return (
            np.arctan2(x, y), y / r, -x / r, -both, (x * x - y * y) / (r * r), both,
        )  # fmt: skip
    if op == HYPOT:
        r = np.hypot(x, y)
        return r, x / r, y / r, y * y / r**3, -x * y / r**3, x * x / r**3
    return _powers(op, x, y)


@part
def compared(op: int, x: float, y: float) -> float:
    """1 where it holds, 0 elsewhere."""
    holds = False
    if op == LESS:
        holds = x < y
    elif op == MORE:
        holds = x > y
    elif op == AT_MOST:
        holds = x <= y
    elif op == AT_LEAST:
        holds = x >= y
    elif op == EQUAL:
        holds = x == y
    elif op == OTHER:
        holds = x != y
    elif op == AND:
        holds = x != 0.0 and y != 0.0
    else:
        holds = x != 0.0 or y != 0.0
    return 1.0 if holds else 0.0


@part
def first_of(op: int, x: float, y: float) -> bool:
    """Whether max or min is its first argument; one that is no number goes through."""
    return x != x or (y == y and (x >= y if op == MAX else x <= y))


@part
def place_in(numbers: Any, start: int, count: int, x: float) -> tuple[float, float]:
    """Value and slope of a table, straight between points and constant outside."""
    if x != x:
        return x, x
    if x < numbers[start] or count == 1:
        return numbers[start + 1], 0.0
    if x >= numbers[start + 2 * count - 2]:
        return numbers[start + 2 * count - 1], 0.0
    low, high = 0, count - 1
    while high - low > 1:
        middle = (low + high) // 2
        if numbers[start + 2 * middle] <= x:
            low = middle
        else:
            high = middle
    left, right = start + 2 * low, start + 2 * high
    slope = (numbers[right + 1] - numbers[left + 1]) / (numbers[right] - numbers[left])
    return numbers[left + 1] + slope * (x - numbers[left]), slope


@part
def _forward(row: Any, numbers: Any, a: Any, v: Any, at: Any) -> Any:
    """The value of one step."""
    op, zero = row[0], 0.0 * v[0]
    if op == NUMBER:
        return zero + numbers[row[1]]
    if op == VOLTAGE:
        return zero + v[row[1]]
    if op == PARAM:
        return zero + a[row[1]]
    x = at[row[1]]
    x_off = x - x.real
    if op < ADD:
        f, f1, _ = unary(op, x.real)
        return zero + f + f1 * x_off if x_off != 0.0 else zero + f
    if op == TABLE:
        f, f1 = place_in(numbers, row[2], row[3], x.real)
        return zero + f + f1 * x_off
    y = at[row[2]]
    if op == CHOICE:
        return y if x.real != 0.0 else at[row[3]]
    if op <= DIV:
        return x + y if op == ADD else (x - y if op == SUB else (x * y if op == MUL else x / y))
    if op in (MAX, MIN):
        return x if first_of(op, x.real, y.real) else y
    if op < POWER:
        return zero + compared(op, x.real, y.real)
    y_off = y - y.real
    f, fx, fy, _, _, _ = smooth(op, x.real, y.real)
    found = zero + f
    if x_off != 0.0:
        found = found + fx * x_off
    if y_off != 0.0:
        found = found + fy * y_off
    return found


@part
def _two(row: Any, x: Any, y: Any, value: Any, bar: Any, bars: Any) -> None:
    """Cotangents of the two arguments of a step."""
    op, one, two = row[0], row[1], row[2]
    if op <= DIV:
        if op in (ADD, SUB):
            bars[one] += bar
            bars[two] += bar if op == ADD else -bar
        elif op == MUL:
            bars[one] += bar * y
            bars[two] += bar * x
        else:
            bars[one] += bar / y
            bars[two] -= bar * value / y
    elif op in (MAX, MIN):
        if first_of(op, x.real, y.real):
            bars[one] += bar
        else:
            bars[two] += bar
    elif op >= POWER:
        _, fx, fy, fxx, fxy, fyy = smooth(op, x.real, y.real)
        x_off, y_off = x - x.real, y - y.real
        by_x, by_y = 0.0 * x + fx, 0.0 * x + fy
        if x_off != 0.0:
            by_x, by_y = by_x + fxx * x_off, by_y + fxy * x_off
        if y_off != 0.0:
            by_x, by_y = by_x + fxy * y_off, by_y + fyy * y_off
        bars[one] += bar * by_x
        bars[two] += bar * by_y


@part
def _backward(row: Any, numbers: Any, at: Any, k: int, bars: Any, g: Any, d: Any) -> None:
    """The cotangent of a step to those before it."""
    op, bar = row[0], bars[k]
    if op == VOLTAGE:
        g[row[1]] += bar
    elif op == PARAM:
        d[row[1]] += bar
    elif op == NUMBER:
        return
    elif op < ADD:
        x = at[row[1]]
        x_off = x - x.real
        _, f1, f2 = unary(op, x.real)
        slope = 0.0 * x + f1
        if x_off != 0.0:
            slope = slope + f2 * x_off
        bars[row[1]] += bar * slope
    elif op == TABLE:
        bars[row[1]] += bar * place_in(numbers, row[2], row[3], at[row[1]].real)[1]
    elif op == CHOICE:
        if at[row[1]].real != 0.0:
            bars[row[2]] += bar
        else:
            bars[row[3]] += bar
    else:
        _two(row, at[row[1]], at[row[2]], at[k], bar, bars)


@part
def run(codes: Any, place: int, a: Any, v: Any, g: Any, d: Any) -> Any:
    """The value of a program; fills slopes by what it reads ``g`` and by its parameters ``d``.

    Args:
        codes: with the program in it, see ``expressions.program.packed``.
        place: where it begins.
        a: parameters.
        v: voltages, time behind them.
        g: as long as ``v``.
        d: as long as ``a``.
    """
    count, first = codes[place], place + 2
    last = first + 4 * count
    steps = codes[first:last].reshape(-1, 4)
    numbers = codes[last : last + codes[place + 1]].view(np.float64)
    at, bars = np.empty(count, v.dtype), np.zeros(count, v.dtype)
    g[:] = 0.0
    d[:] = 0.0
    for k in range(count):
        at[k] = _forward(steps[k], numbers, a, v, at)
    bars[count - 1] = 1.0
    for k in range(count - 1, -1, -1):
        # What is not taken counts nothing, whether it has a slope or not.
        if bars[k] != 0.0:
            _backward(steps[k], numbers, at, k, bars, g, d)
    return at[count - 1]
