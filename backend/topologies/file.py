"""A graph in a file as the wiring of a circuit."""

import sys
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from ..checks import an_identifier, is_unicode
from ..circuit import GROUND, Node
from ..devices import DEVICES
from ..errors import InputError, StudioError, clipped, quoted
from ..params import Param
from ..reading import file_bytes, named
from .base import BOTH_WAYS, COMMON, ENDS, TOPOLOGIES, Size, Topology, Wiring, two_ways
from .graph_files import GRAPH_FORMS, MAX_BYTES, edges_of, read_graph
from .graph_places import places_of

SMALLER = "use a smaller graph, or a list of edges"


@TOPOLOGIES.register("file")
class GraphFile(Topology):
    """A graph from a file: GraphML, GEXF, node-link JSON, a list of edges or an adjacency table.

    One device for every edge, from its first node to its second; a node named ``gnd`` is ground.
    Nodes keep their names, and their places where the file has them.
    """

    title = "Graph file"
    reads_files = True
    params = (
        Param("path", "", doc="The file."),
        Param("form", "auto", choices=("auto", *GRAPH_FORMS), doc="What the file holds."),
        Param("directed", False, doc="Whether the edges of lists are arrows."),
        Param("weight", "weight", doc="Edge attribute that sets a parameter; empty for none."),
        Param("parameter", "", doc="The parameter it sets; empty for the first of the kind."),
        Param("places", True, doc="Nodes stand where the file says, if it does."),
        BOTH_WAYS,
        *ENDS,
        *COMMON,
    )

    @classmethod
    def of(cls, data: bytes, name: str, **options: Any) -> "GraphFile":
        """The topology of a file that was read already.

        Args:
            data: the file.
            name: of it, for messages.
            options: see the class.
        """
        topology = cls(path=name, **options)
        topology.data = data
        return topology

    @cached_property
    def data(self) -> bytes:
        """The file.

        Raises:
            StudioError: it cannot be read; names it.
        """
        path = self.text("path").strip()
        if not path:
            raise StudioError(f"{self.title}: which file? say --set path=FILE")
        try:
            return file_bytes(Path(path).expanduser(), MAX_BYTES, SMALLER)
        except InputError as error:
            raise StudioError(named(path, error)) from None

    @cached_property
    def _graph(self) -> Any:
        try:
            return self._checked(read_graph(self.data, self.text("form"), self.flag("directed")))
        except InputError as error:
            raise self._refusal(str(error)) from None

    def _refusal(self, sentence: str) -> StudioError:
        return StudioError(f"{clipped(self.text('path'), 200)}: {sentence}")

    def _checked(self, graph: Any) -> Any:
        """The graph, whose nodes must have names and whose edges two ends.

        Raises:
            InputError: names the node or edge.
        """
        names = [str(node) for node in graph.nodes]
        if len(set(names)) < len(names):
            double = next(name for k, name in enumerate(names) if name in names[:k])
            raise InputError(f"the name {quoted(double)} stands for two nodes; names must differ")
        if not set(names) - {GROUND}:
            raise InputError("the graph has no node; give one with nodes")
        for source, target, _ in edges_of(graph):
            if source == target:
                raise InputError(
                    f"an edge ties the node {quoted(source)} to itself; take it out, because a "
                    "device has two ends"
                )
        return graph

    @property
    def _names(self) -> list[str]:
        return [name for node in self._graph.nodes if (name := str(node)) != GROUND]

    @property
    def _doubled(self) -> bool:
        return self.flag("both_ways") and not self._graph.is_directed()

    def size(self) -> Size:
        """Nodes and devices of one slice."""
        edges = self._graph.number_of_edges()
        return Size(len(self._names), 2 * edges if self._doubled else edges)

    def wire(self, rng: np.random.Generator) -> Wiring:
        """Edges as they stand in the file, both ways where they are ties and this is wanted."""
        numbers = {name: place for place, name in enumerate(self._names, start=1)} | {GROUND: 0}
        pairs = [(numbers[a], numbers[b]) for a, b, _ in edges_of(self._graph)]
        edges = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        source, target = edges[:, 0], edges[:, 1]
        if self._doubled:
            source, target = two_ways(source, target)
        places = places_of(self._graph, self._names, self.flag("places"))
        return Wiring(source, target, *places, *self.first_and_last(len(self._names)))

    def weights(self, wiring: Wiring, rng: np.random.Generator) -> dict[str, np.ndarray]:
        """Drawn as of any topology, but for the parameter that the file's weights set."""
        values = super().weights(wiring, rng)
        given = self._given()
        if given is not None:
            values[self._parameter()] = np.repeat(given, 2) if self._doubled else given
        return values

    def _parameter(self) -> str:
        known = [param.name for param in DEVICES[self.text("kind")].params]
        chosen = self.text("parameter") or known[0]
        if chosen not in known:
            raise self._refusal(
                f"a {self.text('kind')} has no parameter {quoted(chosen)}; it has "
                f"{', '.join(known)}"
            )
        return chosen

    def _given(self) -> np.ndarray | None:
        """Weights of all edges; ``None`` where no edge has one.

        Raises:
            StudioError: some edges have none, or one that is no number.
        """
        name = self.text("weight")
        found = [(a, b, attributes.get(name)) for a, b, attributes in edges_of(self._graph)]
        if not name or all(value is None for _, _, value in found):
            return None
        for source, target, value in found:
            if not _is_number(value):
                shown = "none" if value is None else quoted(value)
                raise self._refusal(
                    f"the {quoted(name)} of the edge from {quoted(source)} to "
                    f"{quoted(target)} must be a number, got {shown}; --set weight= draws all"
                )
        return np.array([value for _, _, value in found], dtype=float)

    def _nodes(self, wiring: Wiring, rng: np.random.Generator) -> tuple[Node, ...]:
        """Nodes under their names; a number and a label where a name cannot be an id."""
        nodes = super()._nodes(wiring, rng)
        names, labels = self._names, self._labels()
        ids = [name if _is_id(name) else "" for name in names]
        used = set(ids)
        spare = (f"n{k}" for k in count(1) if f"n{k}" not in used)
        described = []
        for node, id, name in zip(nodes, ids, names, strict=True):
            label = labels.get(name, "" if id else name)[:200]
            shown = "" if label == id or not is_unicode(label) else label
            described.append(_renamed(node, id or next(spare), shown))
        return tuple(described)

    def _labels(self) -> dict[str, str]:
        found = {str(node): attributes.get("label") for node, attributes in
                 self._graph.nodes(data=True)}  # fmt: skip
        return {name: str(label) for name, label in found.items() if isinstance(label, str | int)}


def _renamed(node: Node, id: str, label: str) -> Node:
    return Node(id, node.voltage, node.capacitance, node.role, label, node.x, node.y)


def _is_number(value: Any) -> bool:
    plain = isinstance(value, int | float) and not isinstance(value, bool)
    return plain and abs(value) <= sys.float_info.max


def _is_id(name: str) -> bool:
    try:
        an_identifier(name, ())
    except InputError:
        return False
    return name != GROUND
