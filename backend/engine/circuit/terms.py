"""Between the kinds' own parameters and the packed terms gain, a, b, c of the kernels."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from torch import Tensor

from ...devices.base import FusedLaw
from ..threads import for_all
from .caching import kernel
from .plan import SLOTS, Plan, is_difference

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
    gradients: Any, position: Any, device: Any, turned: Any, slots: Any, factors: Any, values: Any
) -> None:
    """Add to the gradients of one parameter those of the term it enters, summed over groups.

    ``slots`` and ``factors`` name the term and its share of plain and of turned devices.
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
        values[device[i]] += share * total


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


def _by_stretches(work: Callable[[int, int], None], count: int) -> None:
    """Call ``work`` for stretches of devices, on all threads."""
    stretches = max(1, -(-count // STRETCH))
    for_all(lambda k: work(k * STRETCH, min((k + 1) * STRETCH, count)), stretches)


def pack(plan: Plan, params: Sequence[Tensor], terms: np.ndarray | None = None) -> np.ndarray:
    """The terms (E, 4) of all devices in packed order.

    Args:
        plan: the topology.
        params: (n, 1) each, kind after kind, in each law's order.
        terms: filled and returned if given, in the type of the parameters; else float32.
    """
    if terms is None:
        terms = np.empty((plan.device_count, 4), np.float32)
    given = iter(params)
    for part, places in zip(plan.parts, plan.places, strict=True):
        constant, factors = _shares(part.law, terms.dtype)
        values = np.empty((len(factors), part.stop - part.start), terms.dtype)
        for row in values:
            row[:] = next(given).detach().reshape(-1).numpy()

        def fill(lo: int, hi: int, part=part, places=places, constant=constant, factors=factors,
                 values=values):  # fmt: skip
            own = (column[lo:hi] for column in places)
            _fill(terms, *own, is_difference(part.law), constant, factors, values)

        _by_stretches(fill, part.stop - part.start)
    return terms


def unpack(plan: Plan, gradients: np.ndarray) -> list[np.ndarray]:
    """Gradients (n, 1) of the kinds' own parameters from those of the terms.

    Args:
        plan: the topology.
        gradients: (G, E, 4), to be summed over G.
    """
    result: list[np.ndarray] = []
    for part, places in zip(plan.parts, plan.places, strict=True):
        entries = _entries(part.law, gradients.dtype)
        values = np.zeros((len(entries), part.stop - part.start), gradients.dtype)

        def collect(lo: int, hi: int, places=places, entries=entries, values=values):
            own = [column[lo:hi] for column in places]
            for value, shares in zip(values, entries, strict=True):
                for share in shares:
                    _collect(gradients, *own, *share, value)

        _by_stretches(collect, part.stop - part.start)
        result += [value[:, None] for value in values]
    return result
