"""How far a solve may be from the circuit's own voltages, measured, not hoped.

``converge`` solves a circuit by two tolerances that differ a hundredfold, the coarser one from
starts that differ in their thirteenth digit. Where both agree the finer one is right; where they
do not, finer tolerances follow, and in the end a plain word that the circuit is beyond what
float64 can decide. Any other solve is measured against that.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from ..engine.circuit import scalar_march as kernel
from ..errors import StudioError
from .course import Course, Tape, automatic, march
from .energy.steps import EnergyMeter
from .problem import Problem
from .sampling import Sampler
from .stopping import StopSignal
from .windows import Windows, together

TOLERANCE = 1e-3
"""An answer is accurate when no voltage is off by more than this share of the largest one."""

AGREEMENT = 5e-4
"""Two tolerances a hundredfold apart must agree to this share; the finer is far better than it."""

SHORTEST = 1e-11
"""Of the total duration: a shorter slice drowns in the digits of a time."""

FACTOR, FINEST, NUDGE = 100.0, 1e-11, 1e-13

ROUNDS = 6
"""How often a circuit is solved again because its steps passed over something."""


@dataclass
class Difference:
    """Where two courses differ most.

    Args:
        share: of the largest voltage.
        volts: the difference [V].
        node: place in the circuit's order.
        time: when [s].
    """

    share: float
    volts: float
    node: int
    time: float


@dataclass
class Converged:
    """The finest of several solves of one circuit.

    Args:
        course: its tapes where they were kept.
        samples: its voltages at the output times.
        error: the estimated error of ``samples`` as a share of the largest voltage.
        difference: from the solve a hundredfold coarser; ``None`` where that stopped.
        rtol: tolerance of the finest.
        sure: whether two solves agreed.
        coarse: the solve before, where tapes were kept.
        missed: when [s] something switches that both solves still step over, after every round.
    """

    course: Course
    samples: Sampler
    error: float
    difference: Difference | None
    rtol: float
    sure: bool
    coarse: Course | None = None
    missed: float | None = None


def converge(
    problem: Problem,
    times: "Times",
    *,
    rtol: float = 1e-6,
    max_steps: int = 1_000_000,
    keep: bool = False,
    stop: StopSignal | None = None,
) -> Converged:
    """Solve until two tolerances agree.

    Args:
        problem: the circuit.
        times: where they must agree.
        rtol: of the first solve that may be the answer.
        max_steps: most tried steps of a slice.
        keep: hold the tapes of the last two.
        stop: looked at between pieces of work.

    Raises:
        Stopped: ``stop`` was set.
        StudioError: the tapes need too much memory.
    """
    coarse: tuple[Course, Sampler] | None = None
    tolerance = min(FACTOR * rtol, 1e-3)
    landings: list[np.ndarray] = [np.empty(0) for _ in problem.durations]
    rounds = 0
    while True:
        start = None
        if coarse is None:
            start = problem.v0 * (1.0 + NUDGE * _signs(len(problem.v0)))
        windows = None if coarse is None else Windows(problem)
        fine = _solve(problem, times, tolerance, max_steps, start, keep, stop, landings, windows)
        if coarse is not None and windows is not None:
            found = _compared(coarse, fine, tolerance, keep)
            hidden = windows.landings(fine[0].largest) if found.sure else []
            if any(len(each) for each in hidden):
                if rounds == ROUNDS:
                    missed = _first(hidden, times)
                    return replace(found, sure=False, error=np.inf, missed=missed)
                # Again from the coarse one on: both steps passed over the same thing.
                landings, rounds, coarse = together(landings, hidden), rounds + 1, None
                tolerance = min(FACTOR * rtol, 1e-3)
                continue
            if found.sure or not _finer_helps(fine[0]) or tolerance < FINEST * 10.0:
                return found
        elif fine[0].trouble is not None and fine[0].trouble.code == kernel.EXHAUSTED:
            return Converged(fine[0], fine[1], np.inf, None, tolerance, False)
        coarse = fine
        tolerance /= FACTOR


@lru_cache(maxsize=64)
def _signs(count: int) -> np.ndarray:
    """Drawn once: 1 or -1 for every row."""
    return np.random.default_rng(0).choice([-1.0, 1.0], count)


def _first(hidden: Sequence[np.ndarray], times: "Times") -> float:
    """The earliest of local times of all slices [s]."""
    pairs = zip(times.starts[:-1], hidden, strict=True)
    return min(float(start + each.min()) for start, each in pairs if len(each))


def _solve(
    problem: Problem, times: "Times", rtol: float, max_steps: int, start: np.ndarray | None,
    keep: bool, stop: StopSignal | None, landings: Sequence[np.ndarray], windows: Windows | None,
) -> tuple[Course, Sampler]:  # fmt: skip
    sampler = times.sampler(problem)

    def read(k: int, tape: Tape, last: bool) -> None:
        sampler(k, tape, last)
        if windows is not None:
            windows(k, tape, last)

    try:
        course = march(
            problem, automatic(max(rtol, FINEST), max_steps),
            start=start, reader=read, keep=keep, stop=stop, landings=landings,
        )  # fmt: skip
    except MemoryError:
        raise StudioError(
            "the adjoint of this circuit needs more than half a gigabyte of steps; "
            "shorten the durations or leave the adjoint out"
        ) from None
    return course, sampler


def _finer_helps(course: Course) -> bool:
    return course.trouble is None or course.trouble.code != kernel.EXHAUSTED


def _compared(
    coarse: tuple[Course, Sampler], fine: tuple[Course, Sampler], rtol: float, keep: bool
) -> Converged:
    same_end = (coarse[0].trouble is None) == (fine[0].trouble is None)
    count = min(coarse[1].count, fine[1].count)
    found = difference(coarse[1], fine[1], count, fine[0].largest)
    sure = same_end and found.share <= AGREEMENT
    return Converged(
        fine[0], fine[1], found.share / 10.0 if sure else found.share, found, rtol, sure,
        coarse[0] if keep else None,
    )  # fmt: skip


def difference(one: Sampler, other: Sampler, count: int, largest: float) -> Difference:
    """The largest difference of two samplers' first ``count`` times, over ``largest``."""
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(one.voltages[:count] - other.voltages[:count])
    apart = np.where(np.isnan(apart), np.inf, apart)
    if not apart.size:
        return Difference(0.0, 0.0, 0, 0.0)
    place = int(apart.argmax())
    row, node = divmod(place, apart.shape[1])
    volts = float(apart[row, node])
    share = volts / largest if largest > 0 else (np.inf if volts > 0 else 0.0)
    return Difference(share, volts, node, float(other.t[row]))


