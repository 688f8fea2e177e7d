"""Workers on a Ray cluster."""

import importlib.util
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import RunError
from ...params import Param
from ..cluster.address import check_answers
from ..directory import RunDirectory
from .base import LAUNCHERS, Launcher, Told
from .local import spawned

if TYPE_CHECKING:
    from ...models import Model
    from ...training.gradients import Gradients
    from ...training.tasks import Task

SLOTS = 64
"""The cluster itself makes runs wait until there is a free place."""

MOST_WORKERS = 64


@LAUNCHERS.register("ray")
class RayCluster(Launcher):
    """The same worker on the same run directory, on some node of a cluster.

    Every node sees the directory under the same path and has the studio installed. A small process
    here asks the cluster for a keeper, see ``cluster.keeper``, and ends when the worker works.
    """

    title: ClassVar[str] = "Ray cluster"
    params: ClassVar[tuple[Param, ...]] = (
        Param("address", "", doc="HOST:PORT of the cluster's head."),
        Param("workers", 1, low=1, high=MOST_WORKERS, doc="Who share every batch."),
    )

    @classmethod
    def missing(cls) -> str:
        """That Ray is not installed."""
        found = importlib.util.find_spec("ray")
        if found and found.origin:  # a folder of that name, such as Ray's in /tmp, is no package
            return ""
        return "launcher ray needs Ray; install it with: pip install 'kirchhoff-studio[cluster]'"

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Address and number of workers.

        Raises:
            RunError: nobody answers at the address, or an option is refused.
        """
        options = super().checked(given)
        check_answers(options["address"])
        return options

    @classmethod
    def check_training(cls, options: Mapping[str, Any], model: "Model", task: "Task") -> None:
        """Whether so many workers can share its batches.

        Raises:
            RunError: says why not.
        """
        from ...training.parts import refusal  # needs torch

        if sentence := refusal(model, task, options["workers"]):
            raise RunError(sentence)

    @classmethod
    def gradients(cls, run: RunDirectory, told: Told) -> "Gradients":
        """By parts that all workers share."""
        from ..cluster.shared import gradients  # needs torch

        return gradients(run, told)

    @classmethod
    def slots(cls) -> int:
        """More than anybody starts at once."""
        return SLOTS

    @classmethod
    def launch(cls, run: RunDirectory) -> int:
        """Start ``python -m backend.runs.cluster.submit`` with its output going to ``log.txt``.

        Raises:
            RunError: nobody answers any more at the address.
        """
        check_answers(str(run.status.get("address", "")))
        return spawned("backend.runs.cluster.submit", run)
