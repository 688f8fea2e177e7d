r"""A circuit as a SPICE netlist that ngspice, LTspice or Xyce integrates.

Every node has its capacitor with the initial voltage (``tran ... uic``, no operating point), every
device is a behavioural current source from source to target. In a circuit of several slices each
device's current is multiplied by its slice's gate: a voltage source that is 1 during the slice and
0 outside. Two neighbouring gates cross in a short ramp that begins at the boundary. Its corners are
breakpoints of the simulator's time steps, so that no step jumps over a boundary. The ramp does not
begin earlier because the next slice may be stiff: the voltages at the boundary are those before it.

Only numbers and the names n1, B1, g1 stand in cards. Everything a user wrote stands in comments
as ASCII JSON, where a line break is the two characters ``\n``: no text can start a card.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from ..circuit import GROUND, Circuit, Device, Node
from ..devices import DEVICES
from ..errors import ExportError
from ..params import Param
from .base import EXPORTERS, Exporter

FORMAT = "kirchhoff-netlist/1"
REMARK = "*@ "
"""Opens a comment that ``netlist_import`` reads back."""

RAMP = 1e-5
"""Width of a gate's ramp as a share of the shorter neighbouring slice."""

PER_LINE = 8


@dataclass(frozen=True)
class Dialect:
    """How one simulator spells what the netlist needs.

    Args:
        title: name shown in menus.
        expression: template around the expression of a source.
        control: template of the lines after the devices; see ``_control``.
        output: card that lists the node voltages to keep.
    """

    title: str
    expression: str
    control: str
    output: str


DIALECTS = {
    "ngspice": Dialect(
        "ngspice",
        "I={{{}}}",
        ".options method=trap reltol={reltol!r} vntol={vntol!r} abstol={abstol!r}"
        " chgtol={chgtol!r} trtol=1\n.tran {step!r} {stop!r} 0 {longest!r} uic",
        ".print tran",
    ),
    "ltspice": Dialect(
        "LTspice",
        "I={}",
        ".options reltol={reltol!r} vntol={vntol!r} abstol={abstol!r} chgtol={chgtol!r}"
        " trtol=1 plotwinsize=0 numdgt=15\n.tran 0 {stop!r} 0 {longest!r} uic",
        ".save",
    ),
    "xyce": Dialect(
        "Xyce",
        "I={{{}}}",
        ".options timeint method=trap reltol={reltol!r} abstol={vntol!r}\n"
        ".options output initial_interval={step!r}\n.tran {step!r} {stop!r} 0 {longest!r} uic",
        ".print tran format=csv",
    ),
}

PARAMS = (
    Param("dialect", "ngspice", choices=tuple(DIALECTS), doc="The simulator that will read it."),
    Param("outputs", 201, low=2, high=1_000_000, doc="Number of output times, both ends included."),
    Param("reltol", 1e-7, low=1e-12, high=1e-2, doc="Relative tolerance of the simulator."),
)


@EXPORTERS.register("spice")
class SpiceExporter(Exporter):
    """A netlist of behavioural current sources; our reader restores the circuit from it."""

    title = "SPICE netlist"
    suffix = ".cir"
    params = PARAMS

    def content(self, circuit: Circuit) -> bytes:
        """The netlist, plain ASCII."""
        text = netlist(
            circuit,
            str(self.options["dialect"]),
            int(self.options["outputs"]),
            float(self.options["reltol"]),
        )
        return text.encode("ascii")


def netlist(
    circuit: Circuit, dialect: str = "ngspice", outputs: int = 201, reltol: float = 1e-7
) -> str:
    """The circuit as a SPICE netlist, without any control block.

    Args:
        circuit: the description.
        dialect: ``ngspice``, ``ltspice`` or ``xyce``.
        outputs: number of equidistant output times, both ends included.
        reltol: relative tolerance of the simulator.

    Raises:
        ExportError: an unknown dialect.
    """
    if dialect not in DIALECTS:
        raise ExportError(f"unknown dialect {dialect!r}; choose one of {', '.join(DIALECTS)}")
    form = DIALECTS[dialect]
    remark = {"name": circuit.name, "dialect": dialect, "outputs": outputs, "reltol": reltol}
    lines = [
        f"* {FORMAT}: {len(circuit.nodes)} nodes, {circuit.device_count} devices, {form.title}",
        "* Node n<k> and device B<k> are the k-th of the circuit; ground is 0; lines opened by",
        "* *@ describe the card below them. Units are V, A, F, s.",
        _remark("circuit", remark),
        *_node_cards(circuit),
        *_slice_cards(circuit, form),
        _control(circuit, form, outputs, reltol),
        *_output_cards(len(circuit.nodes), form.output),
        ".end",
    ]
    return "\n".join(lines) + "\n"


