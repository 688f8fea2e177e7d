"""What every trainable model offers."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ..circuit import Circuit
from ..compile import CompiledCircuit
from ..datasets import Dataset
from ..errors import StudioError
from ..params import Param
from ..registry import Registry
from ..simulate import simulate
from ..solvers import Solver
from ..trajectory import Trajectory

MODELS: "Registry[type[Model]]" = Registry("model")

# Device currents of one evaluation chunk, so that large test sets fit into memory.
CHUNK_ENTRIES = 20_000_000


class Model(nn.Module, ABC):
    """A trainable circuit whose inside can be watched.

    Attributes:
        title: shown to people.
        params: what a user can choose beside the training settings.
        tasks: of data sets it can learn.
        default_for: those of them that are learnt by this model when none is named.
        compiled: the circuit as arrays, whose parameters are trained.
        solver: integrates every slice; a training may change it between two batches.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()
    tasks: ClassVar[tuple[str, ...]] = ("classify", "regress")
    default_for: ClassVar[tuple[str, ...]] = ()
    compiled: CompiledCircuit
    solver: Solver

    @classmethod
    @abstractmethod
    def recipe(cls, dataset: Dataset) -> dict[str, Any]:
        """Training settings that work on this data set, as fields of a ``TrainSpec``."""

    @classmethod
    def recipes(cls, dataset: Dataset) -> dict[str, dict[str, Any]]:
        """All recipes for this data set by name; ``default`` is always there."""
        return {"default": cls.recipe(dataset)}

    @classmethod
    @abstractmethod
    def start(cls, dataset: Dataset, options: Mapping[str, Any], seed: int) -> Circuit:
        """The built-in untrained circuit for a data set.

        Args:
            dataset: gives the number of inputs and outputs and the shape of images.
            options: values of ``params``.
            seed: of the random initial parameters.
        """

    @classmethod
    @abstractmethod
    def build(
        cls,
        circuit: Circuit,
        dataset: Dataset,
        options: Mapping[str, Any],
        solver: Solver,
        gradient: str,
    ) -> "Model":
        """A model of a given circuit.

        Raises:
            CircuitError: the circuit does not fit the data set.
        """

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Logits or voltages [V] (B, outputs), or log p (B,), of inputs (B, features) [V]."""

    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """Voltages and currents over time for one input (features,) [V], in float64.

        By the library's own ``simulate`` and the model's own steps; a failed solve is returned
        as far as it came.
        """
        circuit = self.circuit()
        voltages = dict(zip(circuit.inputs, x.tolist(), strict=True))
        return simulate(
            circuit, solver=self.solver, outputs=outputs, voltages=voltages, throw=False,
            check=False,
        )  # fmt: skip

    def circuit(self) -> Circuit:
        """The description with the present parameter values."""
        return self.compiled.to_circuit()

    def constrain_(self) -> None:
        """Clamp to the laws' bounds and restore devices that may not be trained."""
        self.compiled.constrain_()

    @abstractmethod
    def failure(self, x: Tensor) -> str:
        """Which node leaves the finite range first for inputs (B, features), in plain words."""

    def entries(self) -> int:
        """Numbers that one example needs in a solve, so that large sets are cut into chunks."""
        return max(1, sum(len(value) if value.dim() else 1 for value in self.parameters()))

    def chunks(self, x: Tensor) -> tuple[Tensor, ...]:
        """Many inputs in parts that fit into memory, in whole tiles of 64 where possible."""
        count = CHUNK_ENTRIES // self.entries()
        return x.split(max(1, count if count < 64 else count // 64 * 64))

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """What ``forward`` gives (n, outputs) for many inputs, in chunks."""
        return torch.cat([self(part) for part in self.chunks(x)])

    def path(self, x: Tensor, factor: int = 1) -> Iterator[tuple[float, Tensor]]:
        """Times [s] and voltages (N, n) [V] after every step of the solver, each cut into more.

        A solver that chooses its own steps gives the ends of the slices. Nothing where a model
        does not know.

        Args:
            x: inputs (n, features) [V].
            factor: steps in the place of one.
        """
        del x, factor
        return iter(())

    def follow(self, x: Tensor) -> tuple[Tensor, float | None]:
        """What ``predict`` gives, and the largest voltage [V] of any node after any step.

        The latter is ``None`` where a model does not know it.
        """
        return self.predict(x), None


def model_for(task: str) -> str:
    """The name of the model that learns a task when none is named.

    Raises:
        StudioError: there is none.
    """
    for name, kind in MODELS.items():
        if task in kind.default_for:
            return name
    raise StudioError(f"no model learns the task {task!r}")
