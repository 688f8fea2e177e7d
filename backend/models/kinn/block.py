"""The gated block: what lanes bring decides, point by point, how much of it passes."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import silu

from ...engine.once import once_differentiable
from .cells import Cells


class GatedBlock(nn.Module):
    """x + a * SiLU(b) with [a; b] = W_z [z; x] + c, z the cells' components of currents W_in x.

    The gate sees the potentials of all lanes and not only the local input, which decided the design
    search: with a gate of x alone the error was half as large again.

    Args:
        channels: of x.
        cells: the lanes.
    """

    def __init__(self, channels: int, cells: Cells) -> None:
        super().__init__()
        self.cells = cells
        self.inward = nn.Linear(channels, cells.lanes)
        self.outward = nn.Linear(cells.lanes * cells.components + channels, 2 * channels)

    def seen(self, x: Tensor) -> Tensor:
        """What W_in is given of a field."""
        return x

    def forward(self, x: Tensor) -> Tensor:
        """A field (points..., B, channels) of such a field."""
        both = self.cells.mixed(x, self.inward, self.outward)
        return _Gated.apply(x, both)  # pyright: ignore[reportReturnType]


class _Gated(torch.autograd.Function):
    """x + a * SiLU(b) of [a; b], whose slopes go straight into one array."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, both: Tensor) -> Tensor:
        """The sum."""
        value, gate = both.chunk(2, -1)
        passed = silu(gate)
        ctx.save_for_backward(both, passed)
        return torch.addcmul(x, value, passed)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Slopes by x and by [a; b]."""
        both, passed = ctx.saved_tensors
        (slopes,) = grad_outputs
        value, gate = both.chunk(2, -1)
        found = torch.empty_like(both)
        by_value, by_gate = found.chunk(2, -1)
        torch.mul(slopes, passed, out=by_value)
        torch.ops.aten.silu_backward.grad_input(slopes * value, gate, grad_input=by_gate)
        return slopes, found
