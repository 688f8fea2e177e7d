"""Diodes of SPICE models as diodes of ours, at any temperature."""

import math

from ...devices.passive import SPICE_SCALE, THERMAL_VOLTAGE
from ...errors import CircuitError, clipped
from .assembly import Assembly
from .deck import ROOM, Element, Model

KELVIN = 273.15
PER_KELVIN = 1.38064852e-23 / 1.6021766208e-19
"""Boltzmann's constant by the electron's charge, as ngspice has it [V/K]."""

USUAL = {"is": 1e-14, "n": 1.0, "eg": 1.11, "xti": 3.0}

CHARGE = {"cjo": 0.0, "vj": 1.0, "m": 0.5, "tt": 0.0, "rs": 0.0, "fc": 0.5}
SAME = {"cj0": "cjo", "cj": "cjo", "pb": "vj", "mj": "m", "js": "is", "trs": "trs1"}
"""Other names of the same."""

BREAKDOWN = {"bv": math.inf, "ibv": 1e-3, "nbv": 1.0}
"""NBV is N where it is not given, as in ngspice."""

WITHOUT = {
    "cjp": 0.0, "cjsw": 0.0, "isr": 0.0, "ikf": math.inf, "ik": math.inf, "jsw": 0.0, "level": 1.0,
}  # fmt: skip
"""Parameters that are not modelled, and the values at which they do nothing."""

IDLE = {
    "kf", "af", "mjsw", "php", "vjsw", "tnom", "tref", "nr", "tm1", "tm2", "cta", "ctp", "fcs",
}  # fmt: skip
"""Parameters of noise, of what is refused above, and of charges at other temperatures."""

HEATED = {"rs": ("trs1", "trs2"), "tt": ("ttt1", "ttt2")}
"""What changes as 1 + a dT + b dT**2, and the parameters of that."""


def add_diode(made: Assembly, element: Element) -> None:
    """Enter a diode: junction, resistance and charge, and a second junction for its breakdown.

    Raises:
        CircuitError: a parameter that our diodes do not have.
    """
    assert element.model is not None
    plus, minus = element.nodes
    values = renamed(element.model, SAME)
    changes = {key for pair in HEATED.values() for key in pair}
    check(element.model, values, {*USUAL, *CHARGE, *BREAKDOWN, *IDLE, *changes, "tcv"}, WITHOUT)
    if "bv" in values and "ibv" in values and values["ibv"] <= 0:
        raise CircuitError("a diode needs a positive IBV")
    size = element.values["area"] * element.values["m"]
    simple = at_heat(element, values, made.deck.nominal)
    params = {"saturation_current": simple[0] * size, "ideality": simple[1]}
    charge = {key: values.get(key, usual) for key, usual in CHARGE.items()}
    rise = element.values["temperature"] - values.get("tnom", made.deck.nominal)
    for key, (first, second) in HEATED.items():
        charge[key] *= 1 + values.get(first, 0.0) * rise + values.get(second, 0.0) * rise**2
    broken = values.get("bv", math.inf)
    if not (charge["cjo"] or charge["tt"] or charge["rs"]) and not math.isfinite(broken):
        made.device(element, "diode", plus, minus, params)
        return
    if charge["fc"] != 0.5 and charge["cjo"]:
        raise CircuitError("the diode parameter FC is not modelled; it is 0.5 here")
    if charge["cjo"] and rise:
        raise CircuitError("the charge of a diode is known at its TNOM alone; leave CJO out")
    resistance = charge["rs"] / size
    anode = plus
    if resistance and math.isfinite(broken):
        anode = made.inner(element, "anode")
        ohms = {"conductance": 1 / resistance}
        made.device(element, "resistor", plus, anode, ohms, suffix="_rs")
        resistance = 0.0
    if element.values["temperature"] == made.deck.nominal == ROOM:
        params["ideality"] /= SPICE_SCALE  # V_T of SPICE at 27 degrees Celsius is not our 25.85 mV
    own = {
        **params,
        "resistance": resistance,
        "capacitance": charge["cjo"] * size,
        "potential": charge["vj"],
        "grading": charge["m"],
        "transit_time": charge["tt"],
    }
    made.device(element, "junction_diode", anode, minus, own)
    if math.isfinite(broken):
        at = broken - values.get("tcv", 0.0) * rise
        _add_breakdown(made, element, values, params["saturation_current"], anode, at)


