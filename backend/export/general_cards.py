"""Cards of circuits of the general class: every part as the one that SPICE has for it."""

from collections.abc import Callable, Iterator, Mapping

from ..circuit import GROUND, Circuit, Device
from ..devices import ELEMENTS
from ..errors import CircuitError
from ..simulation.nodal.transient import moves_at_once
from ..waveforms import Waveform
from .expressed import expression_text

RELTOL, SHARE, STEPS = 1e-6, 1e-9, 5
"""Of the simulator: relative tolerance, the smallest voltage as a share of the largest, steps
between two outputs."""

Law = Callable[[Device, str, str, str], str]


def general_cards(
    circuit: Circuit, remark: Callable[[str, object], str], law_card: Law, form: str
) -> Iterator[str]:
    """Nodes, then devices, each below a comment that describes it.

    Args:
        circuit: of the general class.
        remark: writes such a comment.
        law_card: writes the card of a device of the fast class from number, source and target.
        form: template around the expression of a source.
    """
    names = {node.id: f"n{number}" for number, node in enumerate(circuit.nodes, start=1)}
    names[GROUND] = "0"
    start = {node.id: float(node.voltage) for node in circuit.nodes} | {GROUND: 0.0}
    for number, node in enumerate(circuit.nodes, start=1):
        yield remark("node", numbers(node.to_dict()))
        if node.drive is not None:
            yield f"V{number} n{number} 0 {node.drive.spice(circuit.duration)}"
        elif node.capacitance > 0:
            yield f"C{number} n{number} 0 {float(node.capacitance)!r} IC={start[node.id]!r}"
    yield remark("slice", {"duration": float(circuit.duration)})
    cards = {device.id: f"Vd{number}" for number, device in enumerate(circuit.devices, start=1)}
    for number, device in enumerate(circuit.devices, start=1):
        yield remark("device", numbers(device.to_dict()))
        ends = {"source": names[device.source], "target": names[device.target]}
        for name, node in device.terminals.items():
            ends[name] = cards[node] if name == "control" else names[node]
        across = start[device.source] - start[device.target]
        if device.expression:
            value = form.format(expression_text(device, ends))
            yield from ELEMENTS[device.kind].spice(f"d{number}", ends, {}, value)
        else:
            yield from _device(device, f"d{number}", ends, across, circuit.duration, law_card)


def numbers(data: object) -> object:
    """The same with every number a float, as JSON repeats it exactly."""
    if isinstance(data, dict):
        return {key: numbers(value) for key, value in data.items()}
    if isinstance(data, list):
        return [numbers(value) for value in data]
    return float(data) if isinstance(data, int) and not isinstance(data, bool) else data


def _device(
    device: Device, name: str, ends: Mapping[str, str], across: float, end: float, law_card: Law
) -> Iterator[str]:
    params = {key: float(value) for key, value in device.params.items()}
    if device.kind in ELEMENTS:
        value = ""
        if device.drive is not None:
            constant = params[ELEMENTS[device.kind].params[0].name]
            value = _raised(device.drive, constant).spice(end)
        cards = ELEMENTS[device.kind].spice(name, ends, params, value)
        if device.kind in ("capacitor", "junction_diode"):
            cards[0] += f" IC={across!r}"
        yield from cards
        return
    source, target = ends["source"], ends["target"]
    if device.drive is not None:
        yield f"I{name} {source} {target} {_raised(device.drive, params['current']).spice(end)}"
    else:
        yield law_card(device, name, source, target)


def _raised(wave: Waveform, by: float) -> Waveform:
    return wave.raised(by) if by else wave


def general_control(circuit: Circuit, outputs: int, dialect: str, at_rest: bool = False) -> str:
    """Tolerances and the analysis; from the operating point where the circuit starts there."""
    stop = circuit.duration
    step = stop / (outputs - 1)
    volts = [abs(node.voltage) for node in circuit.nodes] + [wave.peak for wave in circuit.waves]
    volts += [abs(d.params.get("voltage", 0.0)) for d in circuit.devices]
    scale = max(volts) or 1.0
    if at_rest:
        # Newton's last step is the most precise one, and costs nothing.
        precise = f".options reltol=1e-9 vntol={1e-3 * SHARE * scale!r} abstol=1e-16 itl1=1000\n"
        return f"{'' if dialect == 'xyce' else precise}.op"
    held = _held_nodes(circuit) if charged_diodes(circuit) and not empty_diodes(circuit) else ""
    start = "" if circuit.start == "operating-point" or held else " uic"
    tran = f"{held}.tran {step!r} {stop!r} 0 {step / STEPS!r}{start}"
    if dialect == "xyce":
        return f".options timeint reltol={RELTOL!r} abstol={SHARE * scale!r}\n{tran}"
    method = "method=gear " if dialect == "ngspice" else ""
    return (
        f".options {method}reltol={RELTOL!r} vntol={SHARE * scale!r} abstol=1e-13 chgtol=1e-18 "
        f"trtol=1 itl4=200\n{tran}"
    )


def charged_diodes(circuit: Circuit) -> list[str]:
    """Diodes that hold a charge at 0 s, by id."""
    if circuit.start == "operating-point":
        return []
    start = {node.id: node.voltage for node in circuit.nodes} | {GROUND: 0.0}
    return [
        device.id
        for device in circuit.devices
        if device.kind == "junction_diode"
        and (device.params["capacitance"] > 0 or device.params["transit_time"] > 0)
        and start[device.source] != start[device.target]
    ]


def empty_diodes(circuit: Circuit) -> list[str]:
    """Charged diodes that ngspice starts empty, by id: it ignores what ``IC`` says of them.

    Nodes that are held while the rest is found charge them, but not beside an inductor, through
    which such nodes send any current, nor where sources force other voltages.
    """
    charged = charged_diodes(circuit)
    if not charged or any(device.kind == "inductor" for device in circuit.devices):
        return charged
    try:
        return charged if moves_at_once(circuit) else []
    except CircuitError:  # what cannot be solved here leaves all the same
        return charged


def _held_nodes(circuit: Circuit) -> str:
    """The start as voltages that are held while the rest is found."""
    ends = {
        end
        for device in circuit.devices
        if device.kind in ("capacitor", "junction_diode")
        for end in (device.source, device.target)
    }
    held = [
        f"V(n{number})={float(node.voltage)!r}"
        for number, node in enumerate(circuit.nodes, start=1)
        if node.drive is None and (node.capacitance > 0 or node.id in ends)
    ]
    return f".ic {' '.join(held)}\n"


def start_remark(circuit: Circuit) -> dict[str, str]:
    """What the first comment says beside name and dialect."""
    return {"start": circuit.start} if circuit.start != "voltages" else {}
