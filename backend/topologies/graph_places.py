"""Places of a graph's nodes: those that its file states, as far apart as nodes on a board are."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from .places import SPACING, SPRING_LIMIT, Places, apart, spring

if TYPE_CHECKING:
    import networkx as nx


def places_of(graph: "nx.Graph", names: list[str], stated: bool) -> Places:
    """Places (N,), (N,) of the named nodes [px].

    Args:
        graph: with places among its nodes' attributes, perhaps.
        names: of the nodes, in order.
        stated: whether the file's places count.
    """
    found = _stated(graph, names) if stated else None
    return _laid_out(graph, names) if found is None else _spread(found)


def _laid_out(graph: "nx.Graph", names: list[str]) -> Places:
    import networkx as nx

    plain = nx.Graph()
    plain.add_nodes_from(names)
    known = set(names)
    pairs = ((str(a), str(b)) for a, b in graph.edges())
    plain.add_edges_from(pair for pair in pairs if known.issuperset(pair))
    return spring(plain, seed=0)


def _stated(graph: "nx.Graph", names: list[str]) -> np.ndarray | None:
    """Places (N, 2) as the file has them; ``None`` unless every node has its own."""
    attributes = {str(node): values for node, values in graph.nodes(data=True)}
    found = [_place(attributes[name]) for name in names]
    if any(place is None for place in found) or len(set(found)) < len(found):
        return None
    return np.array(found, dtype=float).reshape(-1, 2)


def _place(attributes: dict[str, Any]) -> tuple[float, float] | None:
    """From x and y, from a pair, or from what GEXF keeps for drawing."""
    view = attributes.get("viz")
    position = view.get("position") if isinstance(view, dict) else None
    pair = attributes.get("pos", attributes.get("position"))
    if isinstance(position, dict):
        values = position.get("x"), position.get("y")
    elif isinstance(pair, list | tuple) and len(pair) >= 2:
        values = pair[0], pair[1]
    else:
        values = attributes.get("x"), attributes.get("y")
    try:
        x, y = (float(value) for value in values)  # pyright: ignore[reportArgumentType]
    except (TypeError, ValueError, OverflowError):
        return None
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


def _spread(places: np.ndarray) -> Places:
    """Scaled so that neighbours are about a spacing apart."""
    count = len(places)
    places = places - places.mean(axis=0)
    extent = np.abs(places).max()
    if count < 2 or not np.isfinite(extent) or extent == 0:
        return places[:, 0] * 0, places[:, 1] * 0
    places = places / extent
    if count > SPRING_LIMIT:
        places = places * SPACING * math.sqrt(count) / 2
        return places[:, 0], places[:, 1]
    distance = np.linalg.norm(places[:, None] - places[None], axis=-1)
    np.fill_diagonal(distance, np.inf)
    nearest = float(np.median(distance.min(axis=0)))
    return apart(places * SPACING / max(nearest, 1e-9))
