"""What a drawing holds once its lines are read: parts between points, some joined by wires."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .sources import Source

Point = tuple[int, int]


@dataclass(frozen=True)
class Part:
    """A device between two points.

    Args:
        line: of the file.
        what: the element's name.
        start: its first point.
        end: its second point.
        kind: device kind; of capacitors and sources only where they are no parts of nodes.
        params: of the device.
        terminals: points of its further terminals by name.
    """

    line: int
    what: str
    start: Point
    end: Point
    kind: str = ""
    params: Mapping[str, float] = field(default_factory=dict[str, float])
    terminals: Mapping[str, Point] = field(default_factory=dict[str, Point])


@dataclass
class Sketch:
    """A drawing: its parts and which points are joined.

    Args:
        span: how long the circuit lasts [s].
        parts: devices.
        capacitors: with capacitance [F] and voltage from start to end [V].
        sources: voltage sources, whose voltage is that of the end above the start.
        rails: voltage sources at their start, above ground.
        grounds: points at 0 V.
        outputs: points whose voltage is looked at.
        labels: points by name.
    """

    span: float = 0.0
    parts: list[Part] = field(default_factory=list[Part])
    capacitors: list[tuple[Part, float, float]] = field(
        default_factory=list[tuple[Part, float, float]]
    )
    sources: list[tuple[Part, Source]] = field(default_factory=list[tuple[Part, Source]])
    rails: list[tuple[Part, Source]] = field(default_factory=list[tuple[Part, Source]])
    grounds: list[Point] = field(default_factory=list[Point])
    outputs: list[Point] = field(default_factory=list[Point])
    labels: dict[str, Point] = field(default_factory=dict[str, Point])
    _parents: dict[Point, Point] = field(default_factory=dict[Point, Point])

    def join(self, one: Point, other: Point) -> None:
        """Make one node of two points."""
        first, second = self.root(one), self.root(other)
        if first != second:
            self._parents[second] = first

    def root(self, point: Point) -> Point:
        """The point that stands for a node."""
        passed = list[Point]()
        while (parent := self._parents.get(point, point)) != point:
            passed.append(point)
            point = parent
        for step in passed:
            self._parents[step] = point
        return point

    def label(self, name: str, point: Point) -> None:
        """Name a point; points of one name are one node."""
        self.join(self.labels.setdefault(name, point), point)
