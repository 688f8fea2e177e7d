"""How the learning rate and the solver change in the course of a training."""

import math

import torch

from ..errors import RunError
from ..registry import nearest
from ..simulate import make_solver
from ..solvers import SOLVERS, Solver, with_steps
from .spec import SAME, TrainSpec
from .streams import SOLVER, stream

FIRST_SHARE = 1 / 25
"""The rate of the first step of a cycle, as a share of the peak (as in torch's ``OneCycleLR``)."""


def learning_rate(spec: TrainSpec, step: int, total: int) -> float:
    """The rate of a step (from 0).

    ``one_cycle`` rises linearly from 1/25 of the peak during the warm-up and falls along a cosine
    to ``final_share`` of it at the last step (Smith and Topin 2017); ``cosine`` only falls;
    ``step`` is multiplied by ``decay_factor`` every ``decay_epochs`` epochs.
    """
    peak = spec.learning_rate
    if spec.schedule == "constant":
        return peak
    if spec.schedule == "step":
        epoch = step * spec.epochs // total
        return peak * spec.decay_factor ** (epoch // spec.decay_epochs)
    rise = spec.warm_up * total if spec.schedule == "one_cycle" else 0.0
    if step < rise:
        return peak * (FIRST_SHARE + (1 - FIRST_SHARE) * step / rise)
    end = peak * spec.final_share
    share = min((step - rise) / max(1.0, total - 1 - rise), 1.0)
    return end + (peak - end) * 0.5 * (1.0 + math.cos(math.pi * share))


class SolverSchedule:
    """Which solver learns from which batch.

    Args:
        spec: the settings.

    Raises:
        RunError: random numbers of steps for a solver that chooses its own.
    """

    def __init__(self, spec: TrainSpec) -> None:
        self.spec = spec
        self.usual = make_solver(spec.solver, **spec.solver_options)
        self.early = self.usual
        if spec.early_solver != SAME:
            steps = spec.solver_options.get("steps")
            options = {} if steps is None else {"steps": steps}
            self.early = make_solver(spec.early_solver, **options)
        check_solvers(spec)

    def at(self, step: int, total: int) -> Solver:
        """The solver of a step (from 0), the same whenever it is asked for."""
        spec = self.spec
        solver = self.early if step < spec.early_share * total else self.usual
        if not spec.steps_high:
            return solver
        low = max(1, spec.steps_low)
        generator = stream(spec.seed, SOLVER, step)
        count = int(torch.randint(low, spec.steps_high + 1, (), generator=generator))
        return with_steps(solver, count)


def check_solvers(spec: TrainSpec) -> None:
    """Whether the settings of random steps and of the early solver fit together.

    Raises:
        RunError: says what does not.
    """
    if spec.early_solver != SAME and spec.gradient:
        allowed = SOLVERS[spec.early_solver].gradients
        if spec.gradient not in allowed:
            raise RunError(
                f"gradient {spec.gradient!r} is not possible with early_solver "
                f"{spec.early_solver}: {nearest(spec.gradient, list(allowed))}"
            )
    if not spec.steps_high:
        return
    if spec.steps_low > spec.steps_high:
        raise RunError(
            f"steps_low is {spec.steps_low} and steps_high {spec.steps_high}; swap the two"
        )
    if not any(param.name == "steps" for param in SOLVERS[spec.solver].params):
        raise RunError(
            f"steps_high is {spec.steps_high}, but solver {spec.solver} chooses its own steps; "
            "set steps_high to 0 or take a solver with fixed steps"
        )
