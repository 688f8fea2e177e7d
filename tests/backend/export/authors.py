"""The authors' experiments as slow loops from their description, and files of their form."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

Edges = Iterator[tuple[int, int]]
Stored = OrderedDict[str, Tensor]

KINDS = {"threshold_relu": 2, "tanh": 3, "tanh_diff": 3}
# Nodes, devices of a slice, kind, cut times: the authors' configuration files.
PUBLISHED = {
    "mnist": (834, 230_068, "threshold_relu", [0, 1, 2]),
    "cifar10": (3122, 2_054_018, "threshold_relu", [0, 0.6, 1.2, 1.8]),
    "svhn": (3122, 2_054_018, "threshold_relu", [0, 0.6, 1.2, 1.8]),
    "genmnist": (784, 50_240, "tanh_diff", [0, 1, 2]),
    "twomoon": (2, 300, "tanh", [0, 0.5, 1]),
    "2spirals": (2, 120, "tanh", [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6]),
    "8gaussians": (2, 300, "tanh", [0, 0.5, 1, 1.5, 2]),
    "circle": (2, 300, "tanh", [0, 0.5, 1, 1.5, 2]),
    "pinwheel": (2, 300, "tanh", [0, 0.5, 1, 1.5, 2]),
    "swissroll": (2, 300, "tanh", [0, 0.5, 1, 1.5, 2]),
    "potential1": (2, 120, "tanh_diff", [k / 10 for k in range(17)]),
    "potential2": (2, 120, "tanh_diff", [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2, 1.4, 1.6]),
}
IMAGES = {
    "mnist": (1, 28, 28, 4, 50, 1, 1),
    "genmnist": (1, 28, 28, 3, 0, 1, 1),
    "cifar10": (3, 32, 32, 4, 50, 1, 0),
}


def full(numbers: int, r0: int, r1: int) -> Edges:
    """For i, for j != i: r0 copies of i -> j, then r1 of j -> i; ground, 0, is one of them."""
    for i in range(numbers):
        for j in range(numbers):
            if j != i:
                yield from [(i, j)] * r0
                yield from [(j, i)] * r1


def mix(channels: int, height: int, width: int, k: int, extra: int, r0: int, r1: int) -> Edges:
    """Windows in raster order, then pixels with ground, then every extra node with 0..P."""
    pixels = channels * height * width
    number = np.arange(1, pixels + 1).reshape(channels, height, width)
    for top, left in product(range(height - k + 1), range(width - k + 1)):
        window = number[:, top : top + k, left : left + k].ravel().tolist()
        for j in window:
            for other in window:
                if other != j:
                    yield j, other
    for node in range(1, pixels + 1):
        yield from [(node, 0)] * r0
        yield from [(0, node)] * r1
    for q in range(pixels + 1, pixels + extra + 1):
        for i in range(pixels + 1):
            yield from [(i, q)] * r0
            yield from [(q, i)] * r1


def edges_of(name: str) -> Edges:
    if name in IMAGES:
        return mix(*IMAGES[name])
    copies = PUBLISHED[name][1] // 12
    return full(3, copies, copies)


def stored(rows: int, edges: int, slices: int, scale: float = 0.5, seed: int = 0) -> Stored:
    rng = torch.Generator().manual_seed(seed)
    return OrderedDict(
        (f"circuit.layer_list.{k}.model.param", scale * torch.randn(rows, edges, generator=rng))
        for k in range(slices)
    )


def checkpoint(name: str, scale: float = 0.5, seed: int = 0) -> Stored:
    _, edges, kind, cuts = PUBLISHED[name]
    return stored(KINDS[kind], edges, len(cuts) - 1, scale, seed)


def saved(data: object, folder: Path) -> Path:
    path = folder / "model.pth"
    torch.save(data, path)
    return path


def expected_params(kind: str, array: Tensor) -> dict[str, np.ndarray]:
    rows = array.double().numpy()
    if kind == "threshold_relu":
        return {"gain": rows[1], "threshold": rows[0]}
    if kind == "tanh":
        return {"a": rows[0], "b": rows[1], "c": rows[2]}
    return {"g": rows[1], "c": rows[0]}
