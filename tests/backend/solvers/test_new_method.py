"""A method is one class with a tableau: nothing elsewhere asks for its name."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest
import torch

from backend.circuit.compile import compile_circuit
from backend.circuit.settings import CircuitSettings
from backend.engine.tableaus import ButcherTableau
from backend.models.circuits.course import SolverCourse
from backend.models.circuits.flow import Flow
from backend.simulation.simulate import make_solver, simulate
from backend.solvers import SOLVERS, FixedStepSolver, fixed_step_solvers, use
from backend.solvers.fused import march_fields
from backend.topologies import TOPOLOGIES


@dataclass(frozen=True)
class Ralston(FixedStepSolver):
    """Ralston's method of order 3, of the smallest bound of the error (Ralston 1962)."""

    title: ClassVar[str] = "Ralston 3"
    order: ClassVar[int] = 3
    tableau: ClassVar[ButcherTableau] = ButcherTableau(
        c=[0, 1 / 2, 3 / 4], a=[[], [1 / 2], [0, 3 / 4]], b=[2 / 9, 1 / 3, 4 / 9], order=3
    )


@pytest.fixture(autouse=True)
def registered() -> Iterator[None]:
    """The method in the table, as a user's file would enter it."""
    SOLVERS.register("ralston")(Ralston)
    yield
    del SOLVERS._entries["ralston"]


def test_compiled_kernels_take_its_steps():
    circuit = TOPOLOGIES["fully_connected"](nodes=5, kind="tanh")(1)
    fields = list(compile_circuit(circuit, torch.float32).fields())
    v0 = torch.linspace(-1, 1, 5 * 64).reshape(5, 64)
    solver = make_solver("ralston", steps=6)
    spans = [field.duration for field in fields]
    fast = march_fields(fields, v0, spans, solver)
    assert fast is not None
    with use("reference"):
        for field in fields:
            v0 = solver.solve(field, v0, 0.0, field.duration).final
    # Single precision: sums of five devices in another order.
    assert torch.allclose(fast, v0, rtol=1e-5, atol=1e-6)


def test_simulations_converge_with_its_order():
    circuit = TOPOLOGIES["rc_ladder"](sections=2)(0)
    ends = {
        steps: simulate(circuit, solver="ralston", steps=steps, outputs=2, check=False).voltages[-1]
        for steps in (40, 80, 640)
    }
    coarse, fine = (abs(ends[steps] - ends[640]).max() for steps in (40, 80))
    assert coarse / fine == pytest.approx(8, rel=0.2)


def test_trainings_and_flows_can_choose_it():
    assert "ralston" in fixed_step_solvers()
    course = SolverCourse(CircuitSettings(early_solver="ralston", solver_options={"steps": 3}), 0)
    assert course.at(0, 10) == Ralston(3)
    circuit = TOPOLOGIES["fully_connected"](nodes=2, kind="tanh_diff")(0)
    nodes = tuple(type(node)(node.id, role="both") for node in circuit.nodes)
    flow = Flow(compile_circuit(circuit.replace(nodes=nodes), torch.float32), 4, "ralston")
    assert flow.log_prob(torch.zeros(3, 2)).isfinite().all()
