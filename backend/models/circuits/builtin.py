"""Untrained circuits that suit a data set; places are pixels on the board."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from ...circuit import GROUND, Circuit, Device, Node, Slice
from ...errors import StudioError
from ...shapes import Data
from ...topologies import TOPOLOGIES

LEAK = 0.5
LARGE = 16
"""Images of so many rows and columns [pixels] go through two local layers instead of one."""


def is_large(data: Data) -> bool:
    """Whether a data set's images are too large for a single local layer."""
    shape = data.image_shape
    return shape is not None and data.task == "classify" and min(shape) >= LARGE


def large_image_circuit(data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
    """Pixels, two locally connected layers and outputs, with random parameters.

    Args:
        data: gives the shape of the images and the classes.
        options: of the model: ``channels``, ``window``, ``stride``, the same of the deep layer, and
            ``positive``.
        seed: of the parameters.

    Raises:
        StudioError: a window does not fit.
    """
    assert data.image_shape
    height, width = data.image_shape
    topology = TOPOLOGIES["locally_connected"](
        kind=_tie(options),
        channels=_shades(data, options),
        height=height,
        width=width,
        window=options["window"],
        stride=options["stride"],
        features=options["channels"],
        deep_window=options["deep_window"],
        deep_stride=options["deep_stride"],
        deep_features=options["deep_channels"],
        outputs=len(data.names),
    )
    circuit = topology.generate(seed)
    first = len(circuit.nodes) - len(data.names)
    ends = [
        replace(node, label=name)
        for node, name in zip(circuit.nodes[first:], data.names, strict=True)
    ]
    # Inputs begin at 0 V: their voltages come with the data.
    others = [replace(node, voltage=0.0) for node in circuit.nodes[:first]]
    return circuit.replace(nodes=(*others, *ends))


def vector_circuit(inputs: int, outputs: Sequence[str], hidden: int) -> Circuit:
    """Inputs to hidden nodes to outputs by tanh devices, all in one slice of 1 s.

    Hidden and output nodes leak through a resistor of 0.5 S, which keeps voltages small. The
    leaks are locked: left to training, some of them turn negative.
    """
    columns = (
        [f"x{k + 1}" for k in range(inputs)],
        [f"h{k + 1}" for k in range(hidden)],
        [f"out{k + 1}" for k in range(len(outputs))],
    )
    roles = ("input", "hidden", "output")
    labels = ([""] * inputs, [""] * hidden, list(outputs))
    nodes = [
        Node(name, role=role, label=label, x=190.0 * place, y=95.0 * (row - (len(names) - 1) / 2))
        for place, (names, role, texts) in enumerate(zip(columns, roles, labels, strict=True))
        for row, (name, label) in enumerate(zip(names, texts, strict=True))
    ]
    sources, middle, ends = columns
    pairs = [(a, b) for a in sources for b in middle] + [(a, b) for a in middle for b in ends]
    devices = [Device(f"d{k + 1}", "tanh", a, b) for k, (a, b) in enumerate(pairs)]
    devices += [
        Device(f"leak_{name}", "resistor", name, GROUND, {"conductance": LEAK}, trainable=False)
        for name in (*middle, *ends)
    ]
    return Circuit(tuple(nodes), (Slice(tuple(devices)),))


def small_image_circuit(data: Data, options: Mapping[str, Any]) -> Circuit:
    """Pixels, a locally connected layer and outputs, with parameters at their defaults.

    Args:
        data: gives the shape of the images and the classes.
        options: of the model: ``channels``, ``window``, ``stride`` and ``positive``.

    Raises:
        StudioError: the window does not fit into the image.
    """
    assert data.image_shape
    return image_circuit(
        data.image_shape,
        data.names,
        options["channels"],
        options["window"],
        options["stride"],
        _shades(data, options),
        _tie(options),
    )


def _tie(options: Mapping[str, Any]) -> str:
    """The kind of device between a feature and what it sees."""
    return "rectifier" if options["positive"] else "threshold_relu"


def _shades(data: Data, options: Mapping[str, Any]) -> int:
    """Nodes a pixel: its colours, each with an inverted copy where conductances are positive."""
    return data.channels * (2 if options["positive"] else 1)


def image_circuit(
    shape: tuple[int, int],
    classes: Sequence[str],
    channels: int,
    window: int,
    stride: int,
    colours: int = 1,
    kind: str = "threshold_relu",
) -> Circuit:
    """Pixels to locally connected features to outputs, a slice of 1 s each.

    Every feature is tied to the pixels of its window and to ground, every output to all features
    and to ground, by one device in each direction. Nothing is shared between places.

    Args:
        shape: rows and columns of the image.
        classes: names of the outputs.
        channels: features of a window.
        window: its side [pixels].
        stride: pixels between two windows.
        colours: of a pixel, one node each.
        kind: of all devices.

    Raises:
        StudioError: the window does not fit into the image.
    """
    height, width = shape
    if window > min(shape):
        raise StudioError(f"a window of {window} pixels does not fit into {height} x {width}")
    rows = range((height - window) // stride + 1)
    columns = range((width - window) // stride + 1)
    shades = [""] if colours == 1 else [f"_{colour}" for colour in range(colours)]
    pixels = {
        (r, c, shade): f"p{r}_{c}{shade}"
        for shade, r, c in product(shades, range(height), range(width))
    }
    features = {(r, c, k): f"f{r}_{c}_{k}" for r, c, k in product(rows, columns, range(channels))}
    ends = [f"out_{name}" for name in classes]
    side = range(window)
    covered = {
        (r, c): [
            pixels[r * stride + dr, c * stride + dc, shade]
            for dr, dc, shade in product(side, side, shades)
        ]
        for r, c in product(rows, columns)
    }
    first = _ties(kind, ((features[key], covered[key[:2]]) for key in features))
    second = _ties(kind, ((end, list(features.values())) for end in ends), len(first))
    nodes = (
        *_pixel_nodes(pixels, shades, width),
        *_feature_nodes(features, channels, height),
        *(
            Node(end, role="output", label=name, x=1250.0, y=70.0 * k - 120.0)
            for k, (end, name) in enumerate(zip(ends, classes, strict=True))
        ),
    )
    return Circuit(nodes, (Slice(tuple(first)), Slice(tuple(second))))


def _pixel_nodes(
    pixels: dict[tuple[int, int, str], str], shades: list[str], width: int
) -> list[Node]:
    """Images of one colour each, side by side."""
    return [
        Node(name, role="input", x=55.0 * c - 55.0 * (width + 1) * shades.index(shade), y=55.0 * r)
        for (r, c, shade), name in pixels.items()
    ]


def _feature_nodes(
    features: dict[tuple[int, int, int], str], channels: int, height: int
) -> list[Node]:
    """Features in blocks of four columns, one block a window place."""
    deep = (channels + 3) // 4 * 50.0 + 40.0
    middle = 55.0 * (height - 1) / 2
    last = max(r for r, _, _ in features)
    return [
        Node(
            name,
            x=540.0 + 210.0 * c + 45.0 * (k % 4),
            y=middle + deep * (r - last / 2) + 50.0 * (k // 4 - (channels - 1) // 4 / 2),
        )
        for (r, c, k), name in features.items()
    ]


def _ties(kind: str, homes: Iterable[tuple[str, list[str]]], count: int = 0) -> list[Device]:
    """A device in each direction between every home and each of its partners and ground."""
    devices: list[Device] = []
    for home, partners in homes:
        for partner in (*partners, GROUND):
            for source, target in ((partner, home), (home, partner)):
                name = f"d{count + len(devices) + 1}"
                devices.append(Device(name, kind, source, target))
    return devices
