r"""A circuit as a SPICE netlist that ngspice, LTspice or Xyce integrates.

Every node has its capacitor with the initial voltage (``tran ... uic``, no operating point), or its
source where it is driven, every
device is a behavioural current source from source to target, or from ground where it is one-sided;
a transconductor is a linear source where no gate opens it. Several slices, and diodes, need a
gate on every current (``gates``); tolerances and steps follow from the circuit (``tolerances``).

Only numbers and the names n1, B1, g1 stand in cards. Everything a user wrote stands in comments
as ASCII JSON, where a line break is the two characters ``\n``: no text can start a card.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import wrap

from ..circuit import GROUND, Circuit, Device, Node
from ..devices import DEVICES, FusedLaw
from ..errors import ExportError
from ..params import Param
from .base import EXPORTERS, Exporter
from .gates import gates
from .general_cards import general_cards, general_control, start_remark
from .tolerances import tolerances

FORMAT = "kirchhoff-netlist/2"
"""Version 1 differs in the corners of gates and in the control cards; it is still read."""

REMARK = "*@ "
"""Opens a comment that ``netlist_import`` reads back."""

PER_LINE = 8
NOTE_WIDTH = 96

RELTOL = 1e-8
"""Tolerance of a step. A latch that grows through ten decades multiplies all its errors."""


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
        " chgtol={chgtol!r} trtol=1 pivtol=1e-30 itl4=100\n"
        ".tran {first!r} {stop!r} 0 {longest!r} uic",
        ".print tran",
    ),
    "ltspice": Dialect(
        "LTspice",
        "I={}",
        ".options reltol={reltol!r} vntol={vntol!r} abstol={abstol!r} chgtol={chgtol!r}"
        " trtol=1 plotwinsize=0 numdgt=15\n.tran {first!r} {stop!r} 0 {longest!r} uic",
        ".save",
    ),
    "xyce": Dialect(
        "Xyce",
        "I={{{}}}",
        ".options timeint method=trap reltol={reltol!r} abstol={coarse!r}\n"
        ".options output initial_interval={step!r}\n.tran {first!r} {stop!r} 0 {longest!r} uic",
        ".print tran format=csv",
    ),
}

PARAMS = (
    Param("dialect", "ngspice", choices=tuple(DIALECTS), doc="The simulator that will read it."),
    Param("outputs", 201, low=2, high=1_000_000, doc="Number of output times, both ends included."),
    Param("reltol", RELTOL, low=1e-12, high=1e-2, doc="Relative tolerance of the simulator."),
)


@EXPORTERS.register("spice")
class SpiceExporter(Exporter):
    """A netlist of behavioural current sources; our reader restores the circuit from it."""

    title = "SPICE netlist"
    suffix = ".cir"
    params = PARAMS

    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The netlist, plain ASCII, with the notes as comments in front."""
        text = netlist(
            circuit,
            str(self.options["dialect"]),
            int(self.options["outputs"]),
            float(self.options["reltol"]),
            notes=notes,
        )
        return text.encode("ascii")


def netlist(
    circuit: Circuit,
    dialect: str = "ngspice",
    outputs: int = 201,
    reltol: float = RELTOL,
    *,
    notes: Sequence[str] = (),
    at_rest: bool = False,
) -> str:
    """The circuit as a SPICE netlist, without any control block.

    Args:
        circuit: the description.
        dialect: ``ngspice``, ``ltspice`` or ``xyce``.
        outputs: number of equidistant output times, both ends included.
        reltol: relative tolerance of the simulator.
        notes: sentences that stand in front as comments.
        at_rest: whether the operating point is asked for, without time and capacitors.

    Raises:
        ExportError: an unknown dialect, or a circuit that changes with time has no rest.
    """
    if at_rest and not circuit.general and _gated(circuit):
        raise ExportError(
            "the operating point of a circuit with several slices, or with diodes, is not written: "
            "their currents are switched on over time; ask for the transient"
        )
    if dialect not in DIALECTS:
        raise ExportError(f"unknown dialect {dialect!r}; choose one of {', '.join(DIALECTS)}")
    form = DIALECTS[dialect]
    remark = {"name": circuit.name, "dialect": dialect, "outputs": outputs, "reltol": reltol}
    remark |= start_remark(circuit)
    lines = [
        f"* {FORMAT}: {len(circuit.nodes)} nodes, {circuit.device_count} devices, {form.title}",
        "* Node n<k> and device B<k> or G<k> are the k-th; ground is 0; lines opened by",
        "* *@ describe the card below them. Units are V, A, F, s.",
        *(f"* {line}" for note in notes for line in wrap(json.dumps(note)[1:-1], NOTE_WIDTH)),
        _remark("circuit", remark),
        *_cards(circuit, form),
        _control(circuit, form, outputs, reltol, at_rest),
        *([] if at_rest else _output_cards(len(circuit.nodes), form.output)),
        ".end",
    ]
    return "\n".join(lines) + "\n"


