"""Image data sets whose public files lie in a folder, and what they have in common."""

from abc import abstractmethod
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import DATASETS, Dataset, Examples, Split, examples
from .download import Progress, Remote, fetch
from .folders import download_folder, search_folders
from .preview import Preview, of_examples

VALIDATION = Param("validation", 0, low=0, high=50_000, doc="Training images kept to choose by.")
"""How many of the training images, those after the first ``n``, are to choose by."""

# Pictures among which a preview looks for some of every class, and fewest that can be asked for.
PREVIEWED = 200
LEAST = 10

Labelled = tuple[np.ndarray, np.ndarray]
"""Pixels (n, inputs), uint8, in the order channel, row, column, and classes (n,)."""


class StoredImages(Dataset):
    """Images in public files, as voltages from 0 V (black) to 1 V.

    Attributes:
        folders: names under which the files' folder goes, the first one for downloads.
        remotes: the files at their public home.
    """

    source: ClassVar[str] = "download"
    folders: ClassVar[tuple[str, ...]]
    remotes: ClassVar[tuple[Remote, ...]]

    @abstractmethod
    def find(self) -> list[Path]:
        """The files to read; empty when they are nowhere."""

    @abstractmethod
    def read(self, files: list[Path]) -> tuple[Labelled, Labelled]:
        """Training and test images with their classes.

        Raises:
            StudioError: a file is damaged.
        """

    def places(self) -> list[Path]:
        """Folders in which the files may lie, the likeliest first."""
        chosen = str(self.options["data_dir"])
        roots = search_folders(chosen)
        found = [root / name for root in roots for name in self.folders]
        return [*found, *roots] if chosen else found

    def missing(self) -> str:
        """Which files were looked for where, and how to get them."""
        if self.find():
            return ""
        names = ", ".join(remote.name for remote in self.remotes)
        homes = " or ".join(str(root) for root in search_folders(str(self.options["data_dir"])))
        return (
            f"{self.title}: {names} were not found in the folder '{self.folders[0]}' of {homes}; "
            f"put them there, choose another folder with --data-dir, or fetch them with "
            f"'kirchhoff data fetch {type(self).name()}'"
        )

    @classmethod
    def name(cls) -> str:
        """The name in the registry."""
        return next(name for name, kind in DATASETS.items() if kind is cls)

    def download(self, progress: Progress | None = None) -> None:
        """Fetch what is missing of the files."""
        folder = download_folder(str(self.options["data_dir"])) / self.folders[0]
        for remote in self.remotes:
            fetch(remote, folder, progress)

    def split(self) -> Split:
        """The first ``n`` training images, the next to choose by, and the first test images.

        Raises:
            StudioError: the files are missing or damaged, or there are not so many images.
        """
        files = self.find()
        if not files:
            raise StudioError(self.missing())
        train, test = self.read(files)
        count, kept = int(self.options["n"]), int(self.options["validation"])
        if kept and count + kept > len(train[1]):
            raise StudioError(
                f"{self.title}: n = {count:,} and validation = {kept:,} are more than the "
                f"{len(train[1]):,} training images; choose fewer"
            )
        validation = _some(train, slice(count, count + kept)) if kept else None
        tested = _some(test, slice(int(self.options["test"])))
        return Split(_some(train, slice(count)), tested, validation)

    def preview(self) -> Preview:
        """The first pictures; the classes of all of them are not counted."""
        few = {
            **self.options,
            "validation": 0,
            "n": min(PREVIEWED, int(self.options["n"])),
            "test": LEAST,
        }
        shown = of_examples(type(self)(**few))
        count, test = int(self.options["n"]), int(self.options["test"])
        return replace(shown, train=count, test=test, counts={})


def _some(labelled: Labelled, part: slice) -> Examples:
    """Some of the examples, bytes 0 to 255 as 0 V to 1 V."""
    pixels, classes = labelled
    volts = np.multiply(pixels[part], np.float32(1 / 255), dtype=np.float32)
    return examples(volts, classes[part])
