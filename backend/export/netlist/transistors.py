"""Transistors of SPICE models as transistors of ours, with what lies in series and beside."""

from ...devices.passive import SPICE_SCALE
from ...errors import CircuitError, clipped
from .assembly import PARTS, Assembly
from .deck import Element
from .junction import check, renamed

MOS = {
    "kp": ("transconductance", 2e-5),
    "vto": ("threshold", 0.0),
    "lambda": ("modulation", 0.0),
    "gamma": ("body", 0.0),
    "phi": ("surface", 0.6),
    "is": ("saturation_current", 1e-14),
}
MOS_SAME = {"vt0": "vto", "vth0": "vto"}
MOS_IDLE = {"kf", "af", "tnom", "tpg", "n", "pb", "mj", "mjsw", "fc", "nlev", "gdsnoi"}
MOS_WITHOUT = {
    "level": 1.0, "rsh": 0.0, "cj": 0.0, "cjsw": 0.0, "cbd": 0.0, "cbs": 0.0, "nss": 0.0, "js": 0.0,
}  # fmt: skip
"""Parameters that are not modelled, and the values at which they do nothing."""

OVERLAPS = {"cgso": ("gate", "target"), "cgdo": ("gate", "source"), "cgbo": ("gate", "bulk")}

BIPOLAR = {
    "is": ("saturation_current", 1e-16),
    "bf": ("forward_gain", 100.0),
    "br": ("reverse_gain", 1.0),
    "nf": ("forward_ideality", 1.0),
    "nr": ("reverse_ideality", 1.0),
}
BIPOLAR_SAME = {"va": "vaf", "mje": "me", "mjc": "mc", "vje": "pe", "vjc": "pc"}
BIPOLAR_IDLE = {"kf", "af", "eg", "xti", "xtb", "tnom", "ne", "nc", "fc", "ptf"}
BIPOLAR_WITHOUT = {
    "ise": 0.0, "isc": 0.0, "tf": 0.0, "tr": 0.0, "cjs": 0.0, "itf": 0.0, "xtf": 0.0, "irb": 0.0,
    "level": 1.0,
}  # fmt: skip
DEPLETION = {"cje": ("me", 0.33, "pe", "target"), "cjc": ("mc", 0.33, "pc", "source")}


@PARTS.register("nmos")
@PARTS.register("pmos")
def field_effect(made: Assembly, element: Element) -> None:
    """Level 1, with overlap capacitances and resistances at drain and source."""
    model = element.model
    assert model is not None
    values = renamed(model, MOS_SAME)
    known = {*MOS, *MOS_IDLE, *OVERLAPS, "rd", "rs", "ld", "l", "w"}
    check(model, values, known, MOS_WITHOUT)
    _at_nominal(made, element)
    drain, gate, source, bulk = element.nodes
    count = element.values["m"]
    width = element.values.get("w", values.get("w", 1e-4))
    length = element.values.get("l", values.get("l", 1e-4)) - 2 * values.get("ld", 0.0)
    if length <= 0 or width <= 0:
        raise CircuitError(f"'{clipped(element.name, 40)}' has no length or width left")
    params = {name: values.get(key, usual) for key, (name, usual) in MOS.items()}
    params |= {"width": width * count, "length": length}
    params["saturation_current"] *= count
    if model.kind == "pmos":
        params["threshold"] = -params["threshold"]
    drain = _behind(made, element, drain, values.get("rd", 0.0) / count, "drain")
    source = _behind(made, element, source, values.get("rs", 0.0) / count, "source")
    if drain == source:
        raise CircuitError(f"'{clipped(element.name, 40)}' has drain and source at one node")
    terminals = {"gate": gate, "bulk": bulk}
    made.device(element, model.kind, drain, source, params, terminals=terminals)
    ends = {"gate": gate, "source": drain, "target": source, "bulk": bulk}
    for key, (one, other) in OVERLAPS.items():
        size = count * (length if key == "cgbo" else width)
        _beside(made, element, values.get(key, 0.0) * size, ends[one], ends[other], key)


@PARTS.register("npn")
@PARTS.register("pnp")
def bipolar(made: Assembly, element: Element) -> None:
    """Ebers and Moll, with resistances and depletion charges."""
    model = element.model
    assert model is not None
    values = renamed(model, BIPOLAR_SAME)
    charges = {key for one in DEPLETION.values() for key in (one[0], one[2])}
    known = {*BIPOLAR, *BIPOLAR_IDLE, *DEPLETION, *charges, "vaf", "rb", "rc", "re"}
    check(model, values, known, BIPOLAR_WITHOUT)
    _at_nominal(made, element)
    size = element.values["area"] * element.values["m"]
    params = {name: values.get(key, usual) for key, (name, usual) in BIPOLAR.items()}
    params["saturation_current"] *= size
    for name in ("forward_ideality", "reverse_ideality"):
        params[name] /= SPICE_SCALE  # V_T of SPICE at 27 degrees Celsius is not our 25.85 mV
    params["conductance"] = 1 / values["vaf"] if values.get("vaf") else 0.0
    inner = {
        name: _behind(made, element, node, values.get(key, 0.0) / size, name)
        for name, key, node in zip(
            ("collector", "base", "emitter"), ("rc", "rb", "re"), element.nodes, strict=True
        )
    }
    source, base, target = inner.values()
    if source == target:
        raise CircuitError(f"'{clipped(element.name, 40)}' has collector and emitter at one node")
    made.device(element, model.kind, source, target, params, terminals={"base": base})
    for key, (grading, usual, potential, end) in DEPLETION.items():
        capacitance = values.get(key, 0.0) * size
        other = target if end == "target" else source
        if not capacitance or base == other:
            continue
        charge = {
            "saturation_current": 0.0,
            "capacitance": capacitance,
            "potential": values.get(potential, 0.75),
            "grading": values.get(grading, usual),
        }
        ends = (base, other) if model.kind == "npn" else (other, base)
        made.device(element, "junction_diode", *ends, charge, suffix=f"_{key}")


def _at_nominal(made: Assembly, element: Element) -> None:
    model = element.model
    assert model is not None
    nominal = model.values.get("tnom", made.deck.nominal)
    if element.values["temperature"] != nominal or nominal != 27.0:
        raise CircuitError(
            f"'{clipped(element.name, 40)}' is a transistor at {element.values['temperature']:g} "
            "degrees; transistors are known at 27 degrees Celsius alone"
        )


def _behind(made: Assembly, element: Element, node: str, resistance: float, name: str) -> str:
    """The node behind a resistance in series."""
    if not resistance:
        return node
    inner = made.inner(element, name)
    value = {"conductance": 1 / resistance}
    made.device(element, "resistor", node, inner, value, suffix=f"_{name}")
    return inner


def _beside(
    made: Assembly, element: Element, capacitance: float, one: str, other: str, name: str
) -> None:
    if capacitance and one != other:
        value = {"capacitance": capacitance}
        made.device(element, "capacitor", one, other, value, suffix=f"_{name}")
