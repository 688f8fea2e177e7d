"""What the adjoint of a circuit of the general class shows over time, node by node."""

import numpy as np

from ...circuit.nodal.assembly import CONSTANT, HIDDEN
from ...devices import DeviceLaw, kind_of
from ..accuracy import Times
from ..trajectory import AdjointTrajectory
from .adjoint import Gradient
from .local import Local, chunks, equations, polished, solved
from .problem import NodalProblem
from .transient import NodalCourse


def lanes(
    problem: NodalProblem, course: NodalCourse, times: Times, found: Gradient
) -> AdjointTrajectory:
    """The adjoint network's voltages, currents and gathered gradients at the output times."""
    parts = [_piece(problem, course, k, times.of_slice(k), found) for k in range(len(course.tapes))]
    mu, entering, leaving, density, path = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    equations_, circuit = problem.equations, problem.circuit
    size, n_nodes = problem.size, len(circuit.nodes)
    lam = np.zeros((len(times.t), n_nodes))
    whole = mu @ problem.whole["stored"][:size]
    start = np.zeros(n_nodes)
    for place, name in enumerate(circuit.node_ids):
        column = equations_.nodes[name]
        if column < size:
            lam[:, place] = whole[:, column]
            start[place] = found.start[column]
    by_device, paths = _by_name(problem, found, path)
    driven = len(circuit.driven)
    return AdjointTrajectory(
        t=times.t,
        voltages=lam,
        currents=entering,
        currents_target=leaving,
        gradient=by_device,
        gradient_path=paths,
        gradient_voltage=start,
        loss=found.loss,
        driven_ids=circuit.driven,
        drive_density=density[:, :driven],
        gradient_drive=tuple(found.levels[:driven]),
        gradient_wave=_waves(problem, found),
    )


def _waves(problem: NodalProblem, found: Gradient) -> dict[str, np.ndarray]:
    """dL/dlevel of sources between nodes, by device."""
    sources = problem.equations.sources
    return {
        source.name: levels
        for source, levels in zip(sources, found.levels, strict=True)
        if source.wave is not None and source.param != CONSTANT
    }


