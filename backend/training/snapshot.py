"""Everything that a training needs to go on, and the models that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ..circuit import Circuit
from ..datasets import Dataset
from ..errors import RunError
from ..models import Model, with_parameters
from .prepare import build_model
from .spec import TrainSpec


@dataclass(frozen=True)
class Snapshot:
    """Everything that is needed to go on as if nothing had happened.

    Args:
        tensors: parameters (``model/...``), their mean (``mean/...``), when there is one, and the
            optimiser's state (``optimiser/...``). Random numbers follow from the seed and the step.
        meta: counters and sums, fit for JSON.
    """

    tensors: dict[str, Tensor]
    meta: dict[str, Any]

    def parameters(self) -> dict[str, Tensor]:
        """The parameters the trained model computes with, by name: the mean when there is one."""
        return {**under("model/", self.tensors), **under("mean/", self.tensors)}

    @property
    def edits(self) -> int:
        """How many edits of the circuit it knows."""
        count = self.meta.get("edits", 0)
        return count if isinstance(count, int) and count >= 0 else 0


def under(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those whose names begin so, without that beginning."""
    return {
        name.removeprefix(prefix): value
        for name, value in tensors.items()
        if name.startswith(prefix)
    }


def trained_model(
    spec: TrainSpec, circuit: Circuit | None, dataset: Dataset, snapshot: Snapshot
) -> Model:
    """A model with the parameters of a snapshot, to be looked at.

    Raises:
        RunError: the snapshot belongs to another model.
    """
    model = build_model(spec, circuit, dataset)
    try:
        model.load_state_dict(snapshot.parameters())
    except RuntimeError:
        raise RunError("the checkpoint belongs to another model") from None
    model.settle()
    return model.eval()


def trained_circuit(start: Circuit, snapshot: Snapshot) -> Circuit:
    """A circuit with the device parameters of a snapshot.

    Raises:
        RunError: the snapshot belongs to another circuit.
    """
    return with_parameters(start, snapshot.parameters())
