"""Circuits of the general class as textbooks have them."""

from typing import Any

from backend.circuit import Circuit, Device, Node, Slice
from backend.waveforms.piecewise_linear import PiecewiseLinear
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine

MOS = {
    "transconductance": 2e-5, "threshold": 0.7, "modulation": 0.02, "body": 0.4, "surface": 0.6,
    "width": 1e-5, "length": 1e-6,
}  # fmt: skip
BIPOLAR = {
    "saturation_current": 1e-15, "forward_gain": 150.0, "reverse_gain": 2.0,
    "reverse_ideality": 1.1, "conductance": 0.01,
}  # fmt: skip
DIODE = {"saturation_current": 1e-12}


def device(name: str, kind: str, source: str, target: str, **more: Any) -> Device:
    """A device; terminals and drive by name, everything else a parameter."""
    terminals = more.pop("terminals", {})
    drive = more.pop("drive", None)
    return Device(name, kind, source, target, more, terminals=terminals, drive=drive)


def circuit(
    nodes: dict[str, float], devices: list[Device], duration: float, outputs: str, **more: Any
) -> Circuit:
    """A circuit of nodes with their capacitances [F]; ``outputs`` are names with blanks."""
    roles = outputs.split()
    return Circuit(
        tuple(
            Node(name, capacitance=farad, role="output" if name in roles else "hidden")
            for name, farad in nodes.items()
        ),
        (Slice(tuple(devices), duration),),
        **more,
    )


def divider() -> Circuit:
    return circuit(
        {"in": 0.0, "out": 0.0},
        [
            device("v", "voltage_source", "in", "gnd", voltage=9.0),
            device("r1", "resistor", "in", "out", conductance=1e-3),
            device("r2", "resistor", "out", "gnd", conductance=2e-3),
        ],
        1e-3,
        "out",
    )


def series_rlc() -> Circuit:
    return circuit(
        {"a": 0.0, "b": 0.0, "c": 1e-6},
        [
            device("v", "voltage_source", "a", "gnd", voltage=1.0),
            device("r", "resistor", "a", "b", conductance=0.1),
            device("l", "inductor", "b", "c", inductance=1e-3),
        ],
        1e-3,
        "c",
    )


def bridge() -> Circuit:
    """A bridge rectifier whose output a controlled source copies into a capacitor."""
    return circuit(
        {"p": 0.0, "m": 0.0, "o": 1e-4, "e": 1e-6},
        [
            device("v", "voltage_source", "p", "m", voltage=0.0, drive=Sine(0, 10, 50)),
            device("d1", "diode", "p", "o", **DIODE),
            device("d2", "diode", "m", "o", **DIODE),
            device("d3", "diode", "gnd", "p", **DIODE),
            device("d4", "diode", "gnd", "m", **DIODE),
            device("rl", "resistor", "o", "gnd", conductance=1e-3),
            device("ex", "vcvs", "e", "gnd", gain=0.5, terminals={"plus": "o", "minus": "gnd"}),
            device("re", "resistor", "e", "gnd", conductance=1e-3),
        ],
        0.06,
        "o e",
    )


def inverters(count: int = 3) -> Circuit:
    nodes = {"vdd": 0.0, "n0": 0.0} | {f"n{k}": 1e-13 for k in range(1, count + 1)}
    edge = Pulse(0, 3, 1e-9, 1e-10, 1e-10, 10e-9, 20e-9)
    devices = [
        device("vd", "voltage_source", "vdd", "gnd", voltage=3.0),
        device("vi", "voltage_source", "n0", "gnd", voltage=0.0, drive=edge),
    ]
    for k in range(count):
        ends = {"gate": f"n{k}"}
        devices += [
            device(
                f"mn{k}", "nmos", f"n{k + 1}", "gnd", **MOS, terminals={**ends, "bulk": "gnd"}
            ),
            device(
                f"mp{k}", "pmos", f"n{k + 1}", "vdd", **{**MOS, "width": 2.5e-5},
                terminals={**ends, "bulk": "vdd"},
            ),
        ]  # fmt: skip
    return circuit(nodes, devices, 4e-8, "n1 n3", start="operating-point")


def differential_pair() -> Circuit:
    return circuit(
        {"vcc": 0.0, "b1": 0.0, "c1": 1e-11, "c2": 1e-11, "e": 0.0, "o": 1e-10},
        [
            device("vc", "voltage_source", "vcc", "gnd", voltage=9.0),
            device("vb", "voltage_source", "b1", "gnd", voltage=0.0, drive=Sine(0, 0.03, 1e5)),
            device("r1", "resistor", "vcc", "c1", conductance=1e-4),
            device("r2", "resistor", "vcc", "c2", conductance=1e-4),
            device("q1", "npn", "c1", "e", **BIPOLAR, terminals={"base": "b1"}),
            device("q2", "npn", "c2", "e", **BIPOLAR, terminals={"base": "gnd"}),
            device("it", "current_source", "e", "gnd", current=1e-3),
            device("q3", "pnp", "o", "vcc", **BIPOLAR, terminals={"base": "c2"}),
            device("ro", "resistor", "o", "gnd", conductance=1e-4),
        ],
        3e-5,
        "o c1",
        start="operating-point",
    )


def charged_diode() -> Circuit:
    """A diode with series resistance, depletion and diffusion charge."""
    return circuit(
        {"in": 0.0, "o": 0.0},
        [
            device("v", "voltage_source", "in", "gnd", voltage=0.0, drive=Sine(0, 5, 1e6)),
            device(
                "d", "junction_diode", "in", "o", resistance=2.0, capacitance=4e-12,
                potential=0.7, grading=0.4, transit_time=2e-8,
            ),
            device("r", "resistor", "o", "gnd", conductance=1e-3),
        ],
        2e-6,
        "o",
    )  # fmt: skip


def controlled() -> Circuit:
    """Every controlled source, a floating capacitor and a tanh device."""
    ramp = PiecewiseLinear((0.0, 1e-3, 2e-3), (0.0, 1e-2, -5e-3))
    return circuit(
        {"a": 1e-6, "b": 0.0, "c": 1e-6, "d": 0.0},
        [
            device("i", "current_source", "gnd", "a", current=0.0, drive=ramp),
            device("r", "resistor", "a", "b", conductance=1e-2),
            device("vs", "voltage_source", "b", "gnd", voltage=0.0),
            device("f", "cccs", "gnd", "c", gain=2.0, terminals={"control": "vs"}),
            device("rc", "resistor", "c", "gnd", conductance=5e-3),
            device("h", "ccvs", "d", "gnd", resistance=300.0, terminals={"control": "vs"}),
            device("rd", "resistor", "d", "c", conductance=1e-3),
            device("cf", "capacitor", "a", "c", capacitance=3e-7),
            device("g", "vccs", "a", "gnd", gain=1e-3, terminals={"plus": "c", "minus": "d"}),
            device("t", "tanh", "c", "a", a=1e-3, b=0.5, c=0.0),
        ],
        3e-3,
        "a d",
    )


NAMED = {
    "divider": divider, "series RLC": series_rlc, "bridge": bridge, "inverters": inverters,
    "differential pair": differential_pair, "charged diode": charged_diode,
    "controlled": controlled,
}  # fmt: skip
