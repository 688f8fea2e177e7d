"""What a solve in torch goes through in one go: slices, cut where a drive bends or jumps."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch

from ..circuit.compile import CompiledCircuit, SliceField
from ..circuit.held_field import HeldField, Piece, pieces_of
from .accuracy import Times


class Stretch(NamedTuple):
    """One stretch of time, in the circuit's own [s].

    Args:
        slice: whose devices conduct.
        start: where it begins.
        end: where it ends.
        base: the field of the slice's devices.
        field: the same, with the driven nodes held.
    """

    slice: int
    start: float
    end: float
    base: SliceField
    field: SliceField | HeldField

    def hold(self, times: Sequence[float] | np.ndarray, states: torch.Tensor) -> None:
        """Put the driven voltages at their times (T,) into states (T, N, B) of this stretch."""
        if isinstance(self.field, HeldField):
            rows = self.field.levels.rows
            for time, state in zip(times, states, strict=True):
                state[rows] = self.field.held(float(time)).to(state)


def stretches_of(compiled: CompiledCircuit, times: Times) -> list[Stretch]:
    """All stretches in the order of time."""
    fields = list(compiled.fields())
    if not compiled.circuit.driven:
        ends = times.starts.tolist()
        return [Stretch(k, ends[k], ends[k + 1], field, field) for k, field in enumerate(fields)]
    return [_held(compiled, fields[piece.slice], piece) for piece in pieces_of(compiled.circuit)]


def _held(compiled: CompiledCircuit, base: SliceField, piece: Piece) -> Stretch:
    return Stretch(*piece, base, HeldField(base, compiled.levels, piece))


def outputs_of(stretches: Sequence[Stretch], times: Times) -> np.ndarray:
    """The stretch to which each output time belongs (T,); a boundary belongs to the later one."""
    slack = 1e-12 * times.starts[-1]
    inner = np.array([stretch.start for stretch in stretches[1:]])
    return np.searchsorted(inner, times.t + slack, side="right").astype(int)
