"""What a kernel needs to know of one slice: who is connected, and by which activation."""

from dataclasses import dataclass
from typing import NamedTuple

from torch import Tensor

from ...devices.activation import Activation


class Run(NamedTuple):
    """Neighbouring devices ``start`` to ``stop`` with one activation."""

    activation: Activation
    start: int
    stop: int


class Terms(NamedTuple):
    """The family gain phi(a v_s + b v_d + c), each term (E, 1)."""

    gain: Tensor
    a: Tensor
    b: Tensor
    c: Tensor


@dataclass(frozen=True)
class Plan:
    """The topology of all fused devices of a slice, sorted by activation.

    Args:
        source: state rows (E,); ground is the last row of the padded state.
        target: state rows (E,).
        runs: the stretches of equal activation, in order and without gaps.
    """

    source: Tensor
    target: Tensor
    runs: tuple[Run, ...]

    def to(self, like: Tensor) -> "Plan":
        """The same plan on another torch device."""
        return Plan(self.source.to(like.device), self.target.to(like.device), self.runs)
