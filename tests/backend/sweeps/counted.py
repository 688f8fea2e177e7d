"""A line to be learnt, and a data set that writes down whenever somebody reads its test set."""

import os
from pathlib import Path

import torch
from torch import Tensor, nn

from backend.datasets import DATASETS, Dataset, Examples, Split
from backend.models import MODELS, Data, Model
from backend.params import Param

READS = "COUNTED_READS"
"""The environment's name of the file with a line a read."""


class Counted(Split):
    """A split whose test set cannot be had in silence."""

    def __init__(self, train: Examples, test: Examples, validation: Examples) -> None:
        for name, part in (("train", train), ("_test", test), ("validation", validation)):
            object.__setattr__(self, name, part)

    @property
    def test(self) -> Examples:  # type: ignore[override]
        with Path(os.environ[READS]).open("a") as file:
            file.write(f"{os.getpid()}\n")
        return self._test


@DATASETS.register("counted")
class CountedReads(Dataset):
    """Two classes on both sides of a line, one example in ten on the wrong one."""

    title = "Counted"
    classes = ("a", "b")
    input_count = 4

    def split(self) -> Split:
        generator = torch.Generator().manual_seed(0)
        x = torch.rand(160, 4, generator=generator)
        y = (x.sum(1) > 2).long()
        y[::10] = 1 - y[::10]
        parts = [Examples(x[a:b], y[a:b]) for a, b in ((0, 80), (80, 120), (120, 160))]
        return Counted(*parts)


@MODELS.register("counted_line")
class Line(Model):
    """Logits W x + b, times a constant."""

    title = "Line"
    params = (Param("gain", 1.0, low=0.1, high=10.0, doc="Of the logits."),)

    def __init__(self, data: Data, gain: float) -> None:
        super().__init__()
        self.gain = gain
        self.layer = nn.Linear(data.inputs.count, data.outputs.count)

    def forward(self, x: Tensor) -> Tensor:
        return self.gain * self.layer(x)
