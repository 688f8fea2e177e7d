"""Data sets of images, one input node a pixel."""

from typing import ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS, Dataset, Split, examples

SPLIT_SEED = 0
TEST_SHARE = 0.25


@DATASETS.register("digits")
class Digits(Dataset):
    """1,797 handwritten digits of 8 x 8 pixels, 0 V (white) to 1 V (black).

    The test part of scikit-learn's copy of the UCI set, with a fixed stratified split: seed 0,
    25 % (450 examples) for testing.

    References:
        Alpaydin and Kaynak 1998, Optical Recognition of Handwritten Digits, UCI.
    """

    title: ClassVar[str] = "Digits 8 x 8"
    params: ClassVar[tuple[Param, ...]] = (
        Param("validation", 0, low=0, high=1000, doc="Training images kept to choose by."),
    )
    classes = tuple("0123456789")
    input_count = 64
    image_shape = (8, 8)

    def split(self) -> Split:
        """1,347 training and 450 test examples, always the same; of the former some to choose by.

        Raises:
            StudioError: fewer to choose by than there are classes.
        """
        from sklearn.datasets import load_digits  # slow to import
        from sklearn.model_selection import train_test_split

        x, y = load_digits(return_X_y=True)
        train, test = train_test_split(
            np.arange(len(y)), test_size=TEST_SHARE, stratify=y, random_state=SPLIT_SEED
        )
        x, y = np.asarray(x) / 16.0, np.asarray(y)
        tested = examples(x[test], y[test])
        kept = int(self.options["validation"])
        if not kept:
            return Split(examples(x[train], y[train]), tested)
        if kept < len(self.classes):
            raise StudioError(
                f"validation = {kept} is fewer than the {len(self.classes)} classes of "
                f"{self.title}; keep none, or at least one of each"
            )
        train, chosen = train_test_split(
            train, test_size=kept, stratify=y[train], random_state=SPLIT_SEED
        )
        return Split(examples(x[train], y[train]), tested, examples(x[chosen], y[chosen]))
