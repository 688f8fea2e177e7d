"""The adjoint of a circuit of the general class: of the steps of its solve, and as a circuit.

With mu the voltages of the adjoint network, M^T mu = lambda = dL/dx, the adjoint obeys

    M^T dmu/dt = (K + L di/dx)^T mu,

so that it has the same parts, transposed (Director and Rohrer 1969). Gradients are those of the
steps of RODAS, to rounding.
"""

from dataclasses import dataclass, replace

import numpy as np

from ...circuit.nodal.assembly import CONSTANT
from ...errors import SolveError
from ..accuracy import Times
from ..adjoint import Loss
from ..stopping import StopSignal
from ..trajectory import AdjointTrajectory, SolveStatus, Trajectory
from .answer import apart, largest, shown
from .expressed import jumping, sharpness
from .local import values_of
from .problem import NodalProblem
from .pulled import Back, pulled
from .rest import BLIND, resting
from .samples import sampled
from .sizes import typical
from .transient import Control, NodalCourse, march

COARSE, FINE = 1e-7, 1e-9
CERTAIN = 1e-4
"""Gradients of both tolerances must agree to this share of the largest of their kind."""


@dataclass
class Gradient:
    """Of one solve: L, by parameters and sources (P + S,), by levels of sources, by the start.

    ``loss_scale`` is the largest dL/dv at the end.
    """

    loss: float
    loss_scale: float
    theta: np.ndarray
    levels: list[np.ndarray]
    start: np.ndarray
    back: Back


def gradient(problem: NodalProblem, course: NodalCourse, loss: Loss) -> Gradient:
    """The gradient of a loss at the end of a course.

    Raises:
        SolveError: the adjoint stops being finite.
    """
    r, k = problem.reduced, len(course.tapes) - 1
    values = values_of(problem.table(k), np.array([problem.durations[k]]))[:, 0]
    x = r.expanded @ course.tapes[k].states[-1] + r.shifts[0] @ values[0] + r.shifts[1] @ values[1]
    columns = np.concatenate([x, values[0]])
    places = np.array([problem.equations.nodes[name] for name in problem.circuit.node_ids])
    voltages = columns[places]
    cotangent = np.zeros(problem.size)
    inside = places < problem.size
    np.add.at(cotangent, places[inside], loss.cotangent(voltages)[inside])
    back = pulled(problem, course, cotangent)
    theta = back.theta_start.copy()
    for number, source in enumerate(problem.equations.sources):
        if source.param != CONSTANT:
            theta[source.param] += theta[len(problem.params) + number]
    levels = [_levels(problem, number, back) for number in range(len(problem.equations.sources))]
    size = float(np.abs(cotangent).max(initial=0.0))
    return Gradient(loss.value(voltages), size, theta, levels, back.start, back)


def _levels(problem: NodalProblem, number: int, back: Back) -> np.ndarray:
    """dL/dlevel (P,) of a source's waveform."""
    wave = problem.equations.sources[number].wave
    if wave is None:
        return np.zeros(0)
    out = np.zeros(len(wave.levels))
    for piece, table in zip(problem.pieces, back.by_table, strict=False):
        at = wave.between(piece.start, piece.end)(piece.start)
        motion = wave.motion(piece.start, piece.end)
        for shares, by in zip((at, motion.slopes, motion.amplitudes), table[number], strict=True):
            for j, share in shares.items():
                out[j] += share * by
    return out


def solve_adjoint(
    problem: NodalProblem, times: Times, loss: Loss, stop: StopSignal | None = None
) -> tuple[Trajectory, AdjointTrajectory | None]:
    """Trajectory and adjoint, each held against a solve of a hundredfold tolerance.

    Raises:
        CircuitError: the equations leave something open.
        Stopped: ``stop`` was set.
    """
    from .lanes import lanes

    try:
        ends = [times.of_slice(k) for k in range(len(problem.durations))]
        rtols = [sharpness(problem) * rtol for rtol in (FINE, COARSE)]
        fine, coarse = (march(problem, Control(rtol), stop, outputs=ends) for rtol in rtols)
    except SolveError as error:
        fine = coarse = NodalCourse(message=f"{str(error)[:1].upper()}{str(error)[1:]}.")
    samples = sampled(problem, fine, times)
    trajectory = shown(problem, fine, times, samples)
    if fine.message or coarse.message:
        if not fine.message:
            words = f"These voltages cannot be confirmed: {coarse.message}"
            trajectory = trajectory.with_status(SolveStatus(False, words, state="inaccurate"))
        return trajectory, None
    if not trajectory.status.ok:
        return trajectory, None
    other = sampled(problem, coarse, times)
    found = apart(problem, other, samples, times, largest(problem, fine))
    trajectory = trajectory.with_status(found)
    if words := jumping(problem) or _blind(problem):
        return trajectory.with_status(SolveStatus(False, words, state="inaccurate")), None
    try:
        found, other = gradient(problem, fine, loss), gradient(problem, coarse, loss)
    except SolveError as error:
        status = SolveStatus(False, f"{error}; shorten the duration.", state="inaccurate")
        return trajectory.with_status(status), None
    adjoint = lanes(problem, fine, times, found)
    error = _gap(problem, found, other)
    adjoint = replace(adjoint, error=error)
    if error > CERTAIN and trajectory.status.ok:
        words = (
            f"The adjoint is uncertain: gradients of two tolerances differ by {100 * error:.2g} % "
            "of the largest; shorten the duration."
        )
        trajectory = trajectory.with_status(SolveStatus(False, words, state="inaccurate"))
    return trajectory, adjoint


def _blind(problem: NodalProblem) -> str:
    """Why no gradient through the operating point can be told, in words; empty where it can."""
    if problem.circuit.start != "operating-point":
        return ""
    condition = resting(problem).condition
    if condition <= BLIND:
        return ""
    return (
        f"Gradients through the operating point cannot be told: its equations lose "
        f"{np.log10(condition):.0f} of 16 digits; limit what conducts so much there."
    )


def _gap(problem: NodalProblem, one: Gradient, two: Gradient) -> float:
    """The largest difference of two gradients as a share of the largest of its kind.

    Gradients count by what a parameter's own size makes of them; a kind that matters a thousand
    times less than another is measured by that.
    """
    names = [name for _, name in problem.equations.names]
    sizes = np.abs(problem.params)
    volts = float(typical(problem)[0])
    pairs = [(one.start * volts, two.start * volts)]
    for name in dict.fromkeys(names):
        own = np.flatnonzero([other == name for other in names])
        size = sizes[own] + (sizes[own] == 0) * (sizes[own].max() or 1.0)
        pairs.append((one.theta[own] * size, two.theta[own] * size))
    largest = max(float(np.abs(a).max(initial=0.0)) for a, _ in pairs)
    floor = max(1e-3 * largest, 1e-9 * volts * max(one.loss_scale, 1e-300))
    return max(
        float(np.abs(a - b).max(initial=0.0)) / max(float(np.abs(a).max(initial=0.0)), floor)
        for a, b in pairs
    )
