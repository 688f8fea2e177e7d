"""Small data sets in the plane, drawn on demand."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np

from ...params import Param
from ..base import DATASETS, TEST_SEED, Dataset, Split, examples


def _params(noise: float) -> tuple[Param, ...]:
    return (
        Param("n", 1000, low=10, high=1_000_000, slider=(100, 5000), doc="Training examples."),
        Param("noise", noise, low=0.0, slider=(0, 0.4), doc="Standard deviation before scaling."),
        Param("test", 1000, low=10, high=1_000_000, doc="Test examples."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which draw of the examples."),
    )


class Planar(Dataset):
    """Two classes in the plane; the test set is drawn afresh, independent of the training set."""

    input_count = 2

    @abstractmethod
    def draw(self, count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Points (count, 2) [V] and their classes (count,)."""

    def split(self) -> Split:
        """``n`` training examples and ``test`` fresh ones."""
        seed, noise = int(self.options["seed"]), float(self.options["noise"])
        train = self.draw(int(self.options["n"]), noise, seed)
        test = self.draw(int(self.options["test"]), noise, seed + TEST_SEED)
        return Split(examples(*train), examples(*test))


@DATASETS.register("two_moons")
class TwoMoons(Planar):
    """Two interleaved half circles with Gaussian noise; scikit-learn's ``make_moons``.

    The abscissa is shifted by 0.5 and halved, the ordinate shifted by 0.25, so that both voltages
    lie within about -1 V to 1 V. The test set is drawn afresh, independent of the training set.
    """

    title: ClassVar[str] = "Two moons"
    params: ClassVar[tuple[Param, ...]] = _params(noise=0.1)
    classes = ("upper moon", "lower moon")

    def draw(self, count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Unit half circles with noise, scaled."""
        from sklearn.datasets import make_moons  # slow to import

        x, y = make_moons(count, noise=noise, random_state=seed)
        return (np.asarray(x) - [0.5, 0.25]) * np.array([0.5, 1.0]), np.asarray(y)


@DATASETS.register("circles")
class Circles(Planar):
    """A circle of radius 1 V around one of radius 0.5 V; scikit-learn's ``make_circles``."""

    title: ClassVar[str] = "Circles"
    params: ClassVar[tuple[Param, ...]] = _params(noise=0.08)
    classes = ("outer circle", "inner circle")

    def draw(self, count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Concentric circles with noise."""
        from sklearn.datasets import make_circles  # slow to import

        x, y = make_circles(count, noise=noise, factor=0.5, random_state=seed)
        return np.asarray(x), np.asarray(y)


@DATASETS.register("spirals")
class Spirals(Planar):
    """Two spiral arms of one and a half turns, the second the mirror image of the first.

    An arm is r (cos a, sin a) with a = 3 pi r and r = sqrt(u), u uniform in (0, 1), which spreads
    the points nearly evenly along it; neighbouring arms are 1/3 V apart.

    References:
        Lang and Witbrock 1988, Learning to tell two spirals apart.
    """

    title: ClassVar[str] = "Spirals"
    params: ClassVar[tuple[Param, ...]] = _params(noise=0.03)
    classes = ("first arm", "second arm")

    def draw(self, count: int, noise: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Half of the points on each arm, in random order, with noise."""
        rng = np.random.default_rng(seed)
        y = rng.permutation(np.arange(count) % 2)
        r = np.sqrt(rng.random(count))
        sign = 1 - 2 * y
        x = (sign * r)[:, None] * np.stack([np.cos(3 * np.pi * r), np.sin(3 * np.pi * r)], 1)
        return x + noise * rng.standard_normal(x.shape), y
