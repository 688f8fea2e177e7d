"""A course of the general class at output times: unknowns, currents, what is left over."""

from dataclasses import dataclass

import numpy as np

from ...circuit.nodal.assembly import CONSTANT, Entry
from ..accuracy import Times
from .local import chunks, equations, polished, slopes, values_of
from .problem import NodalProblem
from .transient import NodalCourse


@dataclass
class NodalSamples:
    """A course at output times.

    Args:
        x: all unknowns (T, N).
        slope: dx/dt (T, N).
        sources: values and two derivatives of the sources (3, T, S).
        atoms: currents of the atoms (T, A).
    """

    x: np.ndarray
    slope: np.ndarray
    sources: np.ndarray
    atoms: np.ndarray

    def until(self, count: int) -> "NodalSamples":
        """The first so many times."""
        return NodalSamples(
            self.x[:count], self.slope[:count], self.sources[:, :count], self.atoms[:count]
        )


def sampled(problem: NodalProblem, course: NodalCourse, times: Times) -> NodalSamples:
    """The course at all output times that it reached."""
    parts = []
    for k, tape in enumerate(course.tapes):
        local = times.of_slice(k)
        local = local[local <= tape.times[-1] * (1 + 1e-12)] if course.message else local
        if len(local) and len(tape.bends):
            parts.append(
                piece_samples(problem, k, local, tape.at(np.minimum(local, tape.times[-1])))
            )
    if not parts:
        n, count = problem.size, len(problem.equations.sources)
        empty = np.empty((0, n))
        return NodalSamples(
            empty, empty, np.empty((3, 0, count)), np.empty((0, len(problem.equations.atoms)))
        )
    return NodalSamples(
        np.concatenate([part.x for part in parts]),
        np.concatenate([part.slope for part in parts]),
        np.concatenate([part.sources for part in parts], axis=1),
        np.concatenate([part.atoms for part in parts]),
    )


def piece_samples(problem: NodalProblem, k: int, local: np.ndarray, z: np.ndarray) -> NodalSamples:
    """A course at local times of piece ``k`` (T,) [s], from states near it (T, n)."""
    r, table = problem.reduced, problem.table(k)
    z = polished(problem, k, local, z)
    sources = values_of(table, local)
    parts = []
    for part in chunks(len(local), z.shape[1], z.shape[1] + 3 * len(table)):
        now = equations(problem.field, table, local[part], z[part])
        parts.append((now.currents, slopes(problem, k, local[part], z[part], now)))
    currents, dz = (np.concatenate(column) for column in zip(*parts, strict=True))
    x = z @ r.expanded.T + sources[0] @ r.shifts[0].T + sources[1] @ r.shifts[1].T
    dx = dz @ r.expanded.T + sources[1] @ r.shifts[0].T + sources[2] @ r.shifts[1].T
    return NodalSamples(x, dx, sources, currents)


def device_currents(problem: NodalProblem, samples: NodalSamples) -> np.ndarray:
    """The current of every device from source to target (T, E) [A].

    Of transistors the one that enters at the source; of one-sided devices the one into the target.
    """
    equations = problem.equations
    return _summed(problem, samples, equations.shown, len(equations.devices))


def terminal_currents(problem: NodalProblem, samples: NodalSamples) -> np.ndarray:
    """What enters devices at ``equations.terminals`` (T, K) [A]."""
    equations = problem.equations
    return _summed(problem, samples, equations.ends, len(equations.terminals))


def capacitor_currents(problem: NodalProblem, samples: NodalSamples) -> np.ndarray:
    """C dv/dt of every node's own capacitor (T, N) [A]."""
    out = np.zeros((len(samples.x), len(problem.circuit.nodes)))
    for place, node in enumerate(problem.circuit.nodes):
        column = problem.equations.nodes[node.id]
        if column < problem.size:
            out[:, place] = node.capacitance * samples.slope[:, column]
    return out


def _summed(
    problem: NodalProblem, samples: NodalSamples, sums: dict[str, list[Entry]], count: int
) -> np.ndarray:
    """Sums of entries by their row (T, count)."""
    columns = np.concatenate([samples.x, samples.sources[0]], axis=1)
    moving = np.concatenate([samples.slope, samples.sources[1]], axis=1)
    out = np.zeros((len(samples.x), count))
    for matrix, values in (("linear", columns), ("stored", moving), ("atoms", samples.atoms)):
        for row, column, factor, param in sums[matrix]:
            scale = factor if param == CONSTANT else factor * problem.params[param]
            if matrix == "atoms":
                scale *= problem.equations.atoms[column].scale
            out[:, row] += scale * values[:, column]
    return out


def source_currents(problem: NodalProblem, samples: NodalSamples) -> np.ndarray:
    """What the sources of driven nodes give (T, M) [A]."""
    n, driven = problem.size, len(problem.circuit.driven)
    # A source's current counts as it leaves the source; its node's row says what leaves the node.
    return left_over(problem, samples)[:, n : n + driven]


def left_over(problem: NodalProblem, samples: NodalSamples) -> np.ndarray:
    """What the assembled equations leave over, rows of driven nodes last (T, N + M).

    A driven node's row is what leaves it, and what its source gives.
    """
    whole = problem.whole
    return (
        samples.x @ whole["linear"].T
        + samples.sources[0] @ whole["given"].T
        + samples.slope @ whole["stored"].T
        + samples.sources[1] @ whole["moved"].T
        + samples.atoms @ whole["entering"].T
    )
