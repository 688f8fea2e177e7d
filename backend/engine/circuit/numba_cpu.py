"""Whole trajectories of tiles of samples: forward march and exact discrete adjoint.

A state is ``[node][sample]`` flat, ground last and at 0 V; a tile has 64 samples in float32 and 32
in float64 (``lanes.WIDTHS``), and all arrays have the type of the states. A segment is a number of
explicit Runge-Kutta steps through one slice. With h the step, inverse = 1/C and the stage inputs
Y_i,

    k_i = inverse * currents(Y_i),  Y_i = y + h sum_j a_ij k_j,  y' = y + h sum_i b_i k_i

and backwards, from the last stage to the first, with lambda = dL/dy',

    kappa_i = h (b_i lambda + sum_j a_ji w_j),  w_i = J^T kappa_i,  lambda <- lambda + sum_i w_i.
"""

from typing import Any

import numpy as np

from .caching import inlined, kernel
from .fused_devices import adjoint_currents, currents
from .lanes import add, fill, fma, load, mul, spread, store, width

ZERO = np.float32(0)

# What a march leaves for the way back.
NOTHING, STEPS, STAGES = 0, 1, 2


@inlined
def scale(values: Any, inverse: Any) -> None:
    """Currents to slopes, in place: times 1/C, ground (no capacitor, inverse 0) to zero."""
    for row in range(inverse.shape[0]):
        at = row * width(values)
        store(values, at, mul(load(values, at), spread(inverse[row])))


@inlined
def stage_input(i: int, rows: int, h: Any, a: Any, y: Any, slopes: Any, out: Any) -> None:
    """y + h sum_{j<i} a_ij k_j."""
    for row in range(rows):
        at = row * width(y)
        value = load(y, at)
        for j in range(i):
            if a[i, j] != ZERO:
                value = fma(spread(h * a[i, j]), load(slopes[j], at), value)
        store(out, at, value)


@inlined
def _march(
    trace: bool, plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any,
    keep: int, y: Any, kept: Any, slopes: Any, scratch: Any, log_det: Any,
) -> None:  # fmt: skip
    stages, rows = b.shape[0], inverse.shape[0]
    for n in range(sizes.shape[0]):
        h = sizes[n]
        for i in range(stages):
            if keep == STAGES:
                now = kept[n * stages + i]
            elif keep == STEPS and i == 0:
                now = kept[n]
            else:
                now = scratch
            stage_input(i, rows, h, a, y, slopes, now)
            part = currents(trace, plan, terms, inverse, now, slopes[i])
            if trace:
                store(log_det, 0, fma(spread(h * b[i]), part, load(log_det, 0)))
            scale(slopes[i], inverse)
        for row in range(rows):
            at = row * width(y)
            value = load(y, at)
            for i in range(stages):
                if b[i] != ZERO:
                    value = fma(spread(h * b[i]), load(slopes[i], at), value)
            store(y, at, value)


@kernel
def march(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any, keep: int,
    y: Any, kept: Any, slopes: Any, scratch: Any,
) -> None:  # fmt: skip
    """March the tiles of ``y`` (tiles, rows samples) through a segment, in place.

    Args:
        plan: the topology, ``plan.Packed.arrays``.
        terms: (E, 4) packed.
        inverse: (rows,), 0 for ground.
        a: (s, s) of the method.
        b: (s,) of the method.
        sizes: lengths of the steps (steps,) [s].
        keep: what to leave in ``kept`` (tiles, slots, rows samples).
        y: the states.
        kept: stage inputs (steps times s slots) or states at steps (steps slots).
        slopes: room for (s, rows samples).
        scratch: room for (rows samples,).
    """
    for tile in range(y.shape[0]):
        _march(
            False, plan, terms, inverse, a, b, sizes, keep, y[tile], kept[tile], slopes,
            scratch, scratch,
        )  # fmt: skip


@kernel
def march_flow(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any, keep: int,
    y: Any, kept: Any, slopes: Any, scratch: Any, log_det: Any,
) -> None:  # fmt: skip
    """As ``march``, adding the integral of the Jacobian's trace to ``log_det`` (tiles, samples)."""
    for tile in range(y.shape[0]):
        _march(
            True, plan, terms, inverse, a, b, sizes, keep, y[tile], kept[tile], slopes,
            scratch, log_det[tile],
        )  # fmt: skip


@inlined
def _pull(
    trace: bool, plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any,
    keep: int, lam: Any, kept: Any, pulled: Any, inputs: Any, mu: Any, mu_log_det: Any,
    gradient: Any,
) -> None:  # fmt: skip
    stages, rows = b.shape[0], inverse.shape[0]
    for n in range(sizes.shape[0] - 1, -1, -1):
        h = sizes[n]
        if keep == STEPS:
            # The slopes are made again in the rows that will hold w_i.
            for i in range(stages):
                stage_input(i, rows, h, a, kept[n], pulled, inputs[i])
                if i < stages - 1:
                    currents(False, plan, terms, inverse, inputs[i], pulled[i])
                    scale(pulled[i], inverse)
        for i in range(stages - 1, -1, -1):
            for row in range(rows):
                at = row * width(lam)
                kappa = mul(spread(b[i]), load(lam, at))
                for j in range(i + 1, stages):
                    if a[j, i] != ZERO:
                        kappa = fma(spread(a[j, i]), load(pulled[j], at), kappa)
                store(mu, at, mul(kappa, spread(h * inverse[row])))
            now = kept[n * stages + i] if keep == STAGES else inputs[i]
            mu_trace = mul(spread(h * b[i]), load(mu_log_det, 0)) if trace else fill(mu, 0.0)
            adjoint_currents(trace, plan, terms, inverse, now, mu, mu_trace, pulled[i], gradient)
        for row in range(rows):
            at = row * width(lam)
            value = load(lam, at)
            for i in range(stages):
                value = add(value, load(pulled[i], at))
            store(lam, at, value)


@kernel
def pull(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any, keep: int,
    lam: Any, kept: Any, pulled: Any, inputs: Any, mu: Any, gradient: Any,
) -> None:  # fmt: skip
    """Pull ``lam`` (tiles, rows samples) back through a segment, in place.

    Args:
        plan: this and all up to ``keep`` as in ``march``.
        terms: (E, 4) packed.
        inverse: (rows,), 0 for ground.
        a: (s, s) of the method.
        b: (s,) of the method.
        sizes: lengths of the steps (steps,) [s].
        keep: what ``march`` left in ``kept``.
        lam: dL/dy at the end, then at the start; the row of ground is of no meaning.
        kept: stage inputs or states at steps.
        pulled: room for (s, rows samples).
        inputs: room for (s, rows samples).
        mu: room for (rows samples,).
        gradient: (4 E,), to which the gradients of the terms are added.
    """
    for tile in range(lam.shape[0]):
        _pull(
            False, plan, terms, inverse, a, b, sizes, keep, lam[tile], kept[tile], pulled,
            inputs, mu, mu, gradient,
        )  # fmt: skip


@kernel
def pull_flow(
    plan: Any, terms: Any, inverse: Any, a: Any, b: Any, sizes: Any, keep: int,
    lam: Any, kept: Any, pulled: Any, inputs: Any, mu: Any, gradient: Any, mu_log_det: Any,
) -> None:  # fmt: skip
    """As ``pull``, with the cotangent ``mu_log_det`` (tiles, samples) of the log-determinant."""
    for tile in range(lam.shape[0]):
        _pull(
            True, plan, terms, inverse, a, b, sizes, keep, lam[tile], kept[tile], pulled,
            inputs, mu, mu_log_det[tile], gradient,
        )  # fmt: skip
