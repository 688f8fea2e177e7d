"""The equations of a circuit of the general class as the kernels take them."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ...circuit import Circuit
from ...circuit.expressed import pace_of
from ...circuit.held_field import durations_of, pieces_of
from ...circuit.nodal import Equations, Reduced, assemble, reduced
from ...circuit.nodal.assembly import CONSTANT, HIDDEN, Entry
from ...engine.nodal import laws
from ...expressions.program import Program, packed
from ...waveforms.base import total

Kernel = tuple[Any, ...]


def compressed(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A matrix as compressed rows: start, place and value."""
    rows, places = np.nonzero(matrix)
    start = np.zeros(len(matrix) + 1, np.int64)
    np.cumsum(np.bincount(rows, minlength=len(matrix)), out=start[1:])
    return start, places.astype(np.int64), np.ascontiguousarray(matrix[rows, places])


def matrix_of(entries: list, params: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Entries as a dense matrix."""
    out = np.zeros(shape)
    for row, column, factor, param in entries:
        out[row, column] += factor if param == CONSTANT else factor * params[param]
    return out


def arguments_of(equations: Equations, params: np.ndarray) -> np.ndarray:
    """The arguments of all atoms (A, P)."""
    most = max((len(atom.terms) for atom in equations.atoms), default=0)
    args = np.zeros((len(equations.atoms), max(laws.ARGUMENTS, most)))
    for number, atom in enumerate(equations.atoms):
        for k, (constant, parts) in enumerate(atom.terms):
            args[number, k] = constant + sum(factor * params[param] for factor, param in parts)
    return args


def codes_of(equations: Equations) -> np.ndarray:
    """The laws of all atoms by number, and behind them the programs of expressions, each once."""
    codes = np.zeros(len(equations.atoms), np.int64)
    known: dict[Program, int] = {}
    parts, end = [codes], len(codes)
    for number, atom in enumerate(equations.atoms):
        if atom.program is None:
            codes[number] = laws.NUMBERS[atom.law]
            continue
        if atom.program not in known:
            known[atom.program] = end
            parts.append(packed(atom.program))
            end += len(parts[-1])
        codes[number] = laws.EXPRESSION + known[atom.program]
    return np.concatenate(parts)


class NodalProblem:
    """One circuit's equations and sources.

    Args:
        circuit: the description.
        series: resistances [Ohm] in series with devices whose current is an unknown, by place.

    Attributes:
        equations: as they were assembled.
        params: values of all parameters.
        pieces: stretches over which all waveforms are smooth.
        added: resistances [Ohm] that were put in series with devices to make it solvable, by id.

    Raises:
        CircuitError: the equations contradict each other or leave something open.
    """

    def __init__(self, circuit: Circuit, series: Mapping[int, float] | None = None) -> None:
        self.circuit = circuit
        self.equations = assemble(circuit)
        self.series = dict(series or {})
        for place, ohms in self.series.items():
            own = self.equations.currents[place]
            self.equations.linear.append(Entry(own, own, -ohms))
        self.added: dict[str, float] = {
            self.equations.devices[place].id: ohms for place, ohms in self.series.items()
        }
        self.params = np.array(self.equations.params)
        self.pieces = pieces_of(circuit)
        self.durations = durations_of(circuit, self.pieces)

    @cached_property
    def reduced(self) -> Reduced:
        """The equations of index 1."""
        return reduced(self.equations)

    @property
    def size(self) -> int:
        """Unknowns of the assembled equations."""
        return self.equations.size

    @cached_property
    def units(self) -> np.ndarray:
        """The unit of every unknown by number (N,)."""
        known = {"V": 0, "A": 1, "C": 2}
        return np.array([known[unknown.unit] for unknown in self.equations.unknowns], np.int64)

    @cached_property
    def given(self) -> np.ndarray:
        """Which sources are voltages and currents (S,) of bool, and not time."""
        return np.array([not source.clock for source in self.equations.sources], bool)

    @cached_property
    def pace(self) -> float:
        """The longest step that sees what expressions do over time [s]."""
        devices = [device for device in self.circuit.devices if device.expression]
        return min((pace_of(d, self.circuit.duration) for d in devices), default=float("inf"))

    @cached_property
    def start(self) -> np.ndarray:
        """The stated values of all unknowns (N,)."""
        out = np.array([unknown.start for unknown in self.equations.unknowns])
        columns = np.concatenate([out, self.table(0)[:, 0]])
        for place, unknown in enumerate(self.equations.unknowns):
            if unknown.beside != HIDDEN:
                out[place] = columns[unknown.beside]
        return out

    @cached_property
    def whole(self) -> dict[str, np.ndarray]:
        """K, B, M, B' and L of the assembled equations, rows of driven nodes behind the others."""
        equations, n = self.equations, self.size
        shape = equations.rows, n + len(equations.sources)
        linear = matrix_of(equations.linear, self.params, shape)
        stored = matrix_of(equations.stored, self.params, shape)
        entering = np.zeros((equations.rows, len(equations.atoms)))
        for number, atom in enumerate(equations.atoms):
            for row, sign in ((atom.row, atom.scale), (atom.into, -atom.scale)):
                if row >= 0:
                    entering[row, number] += sign
        return {
            "linear": linear[:, :n], "given": linear[:, n:], "stored": stored[:, :n],
            "moved": stored[:, n:], "entering": entering,
        }  # fmt: skip

    @cached_property
    def field(self) -> Kernel:
        """The equations of index 1 for the kernels."""
        r = self.reduced
        linear = np.hstack([r.linear, *r.sources])
        scale = np.array([atom.scale for atom in self.equations.atoms])
        return self._kernel(linear, r.entering * scale, r.expanded, r.shifts, r.stored)

    @cached_property
    def resting(self) -> Kernel:
        """K x + B s + L i(x) = 0, what holds where nothing moves, for the kernels."""
        n, count = self.size, len(self.equations.sources)
        whole = self.whole
        linear = np.hstack([whole["linear"][:n], whole["given"][:n], np.zeros((n, 2 * count))])
        none = np.zeros((2, n, count))
        return self._kernel(linear, whole["entering"][:n], np.eye(n), none, np.zeros((n, n)))

    def _kernel(
        self, linear: np.ndarray, entering: np.ndarray, expanded: np.ndarray, shifts: np.ndarray,
        stored: np.ndarray,
    ) -> Kernel:  # fmt: skip
        equations = self.equations
        codes = codes_of(equations)
        used = sorted({place for atom in equations.atoms for place in atom.controls if place >= 0})
        most = max((len(atom.controls) for atom in equations.atoms), default=0)
        reads = np.full((len(equations.atoms), max(laws.CONTROLS, most)), -1, np.int64)
        for number, atom in enumerate(equations.atoms):
            for k, place in enumerate(atom.controls):
                if place >= 0:
                    reads[number, k] = used.index(place)
        rows = self.expansion(expanded, shifts)
        return (
            codes, arguments_of(equations, self.params), reads,
            compressed(rows[used] if used else rows[:0]), compressed(entering.T),
            compressed(linear), np.ascontiguousarray(stored),
        )  # fmt: skip

    def expansion(self, expanded: np.ndarray, shifts: np.ndarray) -> np.ndarray:
        """x, then the sources, from w = (z, s, s', s'') (N + S, W)."""
        count = len(self.equations.sources)
        above = np.hstack([expanded, *shifts, np.zeros((len(expanded), count))])
        below = np.zeros((count, above.shape[1]))
        below[:, expanded.shape[1] : expanded.shape[1] + count] = np.eye(count)
        return np.vstack([above, below])

    def _clock(self, k: int) -> tuple[float, float]:
        """Time at the start of a piece [s], and its rate.

        It stays inside of the piece by what rounding leaves of its ends: there an expression has
        the slope of this piece, and not that of its neighbour.
        """
        start, end = self.pieces[k].start, self.pieces[k].end
        off = min(1e-12 * self.pieces[-1].end, 1e-2 * (end - start))
        return start + off, 1.0 - 2.0 * off / (end - start)

    def table(self, k: int) -> np.ndarray:
        """The sources during piece ``k`` (S, 8), see ``engine.nodal.field.wave``."""
        piece = self.pieces[k]
        rows = []
        for source in self.equations.sources:
            constant = 0.0 if source.param == CONSTANT else self.params[source.param]
            if source.wave is None:
                rows.append((*(self._clock(k) if source.clock else (constant, 0.0)), *[0.0] * 6))
                continue
            wave, levels = source.wave, source.wave.levels
            at = wave.between(piece.start, piece.end)(piece.start)
            motion = wave.motion(piece.start, piece.end)
            rows.append(
                (
                    constant + total(at, levels), total(motion.slopes, levels),
                    total(motion.amplitudes, levels), motion.omega, motion.phase, motion.fade,
                    total(motion.tails, levels), motion.decay,
                )
            )  # fmt: skip
        return np.array(rows, np.float64).reshape(-1, 8)
