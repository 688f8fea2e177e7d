"""Kernels of this folder, each kept until one of these sources changes."""

from collections.abc import Callable
from typing import Any

from .. import compiled
from ..compiled import inlined as inlined
from ..compiled import part as part

INLINED = (
    "caching.py",
    "laws.py",
    "tape.py",
    "../../expressions/program.py",
    "transistor_laws.py",
    "field.py",
    "march.py",
    "../circuit/scalar_lu.py",
    "../rosenbrock.py",
    "../step_size.py",
)


def kernel(function: Callable[..., Any]) -> Any:
    """Compile at the first call, once per machine; releases the interpreter lock."""
    return compiled.kernel(*INLINED)(function)


def announce(*kernels: Any) -> None:
    """Say that a wait is coming, where it is, and that it comes once."""
    compiled.announce("the solver of the general class", *kernels)
