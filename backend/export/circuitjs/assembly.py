"""The circuit that a drawing makes.

A node is a set of points that wires join. It stands on the board where its name stands, or where
most of its devices end; the distances are those of the drawing, stretched if nodes came too close.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import hypot

from ...circuit import GROUND, Circuit, Device, Node, Slice
from ...errors import CircuitError
from ...topologies.places import SPACING
from ...waveforms import Waveform
from ...waveforms.constant import Constant
from .sketch import Part, Point, Sketch
from .sources import Source, read_source

NEAREST = 0.8 * SPACING
"""Drawings are stretched until no two nodes are closer [px]."""

MOST_STRETCHED = 8.0
COMPARED = 400
"""Nodes up to which all distances are measured; larger drawings are stretched by a usual amount."""


@dataclass
class _Held:
    """What a node has beside devices."""

    capacitance: float = 0.0
    charge: float = 0.0
    drive: Waveform | None = None
    line: int = 0


def assemble(sketch: Sketch) -> Circuit:
    """The circuit of one slice that a drawing makes.

    Raises:
        CircuitError: names the line of what has no counterpart.
    """
    return _Assembly(sketch).circuit()


class _Assembly:
    """A sketch whose points have become nodes."""

    def __init__(self, sketch: Sketch) -> None:
        self.sketch = sketch
        self.ground = self._ground()
        self.nodes: dict[Point, _Held] = {}
        self.touched: dict[Point, list[Point]] = {}
        self.parts = list(sketch.parts)
        self.drives: dict[int, Waveform] = {}
        self.across: list[tuple[Point | None, Point | None, float]] = []
        for line, point in sorted(self._posts(), key=lambda post: post[0]):
            self._touch(point, line)

    def _posts(self) -> Iterator[tuple[int, Point]]:
        """Where current enters or leaves a part, with its line."""
        sketch = self.sketch
        between = [
            *(part for part, _, _ in sketch.capacitors),
            *(part for part, _ in sketch.sources),
        ]
        for part in (*sketch.parts, *between):
            points = (part.start, part.end, *part.terminals.values())
            yield from ((part.line, point) for point in points)
        yield from ((part.line, part.start) for part, _ in sketch.rails)

    def _ground(self) -> Point | None:
        """The root of ground; without a symbol it is the first source's first end, as there."""
        grounds, sources = self.sketch.grounds, self.sketch.sources
        if not grounds and not self.sketch.rails:
            if not sources:
                raise CircuitError("there is no ground; draw one, or a voltage source")
            grounds.append(min(sources, key=lambda pair: pair[0].line)[0].start)
        for point in grounds[1:]:
            self.sketch.join(grounds[0], point)
        return self.sketch.root(grounds[0]) if grounds else None

    def _touch(self, point: Point, line: int) -> None:
        root = self.sketch.root(point)
        if root != self.ground:
            self.nodes.setdefault(root, _Held(line=line))
            self.touched.setdefault(root, []).append(point)

    def circuit(self) -> Circuit:
        """See ``assemble``."""
        for part, farad, volt in self.sketch.capacitors:
            self._add_capacitor(part, farad, volt)
        for part, source in self.sketch.rails:
            self._drive(part, self.sketch.root(part.start), source)
        for part, source in self.sketch.sources:
            self._add_source(part, source)
        self._check_nodes()
        self.across += [
            (root, self.ground, held.charge / held.capacitance)
            for root, held in self.nodes.items()
            if held.capacitance
        ]
        names = self._names()
        devices = tuple(self._devices({**names, self.ground: GROUND}))
        nodes = tuple(self._described(names, self._voltages()))
        try:
            return Circuit(nodes, (Slice(devices, self.sketch.span),))
        except CircuitError as error:
            raise self._placed(error) from None

    def _add_capacitor(self, part: Part, farad: float, volt: float) -> None:
        start, end = self._ends(part)
        if self.ground in (start, end):
            held = self.nodes[start if end == self.ground else end]
            held.capacitance += farad
            held.charge += farad * (volt if end == self.ground else -volt)
            return
        self.across.append((start, end, volt))
        self.parts.append(replace(part, kind="capacitor", params={"capacitance": farad}))

    def _add_source(self, part: Part, source: Source) -> None:
        """A node that is driven where the source stands on ground; else a device, upside down."""
        start, end = self._ends(part)
        if self.ground in (start, end):
            sign = 1.0 if start == self.ground else -1.0
            turned = replace(source, peak=sign * source.peak, bias=sign * source.bias)
            self._drive(part, end if start == self.ground else start, turned)
            return
        drive = self._waveform(part, source)
        constant = isinstance(drive, Constant)
        self.across.append((end, start, drive.at(0.0)))
        upright = replace(part, start=part.end, end=part.start, kind="voltage_source")
        self.parts.append(replace(upright, params={"voltage": drive.at(0.0) if constant else 0.0}))
        if not constant:
            self.drives[part.line] = drive

    def _voltages(self) -> dict[Point | None, float]:
        """Voltages at 0 s that give every capacitor and source the voltage across it."""
        beside: dict[Point | None, list[tuple[Point | None, float]]] = {}
        for one, other, volt in self.across:
            beside.setdefault(one, []).append((other, -volt))
            beside.setdefault(other, []).append((one, volt))
        found: dict[Point | None, float] = {}
        for first in (self.ground, *self.nodes):
            if first in found:
                continue
            found[first], open_ = 0.0, [first]
            while open_:
                here = open_.pop()
                for other, volt in beside.get(here, ()):
                    if other not in found:
                        found[other] = found[here] + volt
                        open_.append(other)
        return found

    def _ends(self, part: Part) -> tuple[Point, Point]:
        start, end = self.sketch.root(part.start), self.sketch.root(part.end)
        if start == end:
            raise CircuitError(
                f"line {part.line}: both ends of {part.what} are joined by wires; take it out"
            )
        return start, end

    def _drive(self, part: Part, root: Point, source: Source) -> None:
        if root == self.ground:
            raise CircuitError(f"line {part.line}: {part.what} is tied to ground; take one out")
        if self.nodes[root].drive is not None:
            raise CircuitError(
                f"line {part.line}: {part.what} holds the node at {_at(part.start)}, which another "
                "source holds already; take one out"
            )
        self.nodes[root].drive = drive = self._waveform(part, source)
        self.across.append((root, self.ground, drive.at(0.0)))

    def _waveform(self, part: Part, source: Source) -> Waveform:
        try:
            return read_source(source, self.sketch.span)
        except CircuitError as error:
            raise CircuitError(f"line {part.line}: of {part.what}, {error.message}") from None

    def _check_nodes(self) -> None:
        if not self.nodes:
            raise CircuitError("the drawing has no node beside ground; draw a circuit")
        for root, held in self.nodes.items():
            place = f"line {held.line}: the node at {_at(self.touched[root][0])}"
            if held.drive is not None and held.capacitance:
                raise CircuitError(
                    f"{place} is held by a source and has a capacitor to ground, which changes no "
                    "voltage; take the capacitor out"
                )

    def _names(self) -> dict[Point | None, str]:
        """Ids by root: a node's name where it has one that can be an id, else a number."""
        given = {self.sketch.root(point): name for name, point in self.sketch.labels.items()}
        names: dict[Point | None, str] = {
            root: given[root] for root in self.nodes if root in given and _is_id(given[root])
        }
        used, number = set(names.values()), 0
        for root in self.nodes:
            while root not in names:
                number += 1
                if f"n{number}" not in used:
                    names[root] = f"n{number}"
        return names

    def _devices(self, names: Mapping[Point | None, str]) -> Iterator[Device]:
        self.parts.sort(key=lambda part: part.line)
        for number, part in enumerate(self.parts, start=1):
            start, end = self._ends(part)
            terminals = {
                name: names[self.sketch.root(point)] for name, point in part.terminals.items()
            }
            yield Device(
                f"d{number}", part.kind, names[start], names[end], part.params,
                terminals=terminals, drive=self.drives.get(part.line),
            )  # fmt: skip

    def _described(
        self, names: Mapping[Point | None, str], voltages: Mapping[Point | None, float]
    ) -> Iterator[Node]:
        outputs = {self.sketch.root(point) for point in self.sketch.outputs}
        labels = {self.sketch.root(point): (name, point) for name, point in
                  reversed(self.sketch.labels.items())}  # fmt: skip
        places = {
            root: labels[root][1] if root in labels else _middle(self.touched[root])
            for root in self.nodes
        }
        scale = stretch(places.values())
        for root, held in self.nodes.items():
            x, y = places[root]
            label = labels[root][0] if root in labels else ""
            free = held.drive is None
            yield Node(
                names[root],
                voltages[root] if free else 0.0,
                held.capacitance if free else 1.0,
                "output" if free and root in outputs else "hidden",
                "" if label == names[root] else label,
                x * scale,
                y * scale,
                held.drive,
            )

    def _placed(self, error: CircuitError) -> CircuitError:
        """A complaint about a device or node with the line it came from."""
        where = error.where
        if where[:1] == ("slices",) and len(where) > 3 and isinstance(where[3], int):
            return CircuitError(f"line {self.parts[where[3]].line}: {error.message}")
        if where[:1] == ("nodes",) and len(where) > 1 and isinstance(where[1], int):
            return CircuitError(f"line {list(self.nodes.values())[where[1]].line}: {error.message}")
        return error


def _at(point: Point) -> str:
    return f"({point[0]}, {point[1]})"


def _is_id(name: str) -> bool:
    return name.lower() != GROUND and 0 < len(name.strip()) <= 60 and name.isprintable()


def _middle(points: list[Point]) -> Point:
    """Of some points the one nearest to their middle."""
    x, y = (sum(values) / len(points) for values in zip(*points, strict=True))
    return min(points, key=lambda point: hypot(point[0] - x, point[1] - y))


def stretch(places: Iterable[Point]) -> float:
    """By how much a drawing is stretched so that its nodes stand apart."""
    found = list(places)
    if len(found) > COMPARED:
        return 2.0
    apart = [
        hypot(one[0] - other[0], one[1] - other[1])
        for k, one in enumerate(found)
        for other in found[:k]
    ]
    return min(MOST_STRETCHED, max(1.0, NEAREST / min(apart))) if apart else 1.0
