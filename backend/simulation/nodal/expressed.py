"""What a solve must know of expressions: where they have no value, where they jump or bend."""

import numpy as np

from ...circuit.expressed import formula_of, jump_of
from ...errors import clipped
from ...expressions.formula import Call, parts_of
from .local import equations
from .problem import Kernel, NodalProblem
from .sizes import typical

BEYOND = np.array([0.0, 1e-6, 1e-3, 0.1, 1.0, 10.0, 1e3])
"""Shares of the last step by which a state is carried on."""

NEAR = (1e-3, 0.1, 1.0, -1e-3, -0.1, -1.0)
"""Shares of the largest voltage at which an iteration may begin."""


def blamed(problem: NodalProblem, k: int, t: float, z: np.ndarray, before: np.ndarray) -> str:
    """The device whose expression has no finite value at a state, or where it leads; else empty.

    Args:
        problem: the circuit.
        k: number of the piece.
        t: time in the piece [s].
        z: the last state (n,).
        before: the one before (n,).
    """
    if not any(atom.program for atom in problem.equations.atoms):
        return ""
    onward = z + BEYOND[:, None] * (z - before)
    with np.errstate(all="ignore"):
        now = equations(problem.field, problem.table(k), np.full(len(onward), t), onward)
    finite = np.isfinite(now.currents) & np.isfinite(now.slopes).all(axis=-1)
    for row in range(len(onward)):
        name = _first(problem, finite[row])
        if name:
            return name
    return ""


def undefined_at(problem: NodalProblem, k: int, z: np.ndarray, end: bool) -> str:
    """The device whose expression has no finite value at an end of a piece itself; else empty.

    Inside, a pole of time lies between two steps, and nothing would tell of it.
    """
    table = problem.table(k)
    if problem.given.all():
        return ""
    table[~problem.given, 0] = problem.pieces[k].end if end else problem.pieces[k].start
    table[~problem.given, 1] = 0.0
    local = problem.durations[k] if end else 0.0
    with np.errstate(all="ignore"):
        now = equations(problem.field, table, np.array([local]), z[None])
    return _first(problem, np.isfinite(now.currents[0]))


def _first(problem: NodalProblem, finite: np.ndarray) -> str:
    for atom, fine in zip(problem.equations.atoms, finite, strict=True):
        if atom.program is not None and not fine:
            return clipped(problem.equations.devices[atom.device].id)
    return ""


def without_value(problem: NodalProblem, currents: np.ndarray) -> tuple[int, str]:
    """The first of T times at which an expression gives no finite number (T, A), and its device."""
    broken = np.flatnonzero(~np.isfinite(currents).all(axis=1))
    if not len(broken):
        return -1, ""
    return int(broken[0]), _first(problem, np.isfinite(currents[broken[0]]))


def defined(problem: NodalProblem, field: Kernel, x: np.ndarray) -> np.ndarray:
    """A start of an iteration at 0 s (n,): ``x``, or voltages near it where all have a value.

    1/V(a) has none where everything is at 0 V.
    """
    if not any(atom.program for atom in problem.equations.atoms):
        return x
    volts = float(typical(problem)[0])
    spread = 1.0 + np.arange(len(x)) / max(len(x), 1)
    starts = np.concatenate([x[None], [x + share * volts * spread for share in NEAR]])
    with np.errstate(all="ignore"):
        now = equations(field, problem.table(0), np.zeros(len(starts)), starts)
    fine = np.isfinite(now.f).all(axis=1) & np.isfinite(now.jacobian).all(axis=(1, 2))
    return starts[int(fine.argmax())]


KINKS = {"abs", "uramp", "max", "min", "limit", "table", "if"}
SHARPER = 1e-2


def sharpness(problem: NodalProblem) -> float:
    """Share of the usual tolerance at which gradients pass the kinks of expressions.

    A step over a kink has it at the wrong moment by what its error allows.
    """
    kinked = any(
        isinstance(part, Call) and part.function in KINKS
        for device in problem.circuit.devices
        if device.expression
        for part in parts_of(formula_of(device))
    )
    return SHARPER if kinked else 1.0


def jumping(problem: NodalProblem) -> str:
    """Why gradients cannot be had, in words; empty where they can."""
    for device in problem.circuit.devices:
        found = jump_of(device) if device.expression else ""
        if found:
            return (
                f"Gradients do not pass the jump of '{found}' in device '{clipped(device.id)}', "
                "whose moment moves with a voltage or a parameter; write tanh or a ramp instead."
            )
    return ""
