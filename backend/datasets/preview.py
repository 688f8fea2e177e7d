"""What a chooser shows of a data set before anything is trained on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from .base import Dataset

PICTURES = 24
"""Pictures of a preview in all."""

POINTS = 400
"""Points of the plane in a preview."""

ROWS = 5
"""Rows of a table in a preview."""


@dataclass(frozen=True)
class Preview:
    """A few examples, and how many of which kind there are.

    Args:
        train: examples to learn from, as far as they are counted.
        test: examples to be judged by.
        counts: examples of every class in both parts together; empty where nobody counted.
        ranges: smallest and largest value of every target in its own unit.
        columns: names of the columns of a table.
        roles: ``feature``, ``text``, ``target`` or ``ignored`` for every column, or nothing.
        rows: the first rows of the table, as texts.
        pictures: (k, channels, rows, columns), bytes.
        picture_classes: (k,) the place of every picture's class.
        points: (k, 2) examples in the plane [V].
        point_classes: (k,) the place of every point's class.
        inputs: (k, channels, points...) fields that go in.
        outputs: (k, channels, points...) what is to come out of them.
        choices: values that options can have, by name.
        notes: sentences about what was assumed, and with which option it can be changed.
    """

    train: int = 0
    test: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    columns: Sequence[str] = ()
    roles: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    pictures: np.ndarray | None = None
    picture_classes: Sequence[int] = ()
    points: np.ndarray | None = None
    point_classes: Sequence[int] = ()
    inputs: np.ndarray | None = None
    outputs: np.ndarray | None = None
    choices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()


def of_examples(dataset: "Dataset") -> Preview:
    """A preview of what the data set itself gives to a training.

    Raises:
        StudioError: its examples cannot be had.
    """
    split = dataset.split()
    parts = (split.train, split.test)
    classes = np.concatenate([part.y.numpy() for part in parts])
    counts = np.bincount(classes, minlength=len(dataset.classes)) if dataset.classes else []
    known = {
        "train": len(split.train),
        "test": len(split.test),
        "counts": dict(zip(dataset.classes, map(int, counts), strict=True)),
    }
    x, y = split.train.x.numpy(), split.train.y.numpy()
    if dataset.image_shape:
        shown = spread(y, PICTURES)
        pixels = np.clip(x[shown] * 255, 0, 255).astype(np.uint8)
        shape = (len(shown), dataset.channels, *dataset.image_shape)
        return Preview(
            **known, pictures=pixels.reshape(shape), picture_classes=y[shown].astype(int).tolist()
        )
    if dataset.input_count == 2:
        return Preview(**known, points=x[:POINTS], point_classes=y[:POINTS].astype(int).tolist())
    return Preview(**known)


def of_table(
    x: np.ndarray, y: np.ndarray, features: Sequence[str], targets: Sequence[str]
) -> dict[str, object]:
    """The first rows of features (n, inputs) and targets (n, outputs), and the targets' ranges."""
    columns = (*features, *targets)
    values = np.concatenate([x[:ROWS], y[:ROWS]], axis=1)
    low, high = y.min(axis=0).tolist(), y.max(axis=0).tolist()
    return {
        "columns": columns,
        "roles": [*["feature"] * len(features), *["target"] * len(targets)],
        "rows": [[f"{value:.4g}" for value in row] for row in values],
        "ranges": {name: (low[k], high[k]) for k, name in enumerate(targets)},
    }


def spread(classes: Sequence[int] | np.ndarray, count: int) -> np.ndarray:
    """Places of `count` examples at most, the first ones of every class in turn."""
    classes = np.asarray(classes)
    order = np.argsort(classes, kind="stable")
    starts = np.searchsorted(classes[order], classes[order], side="left")
    turn = np.arange(len(order)) - starts  # how many of its class stand before it
    return np.sort(order[np.argsort(turn, kind="stable")[:count]])
