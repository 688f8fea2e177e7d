"""Bipolar transistors of circuitjs: where their collector and emitter lie, and what they carry."""

import math

from ...errors import CircuitError, quoted
from .diodes import THERMAL_VOLTAGE
from .sketch import Point

ASIDE = 16
"""Of collector and emitter from the end of the element, across its direction [px]."""

FLIPPED = 1
SATURATION = {"default": 1e-13, "spice-default": 1e-16}
"""Saturation currents [A] of the models that every file knows."""


def collector_and_emitter(start: Point, end: Point, flags: int, pnp: int) -> tuple[Point, Point]:
    """The two points beside the end of the element, whose start is the base.

    Raises:
        CircuitError: the element has no length.
    """
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy)
    if not length:
        raise CircuitError("the transistor has no length, so nothing says where its ends are")
    sign = math.copysign(1.0, dx if dy == 0 else dy) * (-1 if flags & FLIPPED else 1) * pnp
    x, y = ASIDE * sign * dy / length, -ASIDE * sign * dx / length
    # The simulator rounds so.
    return (
        (math.floor(end[0] + x + 0.48), math.floor(end[1] + y + 0.48)),
        (math.floor(end[0] - x + 0.48), math.floor(end[1] - y + 0.48)),
    )


def parameters(beta: float, model: str, thermal_voltage: float) -> dict[str, float]:
    """Parameters of our transistor.

    Args:
        beta: forward current gain.
        model: name.
        thermal_voltage: ours [V].

    Raises:
        CircuitError: another model.
    """
    if model not in SATURATION:
        raise CircuitError(
            f"the transistor names the model {quoted(model)}; those read are 'default' and "
            "'spice-default'"
        )
    ideality = THERMAL_VOLTAGE / thermal_voltage
    return {
        "saturation_current": SATURATION[model],
        "forward_gain": beta,
        "reverse_gain": 1.0,
        "forward_ideality": ideality,
        "reverse_ideality": ideality,
    }
