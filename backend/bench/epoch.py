"""An epoch of MNIST-sized images through a locally connected circuit: forward, gradient, AdamW.

Three slices of 1 s, one Euler step each, 3,122 nodes and 166,738 threshold ReLUs, one device a
pair: 28 x 28 pixels, 5 x 5 windows to 12 x 12 x 12 features, 4 x 4 windows over all of their
channels to 5 x 5 x 24 features, and these to 10 outputs; every home is tied to ground as well.
The images are random pixels: the time does not depend on what they show.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..circuit import Circuit
from ..circuit.compile import compile_circuit
from ..simulation.simulate import make_solver
from ..solvers import integrate_all
from ..topologies import TOPOLOGIES
from .table import Echo, Row, Section, here, measure, print_section

IMAGES = 60_000
BATCH = 128
BATCHES = 20
LAP_SECONDS = 5.0
"""A slow row is timed over fewer batches, so that a lap takes about this."""
PIXELS = 28
CLASSES = 10
LOGIT_SCALE = 4.0
Model = Callable[[Tensor], Tensor]


def local_circuit(features: tuple[int, int] = (12, 24)) -> Circuit:
    """The three slices; ``features`` are the nodes at a place of the two grids."""
    topology = TOPOLOGIES["locally_connected"](
        height=PIXELS, width=PIXELS, window=5, stride=2, features=features[0], deep_window=4,
        deep_stride=2, deep_features=features[1], outputs=CLASSES, both_ways=False,
    )  # fmt: skip
    return topology.generate()


def our_model(circuit: Circuit) -> tuple[Model, list[Tensor]]:
    """Logits (B, classes) of images (B, pixels) by our engine, and what is trained."""
    compiled = compile_circuit(circuit, torch.float32)
    euler = make_solver("euler", steps=1)

    def logits(images: Tensor) -> Tensor:
        v = images.new_zeros(len(circuit.nodes), len(images))
        v[: PIXELS * PIXELS] = images.T
        v = integrate_all(list(compiled.fields()), v, euler)
        return LOGIT_SCALE * v[-CLASSES:].T

    return logits, list(compiled.parameters())


def authors_model(circuit: Circuit) -> tuple[Model, list[Tensor]]:
    """The same as its authors write it: torchdiffeq's euler, gather and scatter, backprop."""
    import torchdiffeq

    slices = list(circuit.tables())
    tables = [
        torch.from_numpy(np.stack([part.params[0][name] for name in ("gain", "threshold")]))
        .float()
        .requires_grad_()
        for part in slices
    ]
    ends = [tuple(map(torch.tensor, (part.source, part.target))) for part in slices]

    def slope(k: int) -> Callable[[Any, Tensor], Tensor]:
        source, target = ends[k]

        def field(t: Any, v: Tensor) -> Tensor:
            gain, threshold = tables[k]
            padded = torch.cat([v, v.new_zeros(len(v), 1)], 1)
            i = gain * torch.relu(padded[:, source] - padded[:, target] - threshold)
            total = torch.zeros_like(padded).scatter_add(1, target.expand_as(i), i)
            return total.scatter_add(1, source.expand_as(i), -i)[:, :-1]

        return field

    def logits(images: Tensor) -> Tensor:
        v = images.new_zeros(len(images), len(circuit.nodes))
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
    optimiser = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=0.1, fused=True)

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
    circuit = local_circuit()
    sizes = f"{len(circuit.nodes)} nodes, {circuit.device_count} devices"
    echo(f"{sizes} in three slices, batch {BATCH}, random images")
    records = [
        _stretch(label, *build(circuit), echo, repeats)
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
