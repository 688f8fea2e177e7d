"""Residual layers with collisions, from vectors to classes or numbers."""

from torch import Tensor, nn

from ...shapes import Data
from ..base import CHUNK_ENTRIES, Group
from ..decay import grouped
from .gas import Collisions, Gas
from .residual import KITIResidual

EXPANSION = 2
"""Hidden numbers of a block, by those it passes on."""


class KitiVectors(Gas):
    """Lift, blocks x <- x + W_2 GELU(W_1 norm(x)), norm, linear map.

    A particle is a slice of x, so that examples never meet.

    Args:
        data: vectors, or anything read as such, and classes or numbers.
        collisions: of every block.
        channels: numbers of x.
        blocks: how many.
    """

    def __init__(self, data: Data, *, collisions: Collisions, channels: int, blocks: int) -> None:
        super().__init__()
        self.collisions = collisions
        self.lift = nn.Linear(data.inputs.count, channels)
        self.blocks = nn.Sequential(
            *(KITIResidual(_branch(channels), **collisions.options) for _ in range(blocks))
        )
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, data.outputs.count)

    def forward(self, x: Tensor) -> Tensor:
        """Logits or numbers (B, outputs) of inputs (B, features) [V]."""
        return self.head(self.norm(self.blocks(self.lift(x))))

    def groups(self) -> list[Group]:
        """Matrices, and what shifts or scales a norm."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Vectors in parts that fit into memory."""
        return x.split(max(1, CHUNK_ENTRIES // (8 * self.lift.out_features)))


def _branch(width: int) -> nn.Module:
    hidden = EXPANSION * width
    return nn.Sequential(
        nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)
    )
