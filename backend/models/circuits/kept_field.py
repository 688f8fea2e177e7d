"""A vector field some of whose components stay where they are."""

from typing import Any

import torch
from torch import Tensor

from ...solvers import DifferentiableField


class KeptField:
    """dy/dt of another field, 0 in the kept components.

    Args:
        base: the other field.
        rows: components (M,) that are kept.
    """

    def __init__(self, base: DifferentiableField, rows: Tensor) -> None:
        self.base, self.rows = base, rows
        self.duration = getattr(base, "duration", 0.0)

    def __call__(self, t: Any, y: Tensor) -> Tensor:
        """dy/dt (N, B)."""
        return self.base(t, y).index_fill(0, self.rows, 0.0)

    def parameter_tensors(self) -> tuple[Tensor, ...]:
        """Those of the other field."""
        return self.base.parameter_tensors()

    @torch.no_grad()
    def vjp(self, t: Any, y: Tensor, w: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """J^T w, and the gradients of the parameters."""
        return self.base.vjp(t, y, w.index_fill(0, self.rows, 0.0))

    def jacobian(self, t: Any, y: Tensor) -> Tensor:
        """J (B, N, N), with empty rows for kept components."""
        return self.base.jacobian(t, y).index_fill(1, self.rows, 0.0)
