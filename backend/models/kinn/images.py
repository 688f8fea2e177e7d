"""KINN from images to classes: which stages, and how images come in."""

from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ...circuit import Circuit
from ...errors import StudioError
from ...params import Param
from ...shapes import Data
from ..base import CHUNK_ENTRIES, Group, Model, without_images
from ..decay import grouped
from ..excerpt import Excerpt
from .circuits.choice import PARAMS
from .circuits.excerpts import excerpt_of
from .classifier import ImageBlock, ImageNetwork
from .depth import DepthLayer, DepthStage
from .lines import CascadeLines

LONGEST_TAU = 0.5
"""Longest first time constant, in widths of the image; the shortest is a point of the stage."""


class KinnImages(Model):
    """Logits of images by cascades along rows and columns, or by the depth form.

    Args:
        data: images and their classes.
        cell: ``cascade`` or ``depth``; ``auto`` is ``cascade``.
        channels: of the first stage; each further one has twice as many.
        stages: blocks of every stage, such as ``2,2``.
        halvings: convolutions of the stem that halve the image.
        order: cells of a cascade.
        drop: probability that the last block's branches are left out; the first one's is 0.
        boundary: from where cascades begin, ``grounded`` or ``replicate``.

    Raises:
        StudioError: the stages cannot be read, or the cell is not for images.
    """

    title = "KINN"
    tasks = ("classify",)
    excerpts: ClassVar[tuple[Param, ...]] = PARAMS

    mean: Tensor
    deviation: Tensor

    def __init__(
        self,
        data: Data,
        *,
        cell: str,
        channels: int,
        stages: str,
        halvings: int,
        order: int,
        drop: float,
        boundary: str,
    ) -> None:
        super().__init__()
        if sentence := self.unfit(data):
            raise StudioError(sentence)
        if cell not in ("auto", "cascade", "depth"):
            raise StudioError(
                f"the cell '{cell}' is for fields, and '{data.title}' has images; choose cascade "
                "or depth"
            )
        self.sizes = data.inputs.sizes
        colours, rows, columns = self.sizes
        counts = _counts(stages)
        total, made = sum(counts), 0
        side = max(rows, columns) / 2**halvings

        def stage(number: int, width: int) -> nn.Module:
            nonlocal made
            if cell == "depth":
                return DepthStage(
                    [DepthLayer(width, order, None, 2, False) for _ in range(counts[number])]
                )
            blocks = []
            for _ in range(counts[number]):
                shortest = min(LONGEST_TAU, 2**number / side)
                cells = CascadeLines(width, 2, order, held=True, matched=boundary == "replicate",
                                     reach=(shortest, LONGEST_TAU))  # fmt: skip
                blocks.append(ImageBlock(width, cells, drop * made / max(1, total - 1)))
                made += 1
            return nn.Sequential(*blocks)

        widths = [channels * 2**number for number in range(len(counts))]
        self.network = ImageNetwork(colours, data.outputs.count, widths, halvings, stage)
        self.register_buffer("mean", torch.zeros(colours))
        self.register_buffer("deviation", torch.ones(colours))
        self.width = 16 * channels * max(1, rows * columns // 4**halvings)

    @classmethod
    def unfit(cls, data: Data) -> str:
        """That there are no images."""
        return without_images(cls.title, data)

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes) of images (B, channels x rows x columns) [V]."""
        images = x.reshape(-1, *self.sizes)
        scale = (self.deviation[:, None, None], self.mean[:, None, None])
        return self.network((images - scale[1]) / scale[0])

    def adapt(self, x: Tensor, y: Tensor) -> None:
        """Mean and deviation of every colour over the training images."""
        del y
        colours = x.reshape(-1, self.sizes[0], self.sizes[1] * self.sizes[2])
        self.mean.copy_(colours.mean((0, 2)))
        deviation = colours.transpose(0, 1).flatten(1).std(1)
        self.deviation.copy_(deviation.where(deviation > 0, deviation.new_ones(())))

    def groups(self) -> list[Group]:
        """Weights, and what shifts or is a length."""
        return grouped(self)

    def excerpt(self, x: Tensor | None = None, **options: Any) -> Excerpt:
        """Lanes of a block as a circuit that an image (channels x rows x columns,) drives."""
        if x is None:
            pulse = self.mean.new_zeros(1, *self.sizes)
            pulse[:, :, self.sizes[1] // 2, self.sizes[2] // 2] = 1.0
            return excerpt_of(self.network, lambda: self.network(pulse), options)
        return excerpt_of(self.network, lambda: self(x[None]), options)

    def circuit(self) -> Circuit:
        """The lanes of the first block, driven by what a unit pulse becomes there."""
        return self.excerpt().circuit

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Images in parts that fit into memory."""
        return x.split(max(1, CHUNK_ENTRIES // self.width))


def _counts(stages: str) -> list[int]:
    """``2,2,5,2`` as numbers.

    Raises:
        StudioError: something else stands there.
    """
    words = stages.replace(" ", "").split(",")
    if not all(word.isdecimal() and 1 <= int(word) <= 100 for word in words) or len(words) > 6:
        raise StudioError(
            f"stages is {stages!r}; expected up to six numbers of blocks with commas between "
            "them, such as 2,2,5,2"
        )
    return [int(word) for word in words]
