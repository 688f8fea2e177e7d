"""Densities in the plane, sampled as the KirchhoffNet experiments do and known exactly.

Where a density is an integral along a curve, Gauss-Legendre quadrature with nodes much closer than
the noise is wide makes it exact to rounding.

References:
    Gao, Sun, Rohrer, Boning 2023, KirchhoffNet, arXiv 2310.15872: the six sets.
    Johnson et al. 2016, Composing graphical models with neural networks: the pinwheel.
"""

import math
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ..base import DATASETS
from ..generators import Generative

if TYPE_CHECKING:
    from torch import Generator, Tensor

LOG_2PI = math.log(2 * math.pi)
SQRT_2 = math.sqrt(2)
TINY = 1e-200


@DATASETS.register("gen_two_moons")
class GenTwoMoons(Generative):
    """Two interleaved half circles of radius 1 with Gaussian noise of 0.1."""

    title: ClassVar[str] = "Two moons (density)"
    input_count = 2
    noise: ClassVar[float] = 0.1

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """(cos a, sin a) or (1 - cos a, 1/2 - sin a), a uniform in (0, pi), each half of them."""
        import torch

        angle = math.pi * torch.rand(count, generator=generator, dtype=torch.float64)
        lower = _choice(count, 2, generator)
        curve = _moons(angle)[lower, torch.arange(count)]
        return curve + self.noise * _normal(count, generator)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """Half circles by quadrature of the angle."""
        import torch

        nodes, log_weights = _quadrature(512)
        curve = _moons(math.pi * nodes)  # (2, nodes, 2)
        inside = log_weights + _log_normal(x[:, None, None] - curve, self.noise)
        return torch.logsumexp(inside.flatten(1), 1) - math.log(2)


@DATASETS.register("gen_circle")
class GenCircle(Generative):
    """Circles of radius 1 and 0.5 with Gaussian noise of 0.06."""

    title: ClassVar[str] = "Circles (density)"
    input_count = 2
    noise: ClassVar[float] = 0.06
    radii: ClassVar[tuple[float, float]] = (1.0, 0.5)

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """rho (cos a, sin a), a uniform in (0, 2 pi), half of them on each circle."""
        import torch

        angle = 2 * math.pi * torch.rand(count, generator=generator, dtype=torch.float64)
        rho = torch.tensor(self.radii, dtype=torch.float64)[_choice(count, 2, generator)]
        curve = rho[:, None] * torch.stack([angle.cos(), angle.sin()], 1)
        return curve + self.noise * _normal(count, generator)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """exp(-(r^2 + rho^2) / (2 s^2)) I0(r rho / s^2) / (2 pi s^2) for each circle."""
        import torch

        r, variance = x.norm(dim=1, keepdim=True), self.noise**2
        rho = torch.tensor(self.radii, dtype=torch.float64)
        # i0e is I0 without its exponential growth.
        inside = torch.special.i0e(r * rho / variance).log() - (r - rho).square() / (2 * variance)
        return torch.logsumexp(inside, 1) - math.log(2) - LOG_2PI - math.log(variance)


@DATASETS.register("gen_two_spirals")
class GenTwoSpirals(Generative):
    """Two spiral arms of one and a half turns, with a uniform and a Gaussian blur."""

    title: ClassVar[str] = "Two spirals (density)"
    input_count = 2
    noise: ClassVar[float] = 0.1
    blur: ClassVar[float] = 0.5 / 3

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """+-(-r cos r + U(0, .5), r sin r + U(0, .5)) / 3 + N(0, .1^2), r = 3 pi sqrt(u)."""
        import torch

        u = torch.rand(count, 3, generator=generator, dtype=torch.float64)
        arm = _spiral(3 * math.pi * u[:, 0].sqrt()) + self.blur * u[:, 1:]
        sign = 1.0 - 2.0 * _choice(count, 2, generator)
        return sign[:, None] * arm + self.noise * _normal(count, generator)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """Quadrature along an arm of (uniform * Gaussian) in both axes; the other arm mirrors it.

        The nodes are spread evenly in r, whose density is 2 r / (3 pi)^2.
        """
        import torch

        nodes, log_weights = _quadrature(512)
        log_weights = log_weights + (2 * nodes).log() - math.log(2)
        curve = _spiral(3 * math.pi * nodes)
        both = torch.stack([x, -x], 1)  # (n, 2, 2)
        offset = both[:, :, None] - curve  # (n, 2, nodes, 2)
        density = (log_weights.exp() * self._blur(offset).prod(-1)).sum((1, 2))
        # The plain sum is quick; far away it underflows, and logarithms take over.
        far = density < TINY
        result = density.log()
        inside = log_weights + self._log_blur(offset[far]).sum(-1)
        result[far] = torch.logsumexp(inside.flatten(1), 1)
        return result

    def _blur(self, offset: "Tensor") -> "Tensor":
        """Density of U(0, blur) + N(0, noise^2) at an offset."""
        low, high = self._tails(offset)
        return ((-high / SQRT_2).erfc() - (-low / SQRT_2).erfc()) / (2 * self.blur)

    def _log_blur(self, offset: "Tensor") -> "Tensor":
        """Its logarithm."""
        import torch

        low, high = map(torch.special.log_ndtr, self._tails(offset))
        return high + torch.log1p(-(low - high).exp()) - math.log(self.blur)

    def _tails(self, offset: "Tensor") -> "tuple[Tensor, Tensor]":
        """Where Phi(high) - Phi(low) is the share, mirrored to the tail that keeps its digits."""
        import torch

        low, high = (offset - self.blur) / self.noise, offset / self.noise
        flip = low > 0
        return torch.where(flip, -high, low), torch.where(flip, -low, high)