def _by_name(
    problem: NodalProblem, found: Gradient, path: np.ndarray
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """(E,) and (T, E) by name of the parameter; NaN where a device has none or it is unknown."""
    devices = len(problem.equations.devices)
    totals: dict[str, np.ndarray] = {}
    paths: dict[str, np.ndarray] = {}
    for place, (device, name) in enumerate(problem.equations.names):
        if name not in totals:
            totals[name] = np.full(devices, np.nan)
            paths[name] = np.full((len(path), devices), np.nan)
        if not found.back.unknown[place]:
            totals[name][device] = found.theta[place]
            paths[name][:, device] = path[:, place]
    return totals, paths


def _piece(
    problem: NodalProblem, course: NodalCourse, k: int, local: np.ndarray, found: Gradient
) -> tuple[np.ndarray, ...]:
    """mu (T, N), both currents (T, E), dL/ds (T, S) and gathered gradients (T, P) of one piece."""
    tape, table = course.tapes[k], problem.table(k)
    bars, gathered = found.back.bars[k], _with_sources(problem, found.back.theta[k])
    knots = _Knots(problem, k, bars, tape.times, tape.states)
    z = polished(problem, k, local, tape.at(local)) if len(local) else tape.states[:0]
    lam = knots.at(local)
    path = (
        np.array([np.interp(local, tape.times, gathered[:, p]) for p in range(gathered.shape[1])])
        .reshape(gathered.shape[1], len(local))
        .T
    )
    rows: list[tuple[np.ndarray, ...]] = []
    devices, count = len(problem.equations.devices), len(table)
    if not len(local):
        none = np.zeros((0, devices))
        return np.zeros((0, problem.size)), none, none, np.zeros((0, count)), path
    for part in chunks(len(local), z.shape[1], z.shape[1] + 3 * count):
        now = equations(problem.field, table, local[part], z[part])
        mu = multipliers(problem, now, lam[part])
        density = np.einsum("tnw,tn->tw", now.jacobian, mu)[:, z.shape[1] : z.shape[1] + count]
        whole = mu @ problem.reduced.combined
        rows.append((whole, *_currents(problem, now, whole), density))
    whole, entering, leaving, density = (
        np.concatenate(column) for column in zip(*rows, strict=True)
    )
    return whole, entering, leaving, density, path


def _with_sources(problem: NodalProblem, gathered: np.ndarray) -> np.ndarray:
    """Gradients by parameters, those that are sources' constants included (K + 1, P)."""
    count = len(problem.params)
    out = gathered[:, :count].copy()
    for number, source in enumerate(problem.equations.sources):
        if source.param != CONSTANT:
            out[:, source.param] += gathered[:, count + number]
    return out


def multipliers(problem: NodalProblem, now: Local, lam: np.ndarray) -> np.ndarray:
    """mu (T, n): E^T mu = lambda, and no equation of the adjoint without a derivative is left.

    Args:
        problem: the circuit.
        now: its equations at T times.
        lam: dL/dz along what has derivatives (T, n).
    """
    r = problem.reduced
    n, differential = len(r.kept), ~r.algebraic
    mu = np.zeros((len(lam), n))
    if differential.any():
        rows = r.stored[differential]
        size = np.abs(rows).max(axis=1)
        mu[:, differential] = (lam @ np.linalg.pinv(rows / size[:, None])) / size
    if r.algebraic.any():
        through = np.einsum("tnw,wd->tnd", now.jacobian[:, :, :n], r.directions)
        matrix = through[:, r.algebraic].transpose(0, 2, 1)
        right = -np.einsum("tnd,tn->td", through[:, differential], mu[:, differential])
        mu[:, r.algebraic] = solved(matrix, right)
    return mu


class _Knots:
    """lambda at the ends of the steps of a piece, and a cubic between two of them."""

    def __init__(
        self, problem: NodalProblem, k: int, bars: np.ndarray, times: np.ndarray,
        states: np.ndarray,
    ) -> None:  # fmt: skip
        r, table = problem.reduced, problem.table(k)
        self.times, n = times, states.shape[1]
        self.lam, self.slope = np.empty_like(bars), np.empty_like(bars)
        for part in chunks(len(times), n, n + 3 * len(table)):
            now = equations(problem.field, table, times[part], states[part])
            matrix = np.where(r.algebraic.reshape(-1, 1), now.jacobian[:, :, :n], r.stored)
            mu = solved(matrix.transpose(0, 2, 1), bars[part])
            held = np.where(r.algebraic, 0.0, mu)
            self.lam[part] = held @ r.stored
            mu = multipliers(problem, now, self.lam[part])
            self.slope[part] = -np.einsum("tnw,tn->tw", now.jacobian[:, :, :n], mu)

    def at(self, local: np.ndarray) -> np.ndarray:
        """lambda (T, n) at local times [s]."""
        k = np.clip(np.searchsorted(self.times, local, side="right") - 1, 0, len(self.times) - 2)
        h = (self.times[k + 1] - self.times[k])[:, None]
        x = (local - self.times[k])[:, None] / h
        one, two = self.lam[k], self.lam[k + 1]
        first, last = h * self.slope[k], h * self.slope[k + 1]
        rise = two - one
        return one + x * (first + x * (3 * rise - 2 * first - last + x * (first + last - 2 * rise)))


def _currents(problem: NodalProblem, now: Local, mu: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What every device passes in the adjoint network (T, E): out of its source, into its target.

    A device's part of K + L di/dx, transposed, on mu.
    """
    equations_, size = problem.equations, problem.size
    shape = len(mu), len(equations_.devices)
    leaving, entering = np.zeros(shape), np.zeros(shape)
    ends = [
        (equations_.nodes[device.source], equations_.nodes[device.target])
        for device in equations_.devices
    ]
    bent = {atom.device for atom in equations_.atoms}
    owner = {param: device for param, (device, _) in enumerate(equations_.names)}
    wide = np.concatenate([mu, np.zeros((len(mu), equations_.rows - size + 1))], axis=1)
    for row, column, factor, param in equations_.linear:
        if param == CONSTANT:
            continue
        device = owner[param]
        value = factor * problem.params[param] * wide[:, row]
        leaving[:, device] += value * (column == ends[device][0])
        entering[:, device] -= value * (column == ends[device][1])
    for number, atom in enumerate(equations_.atoms):
        across = np.zeros(len(mu))
        for row, sign in ((atom.row, atom.scale), (atom.into, -atom.scale)):
            if row >= 0:
                across = across + sign * wide[:, row]
        for place, slope in zip(atom.controls, now.slopes[:, number].T, strict=False):
            leaving[:, atom.device] += slope * across * (place == ends[atom.device][0])
            entering[:, atom.device] -= slope * across * (place == ends[atom.device][1])
    for place, (source, target) in enumerate(ends):
        # Ground has no column: where a device has two ends only, what leaves one enters the other.
        if place not in bent and _two_ended(equations_.devices[place].kind):
            if target == HIDDEN:
                entering[:, place] = leaving[:, place]
            elif source == HIDDEN:
                leaving[:, place] = entering[:, place]
    return leaving, entering


def _two_ended(kind: str) -> bool:
    law = kind_of(kind)
    return law.difference if issubclass(law, DeviceLaw) else not law.terminals
