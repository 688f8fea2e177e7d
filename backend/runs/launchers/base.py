"""What starts workers."""

from abc import ABC, abstractmethod
from typing import ClassVar

from ...registry import Registry
from ..directory import RunDirectory

LAUNCHERS: "Registry[type[Launcher]]" = Registry("launcher")


class Launcher(ABC):
    """Starts a worker on a run directory and forgets it; the directory says the rest.

    Attributes:
        title: shown to people.
    """

    title: ClassVar[str]

    @classmethod
    @abstractmethod
    def slots(cls) -> int:
        """How many of its runs may work at the same time."""

    @classmethod
    @abstractmethod
    def launch(cls, run: RunDirectory) -> int:
        """Start a worker that outlives this process; its process number.

        Raises:
            OSError: no process can be started.
        """