def _add_breakdown(
    made: Assembly, element: Element, values: dict[str, float], saturation: float, anode: str,
    broken: float,
) -> None:  # fmt: skip
    """I_s exp((-v - x) / (NBV V_T)) backwards, with IBV at BV: a diode behind a voltage source."""
    heat, size = element.values["temperature"], element.values["area"] * element.values["m"]
    cool = THERMAL_VOLTAGE / SPICE_SCALE
    thermal = cool if heat == ROOM else PER_KELVIN * (heat + KELVIN)
    width = values.get("nbv", values.get("n", BREAKDOWN["nbv"])) * thermal
    if width <= 0:
        raise CircuitError("a diode needs a positive NBV")
    least = size * values.get("ibv", BREAKDOWN["ibv"])
    voltage = _knee(broken, least / saturation, width, thermal)
    middle = made.inner(element, "breakdown")
    back = {"saturation_current": saturation, "ideality": width / THERMAL_VOLTAGE}
    made.device(element, "diode", element.nodes[1], middle, back, suffix="_bv")
    made.device(element, "voltage_source", middle, anode, {"voltage": voltage}, suffix="_vbv")


def _knee(broken: float, ratio: float, width: float, thermal: float) -> float:
    """The voltage x of the breakdown at which IBV / I_s flows at BV.

    x = BV - NBV V_T ln(IBV / I_s + 1 - x / V_T), and BV where IBV is less than I_s BV / V_T, the
    current that ngspice takes for the least there.
    """
    if ratio < broken / thermal:
        return broken
    found = broken - width * math.log(1.0 + ratio)
    for _ in range(25):
        found = broken - width * math.log(max(ratio + 1.0 - found / thermal, 1.0))
    return found


def renamed(model: Model, same: dict[str, str]) -> dict[str, float]:
    """The values of a model by the usual one of several names."""
    return {same.get(key, key): value for key, value in model.values.items()}


def check(
    model: Model, values: dict[str, float], known: set[str], without: dict[str, float]
) -> None:
    """Refuse parameters that would be passed over.

    Raises:
        CircuitError: names the first.
    """
    for key, value in values.items():
        if key not in known and not (key in without and value == without[key]):
            kinds = {"d": "diode", "nmos": "MOSFET", "pmos": "MOSFET"}
            raise CircuitError(
                f"the {kinds.get(model.kind, 'transistor')} parameter '{clipped(key.upper(), 40)}' "
                f"of {model.place} is not modelled; leave it out if it does not matter"
            )


def at_heat(element: Element, values: dict[str, float], nominal: float) -> tuple[float, float]:
    """Saturation current and ideality at the element's temperature.

    I_s(T) = I_s (T/T_0)**(XTI/N) exp((T/T_0 - 1) EG/(N V_T)), and V_T = kT/q in place of 25.85 mV.

    Args:
        element: a diode.
        values: of its model.
        nominal: temperature at which models were measured unless they say otherwise [°C].

    Raises:
        CircuitError: no positive saturation current or ideality.
    """
    current, n, gap, power = (values.get(key, usual) for key, usual in USUAL.items())
    if current <= 0 or n <= 0:
        raise CircuitError("a diode needs a positive IS and N")
    heat, measured = element.values["temperature"], values.get("tnom", nominal)
    if heat == measured == ROOM:
        return current, n
    ratio = (heat + KELVIN) / (measured + KELVIN)
    thermal = PER_KELVIN * (heat + KELVIN)
    if ratio <= 0 or thermal <= 0:
        raise CircuitError(f"a temperature of {heat:g} degrees lies below absolute zero")
    current *= math.exp((ratio - 1) * gap / (n * thermal) + power / n * math.log(ratio))
    return current, n * thermal / THERMAL_VOLTAGE
