"""The edge order and the edge counts of the published KirchhoffNet experiments."""

import time
from collections import Counter

import numpy as np
import pytest

from backend.errors import StudioError
from backend.topologies import TOPOLOGIES
from backend.topologies.fully_connected import fully_connected_edges
from backend.topologies.neighbor import Edges, neighbor_edges, window_edges

Pairs = list[tuple[int, int]]


def pairs(edges: Edges) -> Pairs:
    return list(zip(edges[0].tolist(), edges[1].tolist(), strict=True))


def slow_fully_connected(n: int, ground: bool, r0: int, r1: int) -> Pairs:
    numbers = range(n) if ground else range(1, n + 1)
    edges: Pairs = []
    for i in numbers:
        for j in numbers:
            if j != i:
                edges += [(i, j)] * r0 + [(j, i)] * r1
    return edges


def slow_windows(channels: int, height: int, width: int, k: int, pad: bool, copies: int) -> Pairs:
    """Section 5 of the specification, read aloud as loops."""
    margin = k - 1 if pad else 0
    edges: Pairs = []
    for top in range(-margin, height + margin - k + 1):
        for left in range(-margin, width + margin - k + 1):
            inside = [
                1 + c * height * width + y * width + x
                for c in range(channels)
                for y in range(top, top + k)
                for x in range(left, left + k)
                if 0 <= y < height and 0 <= x < width
            ]
            for j in inside:
                for other in inside:
                    if other != j:
                        edges += [(j, other)] * copies
    return edges


def slow_mix(pixels: int, extra: int, r0: int, r1: int) -> Pairs:
    edges: Pairs = []
    for node in range(1, pixels + 1):
        edges += [(node, 0)] * r0 + [(0, node)] * r1
    for q in range(pixels + 1, pixels + extra + 1):
        for i in range(pixels + 1):
            edges += [(i, q)] * r0 + [(q, i)] * r1
    return edges


@pytest.mark.parametrize(("ground", "r0", "r1"), [(True, 1, 0), (True, 2, 3), (False, 1, 2)])
def test_fully_connected_order(ground: bool, r0: int, r1: int) -> None:
    # The specification counts ground among its n nodes, we do not.
    ours = fully_connected_edges(3 if ground else 4, ground, r0, r1)
    assert pairs(ours) == slow_fully_connected(4, ground, r0, r1)


def test_two_dimensional_experiments() -> None:
    """twomoon: 300 edges, 50 for every ordered pair; 2spirals: 120, 20 for every pair."""
    for repeat in (25, 10):
        edges = pairs(fully_connected_edges(2, True, repeat, repeat))
        assert len(edges) == 12 * repeat
        assert set(Counter(edges).values()) == {2 * repeat}


@pytest.mark.parametrize("shape", [(1, 4, 4), (2, 3, 5), (3, 4, 3)])
@pytest.mark.parametrize(("kernel", "pad", "copies"), [(2, False, 1), (3, False, 2), (3, True, 1)])
def test_window_order(shape: tuple[int, int, int], kernel: int, pad: bool, copies: int) -> None:
    ours = window_edges(*shape, kernel, pad, copies)
    assert pairs(ours) == slow_windows(*shape, kernel, pad, copies)


@pytest.mark.parametrize(("r0", "r1"), [(1, 1), (1, 0), (2, 1), (0, 1)])
def test_mix_order(r0: int, r1: int) -> None:
    ours = neighbor_edges(1, 3, 3, 2, extra=2, forward=r0, back=r1)
    assert pairs(ours) == slow_windows(1, 3, 3, 2, False, 1) + slow_mix(9, 2, r0, r1)


def test_without_ground_nothing_touches_it() -> None:
    source, target = neighbor_edges(1, 3, 3, 2, extra=2, ground=False)
    assert min(source.min(), target.min()) == 1
    assert len(source) == 4 * 12 + 2 * 9 * 2


@pytest.mark.parametrize(
    ("shape", "kernel", "options", "edges", "distinct", "most"),
    [
        ((1, 28, 28), 4, {"extra": 50}, 230_068, 113_140, 12),
        ((1, 28, 28), 3, {}, 50_240, 18_740, 6),
        ((3, 32, 32), 4, {"extra": 50, "back": 0}, 2_054_018, None, 16),
    ],
    ids=["mnist", "genmnist", "cifar10"],
)
def test_published_counts(
    shape: tuple[int, int, int],
    kernel: int,
    options: dict[str, int],
    edges: int,
    distinct: int | None,
    most: int,
) -> None:
    start = time.process_time()
    source, target = neighbor_edges(*shape, kernel, **options)
    seconds = time.process_time() - start
    assert len(source) == edges
    assert seconds < 2
    number = max(source.max(), target.max()) + 1
    _, parallel = np.unique(source * number + target, return_counts=True)
    assert parallel.max() == most
    assert distinct is None or len(parallel) == distinct


def test_mnist_in_degrees() -> None:
    _, target = neighbor_edges(1, 28, 28, 4, extra=50)
    degree = np.bincount(target)[1:]
    assert (degree.min(), degree.max()) == (66, 785)
    assert degree.mean() == pytest.approx(275, abs=1)


@pytest.mark.parametrize("padding", [False, True])
def test_circuit_follows_the_arrays(padding: bool) -> None:
    options = {"height": 3, "width": 4, "channels": 2, "kernel": 2, "extra": 3, "outputs": 2}
    circuit = TOPOLOGIES["neighbor"](**options, padding=padding, forward=2)()
    expected = neighbor_edges(2, 3, 4, 2, padding=padding, extra=3, forward=2, back=1)
    names = ["gnd", *circuit.node_ids]
    assert [(d.source, d.target) for d in circuit.devices] == [
        (names[s], names[d]) for s, d in pairs(expected)
    ]
    assert circuit.inputs == tuple(f"n{k}" for k in range(1, 25))
    assert circuit.outputs == ("n26", "n27")


def test_a_window_larger_than_the_image_is_refused() -> None:
    with pytest.raises(StudioError, match="window of 5 pixels does not fit an image of 4 x 4"):
        TOPOLOGIES["neighbor"](kernel=5)()
