"""Locally connected layers: the sizes of the MNIST experiments, and every tie by a plain loop."""

import numpy as np
import pytest

from backend.errors import StudioError
from backend.topologies import TOPOLOGIES

MNIST = {
    "height": 28,
    "width": 28,
    "window": 5,
    "stride": 2,
    "deep_window": 4,
    "deep_stride": 2,
    "outputs": 10,
}


def mnist(features: int, deep: int, both_ways: bool):
    options = {**MNIST, "features": features, "deep_features": deep, "both_ways": both_ways}
    return TOPOLOGIES["locally_connected"](**options)


@pytest.mark.parametrize(
    ("features", "deep", "both_ways", "nodes", "devices"),
    [
        (12, 24, False, 3_122, 166_738),
        (8, 16, True, 2_346, 171_124),
        (12, 24, True, 3_122, 333_476),
        (16, 32, False, 3_898, 273_514),
    ],
)
def test_sizes_of_the_experiments(features, deep, both_ways, nodes, devices):
    size = mnist(features, deep, both_ways).size()
    assert (size.nodes, size.devices) == (nodes, devices)


def test_every_tie_by_a_plain_loop():
    topology = TOPOLOGIES["locally_connected"](
        channels=2, height=7, width=8, window=3, stride=2, features=2,
        deep_window=2, deep_stride=1, deep_features=3, outputs=4, both_ways=False,
    )  # fmt: skip
    circuit = topology.generate(0)
    rows, columns, pixels = 3, 3, 2 * 7 * 8
    expected = [[], [], []]
    home = pixels
    for r in range(rows):
        for c in range(columns):
            for _ in range(2):
                home += 1
                for dr in range(3):
                    for dc in range(3):
                        for colour in range(2):
                            pixel = colour * 56 + (2 * r + dr) * 8 + 2 * c + dc + 1
                            expected[0].append((f"n{pixel}", f"n{home}"))
                expected[0].append(("gnd", f"n{home}"))
    for r in range(2):
        for c in range(2):
            for _ in range(3):
                home += 1
                for dr in range(2):
                    for dc in range(2):
                        for k in range(2):
                            feature = pixels + ((r + dr) * columns + c + dc) * 2 + k + 1
                            expected[1].append((f"n{feature}", f"n{home}"))
                expected[1].append(("gnd", f"n{home}"))
    deep = range(pixels + 18 + 1, pixels + 18 + 12 + 1)
    for _ in range(4):
        home += 1
        expected[2] += [*((f"n{k}", f"n{home}") for k in deep), ("gnd", f"n{home}")]
    found = [[(d.source, d.target) for d in part.devices] for part in circuit.slices]
    assert found == expected
    assert circuit.inputs == tuple(f"n{k + 1}" for k in range(pixels))
    assert circuit.outputs == tuple(f"n{home - 3 + k}" for k in range(4))


def test_first_parameters_are_those_of_the_recipe():
    circuit = mnist(8, 16, True).generate(1)
    for table, pairs in zip(circuit.tables(), (26, 129, 401), strict=True):
        gain, threshold = table.params[0]["gain"], table.params[0]["threshold"]
        # The spread of n normal numbers is known to 1 / sqrt(2 n): 0.8 % for the last slice.
        assert gain.std() == pytest.approx(0.7 / np.sqrt(2 * pairs), rel=0.04)
        assert -0.5 <= threshold.min() < -0.49
        assert 0.49 < threshold.max() <= 0.5
        # Devices of a home stand together, a pair's two directions side by side.
        home = np.maximum(*(np.where(e == 2346, -1, e) for e in (table.source, table.target)))
        assert np.array_equal(home, np.sort(home))
        assert np.array_equal(table.source[::2], table.target[1::2])
        assert np.array_equal(table.target[::2], table.source[1::2])


def test_a_window_larger_than_its_layer_is_refused():
    with pytest.raises(StudioError, match="a window of 9 does not fit into 8 x 8"):
        TOPOLOGIES["locally_connected"](window=9).size()
    with pytest.raises(StudioError, match="a deep_window of 4 does not fit into 3 x 3"):
        TOPOLOGIES["locally_connected"](deep_window=4).generate()
