"""An actor that computes the gradients of parts of batches; it keeps nothing that matters."""

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ...circuit import Circuit
from ...errors import SolveError, StudioError
from ...training.spec import TrainSpec

if TYPE_CHECKING:
    from ...training.parts import Branches


@dataclass(frozen=True)
class Job:
    """What a helper needs of one step.

    Args:
        step: steps done.
        total: steps of the whole training.
        seed: of what is random in the step.
        parts: inputs and targets by the number of the part.
    """

    step: int
    total: int
    seed: int
    parts: dict[int, tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Failure:
    """What went wrong with a job in a way that the run has to hear of.

    Args:
        solve: whether it was an adaptive solve.
        message: for people.
    """

    solve: bool
    message: str


class Helper:
    """A model and a task beside those of the worker.

    Args:
        spec: of the training.
    """

    def __init__(self, spec: TrainSpec) -> None:
        self.spec = spec
        threads = ("OMP", "MKL", "OPENBLAS", "NUMBA")
        os.environ |= {f"{name}_NUM_THREADS": str(spec.threads) for name in threads}
        import torch

        from ... import plugins

        torch.set_num_threads(spec.threads)
        plugins.load()

    def prepare(self, circuit: Circuit | None, state: dict[str, np.ndarray]) -> str:
        """Make the model.

        Args:
            circuit: the one it is made of, if it is one.
            state: its values.

        Returns:
            The node.
        """
        import ray
        import torch

        from ...training.gradients import Learner
        from ...training.prepare import build_model, make_dataset, make_task

        dataset = make_dataset(self.spec)
        model = build_model(self.spec, circuit, dataset)
        model.load_state_dict({name: torch.tensor(value) for name, value in state.items()})
        model.settle()
        self.learner = Learner(model, make_task(self.spec, dataset), circuit)
        return f"{ray.util.get_node_ip_address()} ({ray.get_runtime_context().get_node_id()[:6]})"

    def branches(self, values: list[np.ndarray], job: Job) -> "Branches | Failure":
        """The sums of a job's parts.

        Args:
            values: of all parameters, in order.
            job: what to do.
        """
        import torch

        from ...models import Moment
        from ...training.parts import branches_of

        model, device = self.learner.model, self.spec.device
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), values, strict=True):
                parameter.copy_(torch.tensor(value))
        model.settle()
        moment = Moment(job.step, job.total, lambda: torch.Generator().manual_seed(job.seed))
        parts = {number: (torch.tensor(x).to(device), torch.tensor(y).to(device))
                 for number, (x, y) in job.parts.items()}  # fmt: skip
        try:
            return branches_of(self.learner, moment, parts)
        except SolveError as error:
            return Failure(True, str(error))
        except StudioError as error:
            return Failure(False, str(error))


Actor = Any
"""A handle of a ``Helper`` somewhere."""