def write_netlist(circuit: Circuit, path: str | Path, dialect: str = "ngspice") -> None:
    """Write the circuit as a SPICE netlist, replacing an older file only when complete.

    Args:
        circuit: the description.
        path: of the netlist, ``.cir`` by custom.
        dialect: ``ngspice``, ``ltspice`` or ``xyce``.

    Raises:
        StudioError: another dialect.
        ExportError: the file cannot be written.
    """
    SpiceExporter(dialect=dialect).export(circuit, path)


def _remark(what: str, data: object) -> str:
    """A comment line; ASCII JSON has no line break, and ends with a brace, never a backslash."""
    return f"{REMARK}{what} {json.dumps(data)}"


def _cards(circuit: Circuit, form: Dialect) -> Iterator[str]:
    if circuit.general:
        yield from general_cards(
            circuit,
            _remark,
            lambda device, name, source, target: _card(device, name, source, target, "", form),
            form.expression.removeprefix("I="),
        )
        return
    yield from _node_cards(circuit)
    yield from _slice_cards(circuit, form)


def _node_cards(circuit: Circuit) -> Iterator[str]:
    end = circuit.duration
    for number, node in enumerate(circuit.nodes, start=1):
        yield _remark("node", _node_remark(node))
        if node.drive is not None:
            yield f"V{number} n{number} 0 {node.drive.spice(end)}"
        else:
            yield f"C{number} n{number} 0 {float(node.capacitance)!r} IC={float(node.voltage)!r}"


def _node_remark(node: Node) -> dict[str, object]:
    return {
        name: float(value) if isinstance(value, int | float) else value
        for name, value in node.to_dict().items()
    }


def _slice_cards(circuit: Circuit, form: Dialect) -> Iterator[str]:
    names = {node.id: f"n{number}" for number, node in enumerate(circuit.nodes, start=1)}
    names[GROUND] = "0"
    corners = gates([float(part.duration) for part in circuit.slices])
    gated = _gated(circuit)
    number = 0
    for index, part in enumerate(circuit.slices, start=1):
        yield _remark("slice", {"duration": float(part.duration)})
        gate = f"V(g{index})" if gated and part.devices else ""
        if gate:
            points = " ".join(f"{time!r} {level!r}" for time, level in corners[index - 1])
            yield f"Vg{index} g{index} 0 PWL({points})"
        for device in part.devices:
            number += 1
            yield _remark("device", _device_remark(device))
            source, target = names[device.source], names[device.target]
            yield _card(device, str(number), source, target, gate, form)


def _device_remark(device: Device) -> dict[str, object]:
    return {
        "id": device.id,
        "kind": device.kind,
        "source": device.source,
        "target": device.target,
        "params": {name: float(value) for name, value in device.params.items()},
        "trainable": device.trainable,
    }


def _card(device: Device, number: str, source: str, target: str, gate: str, form: Dialect) -> str:
    """The source of a device's current; the one of a one-sided device hangs on ground."""
    law = DEVICES[device.kind]
    params = {name: float(value) for name, value in device.params.items()}
    card = None if gate else law.card(number, source, target, params)
    if card is not None:
        return card
    current = law.spice(voltage(source), voltage(target), params)
    current = form.expression.format(f"{gate}*({current})" if gate else current)
    return f"B{number} {'0' if law.one_sided else source} {target} {current}"


def voltage(node: str) -> str:
    """A node's voltage inside an expression."""
    return "0" if node == "0" else f"V({node})"


def _gated(circuit: Circuit) -> bool:
    """Whether gates are needed: several slices, or a law with an exponential in it."""
    kinds = {device.kind for device in circuit.devices}
    return len(circuit.slices) > 1 or any(not issubclass(DEVICES[kind], FusedLaw) for kind in kinds)


def _control(circuit: Circuit, form: Dialect, outputs: int, reltol: float, at_rest: bool) -> str:
    """Tolerances in the circuit's own scale, and the analysis."""
    if circuit.general:
        return general_control(circuit, outputs, form.title.lower(), at_rest)
    if at_rest:
        return ".op"
    chosen = tolerances(circuit, outputs, reltol)
    # Xyce compares the voltages of a step, not charges: its abstol is not that of Newton's.
    return form.control.format(reltol=reltol, coarse=1e-9 * chosen.scale, **asdict(chosen))


def _output_cards(count: int, card: str) -> Iterator[str]:
    names = [f"V(n{number})" for number in range(1, count + 1)]
    for first in range(0, count, PER_LINE):
        yield f"{'+' if first else card} {' '.join(names[first : first + PER_LINE])}"
