"""What a page brings along: words as JSON and arrays, packed for size.

Base64 of a deflated block: length of the JSON as uint32 (little endian), the JSON, the arrays. An
array (T, ...) of single precision is written one column after the other, as the differences of
its words modulo 2^32, their lowest bytes first: neighbours in time are alike, so most bytes are
zero, and a page is half as large. Nothing is lost; ``assets/modules/player/payload.mjs`` is the way
back.
"""

import base64
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


class Part(NamedTuple):
    """One trajectory or picture of a page.

    Attributes:
        name: what the page asks for.
        header: words about it.
        arrays: by name.
    """

    name: str
    header: Mapping[str, Any]
    arrays: Mapping[str, Array]


def packed(words: Mapping[str, Any], parts: Sequence[Part]) -> str:
    """A page's contents as text that any element of a page can hold.

    Args:
        words: fit for JSON.
        parts: what the words speak of.
    """
    listed = [
        {
            "name": part.name,
            "header": {**part.header, "arrays": _listed(part.arrays)},
        }
        for part in parts
    ]
    text = json.dumps({**words, "parts": listed}, allow_nan=False).encode()
    body = b"".join(_bytes(array) for part in parts for array in part.arrays.values())
    block = zlib.compress(struct.pack("<I", len(text)) + text + body, 9)
    return base64.b64encode(block).decode("ascii")


def _listed(arrays: Mapping[str, Array]) -> list[dict[str, Any]]:
    return [{"name": name, "shape": list(array.shape)} for name, array in arrays.items()]


def _bytes(array: Array) -> bytes:
    """The words of an array, column by column, as differences in planes of bytes."""
    if not array.size:
        return b""
    rows = array.shape[0] if array.ndim else 1
    columns = np.ascontiguousarray(array, "<f4").reshape(rows, -1).T
    words = np.ascontiguousarray(columns).view("<u4").reshape(-1)
    steps = np.diff(words, prepend=np.uint32(0)).astype("<u4")
    return np.ascontiguousarray(steps.view("u1").reshape(-1, 4).T).tobytes()
