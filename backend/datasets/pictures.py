"""Picture files as arrays of bytes, and folders that hold one folder of pictures a class."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..errors import StudioError

SUFFIXES = frozenset({".png", ".jpg", ".jpeg"})
FORMATS = ("PNG", "JPEG")


def read_picture(
    source: Path | BinaryIO, name: str, shape: tuple[int, int], colour: bool
) -> np.ndarray:
    """The pixels of a PNG or JPEG file, resized when it has another size.

    Args:
        source: the file.
        name: what it is called in messages.
        shape: rows and columns.
        colour: red, green and blue, or grey.

    Returns:
        Bytes (channels * rows * columns,), ordered channel, row, column.

    Raises:
        StudioError: this is no picture, or Pillow is not installed.
    """
    try:
        from PIL import Image  # only pictures need it
    except ImportError:
        raise StudioError("pictures need Pillow: pip install pillow") from None
    try:
        with warnings.catch_warnings():
            # A file that unpacks to hundreds of megapixels is refused, not only warned of.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(source, formats=FORMATS) as picture:
                pixels = picture.convert("RGB" if colour else "L")
        rows, columns = shape
        if pixels.size != (columns, rows):
            pixels = pixels.resize((columns, rows), Image.Resampling.BOX)
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise StudioError(
            f"{name}: cannot be read as a PNG or JPEG picture ({error}); replace or remove it"
        ) from None
    array = np.asarray(pixels, dtype=np.uint8)
    return array.transpose(2, 0, 1).ravel() if colour else array.ravel()


def class_folders(folder: Path) -> dict[str, list[Path]]:
    """Pictures by class, both in alphabetical order: a class is a folder that holds pictures.

    Raises:
        StudioError: there is no such folder, or it cannot be read.
    """
    try:
        found = {
            child.name: sorted(p for p in child.iterdir() if p.suffix.lower() in SUFFIXES)
            for child in sorted(folder.iterdir())
            if child.is_dir() and not child.name.startswith(".")
        }
    except OSError as error:
        raise StudioError(
            f"{folder}: cannot be read as a folder ({error.strerror}); correct the path"
        ) from None
    return {name: files for name, files in found.items() if files}


def read_pictures(files: Sequence[Path], shape: tuple[int, int], colour: bool) -> np.ndarray:
    """Many pictures (n, channels * rows * columns), bytes.

    Raises:
        StudioError: names the first file that is no picture.
    """
    size = shape[0] * shape[1] * (3 if colour else 1)
    pixels = np.empty((len(files), size), np.uint8)
    for row, path in zip(pixels, files, strict=True):
        row[:] = read_picture(path, str(path), shape, colour)
    return pixels
