"""A circuit as a trainable density: the normalising flow as a model."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from ...circuit import Circuit
from ...circuit.compile import compile_circuit
from ...errors import CircuitError, SolveError
from ...params import Param
from ...shapes import Data
from ...solvers import SOLVERS, Solver, explicit_methods
from ..base import MODELS
from . import flow_start
from .base import CircuitModel
from .flow import Flow


@MODELS.register("flow")
class KirchhoffFlow(CircuitModel):
    """Learns a density: noise in as initial voltages of all nodes, points out as final ones.

    Args:
        circuit: the description; every node is input and output.
        solver: a method of fixed steps.
    """

    title: ClassVar[str] = "Circuit flow"
    params: ClassVar[tuple[Param, ...]] = flow_start.PARAMS
    tasks: ClassVar[tuple[str, ...]] = ("generate", "match")
    default_for: ClassVar[tuple[str, ...]] = tasks

    def __init__(self, circuit: Circuit, solver: Solver) -> None:
        super().__init__()
        self.flow = Flow(compile_circuit(circuit, torch.float32))
        # Not by nn.Module's way, which would list its parameters twice.
        object.__setattr__(self, "compiled", self.flow.compiled)
        self.solver = solver

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "solver":
            self._take(value)
        super().__setattr__(name, value)

    def _take(self, solver: Solver) -> None:
        """Let the flow march as a solver does.

        Raises:
            SolveError: the solver is not for flows.
        """
        name, known = SOLVERS.name_of(type(solver)), explicit_methods()
        steps = getattr(solver, "steps", None)
        if name not in known or steps is None:
            raise SolveError(f"a flow takes fixed steps: choose {', '.join(known)} as solver")
        self.flow.method, self.flow.steps = name, int(steps)

    @classmethod
    def recipes(cls, data: Data) -> dict[str, dict[str, Any]]:
        """Settings found by experiment, see ``flow_start``."""
        return {"default": flow_start.recipe(data)}

    @classmethod
    def start(cls, data: Data, options: Mapping[str, Any], seed: int) -> Circuit:
        """A fully connected circuit whose flow is the identity."""
        return flow_start.start(data, options, seed)

    @classmethod
    def of_circuit(
        cls,
        circuit: Circuit,
        data: Data,
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
        if len(circuit.nodes) != data.inputs.count:
            raise CircuitError(
                f"the density '{data.title}' has {data.inputs.count} coordinates and the "
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

    def follow(self, x: Tensor) -> tuple[Tensor, float | None]:
        """log p (n,) and the largest voltage [V] of any node after any step back to the noise."""
        peak = max(self.flow.peak(part, backward=True) for part in self.chunks(x))
        return self.predict(x), peak

    def path(self, x: Tensor, factor: int = 1) -> Iterator[tuple[float, Tensor]]:
        """Times [s] and voltages (N, n) [V] after every step back to the noise."""
        return self.flow.path(x, factor, backward=True)

    def failure(self, x: Tensor) -> str:
        """Which device has the largest parameter: points themselves stay finite in a flow."""
        name, value = max(self.named_parameters(), key=lambda pair: float(pair[1].abs().max()))
        return f"the largest of {name.rpartition('.')[2]} is {float(value.abs().max()):.3g}"
