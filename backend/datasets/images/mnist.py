"""MNIST and Fashion-MNIST, from their IDX files."""

from pathlib import Path
from typing import ClassVar

from ...errors import StudioError
from ...params import Param
from ..base import DATASETS
from ..download import Remote
from ..folders import DATA_DIR, find_file
from ..stored import VALIDATION, Labelled, StoredImages
from .idx import read_idx

IMAGES = ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte")
LABELS = ("train-labels-idx1-ubyte", "t10k-labels-idx1-ubyte")
SIDE = 28


def _remotes(home: str, *sums: str) -> tuple[Remote, ...]:
    names = (IMAGES[0], LABELS[0], IMAGES[1], LABELS[1])
    return tuple(Remote(f"{home}/{n}.gz", md5) for n, md5 in zip(names, sums, strict=True))


class IdxImages(StoredImages):
    """Ten classes of grey 28 x 28 images in four IDX files, plain or gzipped."""

    params: ClassVar[tuple[Param, ...]] = (
        Param("n", 60_000, low=10, high=60_000, slider=(1000, 60_000), doc="Training images."),
        Param("test", 10_000, low=10, high=10_000, doc="Test images."),
        VALIDATION,
        DATA_DIR,
    )
    input_count = SIDE * SIDE
    image_shape = (SIDE, SIDE)

    def find(self) -> list[Path]:
        """Training images and labels, test images and labels."""
        places = self.places()
        names = (IMAGES[0], LABELS[0], IMAGES[1], LABELS[1])
        found = [find_file(places, (name, f"{name}.gz")) for name in names]
        return [path for path in found if path] if all(found) else []

    def read(self, files: list[Path]) -> tuple[Labelled, Labelled]:
        """Training and test images with their classes.

        Raises:
            StudioError: a file is damaged, or two do not belong together.
        """
        return self._pair(*files[:2]), self._pair(*files[2:])

    def _pair(self, images: Path, labels: Path) -> Labelled:
        x, y = read_idx(images), read_idx(labels)
        if x.shape[1:] != self.image_shape:
            raise StudioError(f"{images}: expected images of 28 x 28, got an array of {x.shape}")
        if y.shape != x.shape[:1] or y.max(initial=0) >= len(self.classes):
            raise StudioError(f"{labels}: these are not the classes of {len(x)} images")
        return x.reshape(-1, self.input_count), y


@DATASETS.register("mnist")
class Mnist(IdxImages):
    """70,000 handwritten digits of 28 x 28 pixels, 0 V (background) to 1 V (ink).

    References:
        LeCun, Bottou, Bengio, Haffner 1998, Gradient-based learning applied to document
        recognition. Checksums as torchvision publishes them.
    """

    title: ClassVar[str] = "MNIST 28 x 28"
    classes = tuple("0123456789")
    folders: ClassVar[tuple[str, ...]] = ("mnist", "MNIST/raw", "MNIST")
    remotes: ClassVar[tuple[Remote, ...]] = _remotes(
        "https://ossci-datasets.s3.amazonaws.com/mnist",
        "f68b3c2dcbeaaa9fbdd348bbdeb94873",
        "d53e105ee54ea40749a09fcbcd1e9432",
        "9fb629c4189551a2d022fa330f9573f3",
        "ec29112dd5afa0611ce80d1b7f02629c",
    )


@DATASETS.register("fashion_mnist")
class FashionMnist(IdxImages):
    """70,000 pictures of clothes of 28 x 28 pixels, 0 V (background) to 1 V.

    References:
        Xiao, Rasul, Vollgraf 2017, Fashion-MNIST, arXiv 1708.07747. Checksums from its repository.
    """

    title: ClassVar[str] = "Fashion-MNIST 28 x 28"
    classes = (
        "T-shirt/top",
        "trouser",
        "pullover",
        "dress",
        "coat",
        "sandal",
        "shirt",
        "sneaker",
        "bag",
        "ankle boot",
    )
    folders: ClassVar[tuple[str, ...]] = (
        "fashion_mnist",
        "fashion-mnist",
        "FashionMNIST/raw",
        "FashionMNIST",
    )
    remotes: ClassVar[tuple[Remote, ...]] = _remotes(
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion",
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "25c81989df183df01b3e8a0aad5dffbe",
        "bef4ecab320f06d8554ea6380940ec79",
        "bb300cfdad3c16e7a12a480ee83cd310",
    )
