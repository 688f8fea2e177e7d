"""An epoch of MNIST-sized images through a locally connected circuit: forward, gradient, AdamW.

Three slices of 1 s, one Euler step each, 3,122 nodes and 166,738 threshold ReLUs, one device a
pair: 28 x 28 pixels, 5 x 5 windows to 12 x 12 x 12 features, 4 x 4 windows over all of their
channels to 5 x 5 x 24 features, and these to 10 outputs; every home is tied to ground as well.
The images are random pixels: the time does not depend on what they show.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..circuit import GROUND, Circuit, Device, Node, Slice
from ..compile import compile_circuit
from ..simulate import make_solver
from ..solvers import integrate_all
from .table import Echo, Row, Section, here, measure, print_section

IMAGES = 60_000
BATCH = 128
BATCHES = 40
LAP_SECONDS = 5.0
"""A slow row is timed over fewer batches, so that a lap takes about this."""
PIXELS = 28
CLASSES = 10
LOGIT_SCALE = 4.0
Edges = tuple[np.ndarray, np.ndarray]
Model = Callable[[Tensor], Tensor]


class Layers(NamedTuple):
    """Node numbers (0 is ground) at both ends of every device, slice after slice."""

    nodes: int
    slices: tuple[Edges, ...]


def window_layer(first: int, side: int, channels: int, window: int, home: int, homes: int) -> Edges:
    """From every window of a grid of nodes, and from ground, to each of its own homes.

    Grids are position-major and channel-minor; windows have stride 2.

    Args:
        first: number of the grid's first node.
        side: positions along a side of the grid.
        channels: nodes at a position of the grid.
        window: positions along a side of a window.
        home: number of the first home.
        homes: nodes at every window place.
    """
    grid = first + np.arange(side * side * channels).reshape(side, side, channels)
    places = np.lib.stride_tricks.sliding_window_view(grid, (window, window), (0, 1))[::2, ::2]
    members = places.reshape(-1, channels * window * window)
    members = np.concatenate([members, np.zeros((len(members), 1), int)], axis=1)
    source = np.repeat(members, homes, axis=0)
    target = home + np.arange(len(source))
    return source.ravel(), np.repeat(target, source.shape[1])


def local_layers(features: tuple[int, int] = (12, 24)) -> Layers:
    """The three slices; ``features`` are the nodes at a place of the two grids."""
    pixels = PIXELS * PIXELS
    second, third = pixels + 1, pixels + 1 + 144 * features[0]
    last = third + 25 * features[1]
    return Layers(
        last + CLASSES - 1,
        (
            window_layer(1, PIXELS, 1, 5, second, features[0]),
            window_layer(second, 12, features[0], 4, third, features[1]),
            window_layer(third, 1, 25 * features[1], 1, last, CLASSES),
        ),
    )


def first_values(layers: Layers, seed: int = 0) -> list[np.ndarray]:
    """Gain and threshold (2, E) of every slice.

    Thresholds are uniform in +-0.5 V, gains normal with deviation 0.7/sqrt(devices of the home).
    """
    rng = np.random.default_rng(seed)
    values = []
    for source, target in layers.slices:
        scale = 0.7 / np.sqrt(np.bincount(target)[target])
        gain = scale * rng.standard_normal(len(source))
        values.append(np.stack([gain, rng.uniform(-0.5, 0.5, len(source))]))
    return values


def layers_circuit(layers: Layers, values: list[np.ndarray]) -> Circuit:
    """The description of the layers: pixels are inputs, the last nodes outputs."""
    names = [GROUND, *(f"n{k}" for k in range(1, layers.nodes + 1))]
    pixels, outputs = PIXELS * PIXELS, layers.nodes - CLASSES
    nodes = [
        Node(name, role="input" if k < pixels else "output" if k >= outputs else "hidden")
        for k, name in enumerate(names[1:])
    ]
    slices, count = [], 0
    for (source, target), table in zip(layers.slices, values, strict=True):
        columns = zip(source.tolist(), target.tolist(), table.T.tolist(), strict=True)
        devices = [
            Device(
                f"d{count + e}",
                "threshold_relu",
                names[s],
                names[d],
                {"gain": gain, "threshold": threshold},
            )
            for e, (s, d, (gain, threshold)) in enumerate(columns, start=1)
        ]
        count += len(devices)
        slices.append(Slice(tuple(devices)))
    return Circuit(tuple(nodes), tuple(slices), "Locally connected layers")


def our_model(layers: Layers, values: list[np.ndarray]) -> tuple[Model, list[Tensor]]:
    """Logits (B, classes) of images (B, pixels) by our engine, and what is trained."""
    compiled = compile_circuit(layers_circuit(layers, values), torch.float32)
    euler = make_solver("euler", steps=1)

    def logits(images: Tensor) -> Tensor:
        v = images.new_zeros(layers.nodes, len(images))
        v[: PIXELS * PIXELS] = images.T
        v = integrate_all(list(compiled.fields()), v, euler)
        return LOGIT_SCALE * v[-CLASSES:].T

    return logits, list(compiled.parameters())


def authors_model(layers: Layers, values: list[np.ndarray]) -> tuple[Model, list[Tensor]]:
    """The same as its authors write it: torchdiffeq's euler, gather and scatter, backprop."""
    import torchdiffeq

    tables = [torch.tensor(table, dtype=torch.float32, requires_grad=True) for table in values]
    ends = [tuple(map(torch.from_numpy, edges)) for edges in layers.slices]

    def slope(k: int) -> Callable[[Any, Tensor], Tensor]:
        source, target = ends[k]

        def field(t: Any, v: Tensor) -> Tensor:
            gain, threshold = tables[k]
            padded = torch.cat([v.new_zeros(len(v), 1), v], 1)
            i = gain * torch.relu(padded[:, source] - padded[:, target] - threshold)
            total = torch.zeros_like(padded).scatter_add(1, target.expand_as(i), i)
            return total.scatter_add(1, source.expand_as(i), -i)[:, 1:]

        return field

    def logits(images: Tensor) -> Tensor:
        v = images.new_zeros(len(images), layers.nodes)
        v[:, : PIXELS * PIXELS] = images
        span = torch.tensor([0.0, 1.0])
        for k in range(len(tables)):
            path: Any = torchdiffeq.odeint(slope(k), v, span, method="euler")
            v = path[-1]
        return LOGIT_SCALE * v[:, -CLASSES:]

    return logits, tables


