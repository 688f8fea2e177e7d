"""Energies of a circuit of the general class, from the steps of its solve."""

import numpy as np

from ...circuit.nodal.assembly import CONSTANT, HIDDEN
from ...devices import ELEMENTS, kind_of
from ...engine.nodal.junction_energy import junction_energy
from ..accuracy import Times
from ..energy.balance import GIVING, EnergyBalance
from ..energy.ledger import Ledger
from .local import values_of
from .problem import NodalProblem
from .samples import (
    NodalSamples,
    device_currents,
    piece_samples,
    source_currents,
    terminal_currents,
)
from .sizes import noise
from .transient import NodalCourse, NodalTape

CHARGED = "charge"
"""The law of a junction's charge."""


def energy_balance(
    problem: NodalProblem, course: NodalCourse, times: Times, samples: NodalSamples
) -> EnergyBalance:
    """The balance at the output times that a course reached.

    Args:
        problem: the circuit.
        course: its steps.
        times: output times.
        samples: the course there.
    """
    parts = Parts(problem)
    ledger = Ledger(len(times.t), parts.gives, len(problem.circuit.driven))
    first = 0
    for k, tape in enumerate(course.tapes):
        if not len(tape.bends):
            continue
        if k:
            ledger.jump(_at_once(parts, k, course.tapes[k - 1], tape))
        local = times.of_slice(k)
        local = np.minimum(local[: len(samples.x) - first], tape.times[-1])
        edges = np.union1d(tape.times, local)
        places = slice(first, first + len(local))
        ledger.enter(
            edges, lambda t, k=k, tape=tape: parts.powers(piece_samples(problem, k, t, tape.at(t))),
            np.arange(len(parts.gives)), places, np.searchsorted(edges, local),
        )  # fmt: skip
        first += len(local)
    found = parts.stored(np.concatenate([samples.x, samples.sources[0]], axis=1))
    return ledger.balance(found, parts.floor)


def _columns(problem: NodalProblem, k: int, z: np.ndarray, t: np.ndarray) -> np.ndarray:
    """All unknowns, then the sources, (T, N + S) at states of piece ``k``."""
    r, s = problem.reduced, values_of(problem.table(k), t)
    x = z @ r.expanded.T + s[0] @ r.shifts[0].T + s[1] @ r.shifts[1].T
    return np.concatenate([x, s[0]], axis=1)


def _at_once(parts: "Parts", k: int, before: NodalTape, after: NodalTape) -> float:
    """What sources give [J] where they jump at the start of piece ``k``.

    All of it is stored: in no time only what stores energy takes a charge or a flux.
    """
    problem = parts.problem
    one = _columns(problem, k - 1, before.states[-1:], before.times[-1:])
    two = _columns(problem, k, after.states[:1], np.zeros(1))
    sources = slice(problem.size, None)
    if np.allclose(one[:, sources], two[:, sources], rtol=1e-9, atol=0.0):
        return 0.0
    return float(np.diff(parts.stored(np.concatenate([one, two])))[0])


class Parts:
    """What stores, takes and gives energy in a circuit.

    Attributes:
        gives: whether a device is a source (E,).
        stores: whether it stores all that it takes (E,).
        form: S (N + S, N + S) of the energy 1/2 x^T S x of capacitors and inductors.
        charges: of junctions: device, place of the atom, controls and row of the charge.
    """

    def __init__(self, problem: NodalProblem) -> None:
        self.problem = problem
        equations, n = problem.equations, problem.size
        groups = [kind_of(device.kind).group for device in equations.devices]
        self.gives = np.array([group in GIVING for group in groups], bool)
        storing = {name for name in ELEMENTS if ELEMENTS[name].stores}
        self.stores = np.array([device.kind in storing for device in equations.devices], bool)
        self.charges = [
            (atom.device, number, atom.controls, atom.row)
            for number, atom in enumerate(equations.atoms)
            if atom.law == CHARGED
        ]
        charges = {row for *_, row in self.charges}
        width = n + len(equations.sources)
        self.form = np.zeros((width, width))
        for row, column, factor, param in equations.stored:
            # Rows of driven nodes and their columns stand behind the unknowns in the same order.
            if HIDDEN not in (row, column) and column not in charges:
                value = factor if param == CONSTANT else factor * problem.params[param]
                self.form[row, column] += value
        terminals = [device for device, _ in equations.terminals]
        self.ends = np.array(terminals, int)
        nodes = equations.nodes
        self.source, self.target = (
            np.array([nodes[getattr(d, end)] for d in equations.devices], int)
            for end in ("source", "target")
        )
        self.leaves = np.array(
            [HIDDEN if getattr(kind_of(d.kind), "one_sided", False) else nodes[d.source]
             for d in equations.devices], int,
        )  # fmt: skip
        self.at_ends = np.array(
            [nodes[d.target if name == "target" else d.terminals[name]]
             for d, name in ((equations.devices[k], name) for k, name in equations.terminals)], int,
        )  # fmt: skip

    def stored(self, columns: np.ndarray) -> np.ndarray:
        """The energy (T,) [J] at unknowns and sources (T, N + S)."""
        found = 0.5 * np.einsum("ti,ti->t", columns @ self.form.T, columns)
        padded = np.concatenate([columns, np.zeros((len(columns), 1))], axis=1)
        arguments = self.problem.field[1]
        for _, number, (anode, cathode), _ in self.charges:
            found = found + junction_energy(
                arguments[number], padded[:, anode] - padded[:, cathode]
            )
        return found

    @property
    def floor(self) -> float:
        """The energy that rounding alone may store [J]."""
        low = np.zeros(len(self.form))
        low[: self.problem.size] = noise(self.problem)
        return 0.5 * float(low @ np.abs(self.form) @ low)

    def powers(self, samples: NodalSamples) -> np.ndarray:
        """What devices take without storing it, and driven nodes' sources give (T, E + M) [W]."""
        problem = self.problem
        v = np.concatenate(
            [samples.x, samples.sources[0], np.zeros((len(samples.x), 1))], axis=1
        )  # fmt: skip
        currents = device_currents(problem, samples)
        two = ~np.isin(np.arange(len(self.gives)), self.ends)
        taken = currents * (v[:, self.leaves] - np.where(two, v[:, self.target], 0.0))
        entering = terminal_currents(problem, samples) * v[:, self.at_ends]
        np.add.at(taken.T, self.ends, entering.T)
        for device, _, (anode, cathode), row in self.charges:
            taken[:, device] -= (v[:, anode] - v[:, cathode]) * samples.slope[:, row]
        taken[:, self.stores] = 0.0
        held = [problem.equations.nodes[name] for name in problem.circuit.driven]
        return np.hstack([taken, source_currents(problem, samples) * v[:, held]])
