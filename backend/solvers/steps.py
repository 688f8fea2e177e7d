"""Which solvers take equal steps, and the same ones with another number of them."""

from dataclasses import replace
from typing import Any

from ..engine.tableaus import ButcherTableau
from .base import Solver
from .registry import SOLVERS


def fixed_step_solvers() -> list[str]:
    """Names of the solvers that take as many equal steps as they are told."""
    return [name for name, kind in SOLVERS.items() if kind.fixed_steps]


def explicit_methods() -> dict[str, ButcherTableau]:
    """The tableaus of those that are explicit Runge-Kutta methods, by the solver's name."""
    found = ((name, SOLVERS[name].tableau) for name in fixed_step_solvers())
    return {name: tableau for name, tableau in found if tableau is not None}


def has_steps(kind: type[Solver]) -> bool:
    """Whether a solver has a number of steps that can be set: equal ones, or those of a grid."""
    return any(param.name == "steps" for param in kind.params)


def with_steps(solver: Solver, steps: int) -> Solver:
    """A fixed-step solver with another number of steps per slice."""
    changed: Any = solver
    return replace(changed, steps=steps)


def finer(solver: Solver, factor: int) -> Solver | None:
    """The same method with more steps; ``None`` when it chooses its own."""
    steps = getattr(solver, "steps", None)
    return None if steps is None else with_steps(solver, factor * steps)