def _remark(what: str, data: object) -> str:
    """A comment line; ASCII JSON has no line break, and ends with a brace, never a backslash."""
    return f"{REMARK}{what} {json.dumps(data)}"


def _node_cards(circuit: Circuit) -> Iterator[str]:
    for number, node in enumerate(circuit.nodes, start=1):
        yield _remark("node", _node_remark(node))
        yield f"C{number} n{number} 0 {float(node.capacitance)!r} IC={float(node.voltage)!r}"


def _node_remark(node: Node) -> dict[str, object]:
    return {
        "id": node.id,
        "voltage": float(node.voltage),
        "capacitance": float(node.capacitance),
        "role": node.role,
        "label": node.label,
        "x": float(node.x),
        "y": float(node.y),
    }


def _slice_cards(circuit: Circuit, form: Dialect) -> Iterator[str]:
    names = {node.id: f"n{number}" for number, node in enumerate(circuit.nodes, start=1)}
    names[GROUND] = "0"
    gates = _gates([float(part.duration) for part in circuit.slices])
    number = 0
    for index, part in enumerate(circuit.slices, start=1):
        yield _remark("slice", {"duration": float(part.duration)})
        gate = f"V(g{index})" if len(circuit.slices) > 1 and part.devices else ""
        if gate:
            points = " ".join(f"{time!r} {level}" for time, level in gates[index - 1])
            yield f"Vg{index} g{index} 0 PWL({points})"
        for device in part.devices:
            number += 1
            yield _remark("device", _device_remark(device))
            source, target = names[device.source], names[device.target]
            current = _current(device, source, target)
            current = form.expression.format(f"{gate}*({current})" if gate else current)
            yield f"B{number} {source} {target} {current}"


def _device_remark(device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "kind": device.kind,
        "source": device.source,
        "target": device.target,
        "params": {name: float(value) for name, value in device.params.items()},
        "trainable": device.trainable,
    }


def _current(device: Device, source: str, target: str) -> str:
    law = DEVICES[device.kind]
    params = {name: float(value) for name, value in device.params.items()}
    return law.spice(voltage(source), voltage(target), params)


def voltage(node: str) -> str:
    """A node's voltage inside an expression."""
    return "0" if node == "0" else f"V({node})"


def _gates(durations: list[float]) -> list[list[tuple[float, int]]]:
    """Corners (time, level) of every slice's gate."""
    ends = list(accumulate(durations))
    corners: list[list[tuple[float, int]]] = [[(0.0, int(k == 0))] for k in range(len(ends))]
    for k, (end, before, after) in enumerate(
        zip(ends[:-1], durations[:-1], durations[1:], strict=True)
    ):
        # Never below what the two times can be told apart by.
        width = max(RAMP * min(before, after), 1e-12 * end)
        corners[k] += [(end, 1), (end + width, 0)]
        corners[k + 1] += [(end, 0), (end + width, 1)]
    return corners


def _control(circuit: Circuit, form: Dialect, outputs: int, reltol: float) -> str:
    """Tolerances in the circuit's own scale, and the transient analysis.

    The longest step is at most the time between outputs. ngspice merges breakpoints closer than
    5e-5 of the longest step, so it must also stay below RAMP / 5e-5 of the shortest slice.
    """
    stop = math.fsum(part.duration for part in circuit.slices)
    step = stop / (outputs - 1)
    shortest = min(part.duration for part in circuit.slices)
    smallest = min(node.capacitance for node in circuit.nodes)
    nanovolt = 1e-3 * reltol
    return form.control.format(
        reltol=reltol,
        vntol=nanovolt,
        abstol=min(1e-12, nanovolt * smallest / stop),
        chgtol=nanovolt * smallest,
        step=step,
        stop=stop,
        longest=min(step, shortest * RAMP / 1e-4) if len(circuit.slices) > 1 else step,
    )


def _output_cards(count: int, card: str) -> Iterator[str]:
    names = [f"V(n{number})" for number in range(1, count + 1)]
    for first in range(0, count, PER_LINE):
        yield f"{'+' if first else card} {' '.join(names[first : first + PER_LINE])}"
