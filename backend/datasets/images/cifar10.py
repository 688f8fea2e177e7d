"""CIFAR-10, from its Python batches or as pictures."""

import io
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, ClassVar

import numpy as np

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS
from ..download import Remote
from ..folders import DATA_DIR, find_file, home_data, search_folders
from ..stored import VALIDATION, Labelled, StoredImages
from .cifar_batches import PIXELS, read_batch
from .picture_folders import class_folders
from .pictures import SUFFIXES, Form, read_picture, read_pictures

SIDE = 32
BATCHES = (*(f"data_batch_{k}" for k in range(1, 6)), "test_batch")
PYTHON_ARCHIVE = "cifar-10-python.tar.gz"
PICTURE_ARCHIVES = ("cifar10.tar.xz", "cifar10.tar.gz", "cifar10.tar")
# Pictures come sorted by class; this fixed order mixes them, so that a few are of every class.
ORDER_SEED = 0


@DATASETS.register("cifar10")
class Cifar10(StoredImages):
    """60,000 colour photographs of 32 x 32 pixels in ten classes, 0 V to 1 V a colour.

    Reads the published Python batches, packed or not, or PNG or JPEG pictures in
    ``train/<class>/`` and ``test/<class>/``, as a folder or packed. JPEG pictures are not quite
    the published ones, because JPEG loses detail.

    References:
        Krizhevsky 2009, Learning multiple layers of features from tiny images. Checksum as
        torchvision publishes it.
    """

    title: ClassVar[str] = "CIFAR-10 32 x 32"
    params: ClassVar[tuple[Param, ...]] = (
        Param("n", 50_000, low=10, high=50_000, slider=(1000, 50_000), doc="Training images."),
        Param("test", 10_000, low=10, high=10_000, doc="Test images."),
        VALIDATION,
        DATA_DIR,
    )
    classes = (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
    input_count = PIXELS
    image_shape = (SIDE, SIDE)
    channels = 3
    folders: ClassVar[tuple[str, ...]] = (
        "cifar10",
        "cifar-10-batches-py",
        "cifar10/cifar-10-batches-py",
        "cifar10-jpeg",
    )
    remotes: ClassVar[tuple[Remote, ...]] = (
        Remote(
            f"https://www.cs.toronto.edu/~kriz/{PYTHON_ARCHIVE}", "c58f30108f718f92721af3b95e74349a"
        ),
    )

    def find(self) -> list[Path]:
        """Six batches, one archive, or one folder of pictures."""
        places = self.places()
        batches = [find_file(places, (name,)) for name in BATCHES]
        if all(batches):
            return [path for path in batches if path]
        roots = search_folders(str(self.options["data_dir"]))
        archive = find_file([*places, *roots], (PYTHON_ARCHIVE, *PICTURE_ARCHIVES))
        if archive:
            return [archive]
        return [p for p in places if all((p / part).is_dir() for part in ("train", "test"))][:1]

    def read(self, files: list[Path]) -> tuple[Labelled, Labelled]:
        """50,000 training and 10,000 test images with their classes.

        Raises:
            StudioError: a file is damaged.
        """
        if len(files) > 1:
            return _joined({path.name: _batch_file(path) for path in files})
        path = files[0]
        if path.is_dir():
            return self._from_folder(path / "train"), self._from_folder(path / "test")
        if path.name == PYTHON_ARCHIVE:
            batches = {
                Path(name).name: read_batch(file, f"{path}: {name}")
                for name, file in _members(path)
                if Path(name).name in BATCHES
            }
            if len(batches) < len(BATCHES):
                raise StudioError(f"{path}: does not hold all six batches; fetch it again")
            return _joined(batches)
        return self._from_pictures(path)

    def _from_folder(self, folder: Path) -> Labelled:
        found = class_folders(folder)
        if tuple(found) != self.classes:
            raise StudioError(f"{folder}: expected one folder for each of the ten classes")
        files = [path for paths in found.values() for path in paths]
        y = np.repeat(np.arange(len(found)), [len(paths) for paths in found.values()])
        return _mixed(read_pictures(files, Form((SIDE, SIDE), colour=True)), y)

    def _from_pictures(self, path: Path) -> tuple[Labelled, Labelled]:
        """Pictures of an archive; unpacking takes seconds, so the pixels are kept in HOME."""
        seen = path.stat()
        kept = home_data() / "cache" / f"cifar10-{seen.st_size}-{seen.st_mtime_ns}.npz"
        if not kept.is_file():
            parts = self._unpacked(path)
            _keep(kept, parts)
            return parts["train"], parts["test"]
        with np.load(kept, allow_pickle=False) as data:
            return (data["train_x"], data["train_y"]), (data["test_x"], data["test_y"])

    def _unpacked(self, path: Path) -> dict[str, Labelled]:
        pixels: dict[str, list[np.ndarray]] = {"train": [], "test": []}
        labels: dict[str, list[int]] = {"train": [], "test": []}
        for name, file in _members(path):
            place = Path(name)
            if place.suffix.lower() not in SUFFIXES or len(place.parts) < 3:
                continue
            part, kind = place.parts[-3:-1]
            if part not in pixels or kind not in self.classes:
                raise StudioError(f"{path}: {name} is not in train/<class> or test/<class>")
            pixels[part].append(read_picture(file, f"{path}: {name}", Form((SIDE, SIDE), True)))
            labels[part].append(self.classes.index(kind))
        if not (labels["train"] and labels["test"]):
            raise StudioError(f"{path}: holds no pictures in train/<class> and test/<class>")
        return {part: _mixed(np.stack(pixels[part]), np.array(labels[part])) for part in pixels}


def _mixed(x: np.ndarray, y: np.ndarray) -> Labelled:
    order = np.random.default_rng(ORDER_SEED).permutation(len(y))
    return x[order], y[order]


def _keep(path: Path, parts: dict[str, Labelled]) -> None:
    """Write pixels for the next time; a HOME that cannot be written to does without."""
    (train_x, train_y), (test_x, test_y) = parts["train"], parts["test"]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            np.savez(file, train_x=train_x, train_y=train_y, test_x=test_x, test_y=test_y)
        os.replace(file.name, path)
    except OSError:
        return


def _members(path: Path) -> Iterator[tuple[str, BinaryIO]]:
    """The files of an archive in their order, each to be read before the next one is asked for."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                file = archive.extractfile(member) if member.isfile() else None
                if file:
                    yield member.name, io.BytesIO(file.read())
    except (OSError, EOFError, tarfile.TarError) as error:
        raise StudioError(f"{path}: cannot be unpacked ({error}); fetch it again") from None


def _batch_file(path: Path) -> Labelled:
    try:
        with path.open("rb") as file:
            return read_batch(file, str(path))
    except OSError as error:
        raise StudioError(f"{path}: cannot be read ({error.strerror})") from None


def _joined(batches: dict[str, Labelled]) -> tuple[Labelled, Labelled]:
    train = [batches[name] for name in BATCHES[:-1]]
    x, y = (np.concatenate(arrays) for arrays in zip(*train, strict=True))
    return (x, y), batches[BATCHES[-1]]
