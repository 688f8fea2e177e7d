"""Places on the board, in pixels, about one node spacing apart; y points downwards."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import networkx as nx

SPACING = 110.0
SPRING_LIMIT = 250  # a force layout costs the square of the node count and helps nobody beyond this

Places = tuple[np.ndarray, np.ndarray]


def circle(count: int) -> Places:
    """``count`` places on a circle, clockwise from the top."""
    radius = SPACING / (2 * np.sin(np.pi / max(count, 2)))
    angle = 2 * np.pi * np.arange(count) / count - np.pi / 2
    return radius * np.cos(angle), radius * np.sin(angle)


def lattice(rows: int, columns: int, across: float = SPACING) -> Places:
    """Places of a grid, row after row."""
    y, x = np.divmod(np.arange(rows * columns), columns)
    return x * across, y * SPACING


def stacks(sizes: list[int], across: float = 1.6 * SPACING) -> Places:
    """Columns of the given sizes, each centred on the same horizontal line."""
    x = np.repeat(np.arange(len(sizes)) * across, sizes)
    y = np.concatenate([(np.arange(size) - (size - 1) / 2) * SPACING for size in sizes])
    return x, y


def spring(graph: "nx.Graph", seed: int) -> Places:
    """Places of a force layout; a sunflower when the graph is too large for one."""
    import networkx as nx

    count = graph.number_of_nodes()
    if count > SPRING_LIMIT:
        return sunflower(count)
    places = nx.spring_layout(graph, seed=seed, iterations=80, scale=SPACING * count**0.5 / 2)
    return apart(np.array([places[node] for node in graph.nodes]))


def apart(places: np.ndarray, rounds: int = 100) -> Places:
    """Push nodes (N, 2) that are closer than a spacing away from each other."""
    for _ in range(rounds):
        offset = places[:, None] - places[None]
        distance = np.linalg.norm(offset, axis=-1)
        np.fill_diagonal(distance, np.inf)
        if distance.min() > 0.9 * SPACING:
            break
        push = np.clip(SPACING - distance, 0, None) / np.maximum(distance, 1e-9)
        places = places + 0.3 * (push[..., None] * offset).sum(axis=1)
    return places[:, 0], places[:, 1]


def sunflower(count: int) -> Places:
    """Evenly filled disc (Vogel 1979): the k-th place has radius sqrt(k) and the golden angle."""
    k = np.arange(count)
    radius, angle = SPACING * 0.6 * np.sqrt(k), k * np.pi * (3 - 5**0.5)
    return radius * np.cos(angle), radius * np.sin(angle)
