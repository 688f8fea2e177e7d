"""When an expression of time bends or jumps, how fast it turns, and where gradients end.

A solve begins anew where a course bends, so that no step passes over a pulse; and no gradient
passes a jump whose moment depends on a voltage or a parameter.
"""

from collections.abc import Callable, Iterator
from itertools import combinations

import numpy as np

from ..errors import CircuitError
from .affine import affine
from .formula import Call, Formula, Name, Number, ends, evaluate, parts_of, replaced

TIME = Name("time")
POINTS = 4096
"""Times at which what is not linear in time is looked at."""

MOST = 20_000
"""Bends of one expression within the duration."""

SMOOTH = {"+", "*", "neg", "/"}
COMPARED = {"<", ">", "<=", ">=", "==", "!="}
STAIRS = {"floor": 0.0, "ceil": 0.0, "int": 0.0, "nint": 0.5}
"""Functions that jump where their argument is a whole number and so much."""

JUMPING = {"sgn", "u", "buf", "inv", "!", "&&", "||", *COMPARED, *STAIRS}


def bends(formula: Formula, end: float) -> list[float]:
    """Times in (0, end) at which an expression bends or jumps by itself, ascending [s].

    Args:
        formula: of voltages, time and numbers.
        end: of the circuit [s].

    Raises:
        CircuitError: too many.
    """
    found: set[float] = set()
    for part in parts_of(formula):
        if not isinstance(part, Call):
            continue
        for turning in _turnings(part):
            found.update(_zeros(turning, part.function not in SMOOTH, end))
        if part.function in STAIRS and ends(part.arguments[0]) == [TIME]:
            found.update(_stairs(part.arguments[0], STAIRS[part.function], end))
        if len(found) > MOST:
            raise CircuitError(
                f"the expression bends more than {MOST:,} times within {end:g} s; shorten the "
                "duration"
            )
    return sorted(t for t in found if 0.0 < t < end)


def _turnings(part: Call) -> Iterator[Formula]:
    """What is 0 where a function bends, or where it changes most."""
    function, arguments = part.function, part.arguments
    if function in COMPARED or function in {"max", "min"}:
        for one, other in combinations(arguments, 2):
            yield one - other
    elif function == "limit":
        yield from (arguments[0] - bound for bound in arguments[1:])
    elif function == "table":
        yield from (arguments[0] - at for at in arguments[1::2])
    elif function in {"buf", "inv"}:
        yield arguments[0] - 0.5
    else:
        yield from arguments


def _zeros(formula: Formula, bent: bool, end: float) -> list[float]:
    """Where an expression of time alone is 0."""
    straight = affine(formula)
    if straight is not None:
        slope = straight.weights.get(TIME, 0.0)
        alone = slope and all(end_ == TIME or not w for end_, w in straight.weights.items())
        return [-straight.constant / slope] if alone else []
    if not bent or ends(formula) != [TIME]:
        return []
    t = np.linspace(0.0, end, POINTS + 1)
    signs = np.sign(_values(formula, t))
    return _bisected(lambda at: np.sign(_values(formula, at)), t, signs)


def _stairs(formula: Formula, shift: float, end: float) -> list[float]:
    straight = affine(formula)
    if straight is not None:
        slope, first = straight.weights[TIME], straight.constant - shift
        if abs(slope * end) > MOST:
            return list(np.arange(MOST + 2.0))  # too many, and refused
        low, high = sorted((first, first + slope * end))
        return [(k - first) / slope for k in np.arange(np.ceil(low), np.floor(high) + 1)]
    t = np.linspace(0.0, end, POINTS + 1)
    steps = np.floor(_values(formula, t) - shift)
    return _bisected(lambda at: np.floor(_values(formula, at) - shift), t, steps)


def _values(formula: Formula, t: np.ndarray) -> np.ndarray:
    return np.broadcast_to(np.asarray(evaluate(formula, {TIME: t}), float), t.shape)


def _bisected(
    of: Callable[[np.ndarray], np.ndarray], t: np.ndarray, values: np.ndarray
) -> list[float]:
    """Where a step function of time changes between two of the times."""
    k = np.flatnonzero(np.diff(values) != 0)
    low, high, left = t[k].copy(), t[k + 1].copy(), values[k]
    for _ in range(60):
        middle = 0.5 * (low + high)
        same = of(middle) == left
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high.tolist()


def pace(formula: Formula, end: float) -> float:
    """The longest step that sees an expression's own course in time [s]; infinite without one."""
    if TIME not in ends(formula):
        return np.inf
    longest, t = end / 64.0, np.linspace(0.0, end, POINTS + 1)
    for part in parts_of(formula):
        turns = isinstance(part, Call) and part.function in {"sin", "cos", "tan"}
        if turns and ends(part.arguments[0]) == [TIME]:  # type: ignore[union-attr]
            rate = np.abs(np.diff(_values(part.arguments[0], t))).max() / t[1]  # type: ignore[union-attr]
            if rate > 0 and np.isfinite(rate):
                longest = min(longest, 2.0 * np.pi / rate / 8.0)
    return float(longest)


def jump(formula: Formula) -> str:
    """The first function that jumps where a voltage or a parameter says; empty where none does.

    A choice whose branches meet where it changes is no jump.
    """
    stack = [formula]
    while stack:
        part = stack.pop()
        if not isinstance(part, Call):
            continue
        movable = any(end != TIME for end in ends(part))
        if part.function in JUMPING and movable:
            return part.function
        if part.function == "if" and _meeting(part):
            condition = part.arguments[0]
            assert isinstance(condition, Call)
            stack += [*condition.arguments, *part.arguments[1:]]
        else:
            stack += part.arguments
    return ""


def _meeting(choice: Call) -> bool:
    """Whether both branches have the same value wherever the condition changes."""
    condition, one, other = choice.arguments
    if not isinstance(condition, Call) or condition.function not in COMPARED - {"==", "!="}:
        return False
    straight = affine(condition.arguments[0] - condition.arguments[1])
    if straight is None or not any(straight.weights.values()):
        return False
    rng, names = np.random.default_rng(0), ends(choice)
    at: dict[Formula, np.ndarray] = {
        name: rng.normal(size=64) * 10.0 ** rng.uniform(-3, 3, 64) for name in names
    }
    solved = max(straight.weights, key=lambda end: abs(straight.weights[end]))
    rest = straight.constant + sum(
        w * at[end] for end, w in straight.weights.items() if end != solved
    )
    at[solved] = np.broadcast_to(-rest / straight.weights[solved], 64)
    values = [np.broadcast_to(evaluate(branch, at), 64) for branch in (one, other)]
    known = np.isfinite(values).all(axis=0)
    size = np.abs(values[0]) + np.abs(values[1]) + 1e-300
    apart = np.abs(values[0] - values[1])
    return bool(known.sum() > 8 and (apart[known] <= 1e-9 * size[known]).all())


def with_numbers(formula: Formula, params: dict[str, float]) -> Formula:
    """The expression with numbers in the place of its parameters."""
    return replaced(
        formula,
        lambda end: (
            Number(params[end.text]) if isinstance(end, Name) and end.text in params else end
        ),
    )
