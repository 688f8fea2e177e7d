"""What every trainable model offers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from ..circuit import Circuit
from ..datasets import Dataset
from ..params import Param
from ..registry import Registry
from ..solvers import Solver
from ..trajectory import Trajectory

MODELS: "Registry[type[Model]]" = Registry("model")

# Device currents of one evaluation chunk, so that large test sets fit into memory.
CHUNK_ENTRIES = 20_000_000


class Model(nn.Module, ABC):
    """A classifier whose inside can be watched.

    Attributes:
        title: shown to people.
        params: what a user can choose beside the training settings.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()

    @classmethod
    @abstractmethod
    def recipe(cls, dataset: Dataset) -> dict[str, Any]:
        """Training settings that work on this data set, as fields of a ``TrainSpec``."""

    @classmethod
    @abstractmethod
    def start(cls, dataset: Dataset, options: Mapping[str, Any], seed: int) -> Circuit:
        """The built-in untrained circuit for a data set.

        Args:
            dataset: gives the number of inputs and classes and the shape of images.
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
        """Logits (B, classes) of inputs (B, features) [V]."""

    @abstractmethod
    def trace(self, x: Tensor, outputs: int = 201) -> Trajectory:
        """Voltages and currents over time for one input (features,) [V]."""

    @abstractmethod
    def circuit(self) -> Circuit:
        """The circuit with the present parameter values."""

    @abstractmethod
    def failure(self, x: Tensor) -> str:
        """Which node leaves the finite range first for inputs (B, features), in plain words."""

    @abstractmethod
    def constrain_(self) -> None:
        """Bring parameters back to where the optimiser may move them."""

    @torch.no_grad()
    def predict(self, x: Tensor) -> Tensor:
        """Logits (n, classes) of many inputs, in chunks."""
        width = max(1, sum(value.shape[0] for value in self.parameters()))
        return torch.cat([self(part) for part in x.split(max(1, CHUNK_ENTRIES // width))])
