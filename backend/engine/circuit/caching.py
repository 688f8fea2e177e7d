"""The kernels of solvers, each kept until one of these sources changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from .. import compiled
from ..compiled import OPTIONS as OPTIONS
from ..compiled import inlined as inlined
from ..compiled import part as part
from ..compiled import ready as ready

INLINED = (
    "activations.py",
    "caching.py",
    "exponentials.py",
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
    "../rosenbrock.py",
    "../step_size.py",
)
"""Sources of which parts are inlined into kernels elsewhere."""


def _stamp(source: Path, constants: Mapping[str, Any] | None = None) -> tuple[float, int]:
    """A stamp of a kernel's source, its global numbers, and everything that may be inlined."""
    return compiled.stamp([source, *(source.parent / name for name in INLINED)], constants)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile at the first call, once per machine; releases the interpreter lock."""
    return compiled.kernel(*INLINED)(function)


def announce(*kernels: Any, number: str = "") -> None:
    """Say that a wait is coming, where it is, and that it comes once; see ``compiled.ready``."""
    compiled.announce("the solver", *kernels, number=number)
