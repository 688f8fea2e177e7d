"""The user's own pictures: one folder a class."""

from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ..errors import StudioError
from ..params import Param
from .base import DATASETS, Dataset, Examples, Split, examples
from .pictures import class_folders, read_pictures
from .preview import PICTURES, Preview, spread

# So many pictures are read to find a damaged one before a training does.
CHECKED = 200


@DATASETS.register("image_folder")
class ImageFolder(Dataset):
    """Your own PNG and JPEG pictures in a folder with one folder for each class.

    When the folder holds ``train`` and ``test``, these are the two parts; otherwise a share of
    every class is kept for testing. Pictures are resized, which may distort them, and become
    voltages from 0 V (black) to 1 V.
    """

    title: ClassVar[str] = "Folder of pictures"
    source: ClassVar[str] = "user"
    uploads: ClassVar[tuple[str, ...]] = (".zip",)
    params: ClassVar[tuple[Param, ...]] = (
        Param("path", "", doc="Folder that holds one folder of pictures for each class."),
        Param("rows", 28, low=2, high=256, slider=(8, 64), doc="Pixels from top to bottom."),
        Param("columns", 28, low=2, high=256, slider=(8, 64), doc="Pixels from left to right."),
        Param("colour", False, doc="Red, green and blue instead of grey."),
        Param("test", 0.25, low=0.01, high=0.9, slider=(0.1, 0.5), doc="Share kept for testing."),
        Param("seed", 0, low=0, high=1_000_000, doc="Which pictures are kept for testing."),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        rows, columns = int(self.options["rows"]), int(self.options["columns"])
        self.image_shape = (rows, columns)
        self.channels = 3 if self.options["colour"] else 1
        self.input_count = rows * columns * self.channels
        self._parts: dict[str, dict[str, list[Path]]] = {}
        if self.options["path"]:
            self._parts = self._listed(Path(str(self.options["path"])).expanduser())
            self.classes = tuple(self._parts["train"])

    def missing(self) -> str:
        """That no folder was chosen."""
        return "" if self._parts else "Folder of pictures: no folder was chosen; set its path"

    def split(self) -> Split:
        """The pictures, read and resized.

        Raises:
            StudioError: no folder was chosen, or a picture cannot be read.
        """
        if not self._parts:
            raise StudioError(self.missing())
        train = [(p, y) for y, name in enumerate(self.classes) for p in self._parts["train"][name]]
        test = [(p, y) for y, name in enumerate(self.classes) for p in self._parts["test"][name]]
        return Split(self._examples(train), self._examples(test))

    def preview(self) -> Preview:
        """Counts of all pictures, and some of them as they will be read.

        Raises:
            StudioError: no folder was chosen, or one of the first pictures cannot be read.
        """
        if not self._parts:
            raise StudioError(self.missing())
        assert self.image_shape
        sizes = {part: [len(self._parts[part][name]) for name in self.classes]
                 for part in ("train", "test")}  # fmt: skip
        files = [(p, y) for y, name in enumerate(self.classes) for p in self._parts["train"][name]]
        files = [files[k] for k in spread([y for _, y in files], CHECKED)]
        pixels = read_pictures([p for p, _ in files], self.image_shape, self.channels == 3)
        shown = spread([y for _, y in files], PICTURES)
        return Preview(
            train=sum(sizes["train"]),
            test=sum(sizes["test"]),
            counts=dict(
                zip(self.classes, map(sum, zip(*sizes.values(), strict=True)), strict=True)
            ),
            pictures=pixels[shown].reshape(len(shown), self.channels, *self.image_shape),
            picture_classes=[files[k][1] for k in shown],
        )

    def _listed(self, path: Path) -> dict[str, dict[str, list[Path]]]:
        """Files by part and class."""
        if (path / "train").is_dir() and (path / "test").is_dir():
            parts = {part: class_folders(path / part) for part in ("train", "test")}
            differing = sorted(set(parts["train"]) ^ set(parts["test"]))
            if differing:
                raise StudioError(
                    f"{path}: the class {differing[0]!r} has pictures in only one of train and "
                    "test; add some to the other"
                )
        else:
            parts = self._divided(class_folders(path))
        if len(parts["train"]) < 2:
            found = "one folder" if parts["train"] else "no folder"
            raise StudioError(
                f"{path}: found {found} with PNG or JPEG pictures; make one folder for each of at "
                "least two classes"
            )
        return parts

    def _divided(self, found: dict[str, list[Path]]) -> dict[str, dict[str, list[Path]]]:
        parts: dict[str, dict[str, list[Path]]] = {"train": {}, "test": {}}
        rng = np.random.default_rng(int(self.options["seed"]))
        for name, files in found.items():
            if len(files) < 2:
                raise StudioError(f"{files[0].parent}: one picture is too few; add at least one")
            count = round(float(self.options["test"]) * len(files))
            count = min(max(1, count), len(files) - 1)
            chosen = set(rng.permutation(len(files))[:count].tolist())
            parts["test"][name] = [p for k, p in enumerate(files) if k in chosen]
            parts["train"][name] = [p for k, p in enumerate(files) if k not in chosen]
        return parts

    def _examples(self, files: list[tuple[Path, int]]) -> Examples:
        assert self.image_shape
        pixels = read_pictures([p for p, _ in files], self.image_shape, self.channels == 3)
        volts = np.multiply(pixels, np.float32(1 / 255), dtype=np.float32)
        return examples(volts, np.array([y for _, y in files]))
