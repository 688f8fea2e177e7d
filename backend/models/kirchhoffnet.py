"""A circuit as a classifier: data in as initial voltages, logits out as final voltages.

References:
    Gao, Sun, Rohrer, Boning 2023, KirchhoffNet, arXiv 2310.15872, section 2.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor

from ..circuit import Circuit
from ..compile import compile_circuit
from ..datasets import Dataset
from ..errors import CircuitError
from ..params import Param
from ..simulate import simulate
from ..solvers import Solver, integrate_all
from ..trajectory import Trajectory
from .base import MODELS, Model
from .builtin import image_circuit, vector_circuit
from .initial import initialise


@MODELS.register("kirchhoffnet")
class KirchhoffNet(Model):
    """Logits are the output voltages at the end, times a constant scale.

    Input nodes start at the features of an example, in the order of the list of nodes; all other
    nodes start at their stated voltage.

    Args:
        circuit: the description; its device parameters are what is trained.
        solver: integrates every slice.
        gradient: how the loss is differentiated.
        logit_scale: logit per output volt [1/V].
    """

    title: ClassVar[str] = "KirchhoffNet"
    params: ClassVar[tuple[Param, ...]] = (
        Param("logit_scale", 4.0, "1/V", low=0.0, slider=(1, 10), doc="Logit per output volt."),
        Param("hidden", 6, low=1, high=1000, slider=(2, 32), doc="Hidden nodes, for vectors."),
        Param("channels", 8, low=1, high=100, slider=(1, 16), doc="Features a window, for images."),
        Param("window", 4, low=1, high=28, slider=(2, 8), doc="Pixels along a window's side."),
        Param("stride", 2, low=1, high=28, slider=(1, 4), doc="Pixels between two windows."),
    )

    def __init__(
        self,
        circuit: Circuit,
        solver: Solver,
        gradient: str = "discrete",
        logit_scale: float = 4.0,
    ) -> None:
        super().__init__()
        self.compiled = compile_circuit(circuit, torch.float32)
        self.solver = solver
        self.gradient = gradient
        self.logit_scale = logit_scale
        self.inputs: Tensor
        self.outputs: Tensor
        self.register_buffer("inputs", self.compiled.rows_of(circuit.inputs), False)
        self.register_buffer("outputs", self.compiled.rows_of(circuit.outputs), False)

    @classmethod
    def recipe(cls, dataset: Dataset) -> dict[str, Any]:
        """Settings found by experiment; see ``benchmarks/results``."""
        if dataset.image_shape:
            return {
                "epochs": 30,
                "batch_size": 64,
                "learning_rate": 0.01,
                "weight_decay": 0.1,
                "label_smoothing": 0.05,
                "solver": "rk4",
                "solver_options": {"steps": 2},
            }
        return {
            "epochs": 30,
            "batch_size": 64,
            "learning_rate": 0.1,
            "weight_decay": 0.01,
            "label_smoothing": 0.0,
            "solver": "rk4",
            "solver_options": {"steps": 4},
        }

    @classmethod
    def start(cls, dataset: Dataset, options: Mapping[str, Any], seed: int) -> Circuit:
        """A layered circuit with random parameters: local windows for images, dense else."""
        if dataset.image_shape:
            circuit = image_circuit(
                dataset.image_shape,
                dataset.classes,
                options["channels"],
                options["window"],
                options["stride"],
            )
        else:
            circuit = vector_circuit(dataset.input_count, dataset.classes, options["hidden"])
        return initialise(circuit.replace(name=dataset.title), seed)

    @classmethod
    def build(
        cls,
        circuit: Circuit,
        dataset: Dataset,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "KirchhoffNet":
        """A model of a circuit whose roles fit the data set.

        Raises:
            CircuitError: too few or too many inputs or outputs, or nothing to train.
        """
        check_fit(circuit, dataset)
        return cls(circuit, solver, gradient, float(options["logit_scale"]))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (B, classes) of inputs (B, features) [V]."""
        fields = list(self.compiled.fields())
        v = integrate_all(fields, self._initial(x), self.solver, self.gradient)
        return self.logit_scale * v.index_select(0, self.outputs).T

    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """One example by the library's own ``simulate``, in float64; a failed solve is returned."""
        circuit = self.circuit()
        voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
        return simulate(
            circuit, solver=self.solver, outputs=outputs, voltages=voltages, throw=False
        )

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        return self.compiled.to_circuit()

    def constrain_(self) -> None:
        """Clamp to the laws' bounds and restore devices that may not be trained."""
        self.compiled.constrain_()

    @torch.no_grad()
    def failure(self, x: Tensor) -> str:
        """The node that leaves the finite range first, and when."""
        v, began = self._initial(x), 0.0
        names = self.compiled.circuit.node_ids
        for field in self.compiled.fields():
            solution = self.solver.solve(field, v, 0.0, field.duration)
            if not solution.status.ok:
                node, time = solution.status.node, solution.status.time
                who = "a node" if node is None else f"node '{names[node]}'"
                when = "" if time is None else f" just after t = {began + time:.3g} s"
                return f"the voltage of {who} grows beyond all bounds{when}"
            v, began = solution.final, began + field.duration
        row = int(v.abs().amax(1).argmax())
        return f"node '{names[row]}' ends at {float(v[row].abs().max()):.3g} V, the largest of all"

    def _initial(self, x: Tensor) -> Tensor:
        v = self.compiled.v0.unsqueeze(-1).expand(-1, len(x))
        return v.index_copy(0, self.inputs, x.T.to(v.dtype))


def check_fit(circuit: Circuit, dataset: Dataset) -> None:
    """Whether the roles of a circuit's nodes fit a data set.

    Raises:
        CircuitError: says how many inputs and outputs were found and how many are needed.
    """
    found = len(circuit.inputs), len(circuit.outputs)
    needed = dataset.input_count, len(dataset.classes)
    if found != needed:
        raise CircuitError(
            f"the data set '{dataset.title}' needs {_ends(*needed)}, the circuit has "
            f"{_ends(*found)}; change the roles of its nodes",
            ("nodes",),
        )
    if not any(table.trainable.any() for table in circuit.tables()):
        raise CircuitError("no device is trainable; unlock at least one", ("slices",))


def _ends(inputs: int, outputs: int) -> str:
    return (
        f"{inputs} input {'node' if inputs == 1 else 'nodes'} and "
        f"{outputs} output {'node' if outputs == 1 else 'nodes'}"
    )
