"""The IDX format of MNIST's files."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

from ...errors import StudioError

UNSIGNED_BYTE = 8
# MNIST's largest file holds 47 MB; a damaged header must not ask for all memory.
LIMIT = 1 << 30


def read_idx(path: Path) -> np.ndarray:
    """The array of unsigned bytes in an IDX file, plain or gzipped.

    Two zero bytes, the type (8: unsigned byte), the number of axes, the length of every axis as a
    big-endian 32-bit number, then the entries in row-major order.

    Raises:
        StudioError: names the file and what is wrong with it.

    References:
        LeCun, Cortes, Burges, The MNIST database of handwritten digits.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise StudioError(f"{path}: cannot be read ({error}); fetch it again") from None
    axes = data[3] if len(data) > 3 else 0
    start = 4 + 4 * axes
    if data[:3] != bytes([0, 0, UNSIGNED_BYTE]) or not axes or len(data) < start:
        raise StudioError(f"{path}: this is no IDX file of unsigned bytes; fetch it again")
    shape = tuple(int(length) for length in np.frombuffer(data, ">u4", axes, 4))
    expected = math.prod(shape)
    if expected > LIMIT or len(data) - start != expected:
        raise StudioError(
            f"{path}: the header promises {expected} bytes, {len(data) - start} follow; "
            "fetch it again"
        )
    return np.frombuffer(data, np.uint8, expected, start).reshape(shape)
