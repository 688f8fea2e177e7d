"""Particles that are whole samples: only where somebody asks for it, as samples then meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from torch import Size, Tensor

from ...errors import InputError


@dataclass(frozen=True)
class Batch:
    """A particle is a sample with all its numbers; the samples of a batch are one group.

    What becomes of a sample while training then depends on who else is in the batch, as with batch
    normalisation, and of tokens on those that come later. Evaluation is untouched.

    Attributes:
        examples_meet: said of every model that has it, see ``Model.whole_batch``.
    """

    examples_meet: ClassVar[str] = "its particles are the samples of a batch and collide"

    def particles(self, features: Tensor) -> Tensor:
        """(1, B, numbers of a sample) of features (B, axes...).

        Raises:
            InputError: there are no samples with numbers.
        """
        if features.dim() < 2:
            raise InputError(
                f"features are (batch, axes...), found shape {tuple(features.shape)}", ("x",)
            )
        return features.reshape(1, len(features), features.shape[1:].numel())

    def restored(self, particles: Tensor, shape: Size | Sequence[int]) -> Tensor:
        """Features of a shape, of their particles."""
        return particles.reshape(tuple(shape))
