"""A network from fields to fields: lift, blocks, projection."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import gelu

PROJECTION = 64
"""Channels before the last map."""


class FieldNetwork(nn.Module):
    """Pointwise lift, blocks one after the other, pointwise projection with one hidden layer.

    Args:
        inputs: channels that come in.
        outputs: channels that go out.
        channels: in between.
        blocks: from (points..., B, channels) to the same.
        rounds: how often all blocks are gone through; more than once is the tied form, whose depth
            is a pseudo-time.
        axes: of which every point's place in the domain is a further input; 0 on periodic grids,
            where no place is special.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        channels: int,
        blocks: Sequence[nn.Module],
        rounds: int = 1,
        axes: int = 0,
    ) -> None:
        super().__init__()
        self.axes, self.rounds = axes, rounds
        self.lift = nn.Linear(inputs + axes, channels)
        self.blocks = nn.ModuleList(blocks)
        self.widen = nn.Linear(channels, PROJECTION)
        self.project = nn.Linear(PROJECTION, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Fields (B, outputs, points...) of fields (B, inputs, points...)."""
        field = self.lift(self.placed(x))
        for _ in range(self.rounds):
            for block in self.blocks:
                field = block(field)
        answer = self.project(gelu(self.widen(field)))
        return answer.movedim((-2, -1), (0, 1))

    def placed(self, x: Tensor) -> Tensor:
        """The input (points..., B, inputs + axes), with the places in [0, 1] behind it."""
        field = x.movedim((0, 1), (-2, -1))
        if not self.axes:
            return field
        ticks = [torch.linspace(0, 1, size, dtype=x.dtype, device=x.device)
                 for size in x.shape[2:]]  # fmt: skip
        places = torch.stack(torch.meshgrid(*ticks, indexing="ij"), -1).unsqueeze(-2)
        return torch.cat((field, places.expand(*field.shape[:-1], -1)), -1)
