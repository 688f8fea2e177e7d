"""A transformer of text: classes of whole texts, or the symbol that follows."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention

from ...errors import StudioError
from ...params import Param
from ...shapes import Data
from ..base import CHUNK_ENTRIES, MODELS, Group, Model
from ..decay import grouped

EXPANSION = 4
"""Hidden numbers of the second branch of a block, by those it passes on."""

NARROWEST = 8
"""Numbers of a head at least."""

TEXT: dict[str, Any] = {
    "epochs": 3,
    "batch_size": 64,
    "learning_rate": 0.001,
    "weight_decay": 0.1,
    "decay_on": "gains",
    "warm_up": 0.2,
    "gradient_clip": 1.0,
    # Few texts are soon learnt by heart: without it the validation loss rises above ln 2.
    "label_smoothing": 0.2,
    "model_options": {"channels": 48, "blocks": 1, "dropout": 0.5},
}
LANGUAGE: dict[str, Any] = {
    **TEXT,
    "epochs": 10,
    "batch_size": 32,
    "learning_rate": 0.003,
    "label_smoothing": 0.0,
    "model_options": {"channels": 64, "blocks": 3},
}

Join = Callable[[Tensor, Tensor], Tensor]
"""The sum of x and what a branch adds to it, (B, n, channels) each."""


class Attention(nn.Module):
    """softmax(Q K^T/sqrt(d)) V of all heads, and a linear map.

    Args:
        channels: numbers of a token, as many for all heads together.
        causal: whether a token sees only those before it, and itself.
    """

    def __init__(self, channels: int, causal: bool) -> None:
        super().__init__()
        self.heads = heads_of(channels)
        self.causal = causal
        self.inward = nn.Linear(channels, 3 * channels)
        self.outward = nn.Linear(channels, channels)

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        """Tokens (B, n, channels) of such; ``seen`` (B, 1, n, n) says who sees whom."""
        batch, count, channels = x.shape
        each = channels // self.heads
        split = self.inward(x).reshape(batch, count, 3, self.heads, each).permute(2, 0, 3, 1, 4)
        mixed = scaled_dot_product_attention(*split, attn_mask=seen, is_causal=self.causal)
        return self.outward(mixed.transpose(1, 2).reshape(batch, count, channels))


class TokenBlock(nn.Module):
    """x <- x + attention(norm(x)), x <- x + W_2 GELU(W_1 norm(x)).

    Args:
        channels: numbers of a token.
        causal: whether a token sees only those before it, and itself.
        dropout: share of what a branch adds that falls out.
        join: makes the sums of a block, the first and the second; plain ones without.
    """

    def __init__(
        self, channels: int, causal: bool, dropout: float, join: Callable[[], Join] | None = None
    ) -> None:
        super().__init__()
        self.attention_norm, self.attention = nn.LayerNorm(channels), Attention(channels, causal)
        self.branch = nn.Sequential(
            nn.LayerNorm(channels),
            nn.Linear(channels, EXPANSION * channels),
            nn.GELU(),
            nn.Linear(EXPANSION * channels, channels),
        )
        self.dropout = nn.Dropout(dropout)
        self.first = join() if join else torch.add
        self.second = join() if join else torch.add

    def forward(self, x: Tensor, seen: Tensor | None) -> Tensor:
        """Tokens (B, n, channels) of such."""
        x = self.first(x, self.dropout(self.attention(self.attention_norm(x), seen)))
        return self.second(x, self.dropout(self.branch(x)))


class TokenNetwork(nn.Module):
    """Embeddings of symbols and places, blocks, a norm; then classes or the symbol that follows.

    Args:
        symbols: how many there are, the 0 included, which is padding.
        length: of the longest text.
        outputs: classes, or symbols that may follow.
        channels: numbers of a token.
        blocks: how many.
        dropout: of the blocks and of the embeddings.
        causal: whether every token is asked for the one that follows.
        join: as of ``TokenBlock``.
        words: what the symbols stand for; nothing where that is not known.

    Attributes:
        vocabulary: a digest of the words, so that parameters are never read with other ones.

    References:
        Vaswani et al. 2017, Attention is all you need, arXiv 1706.03762; norms before the branches
        as in Radford et al. 2019, Language models are unsupervised multitask learners.
    """

    vocabulary: Tensor

    def __init__(
        self,
        symbols: int,
        length: int,
        outputs: int,
        *,
        channels: int,
        blocks: int,
        dropout: float = 0.0,
        causal: bool = False,
        join: Callable[[], Join] | None = None,
        words: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.register_buffer("vocabulary", torch.tensor(_digest(words)))
        self.causal = causal
        self.symbols = nn.Embedding(symbols, channels)
        self.places = nn.Parameter(0.02 * torch.randn(length, channels))
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            TokenBlock(channels, causal, dropout, join) for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(channels)
        self.head = nn.Linear(channels, outputs)
        nn.init.normal_(self.symbols.weight, std=0.02)

    def forward(self, numbers: Tensor) -> Tensor:
        """Logits (B, outputs), or (B, n, outputs) of a causal one, of symbols (B, n)."""
        tokens = numbers.long()
        if self.causal:
            return self.head(self._blocks(tokens, None))
        there = tokens > 0
        # Columns of padding alone change nothing.
        longest = max(1, int(there.sum(1).max())) if len(tokens) else tokens.shape[1]
        tokens, there = tokens[:, :longest], there[:, :longest]
        # A text without words sees itself, so that nothing is divided by 0.
        itself = torch.eye(longest, dtype=torch.bool, device=tokens.device)
        x = self._blocks(tokens, (there[:, None, :] | itself)[:, None])
        share = there.unsqueeze(2).to(x.dtype)
        return self.head((x * share).sum(1) / share.sum(1).clamp(min=1))

    def _blocks(self, tokens: Tensor, seen: Tensor | None) -> Tensor:
        x = self.dropout(self.symbols(tokens) + self.places[: tokens.shape[1]])
        for block in self.blocks:
            x = block(x, seen)
        return self.norm(x)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        # Numbers of words are counted anew in every data set, and mean nothing elsewhere.
        stored, own = state_dict.get(f"{prefix}vocabulary"), int(self.vocabulary)
        if isinstance(stored, Tensor) and own and int(stored) not in (0, own):
            raise StudioError(
                "the texts to learn from have other words than those of the training, so that the "
                "same numbers mean others; keep the texts and the options of the training, or "
                "train on a folder that holds both parts, train and test"
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _digest(words: Sequence[str]) -> int:
    """64 bits of the words and their order, with a sign; 0 for none."""
    if not words:
        return 0
    text = "\0".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big", signed=True)


def heads_of(channels: int) -> int:
    """The most heads up to eight that leave eight numbers each."""
    fitting = [h for h in (8, 4, 2) if channels % h == 0 and channels // h >= NARROWEST]
    return fitting[0] if fitting else 1


def network_of(data: Data, join: Callable[[], Join] | None = None, **options: Any) -> TokenNetwork:
    """The network for a data set of text."""
    shape = data.inputs
    return TokenNetwork(shape.symbols, shape.count, data.outputs.count,
                        causal=data.task == "language", join=join, words=data.words,
                        **options)  # fmt: skip


def recipes_of(data: Data) -> dict[str, Any]:
    """Settings for a data set of text."""
    return LANGUAGE if data.task == "language" else TEXT


class TextModel(Model):
    """Classes of texts, or the symbol that follows, by a network of tokens.

    Attributes:
        network: what answers.
    """

    tasks: ClassVar[tuple[str, ...]] = ("classify", "language")
    reads: ClassVar[tuple[str, ...]] = ("tokens",)
    network: TokenNetwork

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes), or (B, n, symbols) of those that follow, of symbols (B, n)."""
        return self.network(x)

    def groups(self) -> list[Group]:
        """Matrices, and all else: embeddings, biases, scales of norms."""
        return grouped(self)

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Texts in parts whose answers and inside fit into memory."""
        network = self.network
        channels = network.head.in_features
        width = 3 * EXPANSION * channels + x.shape[1] * heads_of(channels)
        width += network.head.out_features if network.causal else 0
        return x.split(max(1, CHUNK_ENTRIES // (width * max(1, x.shape[1]))))


@MODELS.register("transformer")
class Transformer(TextModel):
    """Classes of texts, or the symbol that follows, by attention."""

    title: ClassVar[str] = "Transformer"
    default_for: ClassVar[tuple[str, ...]] = ("classify", "language")
    params: ClassVar[tuple[Param, ...]] = (
        Param("channels", 64, low=2, high=1024, slider=(16, 128), doc="Numbers of a token."),
        Param("blocks", 2, low=1, high=64, slider=(1, 8), doc="Attention and map, in turn."),
        Param("dropout", 0.0, low=0.0, high=0.9, doc="Share that falls out while training."),
    )

    def __init__(self, data: Data, *, channels: int, blocks: int, dropout: float) -> None:
        super().__init__()
        self.network = network_of(data, channels=channels, blocks=blocks, dropout=dropout)

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """``default`` for classes, and for running text."""
        return {"default": recipes_of(data)}
