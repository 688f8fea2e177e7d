"""torchdiffeq and torchode on the authors' right-hand side."""

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from .authors import AuthorsField, check_tape
from .table import LIMIT_SECONDS, Arrays, LeftOut, Row, here
from .workloads import STEPS, TOLERANCE, Workload

Solve = Callable[[AuthorsField, Tensor], Tensor]
"""From start voltages (B, N) to states (T, B, N) at equidistant times, both ends included."""
INSTALL = "is not installed; pip install 'kirchhoff-studio[bench]' brings it"


def torchdiffeq_solve(
    method: str, adjoint: bool = False, steps: int = STEPS, outputs: int = 2
) -> Solve:
    """States by torchdiffeq; its ``rk4`` is the 3/8 rule, of the same order and cost."""
    options: dict[str, Any] = {"method": method}
    if method == "dopri5":
        options |= {"rtol": TOLERANCE, "atol": TOLERANCE}
    else:
        options |= {"options": {"step_size": 1.0 / steps}}

    def solve(field: AuthorsField, v: Tensor) -> Tensor:
        import torchdiffeq  # scipy comes with it

        odeint = torchdiffeq.odeint_adjoint if adjoint else torchdiffeq.odeint
        path: Any = odeint(field, v, torch.linspace(0, 1, outputs), **options)
        return path

    return solve


def torchode_solve(outputs: int = 2) -> Solve:
    """States by torchode's Dopri5; step sizes are constants for the gradient."""

    def solve(field: AuthorsField, v: Tensor) -> Tensor:
        try:
            import torchode  # pyright: ignore[reportMissingImports]
        except ImportError:
            raise LeftOut(f"torchode {INSTALL}") from None
        term = torchode.ODETerm(field)
        control = torchode.IntegralController(atol=TOLERANCE, rtol=TOLERANCE, term=term)
        method = torchode.AutoDiffAdjoint(
            torchode.Dopri5(term=term), control, backprop_through_step_size_control=False
        )
        times = torch.linspace(0, 1, outputs).expand(len(v), -1)
        solution = method.solve(torchode.InitialValueProblem(v, t_eval=times))
        return solution.ys.transpose(0, 1)

    return solve


def forward_row(label: str, work: Workload, solve: Solve) -> Row:
    """States without a graph."""
    field, v = AuthorsField(work), _batch_first(work)

    @torch.no_grad()
    def run() -> Tensor:
        field.start_clock()
        return solve(field, v)

    return Row(label, here(run), lambda path: (path[-1].T.numpy(),))


def gradient_row(
    label: str, work: Workload, solve: Solve, tape: bool, limit_s: float = LIMIT_SECONDS
) -> Row:
    """Forward and the gradient of sum v(T)^2 by start voltages and parameters.

    Args:
        label: of the row.
        work: graph, weights and start.
        solve: the solver.
        tape: it keeps all intermediate tensors, which may not fit into memory.
        limit_s: wall time after which it is given up [s].
    """
    field, v = AuthorsField(work, limit_s), _batch_first(work)

    @functools.cache
    def check() -> None:
        field.start_clock()
        with torch.no_grad():
            solve(field, v)
        check_tape(field, v, field.calls)

    def run() -> tuple[Tensor, ...]:
        field.start_clock()
        field.theta.grad = None
        start = v.clone().requires_grad_()
        end = solve(field, start)[-1]
        (end * end).sum().backward()
        return end.detach(), start.grad, field.theta.grad  # type: ignore[return-value]

    timed = here(run)

    def lap() -> Any:
        if tape:
            check()
        return timed()

    return Row(label, lap, _canonical)


def _canonical(result: tuple[Tensor, ...]) -> Arrays:
    end, by_start, by_theta = result
    return end.T.numpy(), by_start.T.numpy(), by_theta.numpy()


def _batch_first(work: Workload) -> Tensor:
    return torch.from_numpy(work.start.T.copy())
