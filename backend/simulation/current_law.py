"""Kirchhoff's current law, checked with the currents that are shown, apart from the solve."""

import numpy as np
from torch import Tensor

from ..circuit.compile import CompiledCircuit, SliceField


def ends_of(field: SliceField) -> tuple[np.ndarray, np.ndarray]:
    """The rows (E,) that the current of every device leaves and enters."""
    leaves, target = np.empty((2, field.device_count), dtype=int)
    for group in field.kinds():
        leaves[group.places], target[group.places] = group.leaves, group.target
    return leaves, target


def kcl_residual(
    compiled: CompiledCircuit,
    field: SliceField,
    v: Tensor,
    i: Tensor,
    sources: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Largest |C dv/dt - (currents in - currents out)| over nodes and ground, over max |i|.

    The right-hand side is the one the solver used, the currents are the ones that are shown. A
    driven node has its source in the place of C dv/dt, and ground gives what sources give.

    Args:
        compiled: the circuit.
        field: of the slice.
        v: voltages (N, T).
        i: currents of the devices (E, T).
        sources: rows of the driven nodes (M,), and what their sources give (M, T).
    """
    with np.errstate(invalid="ignore", over="ignore"):  # a diverged end has no sensible residual
        return _residual(compiled, field, v, i, sources)


def _residual(
    compiled: CompiledCircuit,
    field: SliceField,
    v: Tensor,
    i: Tensor,
    sources: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    charge = (compiled.capacitance.unsqueeze(-1) * field(0.0, v)).numpy()
    net = np.zeros((compiled.node_count + 1, v.shape[1]))
    leaves, target = ends_of(field)
    np.subtract.at(net, leaves, i.numpy())
    np.add.at(net, target, i.numpy())
    rows, given = sources
    charge[rows] = -given
    ground = charge.sum(0) + net[-1]
    worst = np.maximum(np.abs(charge - net[:-1]).max(0), np.abs(ground))
    scale = float(i.abs().max()) if i.numel() else 0.0
    return worst / scale if scale > 0 else worst
