"""A circuit as node-link JSON, which networkx reads, and back without loss.

A device is an edge from source to target whose key is its id; its parameters, kind and slice are
attributes beside them. Parameters that an expression names stand under ``params``. Ground is the
node ``gnd``. ``networkx.node_link_graph`` makes a ``MultiDiGraph`` of it.
"""

import json
from collections.abc import Sequence
from typing import Any

from ..checks import a_list, a_record, a_text, a_whole_number, an_object
from ..circuit import DRIVEN_FORMAT, GROUND, Circuit
from ..errors import CircuitError, Place, quoted
from .base import EXPORTERS, Exporter

FORMAT = "kirchhoff-graph/1"
OWN = (
    "source", "target", "key", "kind", "slice", "trainable", "terminals", "drive", "expression",
    "params",
)  # fmt: skip
"""Attributes of an edge that are no parameters."""


@EXPORTERS.register("graph")
class GraphExporter(Exporter):
    """Node-link JSON for networkx and other programs that know graphs."""

    title = "Graph JSON"
    suffix = ".graph.json"

    def content(self, circuit: Circuit, notes: Sequence[str] = ()) -> bytes:
        """The circuit as a directed multigraph."""
        del notes
        return (json.dumps(to_node_link(circuit), indent=1) + "\n").encode("utf-8")


def to_node_link(circuit: Circuit) -> dict[str, Any]:
    """The circuit as what ``networkx.node_link_graph`` takes."""
    described = circuit.to_dict()
    edges = [
        _edge(device, place)
        for place, part in enumerate(described["slices"])
        for device in part["devices"]
    ]
    durations = [part["duration"] for part in described["slices"]]
    start = {"start": described["start"]} if "start" in described else {}
    return {
        "directed": True,
        "multigraph": True,
        "graph": {"format": FORMAT, "name": circuit.name, "durations": durations, **start},
        "nodes": [*described["nodes"], {"id": GROUND, "label": "ground"}],
        "edges": edges,
    }


def _edge(device: dict[str, Any], place: int) -> dict[str, Any]:
    own = ("id",) if "expression" in device else ("id", "params")
    kept = {name: value for name, value in device.items() if name not in own}
    if "expression" in device:
        return {**kept, "key": device["id"], "slice": place}
    return {**kept, "key": device["id"], "slice": place, **device["params"]}


def is_own(value: Any) -> bool:
    """Whether parsed node-link JSON is a circuit that this module wrote."""
    about = value.get("graph") if isinstance(value, dict) else None
    return isinstance(about, dict) and str(about.get("format", "")).startswith("kirchhoff-graph/")


def from_node_link(value: dict[str, Any]) -> Circuit:
    """The circuit in node-link JSON of ours, whoever has changed it since.

    Raises:
        CircuitError: names the node or edge and what was found.
    """
    about = an_object(value["graph"], ("graph",))
    if about.get("format") != FORMAT:
        raise CircuitError(
            f"this file says {quoted(about.get('format'))}; this version reads '{FORMAT}'",
            ("graph", "format"),
        )
    edges = "edges" if "edges" in value else "links"
    durations = a_list(about.get("durations", [1.0]), ("graph", "durations"))
    parts: list[list[dict[str, Any]]] = [[] for _ in durations]
    places: dict[tuple[int, int], int] = {}
    for place, edge in enumerate(a_list(value.get(edges), (edges,))):
        index, device = _device(edge, (edges, place), len(parts))
        places[index, len(parts[index])] = place
        parts[index].append(device)
    nodes = [
        node
        for node in a_list(value.get("nodes"), ("nodes",))
        if not (isinstance(node, dict) and node.get("id") == GROUND)
    ]
    record = {
        "format": DRIVEN_FORMAT,  # which says all that the first one says
        **({"start": about["start"]} if "start" in about else {}),
        "name": a_text(about.get("name", ""), ("graph", "name")),
        "nodes": nodes,
        "slices": [
            {"duration": duration, "devices": devices}
            for duration, devices in zip(durations, parts, strict=True)
        ],
    }
    try:
        return Circuit.from_dict(record)
    except CircuitError as error:
        raise CircuitError(error.message, _placed(error.where, edges, places)) from None


def _device(edge: Any, where: Place, slices: int) -> tuple[int, dict[str, Any]]:
    record = an_object(edge, where)
    known = {name: record[name] for name in OWN if name in record}
    a_record(known, where, {"source", "target", "kind"}, set(OWN))
    index = a_whole_number(record.get("slice", 0), (*where, "slice"))
    if not 0 <= index < slices:
        raise CircuitError(f"there are {slices} slices, got slice {index}", (*where, "slice"))
    key = record.get("key", f"d{where[-1]}")
    kept = {name: value for name, value in known.items() if name not in ("key", "slice")}
    return index, {
        **kept,
        "id": key if isinstance(key, str) else f"d{key}",
        "params": record["params"]
        if "params" in record
        else {name: number for name, number in record.items() if name not in OWN},
    }


def _placed(where: Place, edges: str, places: dict[tuple[int, int], int]) -> Place:
    """A place in a circuit file as one in this file."""
    if len(where) > 3 and where[0] == "slices" and where[2] == "devices":
        place = places.get((int(where[1]), int(where[3])), 0)
        return (edges, place, *(part for part in where[4:] if part != "params"))
    if where[:1] == ("slices",):
        return ("graph", "durations")
    return where
