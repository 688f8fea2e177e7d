"""Collisions beside the published form, and what they add to the training of a network.

Run from the project's folder:

    .venv/bin/python -m benchmarks.collide [--rounds N] [--only WORD]

writes ``benchmarks/results/collide.json``; with ``--only`` just the tables with that word in their
title. Laps of all rows are interleaved in one process, in an order that turns with every round; a
ratio is a row's CPU time by that of the first row in the same round, one thread, and the table has
its median with an interval of 95 %, and its quartiles. No time is kept: this machine is shared.
"""

import argparse
import gc
import json
import os
import platform
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss, normalize

from backend.engine.collide import collide, published
from backend.models import MODELS, Data, Model, Shape
from backend.params import check_params

RESULTS = Path(__file__).parent / "results" / "collide.json"
COMMAND = "python -m benchmarks.collide"
SIZE = (4, 160, 128)
"""Batch, coordinates and particles of the published experiments on the heat equation."""

SPREAD = 0.03
"""Of positions: such that about half of all pairs collide by the published rule."""

Lap = Callable[[], Any]


def broadcast(x: Tensor, v: Tensor, directions: Tensor, coll: float) -> tuple[Tensor, Tensor]:
    """The published rule as its code works: all quantities of all pairs, (B, d, n, n)."""
    count = x.shape[-1]
    distance = (x[..., :, None] - x[..., None, :]).norm(dim=1)
    relative = v[..., None, :] - v[..., :, None]
    speed = relative.norm(dim=1)
    score = speed / speed.amax((1, 2), keepdim=True) * torch.exp(-distance)
    met = (score > 1 - coll).to(x.dtype)
    first, second = torch.triu_indices(count, count, 1)
    turned = torch.zeros_like(relative)
    turned[..., first, second], turned[..., second, first] = directions, -directions
    after = v + (met[:, None] * (0.5 * relative + speed[:, None] * turned)).sum(2)
    middle = 0.5 * (x[..., :, None] + x[..., None, :])
    place = (x + (met[:, None] * middle).sum(2)) / (1 + met.sum(1, keepdim=True))
    return place + after, after


