"""Between the kinds' own parameters and the packed terms gain, a, b, c of the kernels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from .caching import kernel
from .plan import SLOTS, Part, Plan


@kernel
def _begin(
    terms: Any, position: Any, turned: Any, start: int, stop: int, difference: bool, constant: Any
) -> None:
    for device in range(start, stop):
        e, turn = position[device], turned[device]
        terms[e, 0] = -constant[0] if turn else constant[0]
        if difference:
            terms[e, 1] = -constant[1] if turn else constant[1]
            terms[e, 2] = -terms[e, 1]
        else:
            terms[e, 1] = constant[2] if turn else constant[1]
            terms[e, 2] = constant[1] if turn else constant[2]
        terms[e, 3] = constant[3]


@kernel
def _enter(
    terms: Any, position: Any, turned: Any, start: int, difference: bool, slot: int, factor: Any,
    values: Any,
) -> None:  # fmt: skip
    """Add ``factor`` times a parameter to the term ``slot`` of every device."""
    for i in range(values.shape[0]):
        e, turn = position[start + i], turned[start + i]
        value = factor * values[i]
        if slot == 0:
            terms[e, 0] += -value if turn else value
        elif slot == 3:
            terms[e, 3] += value
        elif difference:
            terms[e, 1] += -value if turn else value
        else:
            terms[e, 3 - slot if turn else slot] += value


@kernel
def _leave(
    gradient: Any, position: Any, turned: Any, start: int, difference: bool, slot: int,
    factor: Any, values: Any,
) -> None:  # fmt: skip
    """The transpose of ``_enter``: gradients of the terms to those of a parameter."""
    for i in range(values.shape[0]):
        e, turn = position[start + i], turned[start + i]
        sign = -factor if turn and (slot == 0 or (difference and slot == 1)) else factor
        at = 3 - slot if turn and not difference and (slot == 1 or slot == 2) else slot
        values[i] += sign * gradient[e, at]


def _entries(part: Part) -> list[list[tuple[int, np.float32]]]:
    """Slot and factor of every parameter; b follows from a where b = -a."""
    return [
        [
            (SLOTS.index(slot), np.float32(factor))
            for slot, factor in entries.items()
            if not (part.difference and slot == "b")
        ]
        for entries in part.law.slots.values()
    ]


def pack(plan: Plan, params: Sequence[Tensor]) -> np.ndarray:
    """The terms (E, 4), float32, of all devices in packed order.

    Args:
        plan: the topology.
        params: (n, 1) each, kind after kind, in each law's order.
    """
    packed = plan.packed
    terms = np.empty((plan.device_count, 4), np.float32)
    values = iter(params)
    for part in plan.parts:
        constant = np.array([part.law.constant.get(slot, 0.0) for slot in SLOTS], np.float32)
        order = packed.position, packed.turned
        _begin(terms, *order, part.start, part.stop, part.difference, constant)
        for entries in _entries(part):
            value = next(values).detach().reshape(-1).numpy()
            for slot, factor in entries:
                _enter(terms, *order, part.start, part.difference, slot, factor, value)
    return terms


def unpack(plan: Plan, gradient: np.ndarray) -> list[np.ndarray]:
    """Gradients (n, 1) of the kinds' own parameters from those of the terms (E, 4)."""
    packed = plan.packed
    result: list[np.ndarray] = []
    for part in plan.parts:
        for entries in _entries(part):
            value = np.zeros(part.stop - part.start, np.float32)
            order = packed.position, packed.turned
            for slot, factor in entries:
                _leave(gradient, *order, part.start, part.difference, slot, factor, value)
            result.append(value[:, None])
    return result
