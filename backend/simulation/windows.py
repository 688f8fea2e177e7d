"""Times a march must land on, because something happens there that its steps would not see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..engine.circuit import scalar_windows
from .course import Tape
from .problem import Problem

ROOM = 4096
"""Places noted in one piece of a tape."""

SEEN = 1e-6
"""Of the largest voltage: what is moved by less between two switches needs no landing."""

CHUNK_NUMBERS = 2**18
"""Voltages that are read from a tape at once; reading takes six times their memory."""

MOST = 2000
"""Landings in a slice."""

MOST_SWITCHES = 50_000
"""Switches of a slice that are looked at; the adjoint lands on those of them that have a kink."""

APART = 1e-14
"""Of the end of a stretch: times closer than that are one, but for the digits of a time."""


class Windows:
    """A reader of ``march`` that notes where steps passed over several switches.

    Error control samples the field at a few places of a step. Where voltages run evenly its steps
    grow, and a device that conducts only for a short while between two such places is passed over
    by every tolerance alike.

    Args:
        problem: the circuit.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self._found: list[tuple[int, np.ndarray]] = []

    def __call__(self, k: int, tape: Tape, last: bool) -> None:
        """Look through one piece of slice ``k``."""
        del last
        out = np.empty((ROOM, 2))
        count = scalar_windows.hidden_windows(self.problem.field(k), *tape, out)
        if count:
            self._found.append((k, out[: min(count, ROOM)]))

    def landings(self, largest: float) -> list[np.ndarray]:
        """Local times [s] of every slice where the march missed what moves a voltage.

        Args:
            largest: voltage of the course [V].
        """
        times: list[list[float]] = [[] for _ in self.problem.durations]
        for k, found in self._found:
            times[k] += found[found[:, 1] > SEEN * largest, 0].tolist()
        return [np.unique(each)[:MOST] for each in times]


@dataclass(frozen=True)
class Switches:
    """When the devices of a slice switch, on the tape of its voltages.

    Args:
        times: ascending (S,) [s].
        widths: how long each argument takes from -2 to 2 (S,) [s].
        kinked: whether the conductance jumps there (S,).
    """

    times: np.ndarray
    widths: np.ndarray
    kinked: np.ndarray

    def jumps(self, begin: float, end: float) -> np.ndarray:
        """When conductances jump inside a part of the slice, as time left to its end [s]."""
        at = self.times[self.kinked & (self.times > begin) & (self.times < end)]
        left, apart = (end - at)[::-1], APART * end
        left = left[(left > apart) & (left < end - begin - apart)]
        if len(left) > 1:
            left = left[np.diff(left, prepend=-np.inf) > apart]
        return np.ascontiguousarray(left)


def switches(problem: Problem, k: int, path: Tape) -> Switches:
    """The switches of slice ``k`` along its voltages; at most ``MOST_SWITCHES`` of them."""
    field = problem.field(k)
    found = np.empty((ROOM, 3))
    count = scalar_windows.switch_times(field, *path, found)
    if count > ROOM:
        found = np.empty((min(count, MOST_SWITCHES), 3))
        count = min(count, scalar_windows.switch_times(field, *path, found), len(found))
    found = found[:count]
    times, widths, kinked = found[np.argsort(found[:, 0])].T
    return Switches(times, widths, kinked > 0.0)


def missed_backwards(
    problem: Problem, k: int, path: Tape, back: Tape, largest: float, found: Switches
) -> np.ndarray:
    """Local times [s] of a slice that the adjoint's march passed over.

    The adjoint circuit's conductances are slopes of the laws. They change where a device switches,
    and those of a soft one differ from 0 only there.

    Args:
        problem: the circuit.
        k: the slice.
        path: its voltages.
        back: its adjoint voltages, in the time left.
        largest: adjoint voltage.
        found: the switches of the slice.
    """
    field, span = problem.field(k), problem.durations[k]
    if not len(found.times):
        return np.empty(0)
    middles, gaps = (found.times[1:] + found.times[:-1]) / 2, np.diff(found.times)
    at = np.concatenate([found.times, middles])
    width = np.concatenate([np.minimum(found.widths, span), gaps])
    left = span - at
    ends = np.searchsorted(back.times, [left - width / 2, left + width / 2])
    unseen = (ends[0] == ends[1]) & (width > 1e-14 * span)
    at, width, left = at[unseen], width[unseen], np.clip(left[unseen], 0.0, span)
    if not len(at):
        return at
    defects = np.empty(len(at))
    chunk = max(1, CHUNK_NUMBERS // problem.nodes)
    for begin in range(0, len(at), chunk):
        part = slice(begin, begin + chunk)
        voltages, adjoint, slopes = path.at(at[part]), back.at(left[part]), back.slopes(left[part])
        scalar_windows.adjoint_defects(field, voltages, adjoint, slopes, width[part], defects[part])
    missed = defects > SEEN * largest
    # Conductances jump where kinked laws switch: between such times the adjoint is smooth.
    around = [at[missed] - width[missed] / 2, at[missed], at[missed] + width[missed] / 2]
    return np.unique(np.clip(np.concatenate(around), 0.0, span))[:MOST]


def together(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> list[np.ndarray]:
    """All landings of two lists."""
    return [np.union1d(a, b) for a, b in zip(one, other, strict=True)]