@dataclass(frozen=True)
class Times:
    """Output times of a circuit.

    Args:
        t: (T,) [s], ascending.
        starts: of the slices, and the end [s].
        slice_of: the slice that conducts at each; a boundary belongs to the later one (T,).
        energy: whether energies are gathered on the way.
    """

    t: np.ndarray
    starts: np.ndarray
    slice_of: np.ndarray
    energy: bool = False

    @classmethod
    def equidistant(cls, durations: Sequence[float], outputs: int) -> "Times":
        """``outputs`` times from 0 to the total duration, both included.

        Raises:
            StudioError: a slice is so short beside all that its times cannot be told apart.
        """
        starts = np.concatenate([[0.0], np.cumsum(durations)])
        for k, duration in enumerate(durations):
            if duration < SHORTEST * starts[-1]:
                raise StudioError(
                    f"slice {k + 1} lasts {duration:.3g} s of {starts[-1]:.3g} s in all, too "
                    "short to tell its times apart; make it longer or leave it out"
                )
        t = np.linspace(0.0, starts[-1], outputs)
        slack = 1e-12 * starts[-1]
        index = np.searchsorted(starts[1:-1], t + slack, side="right")
        return cls(t, starts, index.astype(int))

    def sampler(self, problem: Problem) -> Sampler:
        """A reader that fills in the voltages at these times."""
        meter = EnergyMeter(problem, len(self.t)) if self.energy else None
        return Sampler(problem, self.t, self.starts, self.slice_of, meter)

    def of_slice(self, k: int) -> np.ndarray:
        """Local times of the outputs of slice ``k`` [s]."""
        local = self.t[self.slice_of == k] - self.starts[k]
        return np.clip(local, 0.0, self.starts[k + 1] - self.starts[k])
