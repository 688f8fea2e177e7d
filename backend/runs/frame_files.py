"""Frame files, ``frames/000012.npz``: zip archives of arrays that are read without believing them.

The number of bytes that an archive unpacks to, the shape and the type of every array, and how they
fit together are checked before anything is made of them.
"""

import io
import math
import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..array_header import array_header
from ..errors import InputError
from ..view import NAME, PREFIX, WORDS
from .files import DamagedError, file_data

Array = NDArray[np.generic]

FILE_BYTES = 2**27
UNPACKED_BYTES = 2**28
MEMBERS = 64
AXES: Mapping[str, int] = {
    WORDS: 1,
    "t": 1, "voltages": 2, "currents": 2, "example": 1, "epoch": 0, "step": 0,
    "confusion": 2, "target": 0, "prediction": 0, "predictions": 2, "targets": 2,
    "boundary": 2, "boundary_x": 1, "boundary_y": 1,
    "samples": 2, "density": 2, "density_x": 1, "density_y": 1,
}  # fmt: skip
"""Arrays of a frame and how many axes each has, beside those of a view of the model's own."""

OWN = re.compile(re.escape(PREFIX) + NAME.pattern)
OWN_AXES = 5

FIELDS = re.compile("field_(input|target|prediction)(_[1-9])?")
"""Arrays (n, channels, points...) of a frame, on further grids with a number."""

COUNTS = ("epoch", "step", "confusion", "target", "prediction")
FINITE = ("t", "voltages", "example", "boundary_x", "boundary_y", "density_x", "density_y")
PAIRS = (("voltages", "t", 0), ("currents", "t", 0), ("boundary", "boundary_y", 0),
         ("boundary", "boundary_x", 1), ("density", "density_y", 0), ("density", "density_x", 1),
         ("predictions", "targets", 0), ("predictions", "targets", 1))  # fmt: skip
"""Arrays of which the first is as long along an axis as the second, which may have one axis."""

BROKEN = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, EOFError, NotImplementedError,
    RuntimeError, OSError, ValueError, KeyError, OverflowError, IndexError, struct.error,
)  # fmt: skip
"""What the readers of zip archives and of array headers raise on what is neither."""


def read_frame(path: Path, only: Collection[str] = ()) -> dict[str, Array]:
    """The arrays of a frame file; those that no frame has are left out.

    Args:
        path: of the file.
        only: names of arrays; where there are any, no others are unpacked.

    Raises:
        DamagedError: it cannot be read or is no frame; says why.
    """
    arrays = _unpacked(file_data(path, FILE_BYTES), only)
    _check_together(arrays)
    return arrays


def _unpacked(data: bytes, only: Collection[str]) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MEMBERS:
                raise DamagedError(f"holds {len(members)} arrays, no frame has so many")
            if sum(member.file_size for member in members) > UNPACKED_BYTES:
                raise DamagedError(f"unpacks to more than {UNPACKED_BYTES // 2**20} MB")
            found: dict[str, Array] = {}
            for member in members:
                name = member.filename.removesuffix(".npy")
                if name not in AXES and not FIELDS.fullmatch(name) and not OWN.fullmatch(name):
                    continue
                if only and name not in only:
                    continue
                if name in found:
                    raise DamagedError(f"holds the array {name} twice")
                found[name] = _array(name, _member(archive, member))
            return found
    except DamagedError:
        raise
    except BROKEN as error:
        raise DamagedError(f"is no whole frame ({_why(error)})") from None


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member, which may say less than it holds."""
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise DamagedError("is packed in a way that frames are not")
    with archive.open(member) as file:
        data = file.read(member.file_size + 1)
    if len(data) != member.file_size:
        raise DamagedError(f"is no whole frame (the size of {member.filename[:40]} is wrong)")
    return data


def _array(name: str, data: bytes) -> Array:
    file = io.BytesIO(data)
    try:
        dtype, fortran, shape = array_header(file)
    except InputError as error:
        raise DamagedError(f"its array {name} {error}") from None
    if FIELDS.fullmatch(name) and not 3 <= len(shape) <= 5:
        raise DamagedError(f"its array {name} has {len(shape)} axes, fields have 3 to 5")
    if len(shape) != AXES.get(name, len(shape)):
        raise DamagedError(f"its array {name} has {len(shape)} axes, a frame's has {AXES[name]}")
    if len(shape) > OWN_AXES:
        raise DamagedError(f"its array {name} has {len(shape)} axes, more than {OWN_AXES}")
    content = data[file.tell() :]
    if math.prod(shape) * dtype.itemsize != len(content):
        raise DamagedError(f"its array {name} is cut short or too long")
    values = np.frombuffer(content, dtype).reshape(shape, order="F" if fortran else "C")
    values = values.astype(dtype.newbyteorder("="))
    return _checked(name, values)


def _checked(name: str, values: Array) -> Array:
    """Counts as whole numbers from 0 on, everything else as finite ones."""
    if name in COUNTS:
        if values.dtype.kind not in "iu" or (values.size and int(values.min()) < 0):
            raise DamagedError(f"its array {name} holds no counts")
        if values.size and int(values.max()) > 2**53:
            raise DamagedError(f"its array {name} holds no counts")
    elif name == WORDS and values.dtype != np.uint8:
        raise DamagedError(f"its array {name} holds no text")
    elif (name in FINITE or FIELDS.fullmatch(name)) and not np.isfinite(values).all():
        raise DamagedError(f"its array {name} holds values that are not finite")
    return values


def _check_together(arrays: Mapping[str, Array]) -> None:
    for first, second, axis in PAIRS:
        if first not in arrays or second not in arrays:
            continue
        other = arrays[second].shape
        if arrays[first].shape[axis] != other[axis if len(other) > 1 else 0]:
            raise DamagedError(f"its arrays {first} and {second} do not fit together")
    _check_fields(arrays)
    for name in ("boundary", "density"):
        if name in arrays and not {f"{name}_x", f"{name}_y"} <= set(arrays):
            raise DamagedError(f"its array {name} comes without its axes")
    if "t" in arrays and (np.diff(arrays["t"].astype(np.float64)) < 0).any():
        raise DamagedError("its times do not ascend")
    confusion = arrays.get("confusion")
    if confusion is not None and confusion.shape[0] != confusion.shape[1]:
        raise DamagedError("its confusion matrix is not square")


def _check_fields(arrays: Mapping[str, Array]) -> None:
    """Answers have the shape of what is asked for, and there are as many inputs."""
    for name, values in arrays.items():
        if not name.startswith("field_target"):
            continue
        for part, axes in (("prediction", slice(None)), ("input", slice(1))):
            other = arrays.get(name.replace("target", part))
            if other is not None and other.shape[axes] != values.shape[axes]:
                raise DamagedError(f"its fields {name} and field_{part} do not fit together")


def _why(error: BaseException) -> str:
    text = " ".join(str(error).split())[:80]
    return "".join(c if c.isprintable() else "?" for c in text) or type(error).__name__