@DATASETS.register("gen_8gaussians")
class Gen8Gaussians(Generative):
    """Eight Gaussians of 0.354 on a circle of radius 2.83."""

    title: ClassVar[str] = "Eight Gaussians (density)"
    input_count = 2
    # The experiments divide by 1.414, not by the root of two.
    radius: ClassVar[float] = 4 / 1.414
    noise: ClassVar[float] = 0.5 / 1.414

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """A centre by chance, and Gaussian noise."""
        centres = self._centres()[_choice(count, 8, generator)]
        return centres + self.noise * _normal(count, generator)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """The mixture's own formula."""
        import torch

        inside = _log_normal(x[:, None] - self._centres(), self.noise)
        return torch.logsumexp(inside, 1) - math.log(8)

    def _centres(self) -> "Tensor":
        import torch

        angle = torch.arange(8, dtype=torch.float64) * (math.pi / 4)
        return self.radius * torch.stack([angle.cos(), angle.sin()], 1)


@DATASETS.register("gen_swiss_roll")
class GenSwissRoll(Generative):
    """A spiral of one and a half turns with Gaussian noise of 0.2."""

    title: ClassVar[str] = "Swiss roll (density)"
    input_count = 2
    noise: ClassVar[float] = 1 / 5

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """((t cos t, t sin t) + N(0, 1)) / 5 with t = 1.5 pi (1 + 2 u)."""
        import torch

        u = torch.rand(count, generator=generator, dtype=torch.float64)
        return _roll(u) + self.noise * _normal(count, generator)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """Quadrature along the roll."""
        import torch

        nodes, log_weights = _quadrature(1024)
        inside = log_weights + _log_normal(x[:, None] - _roll(nodes), self.noise)
        return torch.logsumexp(inside, 1)


def _moons(angle: "Tensor") -> "Tensor":
    """Both half circles (2, n, 2)."""
    import torch

    x, y = angle.cos(), angle.sin()
    return torch.stack([torch.stack([x, y], -1), torch.stack([1 - x, 0.5 - y], -1)])


def _spiral(r: "Tensor") -> "Tensor":
    import torch

    return torch.stack([-r * r.cos(), r * r.sin()], -1) / 3


def _roll(u: "Tensor") -> "Tensor":
    import torch

    t = 1.5 * math.pi * (1 + 2 * u)
    return torch.stack([t * t.cos(), t * t.sin()], -1) / 5


def _choice(count: int, kinds: int, generator: "Generator") -> "Tensor":
    import torch

    return torch.randint(kinds, (count,), generator=generator)


def _normal(count: int, generator: "Generator") -> "Tensor":
    import torch

    return torch.randn(count, 2, generator=generator, dtype=torch.float64)


def _log_normal(offset: "Tensor", deviation: float) -> "Tensor":
    """Log density of a round Gaussian in the plane at offsets (..., 2)."""
    return -offset.square().sum(-1) / (2 * deviation**2) - LOG_2PI - 2 * math.log(deviation)


@lru_cache(maxsize=8)
def _quadrature(count: int) -> "tuple[Tensor, Tensor]":
    """Gauss-Legendre nodes in (0, 1) and the logarithms of their weights."""
    import torch

    nodes, weights = np.polynomial.legendre.leggauss(count)
    return torch.from_numpy((nodes + 1) / 2), torch.from_numpy(np.log(weights / 2))
