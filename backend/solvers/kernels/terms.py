"""Between the kinds' own parameters and the packed terms gain, a, b, c of the kernels."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from torch import Tensor

from ...devices.base import FusedLaw
from .caching import kernel
from .plan import SLOTS, Plan, is_difference
from .threads import for_all

STRETCH = 1 << 14


@kernel
def _fill(
    terms: Any, position: Any, turned: Any, difference: bool, constant: Any, factors: Any,
    values: Any,
) -> None:  # fmt: skip
    """The terms of the devices of one kind; a turned device changes gain and ends (``plan``)."""
    for i in range(values.shape[1]):
        e = position[i]
        gain, a, b, c = constant[0], constant[1], constant[2], constant[3]
        for p in range(values.shape[0]):
            value = values[p, i]
            gain += factors[p, 0] * value
            a += factors[p, 1] * value
            b += factors[p, 2] * value
            c += factors[p, 3] * value
        if turned[i]:
            gain, a, b = -gain, b, a
        terms[e, 0], terms[e, 1], terms[e, 2], terms[e, 3] = gain, a, -a if difference else b, c


@kernel
def _collect(
    gradients: Any, position: Any, turned: Any, difference: bool, factors: Any, values: Any
) -> None:
    """The transpose of ``_fill``, of the sum over groups of gradients (G, E, 4)."""
    for i in range(values.shape[1]):
        e = position[i]
        gain = a = b = c = np.float32(0)
        for g in range(gradients.shape[0]):
            gain += gradients[g, e, 0]
            a += gradients[g, e, 1]
            b += gradients[g, e, 2]
            c += gradients[g, e, 3]
        if turned[i]:
            # In the difference form a alone stands for both ends, and changes its sign.
            gain, a, b = -gain, -a if difference else b, a
        if difference:
            b = np.float32(0)
        for p in range(values.shape[0]):
            values[p, i] = (
                factors[p, 0] * gain + factors[p, 1] * a + factors[p, 2] * b + factors[p, 3] * c
            )


@lru_cache
def _shares(law: type[FusedLaw]) -> tuple[np.ndarray, np.ndarray]:
    """The constant part of the terms (4,), and what every parameter adds to them (P, 4)."""
    constant = np.array([law.constant.get(slot, 0.0) for slot in SLOTS], np.float32)
    factors = [[entries.get(slot, 0.0) for slot in SLOTS] for entries in law.slots.values()]
    return constant, np.array(factors, np.float32).reshape(-1, 4)


def _by_stretches(work: Callable[[int, int], None], count: int) -> None:
    """Call ``work`` for stretches of devices, on all threads."""
    stretches = max(1, -(-count // STRETCH))
    for_all(lambda k: work(k * STRETCH, min((k + 1) * STRETCH, count)), stretches)


def pack(plan: Plan, params: Sequence[Tensor]) -> np.ndarray:
    """The terms (E, 4), float32, of all devices in packed order.

    Args:
        plan: the topology.
        params: (n, 1) each, kind after kind, in each law's order.
    """
    packed = plan.packed
    terms = np.empty((plan.device_count, 4), np.float32)
    given = iter(params)
    for part in plan.parts:
        constant, factors = _shares(part.law)
        values = np.empty((len(factors), part.stop - part.start), np.float32)
        for row in values:
            row[:] = next(given).detach().reshape(-1).numpy()

        def fill(lo: int, hi: int, part=part, constant=constant, factors=factors, values=values):
            own = slice(part.start + lo, part.start + hi)
            _fill(
                terms, packed.position[own], packed.turned[own], is_difference(part.law),
                constant, factors, values[:, lo:hi],
            )  # fmt: skip

        _by_stretches(fill, part.stop - part.start)
    return terms


def unpack(plan: Plan, gradients: np.ndarray) -> list[np.ndarray]:
    """Gradients (n, 1) of the kinds' own parameters from those of the terms.

    Args:
        plan: the topology.
        gradients: (G, E, 4), to be summed over G.
    """
    packed = plan.packed
    result: list[np.ndarray] = []
    for part in plan.parts:
        _, factors = _shares(part.law)
        values = np.empty((len(factors), part.stop - part.start), np.float32)

        def collect(lo: int, hi: int, part=part, factors=factors, values=values):
            own = slice(part.start + lo, part.start + hi)
            _collect(
                gradients, packed.position[own], packed.turned[own], is_difference(part.law),
                factors, values[:, lo:hi],
            )  # fmt: skip

        _by_stretches(collect, part.stop - part.start)
        result += [value[:, None] for value in values]
    return result
