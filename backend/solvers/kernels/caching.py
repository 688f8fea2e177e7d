"""Compiled kernels that are kept on disk, and thrown away when any of their sources changes."""

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numba

log = logging.getLogger("kirchhoff")

INLINED = (
    "activations.py",
    "caching.py",
    "fused_devices.py",
    "lanes.py",
    "numba_cpu.py",
    "plan.py",
    "scalar_field.py",
    "scalar_laws.py",
    "scalar_windows.py",
    "scalar_lu.py",
    "scalar_march.py",
    "scalar_steps.py",
    "../rodas4.py",
    "../step_size.py",
)
"""Sources of which parts are inlined into kernels elsewhere."""


def _stamp(source: Path, constants: Mapping[str, Any] | None = None) -> tuple[float, int]:
    """A stamp of a kernel's source, its global numbers, and everything that may be inlined into it.

    numba looks only at the file of the outermost function, and would go on using a kernel whose
    inlined parts have changed since.
    """
    digest = hashlib.sha256()
    for path in (source, *(source.parent / name for name in INLINED)):
        digest.update(path.read_bytes())
    for name, value in sorted((constants or {}).items()):
        if isinstance(value, int | float):
            digest.update(f"{name}={value!r};".encode())
    first, second = digest.digest()[:6], digest.digest()[6:12]
    return float(int.from_bytes(first, "big")), int.from_bytes(second, "big")


OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def kernel(function: Callable[..., Any]) -> Any:
    """Compile at the first call, once per machine; releases the interpreter lock."""
    compiled = numba.njit(cache=True, **OPTIONS)(function)
    file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    if hasattr(file, "_source_stamp"):
        file._source_stamp = _stamp(Path(function.__code__.co_filename), function.__globals__)  # pyright: ignore[reportOptionalMemberAccess]
    return compiled


def ready(compiled: Any) -> bool:
    """Whether a kernel was compiled on this machine before, for any types of arguments."""
    if compiled.signatures:
        return True
    file = getattr(getattr(compiled, "_cache", None), "_cache_file", None)
    try:
        return bool(file._load_index())  # type: ignore[union-attr]
    except (AttributeError, OSError):
        return False


def announce(*kernels: Any) -> None:
    """Say that a wait is coming, where it is, and that it comes once."""
    if not all(ready(each) for each in kernels):
        log.warning("Compiling the solver for this machine: about half a minute, only this once.")


def inlined(function: Callable[..., Any]) -> Any:
    """A part of kernels: always inlined, so that constant arguments choose among its branches."""
    return numba.njit(forceinline=True, **OPTIONS)(function)


def part(function: Callable[..., Any]) -> Any:
    """A part of kernels that is called from many places: compiled once in each kernel."""
    return numba.njit(**OPTIONS)(function)
