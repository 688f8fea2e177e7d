"""What is shown beside voltages: currents, Kirchhoff's law, the adjoint circuit's currents."""

from typing import Any

import numpy as np

from .caching import kernel
from .scalar_field import fill, pull_back, steepness
from .scalar_march import read_path


@kernel
def show_currents(field: Any, place: Any, voltages: Any, currents: Any, residual: Any) -> None:
    """Currents (T, E) and the violation of the current law (T,) at voltages (T, N) of one slice."""
    fill(*field, place, voltages, currents, residual)


@kernel
def show_adjoint(
    field: Any, place: Any, voltages: Any, adjoint: Any, leaving: Any, entering: Any
) -> None:
    """g_s (mu_s - mu_d) leaving every source and -g_d (mu_s - mu_d) entering every target.

    Of one-sided devices mu of ground, 0, takes the place of mu_s.

    Args:
        field: of the slice.
        place: column of every device (E,).
        voltages: (T, N + 1) [V].
        adjoint: lambda (T, N + 1).
        leaving: room for (T, E).
        entering: room for (T, E).
    """
    runs, first, last, _, target, terms, inverse, leaves = field
    steep = np.empty(target.shape[0])
    for i in range(voltages.shape[0]):
        steepness(*field, voltages[i], steep)
        for j in range(first, last):
            for e in range(runs[j, 0], runs[j, 1]):
                s, d = leaves[e], target[e]
                across = steep[e] * (adjoint[i, s] * inverse[s] - adjoint[i, d] * inverse[d])
                leaving[i, place[e]] = terms[1, e] * across
                entering[i, place[e]] = -terms[2, e] * across


@kernel
def show_pulled(field: Any, voltages: Any, adjoint: Any, out: Any) -> None:
    """J^T lambda (T, N + 1) at voltages and adjoint voltages (T, N + 1): of driven nodes dL/du."""
    steep = np.empty(field[3].shape[0])
    for i in range(voltages.shape[0]):
        steepness(*field, voltages[i], steep)
        pull_back(*field, steep, adjoint[i], out[i])


@kernel
def show_path(times: Any, states: Any, bends: Any, at: Any, out: Any) -> None:
    """The states of a tape (T, N + 1) at any times (T,) [s]."""
    last = times.shape[0] - 1
    for i in range(at.shape[0]):
        if at[i] >= times[last]:  # to the last digit
            out[i] = states[last]
        else:
            read_path(times, states, bends, at[i], out[i])
