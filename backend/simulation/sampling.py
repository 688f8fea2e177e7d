"""Voltages at output times, read from the tapes as a march makes them."""

import numpy as np

from .course import Tape
from .energy.steps import EnergyMeter
from .problem import Problem


class Sampler:
    """A reader of ``march`` that fills in the voltages at given times.

    Args:
        problem: the circuit.
        t: output times (T,) [s], ascending.
        starts: of the slices, and the end [s].
        slice_of: the slice that conducts at each output time (T,).
        meter: gathers energies.

    Attributes:
        voltages: (T, N) in the circuit's order [V], valid up to ``count``.
        count: how many times were reached.
    """

    def __init__(
        self, problem: Problem, t: np.ndarray, starts: np.ndarray, slice_of: np.ndarray,
        meter: EnergyMeter | None = None,
    ) -> None:  # fmt: skip
        self.problem, self.starts, self.slice_of, self.t = problem, starts, slice_of, t
        self.voltages = np.full((len(t), problem.nodes), np.nan)
        self.count, self.meter = 0, meter
        self._ends: list[np.ndarray] = []

    def __call__(self, k: int, tape: Tape, last: bool) -> None:
        """Take one piece of slice ``k``."""
        self._ends.append(self.starts[k] + tape.times[1:])
        end = int(np.searchsorted(self.slice_of, k, side="right"))
        local = self.t[self.count : end] - self.starts[k]
        if not last:
            local = local[: np.searchsorted(local, tape.times[-1], side="right")]
        reached = self.count + len(local)
        if len(local):
            local = np.clip(local, tape.times[0], tape.times[-1])
            self.voltages[self.count : reached] = self.problem.columns(tape.at(local))
        if self.meter is not None:
            self.meter(k, tape, local, slice(self.count, reached))
        self.count = reached

    @property
    def step_times(self) -> np.ndarray:
        """Ends of the steps that were accepted so far (K,) [s]."""
        return np.concatenate(self._ends) if self._ends else np.zeros(0)
