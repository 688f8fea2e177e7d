"""Images of one digit as points of a density."""

import math
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from ...params import Param
from ..base import DATASETS, Split
from ..generators import PARAMS, Generative, points

if TYPE_CHECKING:
    from torch import Generator, Tensor

TEST_SHARE = 0.25
# Grey levels of scikit-learn's digits: 0 to 16.
LEVELS = 17


@DATASETS.register("gen_digits")
class GenDigits(Generative):
    """Handwritten 8 x 8 images of one digit, made continuous by uniform noise.

    A pixel of level k = 0..16 becomes (k + U(0, 1)) / 17. Without the noise the likelihood of
    pixels that never change would have no bound. With it, the negative log-likelihood plus
    64 log 17 bounds the code length of the plain images from above.

    References:
        Theis, van den Oord, Bethge 2016, A note on the evaluation of generative models.
    """

    title: ClassVar[str] = "One digit (density)"
    params: ClassVar[tuple[Param, ...]] = (
        Param("digit", 2, low=0, high=9, slider=(0, 9), doc="Which digit."),
        *PARAMS[1:2],
        PARAMS[3],
    )
    exact: ClassVar[bool] = False
    input_count = 64
    image_shape = (8, 8)
    nats_to_levels: ClassVar[float] = 64 * math.log(LEVELS)

    def draw(self, count: int, generator: "Generator") -> "Tensor":
        """Training images by chance, each with noise of its own."""
        import torch

        levels = torch.from_numpy(self._levels()[0])
        chosen = torch.randint(len(levels), (count,), generator=generator)
        return _continuous(levels[chosen], generator)

    def split(self) -> Split:
        """Every training image and every test image once, with noise."""
        import torch

        seed = int(self.options["seed"])
        generator = torch.Generator().manual_seed(seed)
        parts = [torch.from_numpy(part) for part in self._levels()]
        return Split(*(points(_continuous(part, generator).float()) for part in parts))

    def _levels(self) -> tuple[np.ndarray, np.ndarray]:
        """Levels (n, 64) of training and test images; every fourth image is for testing."""
        from sklearn.datasets import load_digits  # slow to import

        x, y = load_digits(return_X_y=True)
        images = np.asarray(x, dtype=np.float64)[np.asarray(y) == int(self.options["digit"])]
        test = np.arange(len(images)) % round(1 / TEST_SHARE) == 0
        return images[~test], images[test]


def _continuous(levels: "Tensor", generator: "Generator") -> "Tensor":
    import torch

    noise = torch.rand(levels.shape, generator=generator, dtype=torch.float64)
    return (levels + noise) / LEVELS
