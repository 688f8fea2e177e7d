"""A clock that goes as fast as work gets a processor.

On a busy machine the same work takes many times as long; a limit in real seconds would refuse there
what is welcome elsewhere.
"""

import os
import time
from collections.abc import Callable, Collection
from pathlib import Path

SLOWEST = 0.1
"""A limit is never stretched to more than ten times its real seconds: work may also just wait."""

Meter = Callable[[], float]
"""Seconds of processor time that something has taken so far."""


def thread_seconds(thread: int) -> float:
    """Processor time of a thread of this process [s]; 0 for one that has ended."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    except OSError:
        return 0.0


def process_seconds(pid: int | None) -> float:
    """Processor time of a process [s]; 0 where it has ended or the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="latin-1").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


Pause = Callable[[], bool]
"""Whether time stands still."""


def never() -> bool:
    """Time goes on."""
    return False


class PaceClock:
    """Seconds that work could use; real ones while there is none.

    Args:
        meter: of what works elsewhere for the threads that hold the turns.
        pause: asked at every look; while it says so no time passes.
    """

    def __init__(self, meter: Meter = float, pause: Pause = never) -> None:
        self._meter, self._pause = meter, pause
        self._now, self._looked, self._spent = 0.0, time.monotonic(), {0: 0.0}

    @property
    def now(self) -> float:
        """The time at the last look [s]."""
        return self._now

    def look(self, threads: Collection[int]) -> float:
        """Go on by as much as these threads, or what works for them, have computed since.

        Args:
            threads: that hold a turn.
        """
        real = time.monotonic()
        passed, self._looked = real - self._looked, real
        spent = {thread: thread_seconds(thread) for thread in threads} | {0: self._meter()}
        used = sum(max(0.0, value - self._spent.get(key, value)) for key, value in spent.items())
        self._spent = spent
        if self._pause():
            return self._now
        share = used / max(passed, 1e-9) / len(threads) if threads else 1.0
        self._now += passed * min(1.0, max(SLOWEST, share))
        return self._now
