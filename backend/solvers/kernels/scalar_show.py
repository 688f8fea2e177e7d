"""What is shown beside voltages: currents, Kirchhoff's law, the adjoint circuit's currents."""

from typing import Any

import numpy as np

from .caching import kernel
from .scalar_field import fill, steepness


@kernel
def show_currents(field: Any, place: Any, voltages: Any, currents: Any, residual: Any) -> None:
    """Currents (T, E) and the violation of the current law (T,) at voltages (T, N) of one slice."""
    fill(*field, place, voltages, currents, residual)


@kernel
def show_adjoint(
    field: Any, place: Any, voltages: Any, adjoint: Any, leaving: Any, entering: Any
) -> None:
    """g_s (mu_s - mu_d) leaving every source and -g_d (mu_s - mu_d) entering every target.

    Args:
        field: of the slice.
        place: column of every device (E,).
        voltages: (T, N + 1) [V].
        adjoint: lambda (T, N + 1).
        leaving: room for (T, E).
        entering: room for (T, E).
    """
    runs, first, last, source, target, terms, inverse = field
    steep = np.empty(source.shape[0])
    for i in range(voltages.shape[0]):
        steepness(*field, voltages[i], steep)
        for j in range(first, last):
            for e in range(runs[j, 0], runs[j, 1]):
                s, d = source[e], target[e]
                across = steep[e] * (adjoint[i, s] * inverse[s] - adjoint[i, d] * inverse[d])
                leaving[i, place[e]] = terms[1, e] * across
                entering[i, place[e]] = -terms[2, e] * across
