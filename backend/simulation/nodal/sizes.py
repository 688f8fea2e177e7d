"""How large a circuit's voltages, currents and charges are, and what rounding leaves of them."""

import numpy as np

from ...circuit.nodal.assembly import CONSTANT
from ...engine.nodal import laws
from ...engine.nodal.march import laws_at
from .problem import NodalProblem

ROUNDING = 1e-14
"""Of the largest terms of an equation: what a solve of it leaves undecided."""

OF_STEPS = 100.0
"""How much the stages of a step make of it."""


def typical(problem: NodalProblem) -> np.ndarray:
    """Sizes of voltages, currents and charges (3,) before any was met [V, A, C].

    A current that grows out of nothing would otherwise be followed from its first electron.
    """
    equations = problem.equations
    peaks = [abs(problem.params[s.param]) for s in equations.sources if s.param != CONSTANT]
    peaks += [wave.peak for wave in problem.circuit.waves]
    start = np.abs(problem.start[problem.units == 0]).max(initial=0.0)
    volts = max([float(start), *peaks]) or 1.0
    siemens, farads = conductance(problem, volts), capacitance(problem)
    siemens = max(siemens, farads / problem.circuit.duration)
    return np.array([volts, volts * siemens, volts * farads])


def conductance(problem: NodalProblem, volts: float) -> float:
    """The largest conductance between nodes, within so many volts [S]."""
    nodes = np.flatnonzero(problem.units == 0)
    largest = float(np.abs(problem.whole["linear"][np.ix_(nodes, nodes)]).max(initial=0.0))
    for number, atom in enumerate(problem.equations.atoms):
        if atom.program is None:
            largest = max(largest, laws.steepest(atom.law, problem.field[1][number], volts))
        elif {0} & {problem.units[row] for row in (atom.row, atom.into) if 0 <= row < problem.size}:
            largest = max(largest, _steepest(problem, number))
    return largest


def _steepest(problem: NodalProblem, number: int) -> float:
    """The largest slope of an expression's current by a voltage at the start [S], if known."""
    atom, pick = problem.equations.atoms[number], slice(number, number + 1)
    codes, args, reads, *_ = problem.field
    codes = np.concatenate([codes[pick], codes[1:]])  # programs stay where they are
    x = np.concatenate([problem.start, problem.table(0)[:, 0], [0.0]])
    v = np.zeros((1, 1, reads.shape[1]))
    v[0, 0, : len(atom.controls)] = x[list(atom.controls)]
    slopes, by = np.zeros_like(v), np.zeros((1, 1, args.shape[1]))
    laws_at(codes, args[pick], v, np.zeros((1, 1)), slopes, by)
    voltages = slopes[0, 0, : len(atom.program.voltages)] if atom.program else slopes[0, 0]
    return float(np.abs(voltages[np.isfinite(voltages)]).max(initial=0.0))


def capacitance(problem: NodalProblem) -> float:
    """The largest capacitance between nodes [F]."""
    nodes = np.flatnonzero(problem.units == 0)
    return float(np.abs(problem.whole["stored"][np.ix_(nodes, nodes)]).max(initial=0.0))


def noise(problem: NodalProblem) -> np.ndarray:
    """Differences of the unknowns (N,) that are rounding.

    A current through a small resistance is as uncertain as the voltages at its ends, behind an
    amplifier as uncertain as what that makes of its input's.
    """
    volts = typical(problem)[0]
    siemens = conductance(problem, float(volts))
    own = np.flatnonzero(problem.units == 1)
    rows = np.abs(problem.whole["linear"][own][:, : problem.size])
    ohms = np.abs(problem.whole["linear"][own, own])
    siemens = max(siemens, float((1.0 / ohms[ohms > 0]).max(initial=0.0)))
    steep = np.zeros(len(own))
    np.divide(rows.max(axis=1, initial=0.0), ohms, out=steep, where=ohms > 0)
    sizes = np.array([1.0, siemens, capacitance(problem)])[problem.units]
    sizes[own] = np.maximum(sizes[own], steep)
    return ROUNDING * volts * sizes
