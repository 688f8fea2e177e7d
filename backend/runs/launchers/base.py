"""What starts workers."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from ...errors import RunError
from ...params import Param, checked_options
from ...registry import Registry
from ..directory import RunDirectory

if TYPE_CHECKING:
    from ...models import Model
    from ...training.gradients import Gradients
    from ...training.tasks import Task

LAUNCHERS: "Registry[type[Launcher]]" = Registry("launcher")

Told = Callable[[str, int], None]
"""Takes a sentence, and how many workers train now."""


class Launcher(ABC):
    """Starts a worker on a run directory and forgets it; the directory says the rest.

    Attributes:
        title: shown to people.
        params: what a user can choose; it stands in the status of a run, under the same names.
    """

    title: ClassVar[str]
    params: ClassVar[tuple[Param, ...]] = ()

    @classmethod
    def missing(cls) -> str:
        """Why it cannot be used here, as a sentence with the remedy; empty where it can.

        It is then hidden from menus.
        """
        return ""

    @classmethod
    def checked(cls, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its options, complete; before anything is made.

        Raises:
            RunError: it cannot be used here, or an option is refused.
        """
        name = LAUNCHERS.name_of(cls)
        if sentence := cls.missing():
            raise RunError(sentence)
        for option in given:
            if option not in [param.name for param in cls.params]:
                raise RunError(f"launcher {name} has no {option}; leave --{option} out")
        return checked_options(f"launcher {name}", cls.params, given)

    @classmethod
    def check_training(cls, options: Mapping[str, Any], model: "Model", task: "Task") -> None:
        """Whether a training can be carried out with its options.

        Raises:
            RunError: says why not.
        """
        del options, model, task

    @classmethod
    def gradients(cls, run: RunDirectory, told: Told) -> "Gradients":
        """How the worker of a run computes the gradient of a step.

        Args:
            run: its options stand in the status.
            told: hears of workers that join or leave.
        """
        del run, told
        from ...training.gradients import of_batch  # needs torch

        return of_batch

    @classmethod
    @abstractmethod
    def slots(cls) -> int:
        """How many of its runs may work at the same time."""

    @classmethod
    @abstractmethod
    def launch(cls, run: RunDirectory) -> int:
        """Start a worker that outlives this process; the number of a process that sees to it.

        Raises:
            OSError: no process can be started.
        """
