"""Compiled kernels that are kept on disk, and thrown away when any of their sources changes."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba

FOLDER = Path(__file__).parent


def _stamp() -> tuple[float, int]:
    """A stamp of all kernel sources.

    numba looks only at the file of the outermost function, and would go on using a kernel whose
    inlined parts have changed since.
    """
    digest = hashlib.sha256()
    for path in sorted(path for path in FOLDER.glob("*.py") if "triton" not in path.name):
        digest.update(path.read_bytes())
    return float(int.from_bytes(digest.digest()[:6], "big")), int.from_bytes(
        digest.digest()[6:12], "big"
    )


STAMP = _stamp()
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile at the first call, once per machine; releases the interpreter lock."""
    compiled = numba.njit(cache=True, **OPTIONS)(function)
    file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        file._source_stamp = STAMP  # pyright: ignore[reportOptionalMemberAccess]
    return compiled


def inlined(function: Callable[..., Any]) -> Any:
    """A part of kernels: always inlined, so that constant arguments choose among its branches."""
    return numba.njit(forceinline=True, **OPTIONS)(function)
