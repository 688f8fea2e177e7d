"""The sorts of work a server does for its pages, and the memory that all of them share.

Light requests need no turn. Every turn has a share of memory: what a page may ask for is refused
beyond it before it starts, so that whatever is asked at the same time stays below `MEMORY`.
"""

from backend.circuit.budget import PAGE

from .pace import Meter, Pause, never
from .turns import Turns

MEMORY = 2048 * 2**20
"""What a server takes in all [bytes]; the README says so."""

SOLVES = 2
"""Solves at once, each with ``PAGE.memory``; a third would only make all of them slower."""

FILE_SECONDS = 60.0
CHECK_SECONDS = 60.0
"""How long reading a file and running ngspice may take for a page."""


class Lanes:
    """Turns by sort of work.

    Args:
        waiting: how many requests may wait in each lane.
        reading: processor time of the process that works on files.
        compiling: whether solves wait for kernels, which is not counted as theirs.
    """

    def __init__(
        self, waiting: int = 256, reading: Meter = float, compiling: Pause = never
    ) -> None:
        self.solves = Turns(SOLVES, PAGE.seconds, "The simulation", waiting, pause=compiling)
        self.files = Turns(1, FILE_SECONDS, "The work on this file", waiting, meter=reading)
        self.checks = Turns(1, CHECK_SECONDS, "The comparison with ngspice", waiting)

    @property
    def working(self) -> int:
        """How many pieces of work go on now."""
        return sum(lane.working for lane in (self.solves, self.files, self.checks))

    def cancel(self, page: str, purpose: str | None = None) -> int:
        """Stop everything a page asked for, or all of one purpose; returns how much that was."""
        lanes = (self.solves, self.files, self.checks)
        return sum(lane.cancel(page, purpose) for lane in lanes)