def operator_rows() -> dict[str, Lap]:
    """Forward and backward from (B, d, n), with one cotangent."""
    batch, size, count = SIZE
    torch.manual_seed(0)
    x, v, cotangent = SPREAD * torch.randn(SIZE), torch.randn(SIZE), torch.randn(SIZE)
    directions = normalize(torch.randn(batch, size, count * (count - 1) // 2), dim=1)

    def lap(answer: Callable[[Tensor, Tensor], Tensor]) -> Lap:
        def run() -> None:
            leaves = x.clone().requires_grad_(), v.clone().requires_grad_()
            torch.autograd.grad(answer(*leaves), leaves, cotangent)

        return run

    def ours(mode: str) -> Lap:
        return lap(lambda x, v: x + collide(x.mT, v.mT, mode=mode).mT)

    return {
        "matched": ours("matched"),
        "plain residual": ours("off"),
        "mean_field": ours("mean_field"),
        "allpairs": ours("allpairs"),
        "published, colliding pairs gathered": lap(
            lambda x, v: published(x, v, directions, 0.9)[0]
        ),
        "published, broadcast": lap(lambda x, v: broadcast(x, v, directions, 0.9)[0]),
    }


CLASSES = tuple(str(k) for k in range(10))
CIFAR = Data("", "Images", "classify", Shape((3, 32, 32), "image"), Shape((10,)), CLASSES)
DIGITS = Data("", "Digits", "classify", Shape((1, 8, 8), "image"), Shape((10,)), CLASSES)
LINE = Shape((1, 128), "grid", periodic=True)
FIELDS = Data("", "Fields", "operator", LINE, LINE)
TOKENS = Shape((64,), "tokens", symbols=2000)
TEXTS = Data("", "Texts", "classify", TOKENS, Shape((5,)), CLASSES[:5])
NEXT = Data("", "Next symbols", "language", TOKENS, Shape((2000,)))
VECTORS = Data("", "Vectors", "regress", Shape((10,)), Shape((1,)), ("y",))

NETWORKS: dict[str, tuple[Data, str, int]] = {
    "ResNet-18 for CIFAR, batch 16": (CIFAR, "resnet18", 16),
    "ResNet of 8 x 8 digits, default recipe, batch 64": (DIGITS, "default", 64),
    "FNO of 128 points, default recipe, batch 16": (FIELDS, "default", 16),
    "residual MLP of 10 features, default recipe, batch 32": (VECTORS, "default", 32),
    "text encoder of 64 words, default recipe, batch 32": (TEXTS, "default", 32),
    "text model of 64 symbols, default recipe, batch 32": (NEXT, "default", 32),
}


def network(data: Data, recipe: str, collisions: str) -> Model:
    kind = MODELS["kitinet"]
    options = {**kind.recipes(data)[recipe]["model_options"], "collisions": collisions}
    return kind.build(data, check_params(kind.params, options), 0)


def examples(data: Data, count: int) -> tuple[Tensor, Tensor]:
    torch.manual_seed(1)
    if data.task == "operator":
        return torch.randn(count, *data.inputs.sizes), torch.randn(count, *data.outputs.sizes)
    if data.inputs.kind == "tokens":
        x = torch.randint(1, data.inputs.symbols, (count, data.inputs.count)).float()
        following = torch.randint(data.outputs.count, (count, *x.shape[1:]))
        return x, following if data.task == "language" else following[:, 0]
    x = torch.randn(count, data.inputs.count)
    classes = data.task == "classify"
    return x, torch.randint(10, (count,)) if classes else torch.randn(count, 1)


def loss_of(data: Data, answer: Tensor, y: Tensor) -> Tensor:
    """Cross-entropy of classes and symbols, else the mean square."""
    if data.task in ("classify", "language"):
        return cross_entropy(answer.flatten(0, -2), y.flatten())
    return mse_loss(answer, y)


def network_rows(data: Data, recipe: str, count: int, training: bool) -> dict[str, Lap]:
    """A training step, or an evaluation, of the plain twin and of those with collisions."""
    x, y = examples(data, count)

    def lap(collisions: str) -> Lap:
        model = network(data, recipe, collisions).train(training)
        optimiser = torch.optim.SGD(model.parameters(), lr=1e-4, momentum=0.9)

        def step() -> None:
            optimiser.zero_grad()
            loss_of(data, model(x), y).backward()
            optimiser.step()

        return step if training else torch.no_grad()(lambda: model(x))

    return {f"collisions {name}": lap(name) for name in ("off", "matched")}


def compare(title: str, rows: dict[str, Lap], rounds: int, least: float = 0.0) -> dict[str, Any]:
    """Medians and quartiles of ratios to the first row.

    Args:
        title: the question.
        rows: what is compared.
        rounds: laps of every row, after one that does not count.
        least: CPU seconds that a lap takes at least, by repeating what is quick.
    """
    names, repeats = list(rows), {}
    for name, run in rows.items():
        run()
        repeats[name] = max(1, round(least / max(1e-6, cpu_time(run))))
    times: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        turned = names[number % len(names) :] + names[: number % len(names)]
        for name in turned:
            gc.collect()
            times[name].append(cpu_time(rows[name], repeats[name]))
    print(f"\n{title}", flush=True)
    table = []
    for name in names:
        ratios = np.array(times[name]) / np.array(times[names[0]])
        low, median, high = (float(q) for q in np.percentile(ratios, (25, 50, 75)))
        best = min(times[name]) / min(times[names[0]])
        table.append(
            {"label": name, "ratio": median, "quartiles": [low, high],
             "interval": interval(ratios), "of_best": best}
        )  # fmt: skip
        print(f"  {median:10.3f}  [{low:.3f}, {high:.3f}]  best {best:.3f}  {name}", flush=True)
    return {"title": title, "rounds": rounds, "rows": table}


def interval(ratios: np.ndarray) -> list[float]:
    """Of the median, 95 % by 2000 resamplings of the rounds."""
    rows = np.random.default_rng(0).integers(len(ratios), size=(2000, len(ratios)))
    return [float(q) for q in np.percentile(np.median(ratios[rows], axis=1), (2.5, 97.5))]


def cpu_time(run: Lap, repeats: int = 1) -> float:
    """CPU seconds of one run."""
    began = time.process_time()
    for _ in range(repeats):
        run()
    return (time.process_time() - began) / repeats


def main() -> None:
    parser = argparse.ArgumentParser(description="Collisions and what they take.")
    parser.add_argument("--rounds", type=int, default=9, help="laps of every row")
    parser.add_argument("--only", default="", help="a word in the titles of the tables to renew")
    chosen = parser.parse_args()
    rounds = chosen.rounds
    torch.set_num_threads(1)
    tables = json.loads(RESULTS.read_text(encoding="utf-8"))["tables"] if chosen.only else []

    def keep(title: str, rows: Callable[[], dict[str, Lap]], count: int, least: float) -> None:
        if chosen.only not in title:
            return
        before = os.getloadavg()[0]
        table = compare(title, rows(), count, least)
        tables[:] = [other for other in tables if other["title"] != title]
        tables.append({**table, "load": [before, os.getloadavg()[0]]})
        machine = {
            "torch": torch.__version__,
            "python": platform.python_version(),
            "processors": os.cpu_count(),
        }
        record = {"command": COMMAND, "machine": machine, "tables": tables}
        RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")

    keep("(4, 160, 128), forward and backward", operator_rows, rounds, 0.02)
    for title, given in NETWORKS.items():
        large = given[1] == "resnet18"
        for training in (True, False):
            what = "training step" if training else "evaluation"
            rows = partial(network_rows, *given, training)
            keep(f"{title}: {what}", rows, rounds if large else 3 * rounds, 0 if large else 0.05)


if __name__ == "__main__":
    main()
