"""A circuit as a text file of the Falstad simulator (circuitjs).

Nodes stand where they stand on the board, each under its name; capacitors and whatever else ends at
ground have a ground symbol of their own. Devices beside each other are drawn apart and wired.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count, product

from ...circuit import GROUND, Circuit, Device, Node
from ...devices.passive import THERMAL_VOLTAGE
from ...errors import ExportError, clipped
from ...waveforms import Waveform
from ...waveforms.constant import Constant
from ..base import EXPORTERS, Exporter
from .diodes import THERMAL_VOLTAGE as THEIRS
from .names import escaped
from .reader import STEPS_SHOWN
from .sketch import Point
from .sources import write_source

GRID = 16
DOWN = 4 * GRID
APART = 3 * GRID
DRAWN = "resistor, capacitor, inductor, diode, current_source and voltage_source"


@EXPORTERS.register("circuitjs")
class CircuitjsExporter(Exporter):
    """The text that Falstad's circuit simulator opens in a browser; our reader reads it back."""

    title = "Falstad circuit"
    suffix = ".txt"

    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The text, without roles of inputs; ids of devices are numbers when it is read again.

        Raises:
            ExportError: several slices, or a device or waveform that the simulator has not.
        """
        del notes
        if len(circuit.slices) > 1:
            raise ExportError(
                f"a Falstad circuit has no slices and this one has {len(circuit.slices)}; "
                "export it as spice"
            )
        if circuit.start != "voltages":
            raise ExportError(
                "a Falstad circuit starts at stated voltages and this one at its operating point; "
                "export it as spice"
            )
        return ("\n".join(_lines(circuit)) + "\n").encode("utf-8")


class _Sheet:
    """Points that are in use; those of different nodes must not meet."""

    def __init__(self) -> None:
        self.taken: set[Point] = set()

    def free(self, x: float, y: float) -> Point:
        """The point of the grid nearest to a place among those still free, taken from now on."""
        column, row = round(x / GRID), round(y / GRID)
        for ring in count():
            around = product(range(-ring, ring + 1), repeat=2)
            for step in (step for step in around if max(map(abs, step)) == ring):
                point = ((column + step[0]) * GRID, (row + step[1]) * GRID)
                if point not in self.taken:
                    self.taken.add(point)
                    return point
        raise AssertionError("rings never end")


def _lines(circuit: Circuit) -> Iterator[str]:
    sheet = _Sheet()
    points = {node.id: sheet.free(node.x, node.y) for node in circuit.nodes}
    step = circuit.duration / STEPS_SHOWN
    yield f"$ 1 {step!r} 10.2 50 5 50 5e-11"
    for node in circuit.nodes:
        yield from _node_lines(node, points[node.id], sheet)
    volts = {node.id: float(node.voltage) for node in circuit.nodes} | {GROUND: 0.0}
    models: dict[tuple[float, float], str] = {}
    beside: dict[frozenset[str], int] = {}
    for device in circuit.devices:
        words = _words(device, models, volts)
        if words.startswith("34 "):
            model, words = words.split("\n")
            yield model
        pair = frozenset((device.source, device.target))
        beside[pair] = beside.get(pair, -1) + 1
        yield from _device_lines(device, words, points, beside[pair], sheet)


def _node_lines(node: Node, point: Point, sheet: _Sheet) -> Iterator[str]:
    x, y = point
    yield _line("207", point, (x + 2 * GRID, y - GRID), "4", escaped(node.id))
    if node.role in ("output", "both"):
        yield _line("O", point, (x + 3 * GRID, y), "0 0")
    if node.drive is None and not node.capacitance:
        return
    if node.drive is None:
        ground = sheet.free(x, y + DOWN)
        volts = f"{float(node.voltage)!r}"
        values = f"{float(node.capacitance)!r} {volts} {volts} 0"
        yield _line("c", point, ground, "4", values)
        yield _ground(ground)
        return
    yield _line("R", point, (x, y - 3 * GRID), "0", _source_words(node.drive, f"node '{node.id}'"))


def _source_words(drive: Waveform, of: str, more: float = 0.0) -> str:
    try:
        source = write_source(drive)
    except ExportError as error:
        raise ExportError(f"{clipped(of)}: {error}") from None
    values = (source.frequency, source.peak, source.bias + more, source.phase, source.duty)
    return f"{source.form} {' '.join(repr(float(value)) for value in values)}"


def _words(device: Device, models: dict[tuple[float, float], str], volts: dict[str, float]) -> str:
    """Kind and values of a device; of a diode whose model is new with its line before."""
    params = {name: float(value) for name, value in device.params.items()}
    if device.kind == "resistor":
        conductance = params["conductance"]
        if not conductance or abs(1 / conductance) == float("inf"):
            raise ExportError(
                f"device '{clipped(device.id)}' has a conductance of {conductance:g} S and a "
                "Falstad circuit states resistances; take the device out"
            )
        return f"r 0 {1 / conductance!r}"
    if device.kind == "current_source":
        if not params["current"]:
            raise ExportError(
                f"device '{clipped(device.id)}' gives 0 A, which the simulator reads as 10 mA; "
                "take the device out"
            )
        return f"i 0 {params['current']!r} 0"
    if device.kind == "capacitor":
        across = volts[device.source] - volts[device.target]
        return f"c 4 {params['capacitance']!r} {across!r} {across!r} 0"
    if device.kind == "inductor":
        return f"l 0 {params['inductance']!r} {params['current']!r} {params['current']!r}"
    if device.kind == "voltage_source":
        of, drive = f"device '{device.id}'", device.drive or Constant(0.0)
        return f"v 0 {_source_words(drive, of, params['voltage'])}"
    if device.kind == "diode":
        return _diode_words(params["saturation_current"], params["ideality"], models)
    raise ExportError(
        f"device '{clipped(device.id)}' is a {device.kind}, which a Falstad circuit does not know; "
        f"it has {DRAWN}"
    )


def _diode_words(current: float, ideality: float, models: dict[tuple[float, float], str]) -> str:
    key = current, ideality
    if key in models:
        return f"d 2 {models[key]}"
    models[key] = name = f"diode{len(models) + 1}"
    return f"34 {name} 0 {current!r} 0 {ideality * THERMAL_VOLTAGE / THEIRS!r} 0 0\nd 2 {name}"


def _device_lines(
    device: Device, words: str, points: dict[str, Point], beside: int, sheet: _Sheet
) -> Iterator[str]:
    kind, flags, values = words.split(" ", 2)
    if kind == "v":  # of which the second point is the upper one
        device = replace(device, source=device.target, target=device.source)
    if GROUND in (device.source, device.target):
        node = points[device.target if device.source == GROUND else device.source]
        ground = sheet.free(node[0] - APART, node[1] + DOWN)
        ends = (ground, node) if device.source == GROUND else (node, ground)
        yield _ground(ground)
        yield _line(kind, *ends, flags, values)
        return
    start, end = points[device.source], points[device.target]
    if beside:
        shift = APART * beside
        one, other = (sheet.free(x + shift / 2, y + shift) for x, y in (start, end))
        yield _line("w", start, one, "0")
        yield _line("w", end, other, "0")
        start, end = one, other
    yield _line(kind, start, end, flags, values)


def _ground(point: Point) -> str:
    return _line("g", point, (point[0], point[1] + GRID), "0 0")


def _line(kind: str, start: Point, end: Point, *words: str) -> str:
    return " ".join((kind, *(str(value) for value in (*start, *end)), *words))
