"""Energies of a circuit of the fast class, gathered while a march passes."""

import numpy as np

from ...circuit import Circuit
from ...engine.circuit.scalar_show import show_currents
from ..course import Tape
from ..problem import Problem
from .balance import GIVING, EnergyBalance
from .ledger import Ledger


class EnergyMeter:
    """Integrates powers over the steps of a march; called by ``Sampler`` with every piece.

    Args:
        problem: the circuit.
        times: number of output times.
    """

    def __init__(self, problem: Problem, times: int) -> None:
        self.problem = problem
        arrays = problem.arrays
        gives = np.zeros(problem.devices, bool)
        for part in arrays.stretches:
            for law, first, last, _ in part:
                gives[arrays.place[first:last]] = law.group in GIVING
        self.ledger = Ledger(times, gives, len(problem.sources.rows))

    def __call__(self, k: int, tape: Tape, local: np.ndarray, places: slice) -> None:
        """Take one piece of slice ``k``, with the output times in it and their places."""
        edges = np.union1d(tape.times, local)
        problem, arrays = self.problem, self.problem.arrays
        field = problem.field(k)
        runs, first, last = field[:3]
        own = slice(runs[first, 0], runs[last - 1, 1]) if last > first else slice(0, 0)
        place = np.arange(problem.devices) - own.start
        leaves, target = problem.leaves[own], problem.target[own]
        held = problem.sources.rows
        # What the source of a driven node gives leaves the node through devices.
        carried = (leaves[:, None] == held).astype(float) - (target[:, None] == held)

        def powers(t: np.ndarray) -> np.ndarray:
            v = np.ascontiguousarray(tape.at(t))
            currents, left = np.zeros((len(t), own.stop - own.start)), np.empty(len(t))
            show_currents(field, place, v, currents, left)
            taken = currents * (v[:, leaves] - v[:, target])
            return np.hstack([taken, v[:, held] * (currents @ carried)])

        self.ledger.enter(
            edges, powers, arrays.place[own], places, np.searchsorted(edges, local)
        )  # fmt: skip

    def balance(self, voltages: np.ndarray) -> EnergyBalance:
        """The balance at the first output times, with their voltages (T, N) [V]."""
        return self.ledger.balance(stored(self.problem.circuit, voltages))


def stored(circuit: Circuit, voltages: np.ndarray) -> np.ndarray:
    """1/2 sum C v^2 over the nodes that no source holds (T,) [J]."""
    capacitance = np.array([0.0 if n.drive else n.capacitance for n in circuit.nodes])
    with np.errstate(over="ignore"):  # what diverges stores more than a number holds
        return 0.5 * (capacitance * voltages**2).sum(1)
