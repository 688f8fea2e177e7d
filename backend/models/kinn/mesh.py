"""Voltages of a mesh of resistors: an exact solve, with its gradient by the same factors.

Node (r, c) is tied to its neighbours by conductances, to ground by a leak, and is given a current:

    leak v + sum over neighbours of g (v - v_neighbour) = current.

Row by row this is block tridiagonal, so that block elimination solves it: row r has the symmetric
block T_r, and is tied to row r + 1 by the diagonal block -g_down.
"""

from typing import Any

import torch
from torch import Tensor

from ...engine.once import once_differentiable


def mesh_voltages(right: Tensor, down: Tensor, leak: Tensor, current: Tensor) -> Tensor:
    """Voltages (N, rows, columns) [V] of N meshes.

    They are differentiable in everything, in float64 within whatever comes in. A mesh must hold on
    to ground somewhere, by a positive leak.

    Args:
        right: conductances between neighbours of a row (N, rows, columns - 1) [S].
        down: conductances between neighbours of a column (N, rows - 1, columns) [S].
        leak: conductances to ground (N, rows, columns) [S].
        current: into every node (N, rows, columns) [A].
    """
    return _Mesh.apply(right, down, leak, current)  # pyright: ignore[reportReturnType]


class _Mesh(torch.autograd.Function):
    """v = A^-1 i with the symmetric A; the adjoint is lambda = A^-1 dL/dv."""

    @staticmethod
    def forward(ctx: Any, right: Tensor, down: Tensor, leak: Tensor, current: Tensor) -> Tensor:
        """Factorise, and solve."""
        inverses = _factorised(right.double(), down.double(), leak.double())
        v = _solved(inverses, down.double(), current.double())
        ctx.save_for_backward(inverses, down, v)
        return v.to(current.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grad_outputs: Tensor) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The node voltages of the adjoint mesh, and from them the gradient of every branch."""
        (grad,) = grad_outputs
        inverses, down, v = ctx.saved_tensors
        adjoint = _solved(inverses, down.double(), grad.double())
        found = (
            -adjoint.diff(dim=2) * v.diff(dim=2),
            -adjoint.diff(dim=1) * v.diff(dim=1),
            -adjoint * v,
            adjoint,
        )
        return tuple(value.to(grad.dtype) for value in found)


def _factorised(right: Tensor, down: Tensor, leak: Tensor) -> Tensor:
    """D_r^-1 (N, rows, columns, columns) with D_r = T_r - G_{r-1} D_{r-1}^-1 G_{r-1}."""
    rows = leak.shape[1]
    whole = leak.clone()
    whole[:, :, :-1] += right
    whole[:, :, 1:] += right
    whole[:, :-1] += down
    whole[:, 1:] += down
    inverses: list[Tensor] = []
    for row in range(rows):
        block = torch.diag_embed(whole[:, row])
        if right.shape[2]:
            between = torch.diag_embed(right[:, row], 1)
            block = block - between - between.mT
        if row:
            above = down[:, row - 1]
            block = block - above.unsqueeze(2) * inverses[-1] * above.unsqueeze(1)
        factor, failed = torch.linalg.cholesky_ex(block)
        # A mesh that floats, or whose conductances are no numbers, has no voltages.
        factor = factor.masked_fill((failed != 0)[:, None, None], torch.nan)
        inverses.append(torch.cholesky_inverse(factor))
    return torch.stack(inverses, 1)


def _solved(inverses: Tensor, down: Tensor, current: Tensor) -> Tensor:
    """Voltages by the factors: downwards what flows in, upwards what stays."""
    rows = current.shape[1]
    inflow = [current[:, 0]]
    for row in range(1, rows):
        inflow.append(current[:, row] + down[:, row - 1] * _times(inverses[:, row - 1], inflow[-1]))
    v = _times(inverses[:, -1], inflow[-1])
    found = [v]
    for row in range(rows - 2, -1, -1):
        v = _times(inverses[:, row], inflow[row] + down[:, row] * v)
        found.append(v)
    return torch.stack(found[::-1], 1)


def _times(matrix: Tensor, vector: Tensor) -> Tensor:
    return (matrix @ vector.unsqueeze(-1)).squeeze(-1)