def training(model: Model, parameters: list[Tensor], batches: int) -> Callable[[], Tensor]:
    """A stretch of an epoch: forward, gradient and AdamW; returns the last logits."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(batches, BATCH, PIXELS * PIXELS, generator=generator)
    labels = torch.randint(0, CLASSES, (batches, BATCH), generator=generator)
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1, foreach=True)

    def run() -> Tensor:
        logits = images.new_zeros(())
        for x, y in zip(images, labels, strict=True):
            optimiser.zero_grad(set_to_none=True)
            logits = model(x)
            loss = torch.nn.functional.cross_entropy(logits, y, label_smoothing=0.05)
            loss.backward()
            optimiser.step()
        return logits.detach()

    return run


def sections(echo: Echo, repeats: int) -> list[dict[str, Any]]:
    """Times of a stretch, and of an epoch by proportion."""
    layers = local_layers()
    values = first_values(layers)
    devices = sum(len(source) for source, _ in layers.slices)
    echo(f"{layers.nodes} nodes, {devices} devices in three slices, batch {BATCH}, random images")
    records = [
        _stretch(label, *build(layers, values), echo, repeats)
        for label, build in (
            ("ours", our_model),
            ("torchdiffeq euler, authors' formulation", authors_model),
        )
    ]
    base = records[0]["epoch_cpu_s"]
    echo(f"\n{'an epoch of 60,000 images':40} {'x':>8} {'CPU s':>10} {'2 threads wall s':>18}")
    for record in records:
        label, cpu, wall = (
            record["rows"][0]["label"],
            record["epoch_cpu_s"],
            record["epoch_wall_2_s"],
        )
        shown = "" if wall is None else f"{wall:18.1f}"
        echo(f"{label:40} {cpu / base:8.2f} {cpu:10.1f} {shown}")
    return records


def _stretch(
    label: str, model: Model, parameters: list[Tensor], echo: Echo, repeats: int
) -> dict[str, Any]:
    """The time of some batches, and of an epoch in proportion."""
    once = here(training(model, parameters, 1))
    once()
    batches = max(1, min(BATCHES, int(LAP_SECONDS / once().wall_s)))
    row = Row(label, here(training(model, parameters, batches)))
    title = f"{label}: {batches} of {IMAGES / BATCH:.0f} batches"
    record = measure(Section(title, [row], torch.set_num_threads), min(repeats, 3), 2)
    print_section(record, echo)
    found, scale = record["rows"][0], IMAGES / BATCH / batches
    wall = found["wall_2_s"]
    times = {"epoch_cpu_s": scale * found["cpu_s"], "epoch_wall_2_s": wall and scale * wall}
    return record | times
