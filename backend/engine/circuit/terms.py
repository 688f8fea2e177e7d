"""Between the kinds' own parameters and the packed terms gain, a, b, c of the kernels."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import numpy as np
from torch import Tensor

from ...devices.base import FusedLaw
from ..threads import for_all
from .caching import kernel
from .plan import SLOTS, Part, Places, Plan, is_difference

STRETCH = 1 << 14


@kernel
def _fill(
    terms: Any, position: Any, device: Any, turned: Any, difference: bool, constant: Any,
    factors: Any, values: Any,
) -> None:  # fmt: skip
    """The terms of the devices of one kind; a turned device changes gain and ends (``plan``)."""
    for i in range(position.shape[0]):
        e, d = position[i], device[i]
        gain, a, b, c = constant[0], constant[1], constant[2], constant[3]
        for p in range(values.shape[0]):
            value = values[p, d]
            gain += factors[p, 0] * value
            a += factors[p, 1] * value
            b += factors[p, 2] * value
            c += factors[p, 3] * value
        if turned[i]:
            gain, a, b = -gain, b, a
        terms[e, 0], terms[e, 1], terms[e, 2], terms[e, 3] = gain, a, -a if difference else b, c


@kernel
def _collect(
    gradients: Any, position: Any, device: Any, turned: Any, slots: Any, factors: Any,
    first: bool, values: Any,
) -> None:  # fmt: skip
    """Add to the gradients of one parameter those of the term it enters, summed over groups.

    ``slots`` and ``factors`` name the term and its share of plain and of turned devices. What is
    ``first`` finds no number there yet.
    """
    plain, other = slots
    factor, other_factor = factors
    for i in range(position.shape[0]):
        e, slot, share = position[i], plain, factor
        if turned[i]:
            slot, share = other, other_factor
        total = values.dtype.type(0)
        for g in range(gradients.shape[0]):
            total += gradients[g, e, slot]
        before = values.dtype.type(0) if first else values[device[i]]
        values[device[i]] = before + share * total


@lru_cache
def _entries(
    law: type[FusedLaw], number: np.dtype
) -> list[list[tuple[tuple[np.uint32, ...], tuple[np.floating, ...]]]]:
    """For every parameter the slots and factors of ``_collect``, the transpose of ``_fill``."""
    # In the difference form a alone stands for both ends, and changes its sign.
    turned = {"gain": ("gain", -1), "a": ("b", 1), "b": ("a", 1), "c": ("c", 1)}
    if is_difference(law):
        turned |= {"a": ("a", -1)}
        del turned["b"]
    return [
        [
            (
                (np.uint32(SLOTS.index(slot)), np.uint32(SLOTS.index(turned[slot][0]))),
                (number.type(factor), number.type(turned[slot][1] * factor)),
            )
            for slot, factor in entries.items()
            if slot in turned
        ]
        for entries in law.slots.values()
    ]


@lru_cache
def _shares(law: type[FusedLaw], number: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """The constant part of the terms (4,), and what every parameter adds to them (P, 4)."""
    constant = np.array([law.constant.get(slot, 0.0) for slot in SLOTS], number)
    factors = [[entries.get(slot, 0.0) for slot in SLOTS] for entries in law.slots.values()]
    return constant, np.array(factors, number).reshape(-1, 4)


def _stretches(part: Part, places: Places) -> Iterator[tuple[np.ndarray, ...]]:
    """The places of some devices of a part after the other."""
    for first in range(0, part.stop - part.start, STRETCH):
        yield tuple(column[first : first + STRETCH] for column in places)


def _on_all_threads(jobs: Sequence[Callable[[], Any]]) -> None:
    for_all(lambda k: jobs[k](), len(jobs))


def _copy(param: Tensor, row: np.ndarray) -> None:
    np.copyto(row, param.detach().reshape(-1).numpy())


def pack(plan: Plan, params: Sequence[Tensor], terms: np.ndarray | None = None) -> np.ndarray:
    """``pack_slices`` of one slice; its terms are float32 where no others are given."""
    if terms is None:
        terms = np.empty((plan.device_count, 4), np.float32)
    return pack_slices([plan], params, terms)


def pack_slices(plans: Sequence[Plan], params: Sequence[Tensor], terms: np.ndarray) -> np.ndarray:
    """The terms (E, 4) of all devices in packed order, slice after slice.

    Args:
        plans: the topologies.
        params: (n, 1) each, slice after slice, kind after kind, in each law's order.
        terms: filled and returned, in the type of the parameters.
    """
    given, start = iter(params), 0
    copies: list[Callable[[], Any]] = []
    fills: list[Callable[[], Any]] = []
    for plan in plans:
        own = terms[start : start + plan.device_count]
        start += plan.device_count
        for part, places in zip(plan.parts, plan.places, strict=True):
            constant, factors = _shares(part.law, terms.dtype)
            values = np.empty((len(factors), part.stop - part.start), terms.dtype)
            copies += [partial(_copy, next(given), row) for row in values]
            rest = is_difference(part.law), constant, factors, values
            fills += [partial(_fill, own, *chosen, *rest) for chosen in _stretches(part, places)]
    _on_all_threads(copies)
    _on_all_threads(fills)
    return terms


def unpack(plan: Plan, gradients: np.ndarray) -> list[np.ndarray]:
    """``unpack_slices`` of one slice."""
    return unpack_slices([plan], gradients)


def unpack_slices(plans: Sequence[Plan], gradients: np.ndarray) -> list[np.ndarray]:
    """Gradients (n, 1) of the kinds' own parameters from those of the terms, slice after slice.

    Args:
        plans: the topologies.
        gradients: (G, E, 4), to be summed over G.
    """
    result: list[np.ndarray] = []
    jobs: list[Callable[[], Any]] = []
    start = 0
    for plan in plans:
        own = gradients[:, start : start + plan.device_count]
        start += plan.device_count
        for part, places in zip(plan.parts, plan.places, strict=True):
            entries = _entries(part.law, gradients.dtype)
            values = np.empty((len(entries), part.stop - part.start), gradients.dtype)
            for value, shares in zip(values, entries, strict=True):
                jobs += [
                    partial(_collect_all, own, chosen, shares, value)
                    for chosen in _stretches(part, places)
                ]
            # Of the parameters' strides: torch then takes a gradient as it is, without a copy.
            result += [value.reshape(-1, 1) for value in values]
    _on_all_threads(jobs)
    return result


def _collect_all(
    gradients: np.ndarray, chosen: Sequence[np.ndarray], shares: Sequence[Any], values: np.ndarray
) -> None:
    if not shares:
        values[chosen[1]] = 0.0
    for number, share in enumerate(shares):
        _collect(gradients, *chosen, *share, number == 0, values)
