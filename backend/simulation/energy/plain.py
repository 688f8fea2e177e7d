"""Energies of a solve in torch, by cubics between the ends of its steps."""

from typing import TYPE_CHECKING

import numpy as np
import torch

from ...devices import kind_of
from ..current_law import ends_of
from ..stretches import Stretch
from .balance import GIVING, EnergyBalance
from .ledger import Ledger
from .steps import stored

if TYPE_CHECKING:
    from ..plain import PlainSimulation


@torch.no_grad()
def plain_balance(run: "PlainSimulation", voltages: np.ndarray) -> EnergyBalance:
    """The balance of a solve at the first output times, with their voltages (T, N) [V]."""
    circuit = run.circuit
    kinds = [device.kind for part in circuit.slices for device in part.devices]
    gives = np.array([kind_of(kind).group in GIVING for kind in kinds], bool)
    ledger = Ledger(len(run.t), gives, len(run.driven))
    count = len(voltages)
    for index, (stretch, solution) in enumerate(zip(run.stretches, run.solutions, strict=False)):
        places = np.flatnonzero(run.stretch_of[:count] == index)
        times = solution.tape.times.numpy()
        if len(times) < 2:
            continue
        local = np.clip(run.t[places], times[0], times[-1])
        edges = np.union1d(times, local)
        columns = np.arange(len(kinds))[run.columns(stretch.slice)]
        course = _Course(stretch, times, solution.tape.states[:, :, 0].T.contiguous(), run.driven)
        span = slice(places[0], places[-1] + 1) if len(places) else slice(0, 0)
        ledger.enter(edges, course.powers, columns, span, np.searchsorted(edges, local))
    return ledger.balance(stored(circuit, voltages))


class _Course:
    """Voltages between the ends of the steps of one stretch.

    Args:
        stretch: with its field.
        times: ends of the steps (K + 1,) [s].
        states: voltages there (N, K + 1) [V].
        driven: places of the driven nodes (M,).
    """

    def __init__(
        self, stretch: Stretch, times: np.ndarray, states: torch.Tensor, driven: np.ndarray
    ) -> None:
        self.stretch, self.times, self.driven = stretch, times, driven
        self.states, self.slopes = states.numpy(), stretch.base(0.0, states).numpy()
        self.leaves, self.target = ends_of(stretch.base)

    def at(self, t: np.ndarray) -> torch.Tensor:
        """Voltages (N, P)."""
        k = np.clip(np.searchsorted(self.times, t, side="right") - 1, 0, len(self.times) - 2)
        h = self.times[k + 1] - self.times[k]
        x = (t - self.times[k]) / h
        rest = 1.0 - x
        one, two = self.states[:, k], self.states[:, k + 1]
        bent = h * x * rest * (rest * self.slopes[:, k] - x * self.slopes[:, k + 1])
        v = one * (rest**2 * (1 + 2 * x)) + two * (x**2 * (3 - 2 * x)) + bent
        found = torch.from_numpy(np.ascontiguousarray(v))
        self.stretch.hold(t, found.T[:, :, None])
        return found

    def powers(self, t: np.ndarray) -> np.ndarray:
        """What devices take and the sources of driven nodes give (P, e + M) [W]."""
        v = self.at(t)
        ends = np.vstack([v.numpy(), np.zeros((1, len(t)))])
        taken = self.stretch.base.currents(v).numpy() * (ends[self.leaves] - ends[self.target])
        given = -self.stretch.base.net(v).numpy()[self.driven] * ends[self.driven]
        return np.vstack([taken, given]).T
