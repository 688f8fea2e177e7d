"""The transformer of text with collisions."""

from torch import Tensor

from ...engine.collide import Slices
from ...shapes import Data
from ..base import Group
from ..baselines.transformer import network_of, token_chunks
from ..decay import grouped
from .gas import Collisions, Gas
from .residual import KineticStep


class KitiTexts(Gas):
    """Classes of texts, or the symbol that follows.

    A particle is a slice of one token's numbers, so that tokens meet in attention alone: what
    comes later changes nothing before, and padding changes nothing.

    Args:
        data: texts.
        collisions: of both branches of every block.
        channels: numbers of a token.
        blocks: how many.
        dropout: share of what a branch adds that falls out.
    """

    tasks = ("classify", "language")
    reads = ("tokens",)

    def __init__(
        self, data: Data, *, collisions: Collisions, channels: int, blocks: int, dropout: float
    ) -> None:
        super().__init__()
        self.collisions = collisions
        self.network = network_of(
            data,
            lambda: KineticStep(Slices(), **collisions.options),
            channels=channels,
            blocks=blocks,
            dropout=dropout,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes), or (B, n, symbols) of those that follow, of symbols (B, n)."""
        return self.network(x)

    def groups(self) -> list[Group]:
        """Matrices, and all else: embeddings, biases, scales of norms."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Texts in parts that fit into memory."""
        return token_chunks(x, self.network)
