"""A way to end long work from elsewhere."""

import numpy as np

from ..errors import StudioError


class Stopped(StudioError):
    """The work was cancelled before its end."""


class StopSignal:
    """Set by whoever no longer wants the result; looked at by the work between its pieces.

    Attributes:
        flag: uint8 (1,), 1 once set; compiled loops may read it.
    """

    def __init__(self) -> None:
        self.flag = np.zeros(1, np.uint8)

    def set(self) -> None:
        """Ask the work to end."""
        self.flag[0] = 1

    @property
    def is_set(self) -> bool:
        """Whether somebody asked."""
        return bool(self.flag[0])

    def check(self) -> None:
        """Raise when somebody asked.

        Raises:
            Stopped: see above.
        """
        if self.flag[0]:
            raise Stopped("The simulation was cancelled.")
