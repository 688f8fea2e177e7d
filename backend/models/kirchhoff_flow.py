"""A circuit as a trainable density: the normalising flow as a model."""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..circuit import Circuit
from ..compile import compile_circuit
from ..datasets import Dataset
from ..errors import CircuitError, SolveError
from ..params import Param
from ..simulate import simulate
from ..solvers import SOLVERS, Solver
from ..trajectory import Trajectory
from . import flow_start
from .base import MODELS, Model
from .flow import METHODS, Flow

EPOCH_STEPS = 100
"""Steps of an epoch of fresh points, as the training counts them."""


@MODELS.register("flow")
class KirchhoffFlow(Model):
    """Learns a density: noise in as initial voltages of all nodes, points out as final ones.

    Args:
        circuit: the description; every node is input and output.
        solver: a method of fixed steps.
    """

    title: ClassVar[str] = "Circuit flow"
    params: ClassVar[tuple[Param, ...]] = flow_start.PARAMS
    tasks: ClassVar[tuple[str, ...]] = ("generate", "match")

    def __init__(self, circuit: Circuit, solver: Solver) -> None:
        super().__init__()
        self.flow: Flow
        self.flow = Flow(compile_circuit(circuit, torch.float32))
        self.solver = solver  # pyright: ignore[reportIncompatibleVariableOverride]

    @property
    def solver(self) -> Solver:
        """Integrates every slice."""
        return self._solver

    @solver.setter
    def solver(self, solver: Solver) -> None:
        name = next((name for name, kind in SOLVERS.items() if type(solver) is kind), "")
        if name not in METHODS:
            raise SolveError(f"a flow takes fixed steps: choose {', '.join(METHODS)} as solver")
        self._solver: Solver = solver
        self.flow.method, self.flow.steps = name, int(solver.steps)  # type: ignore[attr-defined]

    @classmethod
    def recipe(cls, dataset: Dataset) -> dict[str, Any]:
        """Settings found by experiment, see ``flow_start``."""
        found = flow_start.recipe(dataset)
        names = {param.name for param in cls.params}
        return {
            "epochs": max(1, round(found["iterations"] / EPOCH_STEPS)),
            "batch_size": found["batch_size"],
            "learning_rate": found["learning_rate"],
            "weight_decay": found["weight_decay"],
            "beta2": found["betas"][1],
            "schedule": found["schedule"],
            "warm_up": found["warm_up"],
            "gradient_clip": found["gradient_clip"],
            "ema": found["average"],
            "solver": found["method"],
            "solver_options": {"steps": found["steps"]},
            "model_options": {name: found[name] for name in found if name in names},
        }

    @classmethod
    def start(cls, dataset: Dataset, options: Mapping[str, Any], seed: int) -> Circuit:
        """A fully connected circuit whose flow is the identity."""
        return flow_start.start(dataset, options, seed)

    @classmethod
    def build(
        cls,
        circuit: Circuit,
        dataset: Dataset,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "KirchhoffFlow":
        """A flow of a circuit with a node for every coordinate.

        Raises:
            CircuitError: another number of nodes, one that is not both input and output, or a
                device with a kink.
            SolveError: the solver or the gradient is not for flows.
        """
        if len(circuit.nodes) != dataset.input_count:
            raise CircuitError(
                f"the density '{dataset.title}' has {dataset.input_count} coordinates and the "
                f"circuit {len(circuit.nodes)} nodes; a flow needs one node for each",
                ("nodes",),
            )
        if gradient != "discrete":
            raise SolveError(f"a flow has no {gradient} gradient; choose discrete")
        return cls(circuit, solver)

    def forward(self, x: Tensor) -> Tensor:
        """log p (B,) in nats of points (B, coordinates) [V]."""
        return self.flow.log_prob(x)

    def entries(self) -> int:
        """Compiled kernels need no room for currents."""
        return 4 * self.flow.dimension * self.flow.steps * len(self.flow.compiled.slices)

    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """The way of one draw of noise, by the library's own ``simulate``, in float64."""
        circuit = self.circuit()
        voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
        return simulate(
            circuit, solver=self.solver, outputs=outputs, voltages=voltages, throw=False
        )

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        return self.flow.circuit()

    def failure(self, x: Tensor) -> str:
        """Which device has the largest parameter: points themselves stay finite in a flow."""
        name, value = max(self.named_parameters(), key=lambda pair: float(pair[1].abs().max()))
        return f"the largest of {name.rpartition('.')[2]} is {float(value.abs().max()):.3g}"

    def constrain_(self) -> None:
        """Clamp to the laws' bounds and restore devices that may not be trained."""
        self.flow.compiled.constrain_()
