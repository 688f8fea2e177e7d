"""What every bank of Kirchhoff cells offers: currents in, components of their voltages out.

Fields stand with their points first and their channels last, (points..., B, channels): every
linear map over channels or over an axis of points is then one large matrix product.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, threshold

SHORTEST, LONGEST = 1e-5, 1e2
"""Bounds of a learned length, in domain lengths: beyond them a response is flat or nothing."""


class Cells(nn.Module, ABC):
    """A bank of lanes, each a linear circuit along the axes of a field.

    Attributes:
        lanes: how many; each takes one current at every point.
        components: how many fields a lane gives, such as value and slope.
    """

    lanes: int
    components: int

    @abstractmethod
    def forward(self, currents: Tensor) -> Tensor:
        """Components (points..., B, components x lanes) of currents (points..., B, lanes).

        All lanes of the first component come first, then all of the second.
        """

    def mixed(self, x: Tensor, inward: nn.Linear, outward: nn.Linear) -> Tensor:
        """W_z [z; x] + b of the components z that the currents W_in x give.

        Args:
            x: (points..., B, channels).
            inward: channels to lanes.
            outward: components x lanes + channels to any number.
        """
        z = self(inward(x))
        own = self.lanes * self.components
        local = linear(x, outward.weight[:, own:], outward.bias)
        return local + linear(z, outward.weight[:, :own])

    @abstractmethod
    def lengths(self) -> Mapping[str, Tensor]:
        """Physical parameters by name, each (lanes,) or (lanes, axes), in domain lengths."""


def bounded(log: Tensor) -> Tensor:
    """A length exp(log) within fixed bounds, finite for any log; its gradient is 0 beyond them."""
    return log.clamp(math.log(SHORTEST), math.log(LONGEST)).exp()


def fading(scaled: Tensor) -> Tensor:
    """exp(-scaled^2 / 2), and 0 where no digit of a field would show it.

    Products of two such factors and of a field stay normal numbers: a processor takes many times
    longer for the smaller ones, and a matrix product of waves would be full of them.
    """
    size = (-0.5 * scaled.square()).exp()
    return threshold(size, torch.finfo(size.dtype).tiny ** 0.25, 0.0)


def spread(low: float, high: float, *sizes: int) -> Tensor:
    """Logarithms of lengths, evenly spaced from low to high along the first axis.

    Every column is shuffled anew.
    """
    count, *others = sizes
    even = torch.linspace(math.log(low), math.log(high), count)
    columns = [even[torch.randperm(count)] for _ in range(math.prod(others))]
    return torch.stack(columns, 1).reshape(sizes)
