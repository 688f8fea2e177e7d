"""Many starts of one circuit at a time, through all slices, by steps that are told."""

from typing import Any

import numpy as np

from backend.errors import StudioError


def transport(compiled: Any, start: Any, times: Any, steps: int) -> Any:
    """States (T, B, N) [V] at the times, from starts (B, N) at 0.

    RK4 with so many steps between two times, or ends of slices; waveforms are not known to it.

    Args:
        compiled: a circuit without driven nodes.
        start: voltages of all nodes (B, N).
        times: from 0 to the duration (T,) [s].
        steps: between two times.
    """
    import torch

    from backend.simulation.simulate import make_solver
    from backend.solvers import integrate

    solver = make_solver("rk4", steps=steps)
    state, rows, left = start.T.contiguous(), [start.T], 0.0
    total = sum(part.duration for part in compiled.circuit.slices)
    now, parts = 0.0, []
    for part, field in zip(compiled.circuit.slices, compiled.fields(), strict=True):
        parts.append((left, left + part.duration, field))
        left += part.duration
    for time in times[1:]:
        for begin, end, field in parts:
            span = min(float(time), end) - max(now, begin)
            if span > 1e-12 * total:
                state = integrate(field, state, 0.0, span, solver)
        now = float(time)
        rows.append(state)
    return torch.stack(rows).transpose(1, 2).contiguous()


def settled(
    compiled: Any, start: Any, times: Any, counts: tuple[int, ...], most: int, share: float
) -> Any:
    """States (T, B, N) by as few steps as twice as many confirm.

    Args:
        compiled: a circuit without driven nodes.
        start: voltages of all nodes (B, N).
        times: from 0 to the duration (T,) [s].
        counts: of steps between two times, each twice the one before.
        most: of devices times steps.
        share: of the range of all states by which two counts may differ.

    Raises:
        StudioError: no count does.
    """
    coarse = None
    for steps in counts:
        if steps > 2 and steps * compiled.circuit.device_count > most:
            break
        fine = transport(compiled, start, times, steps).numpy()
        if coarse is not None and np.isfinite(fine).all():
            reach = float(fine.max() - fine.min())
            if np.abs(fine - coarse).max() <= share * reach:
                return fine
        coarse = fine
    raise StudioError(
        "there are no portraits of this circuit: from some inputs it grows beyond all bounds, or "
        "moves too fast for the steps of a picture; choose larger capacitances"
    )
