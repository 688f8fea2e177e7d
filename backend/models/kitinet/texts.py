"""The transformer of text with collisions."""

from ...engine.collide import Slices
from ...shapes import Data
from ..baselines.transformer import TextModel, network_of
from .gas import Collisions, Gas
from .residual import KineticStep


class KitiTexts(TextModel, Gas):
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
