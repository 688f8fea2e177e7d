"""Which solver learns from which batch."""

import torch

from ...circuit.settings import SAME, CircuitSettings
from ...errors import RunError
from ...registry import nearest
from ...simulation.simulate import make_solver
from ...solvers import SOLVERS, Solver, fixed_step_solvers, has_steps, with_steps
from ...streams import SOLVER, stream


class SolverCourse:
    """The usual solver, another one in the first part of a training, and random numbers of steps.

    Args:
        settings: of the circuit.
        seed: of the random numbers.

    Raises:
        RunError: random numbers of steps for a solver that chooses its own.

    Attributes:
        usual: the solver that answers.
    """

    def __init__(self, settings: CircuitSettings, seed: int) -> None:
        check_course(settings)
        self.settings, self.seed = settings, seed
        self.usual = make_solver(settings.solver, **settings.solver_options)
        self.early = self.usual
        if settings.early_solver != SAME:
            steps = settings.solver_options.get("steps")
            options = {} if steps is None else {"steps": steps}
            self.early = make_solver(settings.early_solver, **options)

    def at(self, step: int, total: int) -> Solver:
        """The solver of a step (from 0), the same whenever it is asked for."""
        own = self.settings
        solver = self.early if step < own.early_share * total else self.usual
        if not own.steps_high:
            return solver
        low = max(1, own.steps_low)
        generator = stream(self.seed, SOLVER, step)
        count = int(torch.randint(low, own.steps_high + 1, (), generator=generator))
        return with_steps(solver, count)


def check_course(settings: CircuitSettings) -> None:
    """Whether the settings of random steps and of the early solver fit together.

    Raises:
        RunError: says what does not.
    """
    early, gradient = settings.early_solver, settings.gradient
    if early != SAME:
        if early not in fixed_step_solvers():
            known = [SAME, *fixed_step_solvers()]
            raise RunError(f"early_solver is {early!r}: {nearest(early, known)}")
        allowed = SOLVERS[early].gradients
        if gradient and gradient not in allowed:
            raise RunError(
                f"gradient {gradient!r} is not possible with early_solver {early}: "
                f"{nearest(gradient, list(allowed))}"
            )
    if not settings.steps_high:
        return
    if settings.steps_low > settings.steps_high:
        raise RunError(
            f"steps_low is {settings.steps_low} and steps_high {settings.steps_high}; swap the two"
        )
    if not has_steps(SOLVERS[settings.solver]):
        raise RunError(
            f"steps_high is {settings.steps_high}, but solver {settings.solver} chooses its own "
            "steps; set steps_high to 0 or take a solver with fixed steps"
        )
