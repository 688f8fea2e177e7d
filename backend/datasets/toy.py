"""Small data sets in the plane, drawn on demand."""

from typing import ClassVar

import numpy as np

from ..params import Param
from .base import DATASETS, Dataset, Split, examples

# The test set is drawn from a seed that no training set uses.
TEST_SEED = 1_000_003


@DATASETS.register("two_moons")
class TwoMoons(Dataset):
    """Two interleaved half circles with Gaussian noise; scikit-learn's ``make_moons``.

    The abscissa is shifted by 0.5 and halved, the ordinate shifted by 0.25, so that both voltages
    lie within about -1 V to 1 V. The test set is drawn afresh, independent of the training set.
    """

    title: ClassVar[str] = "Two moons"
    params: ClassVar[tuple[Param, ...]] = (
        Param("n", 1000, low=10, high=1_000_000, slider=(100, 5000), doc="Training examples."),
        Param("noise", 0.1, low=0.0, slider=(0, 0.4), doc="Standard deviation before scaling."),
        Param("test", 1000, low=10, high=1_000_000, doc="Test examples."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which draw of the examples."),
    )
    classes = ("upper moon", "lower moon")
    input_count = 2

    def split(self) -> Split:
        """``n`` training examples and ``test`` fresh ones."""
        from sklearn.datasets import make_moons  # slow to import

        seed, noise = int(self.options["seed"]), float(self.options["noise"])
        parts = []
        for count, state in ((self.options["n"], seed), (self.options["test"], seed + TEST_SEED)):
            x, y = make_moons(int(count), noise=noise, random_state=state)
            scaled = (np.asarray(x) - [0.5, 0.25]) * np.array([0.5, 1.0])
            parts.append(examples(scaled, np.asarray(y)))
        return Split(*parts)
