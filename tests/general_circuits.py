"""Random circuits of the general class: every part, decades of every value, any start.

A circuit lives at one impedance and one duration, drawn over decades; its parts lie within one and
a half decades of them, so that something happens while it is watched.
"""

import numpy as np

from backend.circuit import GROUND, Circuit, Device, Node, Slice
from backend.errors import CircuitError
from backend.waveforms import Waveform
from backend.waveforms.constant import Constant
from backend.waveforms.piecewise_linear import PiecewiseLinear
from backend.waveforms.pulse import Pulse
from backend.waveforms.sine import Sine

LINEAR = ("resistor", "capacitor", "inductor", "vccs", "vcvs", "cccs", "ccvs")
BENT = ("diode", "junction_diode", "nmos", "pmos", "npn", "pnp", "tanh", "relu")


class _Drawing:
    """Draws one circuit."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng([seed, 12])
        self.ohm = 10.0 ** self.rng.uniform(1, 5)
        self.span = 10.0 ** self.rng.uniform(-8, 0)
        self.volt = float(self.rng.choice([0.3, 1.0, 5.0, 12.0]))
        count = int(self.rng.integers(2, 8))
        self.nodes = [f"n{k}" for k in range(count)]
        self.devices: list[Device] = []

    def near(self, value: float, decades: float = 1.5) -> float:
        return float(value * 10.0 ** self.rng.uniform(-decades, decades))

    def wave(self, scale: float) -> Waveform:
        high, low = scale * self.rng.normal(), scale * self.rng.normal()
        match self.rng.integers(4):
            case 0:
                return Constant(high)
            case 1:
                return Sine(low, high, self.rng.uniform(0.5, 5) / self.span)
            case 2:
                rise, fall = self.span * self.rng.uniform(0.01, 0.1, 2)
                width = self.span * self.rng.uniform(0.05, 0.3)
                period = (rise + fall + width) * self.rng.uniform(1.2, 2)
                delay = self.span * self.rng.uniform(0, 0.2)
                return Pulse(low, high, delay, rise, fall, width, period)
            case _:
                times = np.sort(self.rng.uniform(0, self.span, 4))
                return PiecewiseLinear((0.0, *times), tuple(scale * self.rng.normal(size=5)))

    def ends(self, ground: float = 0.35) -> tuple[str, str]:
        one, two = self.rng.permutation(self.nodes)[:2]
        if self.rng.random() < ground:
            two = GROUND
        pair = (str(one), str(two))
        return pair if self.rng.random() < 0.5 else pair[::-1]

    def add(self, kind: str, **more: object) -> None:
        source, target = more.pop("ends", None) or self.ends()  # type: ignore[misc]
        self.devices.append(Device(f"{kind}{len(self.devices)}", kind, source, target, **more))  # type: ignore[arg-type]

    def one(self, kind: str) -> None:
        """A device of a kind with values of the circuit's own size."""
        rng, siemens = self.rng, 1 / self.ohm
        sensed = {"plus": str(rng.choice(self.nodes)), "minus": GROUND}
        match kind:
            case "resistor":
                self.add(kind, params={"conductance": self.near(siemens)})
            case "capacitor":
                self.add(kind, params={"capacitance": self.near(self.span / self.ohm / 5)})
            case "inductor":
                self.add(kind, params={"inductance": self.near(self.span * self.ohm / 5)})
            case "vccs":
                self.add(kind, params={"gain": self.near(0.3 * siemens, 0.5)}, terminals=sensed)
            case "vcvs":
                self.add(kind, params={"gain": rng.uniform(-3, 3)}, terminals=sensed)
            case "cccs" | "ccvs":
                meter = f"meter{len(self.devices)}"
                self.devices.append(Device(meter, "voltage_source", *self.ends(), {"voltage": 0.0}))
                value = {"gain": rng.uniform(-2, 2)}
                if kind == "ccvs":
                    value = {"resistance": self.near(self.ohm, 0.5)}
                self.add(kind, params=value, terminals={"control": meter})
            case _:
                self.bent(kind)

    def bent(self, kind: str) -> None:
        rng, siemens = self.rng, 1 / self.ohm
        if kind == "diode":
            saturation = 10.0 ** rng.uniform(-15, -10)
            self.add(kind, params={"saturation_current": saturation, "ideality": rng.uniform(1, 2)})
        elif kind == "junction_diode":
            self.add(
                kind,
                params={
                    "saturation_current": 10.0 ** rng.uniform(-15, -11),
                    "resistance": float(rng.choice([0.0, self.near(0.05 * self.ohm)])),
                    "capacitance": self.near(0.02 * self.span / self.ohm),
                    "potential": rng.uniform(0.5, 0.9),
                    "grading": rng.uniform(0.3, 0.5),
                    "transit_time": float(rng.choice([0.0, 0.02 * self.span])),
                },
            )
        elif kind in ("nmos", "pmos"):
            gate = {"gate": str(rng.choice(self.nodes)), "bulk": GROUND}
            params = {
                "transconductance": self.near(siemens, 0.5), "threshold": rng.uniform(0.2, 1),
                "modulation": rng.uniform(0, 0.1), "width": 1e-5, "length": 1e-5,
            }  # fmt: skip
            self.add(kind, params=params, terminals=gate)
        elif kind in ("npn", "pnp"):
            params = {
                "saturation_current": 10.0 ** rng.uniform(-17, -13),
                "forward_gain": rng.uniform(20, 300), "reverse_gain": rng.uniform(0.5, 5),
                "conductance": float(rng.choice([0.0, 0.01])),
            }  # fmt: skip
            self.add(kind, params=params, terminals={"base": str(rng.choice(self.nodes))})
        else:
            self.add(kind, params={"a": self.near(siemens), "b": self.near(siemens), "c": 0.0})

    def circuit(self) -> Circuit:
        rng = self.rng
        for name in self.nodes:
            if rng.random() < 0.8:
                conductance = {"conductance": self.near(0.3 / self.ohm)}
                self.add("resistor", ends=(name, GROUND), params=conductance)
        for _ in range(int(rng.integers(2, 6))):
            self.one(str(rng.choice(LINEAR)))
        for _ in range(int(rng.integers(0, 4))):
            self.one(str(rng.choice(BENT)))
        drive = self.wave(self.volt)
        self.add("voltage_source", params={"voltage": 0.0}, drive=drive)
        if rng.random() < 0.5:
            current = self.wave(self.volt / self.ohm)
            self.add("current_source", params={"current": 0.0}, drive=current)
        nodes = []
        for name in self.nodes:
            bare = rng.random() < 0.5
            farad = 0.0 if bare else self.near(self.span / self.ohm / 5)
            volts = 0.0 if bare else float(rng.choice([0.0, self.volt * rng.normal()]))
            nodes.append(Node(name, voltage=volts, capacitance=farad))
        start = "operating-point" if rng.random() < 0.5 else "voltages"
        return Circuit(
            tuple(nodes), (Slice(tuple(self.devices), self.span),), f"general {rng}", start=start
        ).replace(name="")


def general_circuit(seed: int) -> Circuit:
    """The circuit of a seed; where a draw contradicts itself the next one is taken."""
    for attempt in range(100):
        circuit = _Drawing(1000 * seed + attempt).circuit()
        try:
            from backend.simulation.nodal.problem import NodalProblem
            from backend.simulation.nodal.rest import resting

            problem = NodalProblem(circuit)
            if problem.reduced is not None and circuit.start == "operating-point":
                resting(problem)
        except CircuitError:
            continue
        return circuit
    raise AssertionError(f"no circuit in 100 draws from seed {seed}")
