"""The pinwheel: five bent arms in the plane, whose density follows from a change of variables."""

import math
from typing import TYPE_CHECKING, ClassVar

from ..base import DATASETS
from ..generators import Generative

if TYPE_CHECKING:
    from torch import Generator, Tensor

ARMS = 5
RADIAL, TANGENTIAL, RATE, SIZE = 0.3, 0.1, 0.25, 2.0
# Roots are looked for within so many deviations of the mean, on a grid finer than any wiggle.
REACH, GRID = 10, 600
BISECTIONS = 50


@DATASETS.register("gen_pinwheel")
class GenPinwheel(Generative):
    """Five Gaussian arms that bend as they leave the centre.

    f = (N(1, .3^2), N(0, .1^2)) is turned clockwise by a_k(f1) = 2 pi k / 5 + .25 exp(f1), k by
    chance, and doubled.
    """

    title: ClassVar[str] = "Pinwheel (density)"
    input_count = 2

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """An arm by chance, a Gaussian point on it, bent."""
        import torch

        f = torch.randn(count, 2, generator=generator, dtype=torch.float64)
        f = f * torch.tensor([RADIAL, TANGENTIAL], dtype=torch.float64)
        f[:, 0] += 1
        arm = torch.randint(ARMS, (count,), generator=generator)
        return SIZE * _turned(f, -_angle(f[:, 0], arm))

    def _log_density(self, x: "Tensor") -> "Tensor":
        """The sum over all f that are bent onto x of p(f) / |dx/df|.

        For each arm, z = x / 2 comes from every f1 with f1 = z turned back by a_k(f1), first
        component; dz/df has the determinant 1 + a_k' f2. The roots are bracketed on a grid and
        bisected, all together.
        """
        import torch

        z = x / SIZE
        grid = torch.linspace(1 - REACH * RADIAL, 1 + REACH * RADIAL, GRID, dtype=torch.float64)
        result = torch.full((len(x),), -math.inf, dtype=torch.float64)
        for arm in range(ARMS):
            angle = _angle(grid, arm)
            value = grid - z @ torch.stack([angle.cos(), -angle.sin()])
            point, place = torch.nonzero(value[:, :-1].sign() != value[:, 1:].sign(), as_tuple=True)
            root = _bisected(z[point], grid[place], grid[place + 1], arm)
            term = _log_term(z[point], root, arm)
            result = torch.logaddexp(result, _log_sum_by(point, term, len(x)))
        return result - math.log(ARMS) - 2 * math.log(SIZE)


def _angle(f: "Tensor", arm: "Tensor | int") -> "Tensor":
    return 2 * math.pi / ARMS * arm + RATE * f.exp()


def _turned(z: "Tensor", angle: "Tensor") -> "Tensor":
    """Points (..., 2) turned anticlockwise."""
    import torch

    cos, sin = angle.cos(), angle.sin()
    return torch.stack([cos * z[..., 0] - sin * z[..., 1], sin * z[..., 0] + cos * z[..., 1]], -1)


def _mismatch(z: "Tensor", f: "Tensor", arm: int) -> "Tensor":
    """Zero where f is the first component of z turned back by the angle that belongs to f."""
    return f - _turned(z, _angle(f, arm))[..., 0]


def _bisected(z: "Tensor", low: "Tensor", high: "Tensor", arm: int) -> "Tensor":
    import torch

    sign = _mismatch(z, low, arm).sign()
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        left = _mismatch(z, middle, arm).sign() == sign
        low, high = torch.where(left, middle, low), torch.where(left, high, middle)
    return (low + high) / 2


def _log_term(z: "Tensor", root: "Tensor", arm: int) -> "Tensor":
    """log p(f) - log |dz/df| of a root."""
    second = _turned(z, _angle(root, arm))[..., 1]
    squares = ((root - 1) / RADIAL).square() + (second / TANGENTIAL).square()
    slope = 1 + RATE * root.exp() * second
    return -squares / 2 - math.log(2 * math.pi * RADIAL * TANGENTIAL) - slope.abs().log()


def _log_sum_by(index: "Tensor", values: "Tensor", count: int) -> "Tensor":
    """Logarithm of the sum of the exponentials of the values of each index."""
    import torch

    top = torch.full((count,), -math.inf, dtype=values.dtype)
    top = top.scatter_reduce(0, index, values, "amax")
    total = torch.zeros(count, dtype=values.dtype)
    total = total.index_add(0, index, (values - top[index]).exp())
    return torch.where(total > 0, top + total.log(), top)
