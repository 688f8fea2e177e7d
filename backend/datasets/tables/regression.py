"""Data sets whose answer is a number."""

import warnings
from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS, Dataset, Split, examples
from ..download import Progress
from ..folders import DATA_DIR, download_folder, search_folders
from ..preview import Preview, of_table
from .scaling import Scaling

SEED = Param("seed", 42, low=0, high=1_000_000, doc="Which examples are kept for testing.")


class Regression(Dataset):
    """Features and targets scaled to 0 V to 1 V by the training set's smallest and largest values.

    Attributes:
        features: names of the inputs.
        unit: of the target before scaling, empty for a pure number.
        test_share: of the examples, kept for testing.
    """

    task = "regress"
    features: tuple[str, ...]
    unit: ClassVar[str] = ""
    test_share: ClassVar[float] = 0.3

    @abstractmethod
    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """Features (n, inputs) and targets (n, outputs) in original units."""

    def split(self) -> Split:
        """Random parts, scaled.

        Raises:
            StudioError: the data are not there.
        """
        train, test, scale_x, scale_y = self._parts()
        return Split(
            *(examples(scale_x.scaled(x), scale_y.scaled(y)) for x, y in (train, test)),
        )

    def scalings(self) -> tuple[Scaling, Scaling]:
        """Of features and of targets, to report errors in original units."""
        return self._parts()[2:]

    def preview(self) -> Preview:
        """The first rows in original units."""
        x, y = self.table()
        (train, _), (test, _), *_ = self._parts()
        known: dict[str, Any] = of_table(x, y, self.features, self.targets)
        return Preview(train=len(train), test=len(test), **known)

    def _parts(self):
        from sklearn.model_selection import train_test_split  # slow to import

        x, y = self.table()
        seed = int(self.options["seed"])
        rows = np.arange(len(x))
        train, test = train_test_split(rows, test_size=self.test_share, random_state=seed)
        scalings = Scaling.of(x[train]), Scaling.of(y[train])
        return (x[train], y[train]), (x[test], y[test]), *scalings


@DATASETS.register("friedman1")
class Friedman1(Regression):
    """A known function of five numbers, without noise; scikit-learn's ``make_friedman1``.

    y = 10 sin(pi x1 x2) + 20 (x3 - 1/2)^2 + 10 x4 + 5 x5 with x uniform in (0, 1); 40 % are kept
    for testing.

    References:
        Friedman 1991, Multivariate adaptive regression splines, equation 61.
    """

    title: ClassVar[str] = "Friedman 1"
    test_share: ClassVar[float] = 0.4
    params: ClassVar[tuple[Param, ...]] = (
        Param("n", 4096, low=10, high=1_000_000, slider=(256, 8192), doc="Examples in all."),
        Param("noise", 0.0, low=0.0, slider=(0, 2), doc="Standard deviation added to y."),
        Param("seed", 42, low=0, high=1_000_000, doc="Which draw of the examples."),
    )
    features = ("x1", "x2", "x3", "x4", "x5")
    targets = ("y",)
    input_count = 5

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """``n`` examples (n, 5) and (n, 1)."""
        from sklearn.datasets import make_friedman1  # slow to import

        count, noise = int(self.options["n"]), float(self.options["noise"])
        x, y = make_friedman1(
            count, n_features=5, noise=noise, random_state=int(self.options["seed"])
        )
        return np.asarray(x), np.asarray(y)[:, None]


@DATASETS.register("diabetes")
class Diabetes(Regression):
    """How far diabetes progressed in a year, from ten measurements of 442 patients.

    The target is a quantitative score from 25 to 346; 30 % are kept for testing.

    References:
        Efron, Hastie, Johnstone, Tibshirani 2004, Least angle regression.
    """

    title: ClassVar[str] = "Diabetes"
    params: ClassVar[tuple[Param, ...]] = (SEED,)
    features = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")
    targets = ("progression",)
    input_count = 10

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """All patients (442, 10) and (442, 1)."""
        from sklearn.datasets import load_diabetes  # slow to import

        x, y = load_diabetes(return_X_y=True)
        return np.asarray(x), np.asarray(y)[:, None]


@DATASETS.register("california")
class California(Regression):
    """Median value of houses in 20,640 districts of California in 1990, in 100,000 dollars.

    30 % are kept for testing. scikit-learn fetches the table and checks it.

    References:
        Pace and Barry 1997, Sparse spatial autoregressions.
    """

    title: ClassVar[str] = "California housing"
    source: ClassVar[str] = "download"
    params: ClassVar[tuple[Param, ...]] = (SEED, DATA_DIR)
    unit: ClassVar[str] = "100,000 dollars"
    features = (
        "income",
        "house age",
        "rooms",
        "bedrooms",
        "population",
        "occupants",
        "latitude",
        "longitude",
    )
    targets = ("value",)
    input_count = 8

    FILE: ClassVar[str] = "cal_housing_py3.pkz"

    def missing(self) -> str:
        """Where the table was looked for, and how to get it."""
        roots = search_folders(str(self.options["data_dir"]))
        if any((root / "sklearn" / self.FILE).is_file() for root in roots):
            return ""
        return (
            f"{self.title}: {self.FILE} was not found in the folder 'sklearn' of "
            f"{' or '.join(map(str, roots))}; put it there or fetch it with "
            f"'kirchhoff data fetch california'"
        )

    def table(self) -> tuple[np.ndarray, np.ndarray]:
        """All districts (20640, 8) and (20640, 1).

        Raises:
            StudioError: the table is not in any folder of data.
        """
        if sentence := self.missing():
            raise StudioError(sentence)
        roots = search_folders(str(self.options["data_dir"]))
        return self._fetched(next(r for r in roots if (r / "sklearn" / self.FILE).is_file()), False)

    def download(self, progress: Progress | None = None) -> None:
        """Fetch the table, through scikit-learn, which tells no progress."""
        self._fetched(download_folder(str(self.options["data_dir"])), True)

    def _fetched(self, root: Path, may_download: bool) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.datasets import fetch_california_housing  # slow to import

        try:
            with warnings.catch_warnings(action="ignore"):  # it warns of every retry
                x, y = fetch_california_housing(
                    data_home=str(root / "sklearn"),
                    download_if_missing=may_download,
                    return_X_y=True,
                    n_retries=1,
                )
        except (OSError, ValueError, EOFError) as error:
            raise StudioError(
                f"{root / 'sklearn'}: the table of California cannot be had ({error}); "
                "look whether this machine is online and try again"
            ) from None
        return np.asarray(x), np.asarray(y)[:, None]
