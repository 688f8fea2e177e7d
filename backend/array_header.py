"""What stands before the numbers of an array in numpy's form, read without evaluating it."""

import re
from typing import Any

import numpy as np

from .errors import InputError

HEADER_BYTES = 4096
HEADER = re.compile(
    rb"\{'descr': '([<>|]?(?:[iu][1248]|f[248]|b1))', 'fortran_order': (True|False), "
    rb"'shape': \(((?:[0-9]{1,12}, ?)*[0-9]{0,12})\), \}[ \n]*"
)


def array_header(file: Any) -> tuple[np.dtype, bool, tuple[int, ...]]:
    """Type, order and shape of an array of real numbers; numpy itself would evaluate the text.

    Args:
        file: at its beginning; afterwards the numbers come next.

    Raises:
        InputError: it is something else.
    """
    start = file.read(8)
    width = {b"\x01\x00": 2, b"\x02\x00": 4}.get(start[6:], 0)
    if start[:6] != b"\x93NUMPY" or not width:
        raise InputError("is in an unknown form")
    length = int.from_bytes(file.read(width), "little")
    found = HEADER.fullmatch(file.read(min(length, HEADER_BYTES)))
    if not found:
        raise InputError("holds no numbers or has a damaged header")
    shape = tuple(int(size) for size in found[3].split(b",") if size.strip())
    return np.dtype(found[1].decode()), found[2] == b"True", shape
