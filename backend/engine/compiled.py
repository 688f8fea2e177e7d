"""Compiled kernels that are kept on disk, and thrown away when any of their sources changes."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numba

log = logging.getLogger("kirchhoff")
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "boundscheck": False}


def stamp(sources: Sequence[Path], constants: Mapping[str, Any] | None = None) -> tuple[float, int]:
    """A stamp of the texts of sources and of global numbers, in the form numba keeps it.

    numba looks only at the file of the outermost function, and would go on using a kernel whose
    inlined parts have changed since.
    """
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in sources:
        digest.update(path.read_bytes())
    for name, value in sorted((constants or {}).items()):
        if isinstance(value, int | float):
            digest.update(f"{name}={value!r};".encode())
    first, second = digest.digest()[:6], digest.digest()[6:12]
    return float(int.from_bytes(first, "big")), int.from_bytes(second, "big")


def kernel(*inlined: str) -> Callable[[Callable[..., Any]], Any]:
    """Compile at the first call, once per machine; releases the interpreter lock.

    Args:
        inlined: sources, from the folder of the kernel's own, of which parts are inlined into it.
    """

    def compile_later(function: Callable[..., Any]) -> Any:
        compiled = numba.njit(cache=True, **OPTIONS)(function)
        file = _file(compiled)
        if hasattr(file, "_source_stamp"):
            own = Path(function.__code__.co_filename)
            sources = [own, *(own.parent / name for name in inlined)]
            file._source_stamp = stamp(sources, function.__globals__)
        return compiled

    return compile_later


def _file(compiled: Any) -> Any:
    return getattr(getattr(compiled, "_cache", None), "_cache_file", None)


def ready(compiled: Any, number: str = "") -> bool:
    """Whether a kernel was compiled on this machine before.

    Args:
        compiled: the kernel.
        number: the type of the arrays' numbers, e.g. ``float64``, where it matters.
    """
    try:
        known = [*compiled.signatures, *(key[0] for key in _file(compiled)._load_index())]
    except (AttributeError, OSError):
        known = compiled.signatures
    return any(f"array({number}" in str(types) for types in known)


def announce(what: str, *kernels: Any, number: str = "") -> None:
    """Say that a wait is coming, where it is, and that it comes once; see ``ready``."""
    if not all(ready(each, number) for each in kernels):
        log.warning(f"Compiling {what} for this machine: up to two minutes, only this once.")


def inlined(function: Callable[..., Any]) -> Any:
    """A part of kernels: always inlined, so that constant arguments choose among its branches."""
    return numba.njit(forceinline=True, **OPTIONS)(function)


def part(function: Callable[..., Any]) -> Any:
    """A part of kernels that is called from many places: compiled once in each kernel."""
    return numba.njit(**OPTIONS)(function)
