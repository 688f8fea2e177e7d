"""A tableau on the device, and the steps a trajectory makes with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from ...tableaus import ButcherTableau


@dataclass(frozen=True)
class Weights:
    """A tableau times a step size h, on the device.

    Args:
        forward: row i has the weights of the next stage input, or of the step in the last row.
        backward: row i has h a_ji.
        pull: row i has h b_(i-1) and h a_j(i-1), row 0 ones: what ``adjoint_rows`` combines.
        quadrature: h b_i.
    """

    forward: Tensor
    backward: Tensor
    pull: Tensor
    quadrature: Tensor


def weights_of(tableau: ButcherTableau, h: float, device: torch.device) -> Weights:
    """The weights of one step size."""
    count = tableau.stages
    a = torch.zeros(count, count, dtype=torch.float64)
    for i in range(count):
        for j, value in tableau.rows[i]:
            a[i, j] = h * value
    b = h * torch.tensor(tableau.b[:count], dtype=torch.float64)
    pull = torch.ones(count, count + 1, dtype=torch.float64)
    pull[1:, 0], pull[1:, 1:] = b[:-1], a.T[:-1]
    tables = (torch.cat([a[1:], b[None]]), a.T, pull, b)
    return Weights(*(table.float().contiguous().to(device) for table in tables))


class Leg(NamedTuple):
    """Equal steps ``start`` to ``stop`` of a trajectory through one slice."""

    slice: int
    weights: Weights
    start: int
    stop: int


def cut(legs: Sequence[Leg], start: int, stop: int) -> list[Leg]:
    """The legs, as far as they lie between two steps."""
    parts = [leg._replace(start=max(leg.start, start), stop=min(leg.stop, stop)) for leg in legs]
    return [part for part in parts if part.start < part.stop]
