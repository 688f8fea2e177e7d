"""The step controller: prescribed errors give an exactly known sequence of steps."""

from dataclasses import dataclass, field
from typing import ClassVar

import pytest
import torch

from backend.engine.step_size import after_accepted, after_rejected
from backend.solvers.adaptive import AdaptiveSolver, Attempt, Start
from backend.solvers.control import error_ratio, first_step
from tests.backend.solvers.fields import F64, Linear


@dataclass(frozen=True)
class Prescribed(AdaptiveSolver):
    """Reports given errors in units of the tolerance, then none, and keeps the steps it was asked.

    The state stays at 1, so that with ``rtol = atol = 0.5`` the tolerance is 1.
    """

    rtol: float = 0.5
    atol: float = 0.5
    errors: list[float] = field(default_factory=list)
    asked: list[tuple[float, float]] = field(default_factory=list)

    title: ClassVar[str] = "prescribed"
    order: ClassVar[int] = 4
    error_order: ClassVar[int] = 4
    params: ClassVar = AdaptiveSolver.params

    def __post_init__(self) -> None:
        """The lists are no parameters."""

    def start(self, field, t, y):
        return Start(torch.zeros_like(y))

    def attempt(self, field, t, y, h, start):
        error = self.errors[len(self.asked)] if len(self.asked) < len(self.errors) else 1e-9
        self.asked.append((t, h))
        return Attempt(y, torch.full_like(y, error), lambda theta: y)


ONE = torch.ones((2, 1), dtype=F64)
STILL = Linear(torch.zeros((2, 2), dtype=F64))


def sizes(solver, t1=1.0):
    solution = solver.solve(STILL, ONE, 0.0, t1)
    assert solution.status.ok
    return solution, [h for _, h in solver.asked]


def test_tiny_errors_grow_the_step_tenfold_until_the_end():
    solution, h = sizes(Prescribed())
    # 1e-6 of the span to begin with, then 1e-5 ... 1e-1, and the rest: 1 - 0.111111.
    assert h == pytest.approx([1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 0.888889])
    assert (solution.stats.steps, solution.stats.rejected) == (7, 0)
    assert solution.stats.smallest_step == pytest.approx(1e-6)
    assert solution.stats.largest_step == pytest.approx(0.888889)


def test_a_rejected_step_is_tried_again_shorter_and_does_not_grow_at_once():
    solution, h = sizes(Prescribed(errors=[1e-9, 16.0, 1e-9, 1e-9]))
    second = 1e-5
    retry = second * 0.9 * 16 ** (-1 / 4)  # I control: safety * error^(-1/q)
    assert h[:5] == pytest.approx([1e-6, second, retry, retry, 10 * retry])
    assert solution.stats.rejected == 1
    assert solution.stats.steps == len(h) - 1


def test_an_error_that_is_not_a_number_shrinks_fivefold():
    _, h = sizes(Prescribed(errors=[1e-9, float("nan"), float("inf")]))
    assert h[:4] == pytest.approx([1e-6, 1e-5, 2e-6, 4e-7])


def test_the_last_step_takes_a_sliver_along():
    solver = Prescribed(errors=[1e-9] * 5)
    _, h = sizes(solver, t1=2.0)
    t, last = solver.asked[-1]
    assert t + last == pytest.approx(2.0, abs=0)
    assert last > 0.01 * h[-2]


def test_factors_follow_the_formula():
    wanted = 0.9 * 0.5 ** (0.03 - 0.2) * 0.25**0.04
    assert after_accepted(0.5, 0.25, False, 5) == pytest.approx(wanted)
    assert after_accepted(0.0, 1.0, False, 5) == 10.0
    assert after_accepted(1e-12, 1.0, False, 5) == 10.0
    assert after_accepted(1e-12, 1.0, True, 5) == 1.0
    assert after_rejected(2.0, 5) == pytest.approx(0.9 * 2 ** (-0.2))
    assert after_rejected(1e9, 5) == 0.2
    assert after_rejected(float("nan"), 5) == 0.2


def test_every_sample_must_meet_the_tolerance():
    before = torch.ones((2, 3), dtype=F64)
    error = torch.zeros((2, 3), dtype=F64)
    error[:, 1] = 0.2
    # Tolerance 0.05 + 0.05 * 1 = 0.1: the second sample alone decides.
    assert error_ratio(error, before, before, 0.05, 0.05) == pytest.approx(2.0)


def test_an_infinite_state_is_never_within_tolerance():
    before = torch.ones((2, 1), dtype=F64)
    after = torch.tensor([[1.0], [float("inf")]], dtype=F64)
    ratio = error_ratio(torch.zeros_like(before), before, after, 1e-3, 1e-3)
    assert not ratio <= 1.0


@pytest.mark.parametrize("rate", [1e-3, 1.0, 1e12])
def test_first_step_follows_the_time_scale(rate):
    decay = Linear(-rate * torch.eye(1, dtype=F64))
    y0 = torch.ones((1, 1), dtype=F64)
    h = first_step(decay, 0.0, 10 / rate, y0, decay(0, y0), 5, 1e-6, 1e-8)
    assert 1e-4 < h * rate < 1.01
