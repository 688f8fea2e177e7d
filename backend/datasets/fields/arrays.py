"""Arrays in files of numpy and MATLAB, looked at before they are believed.

Names and shapes are read first; an array that states more than fits, or is no plain numbers, is
never read. Nothing is unpickled, and no file leads to another one.
"""

import math
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...array_header import array_header
from ...errors import InputError, StudioError
from ...reading import check_file, named

FILE_LIMIT = 2**34
"""Bytes of a file; the published ones have up to 6 GB."""

ARRAY_LIMIT = 2**31
"""Bytes of an array in memory."""

ARRAYS = 1000
"""Arrays of a file that are looked at."""

SUFFIXES = (".npz", ".mat")
HDF5 = b"MATLAB 7.3 MAT-file"
NUMBERS = ("double", "single", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32",
           "uint64")  # fmt: skip
DAMAGE = (OSError, ValueError, TypeError, LookupError, EOFError, RuntimeError, OverflowError,
          MemoryError, zlib.error, zipfile.BadZipFile, AttributeError)  # fmt: skip
"""What readers raise for files that are not what they say."""

Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Arrays:
    """What is in a file.

    Args:
        shapes: of the arrays of plain real numbers, by name.
        others: names of what is something else.
        take: reads one of them.
    """

    shapes: Shapes
    others: tuple[str, ...]
    take: Callable[[str], np.ndarray]


def arrays_of(path: Path) -> Arrays:
    """The arrays of a file, none of them read yet.

    Raises:
        StudioError: it is no such file; says what was found.
    """
    try:
        check_file(path, FILE_LIMIT, "keep fewer fields")
        with path.open("rb") as file:
            head = file.read(128)
        if path.suffix.lower() == ".npz" or head.startswith(b"PK"):
            return _numpy(path)
        return _hdf5(path) if HDF5 in head or b"\x89HDF" in head else _matlab(path)
    except InputError as error:
        raise StudioError(named(path, error)) from None
    except StudioError:
        raise
    except DAMAGE as error:
        raise _damaged(path, error) from None


def read_array(path: Path, arrays: Arrays, name: str) -> np.ndarray:
    """One array of a file.

    Raises:
        StudioError: it states more than fits, or the file is damaged.
    """
    size = math.prod(arrays.shapes[name]) * 8
    if size > ARRAY_LIMIT:
        raise StudioError(
            f"{path}: '{name}' states {math.prod(arrays.shapes[name]):,} numbers, and "
            f"{ARRAY_LIMIT // 8:,} can be read; keep fewer or coarser fields"
        )
    try:
        return arrays.take(name)
    except StudioError:
        raise
    except DAMAGE as error:
        raise _damaged(path, error) from None


def _damaged(path: Path, error: BaseException) -> StudioError:
    why = " ".join(str(error).split())[:80] or type(error).__name__
    return StudioError(
        f"{path}: this is no .npz or .mat file that can be read ({why}); save the arrays again"
    )


def _numpy(path: Path) -> Arrays:
    shapes: dict[str, tuple[int, ...]] = {}
    others: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist()[:ARRAYS]:
            name = info.filename.removesuffix(".npy")
            try:
                with archive.open(info) as file:
                    kind, _, shape = array_header(file)
                    begin = file.tell()
            except InputError:
                others.append(name)
                continue
            if info.file_size - begin != math.prod(shape) * kind.itemsize:
                raise StudioError(
                    f"{path}: '{name}' states {math.prod(shape):,} numbers and holds "
                    f"{(info.file_size - begin) // kind.itemsize:,}; save the arrays again"
                )
            shapes[name] = shape

    def take(name: str) -> np.ndarray:
        with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as file:
            kind, fortran, shape = array_header(file)
            data = file.read(math.prod(shape) * kind.itemsize)
        values = np.frombuffer(data, kind)
        return values.reshape(shape[::-1]).T if fortran else values.reshape(shape)

    return Arrays(shapes, tuple(others), take)


def _matlab(path: Path) -> Arrays:
    from scipy.io import loadmat, whosmat

    found = whosmat(str(path), appendmat=False)[:ARRAYS]
    shapes = {name: tuple(map(int, shape)) for name, shape, kind in found if kind in NUMBERS}
    others = tuple(name for name, _, kind in found if kind not in NUMBERS)

    def take(name: str) -> np.ndarray:
        values = np.asarray(loadmat(str(path), appendmat=False, variable_names=[name])[name])
        if values.dtype.kind not in "fiu" or values.shape != shapes[name]:
            raise StudioError(f"{path}: '{name}' is no array of real numbers; choose another one")
        return values

    return Arrays(shapes, others, take)


def _hdf5(path: Path) -> Arrays:
    """MATLAB's form 7.3, whose axes stand in reverse order."""
    with _opened(path) as file:
        plain = [name for name in list(file)[:ARRAYS] if _is_plain(file, name)]
        shapes = {name: tuple(map(int, file[name].shape[::-1])) for name in plain}
        others = tuple(name for name in list(file)[:ARRAYS] if name not in shapes)

    def take(name: str) -> np.ndarray:
        with _opened(path) as file:
            return np.asarray(file[name][()]).T

    return Arrays(shapes, others, take)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import h5py  # slow to import
    except ImportError:
        raise StudioError(
            f"{path}: reading MATLAB files of version 7.3 needs h5py: pip install h5py, or save "
            "the file with -v7"
        ) from None
    with h5py.File(path, "r") as file:
        yield file


def _is_plain(file: Any, name: str) -> bool:
    """Whether an entry is numbers in this very file, and not a link to others."""
    import h5py

    if not isinstance(file.get(name, getlink=True), h5py.HardLink):
        return False
    found = file[name]
    if not isinstance(found, h5py.Dataset) or found.is_virtual or found.external:
        return False
    return found.dtype.kind in "fiu" and found.shape is not None
