"""Densities to learn from examples: what all of them offer."""

import math
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from ..errors import StudioError
from ..params import Param
from .base import TEST_SEED, Dataset, Examples, Split

if TYPE_CHECKING:
    from torch import Generator, Tensor

# Points in one evaluation of a density, each with up to a few thousand quadrature nodes.
CHUNK = 2048

PARAMS = (
    Param("n", 4096, low=10, high=1_000_000, slider=(256, 8192), doc="Training points."),
    Param("fixed", False, doc="Train on the same points always, not on fresh ones every step."),
    Param("test", 4096, low=10, high=1_000_000, doc="Test points."),
    Param("seed", 0, low=0, high=1_000_000, doc="Which draw of the points."),
)


class Generative(Dataset):
    """A density p(x) that can be sampled.

    Attributes:
        exact: whether ``log_density`` and ``entropy`` exist.
    """

    task = "generate"
    params: ClassVar[tuple[Param, ...]] = PARAMS
    exact: ClassVar[bool] = True

    @abstractmethod
    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """Independent points (count, dimension), float64 [V]."""

    def sample(self, count: int, generator: "Generator | int" = 0) -> "Tensor":
        """Fresh independent points (count, dimension), float32 [V].

        Args:
            count: how many.
            generator: of random numbers on the CPU, or a seed.
        """
        import torch  # menus list data sets without loading torch

        if isinstance(generator, int):
            generator = torch.Generator().manual_seed(generator)
        return self.draw(count, generator).float()

    def split(self) -> Split:
        """``n`` training points and ``test`` fresh ones."""
        seed = int(self.options["seed"])
        return Split(
            points(self.sample(int(self.options["n"]), seed)),
            points(self.sample(int(self.options["test"]), seed + TEST_SEED)),
        )

    def log_density(self, x: "Tensor") -> "Tensor":
        """log p(x) in nats (n,), float64, of points (n, dimension) [V].

        Raises:
            StudioError: the density of this set is not known.
        """
        import torch

        if not self.exact:
            raise StudioError(f"the density of '{self.title}' is not known; compare test points")
        with torch.no_grad():
            parts = [self._log_density(part) for part in x.detach().cpu().double().split(CHUNK)]
        return torch.cat(parts) if parts else torch.zeros(0, dtype=torch.float64)

    def _log_density(self, x: "Tensor") -> "Tensor":
        """log p (n,) of points (n, dimension), float64."""
        raise NotImplementedError

    def entropy(self, count: int = 20_000, seed: int = 0) -> tuple[float, float]:
        """Differential entropy H = -E log p and its standard error, in nats, from fresh points.

        No model's expected negative log-likelihood is below H.

        Raises:
            StudioError: the density of this set is not known.
        """
        import torch

        generator = torch.Generator().manual_seed(seed)
        value = -self.log_density(self.draw(count, generator))
        return float(value.mean()), float(value.std() / math.sqrt(count))


def points(x: "Tensor") -> Examples:
    """Points as examples without classes."""
    import torch

    return Examples(x, torch.zeros(len(x), dtype=torch.int64))
