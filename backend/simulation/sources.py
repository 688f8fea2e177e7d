"""What holds the driven nodes of a circuit, piece after piece, as the compiled marches take it."""

from typing import Any

import numpy as np

from ..circuit import Circuit
from ..circuit.held_field import Piece
from ..waveforms.base import Motion, Shares, Waveform, total


class Sources:
    """The sources of all driven nodes.

    A march takes a driven node along as a row whose slope is du/dt and whose voltage is set anew
    at the start of every piece, so that it meets jumps and gathers no errors.

    Args:
        circuit: the description.
        pieces: stretches over which all drives are smooth.
        rows: the problem's row of every node, in the circuit's order.

    Attributes:
        places: the driven nodes' places in the circuit's order (M,).
        rows: their rows in the problem (M,).
    """

    def __init__(self, circuit: Circuit, pieces: list[Piece], rows: np.ndarray) -> None:
        self.places = np.array([k for k, node in enumerate(circuit.nodes) if node.drive], np.int64)
        self.rows = rows[self.places]
        self.pieces = pieces
        self.waves: list[Waveform] = [node.drive for node in circuit.nodes if node.drive]
        self._courses = [[w.between(p.start, p.end) for w in self.waves] for p in pieces]
        self.motions = [[w.motion(p.start, p.end) for w in self.waves] for p in pieces]

    def begin(self, k: int, y: np.ndarray) -> None:
        """Put the voltages at the start of piece ``k`` into a state (N + 1,)."""
        if len(self.rows):
            y[self.rows] = self.held(k, np.zeros(1))[0]

    def held(self, k: int, local: np.ndarray) -> np.ndarray:
        """The voltages (T, M) [V] at times of piece ``k``, counted from its start [s]."""
        if not len(self.rows):
            return np.empty((len(local), 0))
        start = self.pieces[k].start
        return np.array(
            [
                [
                    total(course(start + t), wave.levels)
                    for course, wave in zip(self._courses[k], self.waves, strict=True)
                ]
                for t in local.tolist()
            ]
        ).reshape(len(local), len(self.rows))

    def moving(self, k: int, shift: float = 0.0) -> tuple[Any, ...]:
        """The source of the kernels for piece ``k``, of which time ``shift`` has gone by [s]."""
        pairs = zip(self.motions[k], self.waves, strict=True)
        table = [
            (
                total(motion.slopes, wave.levels), total(motion.amplitudes, wave.levels),
                motion.omega, motion.phase, motion.fade,
                total(motion.tails, wave.levels), motion.decay,
            )
            for motion, wave in pairs
        ]  # fmt: skip
        return self.rows, np.array(table, np.float64).reshape(-1, 7), float(shift)

    def shares(self, k: int, local: np.ndarray, number: int) -> np.ndarray:
        """w_j (T, P) of driven node ``number`` at times of piece ``k``."""
        out = np.zeros((len(local), len(self.waves[number].levels)))
        for row, t in enumerate(local.tolist()):
            for j, share in self._courses[k][number](self.pieces[k].start + t).items():
                out[row, j] = share
        return out

    def from_motion(self, k: int, number: int, start: float, moved: np.ndarray) -> np.ndarray:
        """Gradients of levels (P,) from those of a piece's start, slope, amplitude and tail."""
        motion: Motion = self.motions[k][number]
        out = start * self.shares(k, np.zeros(1), number)[0]
        parts: tuple[tuple[float, Shares], ...] = (
            (moved[0], motion.slopes), (moved[1], motion.amplitudes), (moved[2], motion.tails),
        )  # fmt: skip
        for gradient, shares in parts:
            for j, share in shares.items():
                out[j] += gradient * share
        return out
