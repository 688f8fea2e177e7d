"""Runs many strange inputs and notes what no user may ever see."""

import signal
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from .readers import Reader, readers
from .visits import Visitor, described

SLOW = 5.0
"""Seconds of computing after which an answer counts as late."""

STUCK = 60
"""Seconds of computing after which an input is given up."""

WAITING = 900
"""Seconds on the clock, for an input that waits without computing; a busy machine is no failure."""

LONGEST = 900
"""Characters of a message; it quotes 80 at a time, and names a path."""

KEPT = 60
"""Failures that are described; all are counted."""


class StuckError(BaseException):
    """An input took so long that it was given up; no reader may catch this."""


@dataclass
class Findings:
    """What happened, and what should not have.

    Args:
        counts: inputs by reader or kind of answer.
        failures: by what went wrong: how often, and the input that showed it first.
        slow: inputs later than ``SLOW``.
        slowest: seconds and name of the slowest input of each reader.
        memory_mb: the most memory that the process ever had.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failures: dict[str, dict[str, Any]] = field(default_factory=dict)
    slow: list[dict[str, Any]] = field(default_factory=list)
    slowest: dict[str, float] = field(default_factory=dict)
    memory_mb: int = 0

    def fail(self, what: str, case: str) -> None:
        """Note a failure under what went wrong."""
        entry = self.failures.setdefault(what, {"times": 0, "first": case})
        entry["times"] += 1

    def timed(self, name: str, seconds: float, case: str) -> None:
        """Note how long an input took."""
        if name in self.slowest or len(self.slowest) < KEPT:
            self.slowest[name] = round(max(self.slowest.get(name, 0.0), seconds), 3)
        if seconds > SLOW and len(self.slow) < KEPT:
            self.slow.append({"case": case, "seconds": round(seconds, 1)})
        self.memory_mb = peak_mb()

    def to_dict(self) -> dict[str, Any]:
        """The findings as JSON."""
        return {**asdict(self), "counts": dict(sorted(self.counts.items()))}


def peak_mb() -> int:
    """The most memory this program ever held [MB].

    ``ru_maxrss`` would do, but a child inherits there what its parent held, the whole suite say.
    """
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (peak,) = (line for line in lines if line.startswith("VmHWM:"))
    return int(peak.split()[1]) // 1024


@contextmanager
def bounded() -> Iterator[None]:
    """Give up what computes or waits too long, whatever the reader is doing."""

    def ring(*_: object) -> None:
        raise StuckError

    timers = (
        (signal.ITIMER_PROF, signal.SIGPROF, STUCK),
        (signal.ITIMER_REAL, signal.SIGALRM, WAITING),
    )
    for timer, number, seconds in timers:
        signal.signal(number, ring)
        signal.setitimer(timer, seconds)
    try:
        yield
    finally:
        for timer, number, _ in timers:
            signal.setitimer(timer, 0)
            signal.signal(number, signal.SIG_DFL)


def read_many(count: int, seed: int, only: str = "") -> Iterator[Findings]:
    """Give readers ``count`` strange inputs in all; the same findings after each of them."""
    found, known = Findings(), readers()
    chosen = {name: each for name, each in known.items() if only in ("", name)}
    names = [name for name, each in chosen.items() for _ in range(each.share)]
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            name = names[number % len(names)]
            case = f"{seed}:{name}:{number}"
            _read(found, name, chosen[name], case, Path(folder))
            yield found


def _read(found: Findings, name: str, reader: Reader, case: str, folder: Path) -> None:
    path = folder / f"input{reader.suffix}"
    path.write_bytes(reader.make(Random(case)))
    begin = time.process_time()
    try:
        with bounded():
            reader.read(path)
        found.counts[f"{name} read"] += 1
    except reader.errors as error:
        found.counts[f"{name} refused"] += 1
        text = str(error)
        if not text or len(text) > LONGEST or "\n" in text:
            found.fail(f"{name}: a message of {len(text)} characters", case)
    except StuckError:
        found.fail(f"{name}: no answer in {STUCK} s", case)
    except Exception as error:
        found.fail(f"{name}: {described(error)}", case)
    found.timed(name, time.process_time() - begin, case)


def visit_many(count: int, seed: int) -> Iterator[Findings]:
    """Send ``count`` strange requests to a studio of their own, see ``read_many``."""
    found = Findings()
    if not count:
        return
    with tempfile.TemporaryDirectory() as folder:
        visitor = Visitor(Path(folder))
        for number in range(count):
            case, begin, asked = f"{seed}:http:{number}", time.process_time(), "?"
            try:
                with bounded():
                    asked, status, problem = visitor.visit(Random(case))
                found.counts[f"status {status}"] += 1
                if problem:
                    found.fail(problem, f"{case} {asked}")
            except StuckError:
                found.fail(f"no answer in {STUCK} s", case)
            except Exception as error:
                found.fail(described(error), case)
            route = " ".join(asked.split("/")[:3])[:60]
            found.timed(route, time.process_time() - begin, f"{case} {asked}")
            yield found
