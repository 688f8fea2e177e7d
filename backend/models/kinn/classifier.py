"""Images by cascades along their rows and columns, in stages of ever coarser grids."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu, silu

from .cells import Cells

EXPANSION = 3
"""Channels of the hidden layer of a block, by those of the block."""


class ImageBlock(nn.Module):
    """What lanes bring, gated by the point itself; then a hidden layer, point by point.

    h = norm(x),  x <- x + W_o((W_z z + c) * SiLU(W_g h)),  x <- x + W_2 GELU(W_1 norm(x)),  z the
    components of the cells' lanes for the currents W_in h.

    Args:
        channels: of x.
        cells: the lanes.
        drop: probability that a branch is left out for an image of a training batch.
    """

    def __init__(self, channels: int, cells: Cells, drop: float = 0.0) -> None:
        super().__init__()
        self.cells, self.drop = cells, drop
        self.norm = nn.LayerNorm(channels)
        self.inward = nn.Linear(channels, cells.lanes)
        self.mix = nn.Linear(cells.lanes * cells.components, channels)
        self.gate = nn.Linear(channels, channels)
        self.outward = nn.Linear(channels, channels)
        self.hidden_norm = nn.LayerNorm(channels)
        self.widen = nn.Linear(channels, EXPANSION * channels)
        self.narrow = nn.Linear(EXPANSION * channels, channels)

    def seen(self, x: Tensor) -> Tensor:
        """What W_in and the gate are given of a field."""
        return self.norm(x)

    def forward(self, x: Tensor) -> Tensor:
        """A field (rows, columns, B, channels) of such a field."""
        h = self.seen(x)
        mixed = self.mix(self.cells(self.inward(h)))
        x = x + self._kept(self.outward(mixed * silu(self.gate(h))))
        return x + self._kept(self.narrow(gelu(self.widen(self.hidden_norm(x)))))

    def _kept(self, branch: Tensor) -> Tensor:
        """The branch for those images that keep it, enlarged so that its mean stays."""
        if not self.training or not self.drop:
            return branch
        keep = torch.rand(branch.shape[-2], 1, device=branch.device) >= self.drop
        return branch * keep.to(branch.dtype) / (1 - self.drop)


class ImageNetwork(nn.Module):
    """Stem, stages with a convolution of stride 2 between them, mean over pixels, linear map.

    Args:
        channels: colours of a pixel.
        outputs: numbers that go out.
        widths: channels of every stage.
        halvings: convolutions of stride 2 in the stem: 0 to 2 of its two convolutions.
        stage: builds the blocks of a stage, given its number and its channels.
    """

    def __init__(
        self,
        channels: int,
        outputs: int,
        widths: Sequence[int],
        halvings: int,
        stage: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        first = widths[0]
        strides = [2 if number < halvings else 1 for number in range(2)]
        self.stem = nn.Sequential(
            nn.Conv2d(channels, max(1, first // 2), 3, strides[0], 1), nn.GELU(),
            nn.Conv2d(max(1, first // 2), first, 3, strides[1], 1),
        )  # fmt: skip
        self.stages = nn.ModuleList(stage(number, width) for number, width in enumerate(widths))
        self.coarser = nn.ModuleList(
            nn.Conv2d(fine, coarse, 3, 2, 1) for fine, coarse in pairwise(widths)
        )
        self.norm = nn.LayerNorm(widths[-1])
        self.head = nn.Linear(widths[-1], outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Numbers (B, outputs) of images (B, channels, rows, columns)."""
        field = _points_first(self.stem(x))
        for number, stage in enumerate(self.stages):
            if number:
                field = _points_first(self.coarser[number - 1](_images(field)))
            field = stage(field)
        return self.head(self.norm(field).mean((0, 1)))


def _points_first(images: Tensor) -> Tensor:
    """(rows, columns, B, channels) of (B, channels, rows, columns), made anew in this order."""
    return images.permute(2, 3, 0, 1).contiguous()


def _images(field: Tensor) -> Tensor:
    return field.permute(2, 3, 0, 1)
