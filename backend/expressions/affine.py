"""Expressions that are weighted sums of their ends, by their form."""

import math
from dataclasses import dataclass

from .formula import Call, Formula, Number


@dataclass(frozen=True)
class Affine:
    """c + sum_k w_k x_k over ends of an expression."""

    weights: dict[Formula, float]
    constant: float


def affine(formula: Formula) -> Affine | None:
    """The expression as a weighted sum of its ends, if it is one by its form."""
    match formula:
        case Number(value):
            return Affine({}, value)
        case Call("+", arguments):
            parts = [affine(one) for one in arguments]
            return None if None in parts else _summed([one for one in parts if one])
        case Call("neg", (one,)):
            return _times(affine(one), -1.0)
        case Call("*", arguments):
            factors = [one.value for one in arguments if isinstance(one, Number)]
            others = [one for one in arguments if not isinstance(one, Number)]
            return _times(affine(others[0]), math.prod(factors)) if len(others) == 1 else None
        case Call("/", (above, Number(below))):
            return _divided(affine(above), below)
        case Call():
            return None
    return Affine({formula: 1.0}, 0.0)


def _summed(parts: list[Affine]) -> Affine:
    weights: dict[Formula, float] = {}
    for part in parts:
        for end, weight in part.weights.items():
            weights[end] = weights.get(end, 0.0) + weight
    return Affine(weights, sum(part.constant for part in parts))


def _times(one: Affine | None, factor: float) -> Affine | None:
    if one is None:
        return None
    weights = {end: weight * factor for end, weight in one.weights.items()}
    return Affine(weights, one.constant * factor)


def _divided(one: Affine | None, below: float) -> Affine | None:
    """Divided rather than multiplied by 1/below, which is another number."""
    if one is None or not below:
        return None
    weights = {end: weight / below for end, weight in one.weights.items()}
    return Affine(weights, one.constant / below)
