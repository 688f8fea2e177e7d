"""Diode models of circuitjs: named ones, those of a file, and the forward voltages of old files."""

import math
from dataclasses import dataclass

from ...errors import CircuitError, quoted

THERMAL_VOLTAGE = 0.025865
"""That of circuitjs [V]; ours is that of 300 K, so that idealities differ by 0.06 %."""


@dataclass(frozen=True)
class DiodeModel:
    """Parameters of a diode.

    Args:
        current: saturation current [A].
        resistance: in series [ohm].
        emission: coefficient n of exp(v / (n v_T)).
        breakdown: reverse voltage at which it conducts, 0 for never [V].
    """

    current: float
    resistance: float = 0.0
    emission: float = 1.0
    breakdown: float = 0.0


USUAL = "default"
MODELS = {
    "default": DiodeModel(1.7143528192808883e-07, emission=2.0),
    "spice-default": DiodeModel(1e-14),
    "default-zener": DiodeModel(1.7143528192808883e-07, 0.0, 2.0, 5.6),
    "default-led": DiodeModel(93.2e-12, 0.042, 3.73),
    "1N5711": DiodeModel(315e-9, 2.8, 2.03, 70.0),
    "1N5712": DiodeModel(680e-12, 12.0, 1.003, 20.0),
    "1N34": DiodeModel(200e-12, 84e-3, 2.19, 60.0),
    "1N4004": DiodeModel(18.8e-9, 28.6e-3, 2.0, 400.0),
    "1N4148": DiodeModel(4.352e-9, 0.6458, 1.906, 75.0),
}
"""Those that every file knows."""


def of_drop(volts: float) -> DiodeModel:
    """The model that carries 1 A at a forward voltage, as old files state it.

    Raises:
        CircuitError: not above 0 V, or too far.
    """
    exponent = volts / (2 * THERMAL_VOLTAGE)
    if not 0 < exponent < 700:
        raise CircuitError(f"its forward voltage is {volts:g} V; expected one from 0.1 V to 20 V")
    return DiodeModel(1 / math.expm1(exponent), emission=2.0)


def parameters(name: str, model: DiodeModel, thermal_voltage: float) -> dict[str, float]:
    """Parameters of our diode.

    Args:
        name: of the model, for messages.
        model: what it says.
        thermal_voltage: ours [V].

    Raises:
        CircuitError: it has something that our diode has not.
    """
    for value, what in (
        (model.resistance, f"a series resistance of {model.resistance:g} ohm"),
        (model.breakdown, f"a breakdown at {model.breakdown:g} V"),
    ):
        if value:
            raise CircuitError(
                f"the diode model {quoted(name)} has {what}, which is not modelled here; choose "
                "'default' or 'spice-default'"
            )
    ideality = model.emission * THERMAL_VOLTAGE / thermal_voltage
    return {"saturation_current": model.current, "ideality": ideality}
