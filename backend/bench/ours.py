"""Our rows, through the public doors only: what a user's call costs."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor

from ..circuit.compile import SliceField, compile_circuit
from ..simulation.simulate import adjoint, make_solver, simulate
from ..solvers import integrate, use
from .table import Row, here
from .workloads import Workload

LABEL = "ours"
REFERENCE = "ours, reference kernels"


def field_of(work: Workload) -> SliceField:
    """The compiled slice in the workload's precision; compiling is not part of any time."""
    dtype = torch.from_numpy(work.start).dtype
    return next(compile_circuit(work.circuit(), dtype).fields())


def rows(
    work: Workload, field: SliceField, solver: str, gradient: bool, **options: Any
) -> list[Row]:
    """Our default kernels, and the plain torch reference."""
    method = make_solver(solver, **options)
    start = torch.from_numpy(work.start.copy())

    @torch.no_grad()
    def forward() -> tuple[Tensor, ...]:
        return (integrate(field, start, 0.0, 1.0, method),)

    def both() -> tuple[Tensor, ...]:
        parameters = field.parameter_tensors()
        for parameter in parameters:
            parameter.grad = None
        y0 = start.clone().requires_grad_()
        end = integrate(field, y0, 0.0, 1.0, method, "discrete")
        (end * end).sum().backward()
        by_theta = torch.stack([parameter.grad.squeeze(-1) for parameter in parameters])  # type: ignore[union-attr]
        return end.detach(), y0.grad, by_theta  # type: ignore[return-value]

    run = both if gradient else forward
    return _with_reference(run, lambda result: tuple(each.numpy() for each in result))


def trajectory_rows(work: Workload, **options: Any) -> list[Row]:
    """``simulate``: voltages, currents and KCL residuals in double precision."""
    circuit = work.circuit()
    return _with_reference(
        lambda: simulate(circuit, check=False, **options),
        lambda path: (np.asarray(path.voltages[-1])[:, None],),
    )


def adjoint_rows(work: Workload, **options: Any) -> list[Row]:
    """``adjoint``: the trajectory and the whole path of the adjoint circuit."""
    nodes = work.circuit().nodes
    circuit = work.circuit()
    targets = {node.id: 0.0 for node in nodes}
    return _with_reference(
        # 1/2 sum v^2 is half of the loss of the other rows, and so is its gradient.
        lambda: adjoint(circuit, loss="mse", targets=targets, **options),
        lambda pair: (
            np.asarray(pair[0].voltages[-1])[:, None],
            2 * np.asarray(pair[1].gradient_voltage)[:, None],
            2 * np.stack([pair[1].gradient[name] for name in "abc"]),
        ),
    )


def _with_reference(run: Callable[[], Any], outcome: Callable[[Any], Any]) -> list[Row]:
    def reference() -> Any:
        with use("reference"):
            return run()

    return [
        Row(LABEL, here(run), outcome, compiles=True),
        Row(REFERENCE, here(reference), outcome),
    ]
