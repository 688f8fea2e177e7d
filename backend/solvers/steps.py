"""Solvers with another number of equal steps."""

from dataclasses import replace
from typing import Any

from .base import Solver


def with_steps(solver: Solver, steps: int) -> Solver:
    """A fixed-step solver with another number of steps per slice."""
    changed: Any = solver
    return replace(changed, steps=steps)


def finer(solver: Solver, factor: int) -> Solver | None:
    """The same method with more steps; ``None`` when it chooses its own."""
    steps = getattr(solver, "steps", None)
    return None if steps is None else with_steps(solver, factor * steps)
