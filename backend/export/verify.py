"""Our voltages against ngspice's, on the exported netlist."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..circuit import Circuit
from ..circuit.expressed import bends_of
from ..errors import ExportError, SolveError, StudioError
from ..simulation.simulate import simulate
from ..simulation.trajectory import Array, Trajectory
from ..waveforms.piecewise_constant import EDGE
from .general_cards import empty_diodes
from .ngspice import run_ngspice as run_ngspice
from .spice import RELTOL
from .tolerances import voltage_scale

LARGE = 2000
"""With more devices ngspice needs about 5 us for each, many times a step: fewer, coarser steps."""

TRUST = 0.2
"""A solution of ours is sure of what is at least its own uncertainty divided by this."""

LEAST_TOLERANCE = 1e-12
"""Below it the last digits of double precision decide."""

TRIED = 20
"""Numbers of times that are tried until few of them fall on jumps."""

LEAST_ATOL = 1e-15
"""Smallest absolute tolerance that solvers take [V]."""

LOST = 1e-13
"""Voltages that fall below this share of earlier ones are noise, and so is what grows from it."""


MOMENT = 1e-9
"""A share of the duration within which simulators may place a source's breakpoint."""

STEEP = 0.01
"""A change within a moment, as a share of a source's peak, that is compared beside it only."""


@dataclass(frozen=True)
class Verification:
    """How far two simulators of one circuit are apart.

    Args:
        ok: whether the largest error is within the tolerance, and ours is sure enough to say so.
        tolerance: allowed error as a share of the largest voltage.
        largest_error: largest difference as a share of the largest voltage.
        node: id of the node where it occurs.
        time: when [s].
        t: times (T,) [s].
        ours: our voltages (T, N) [V].
        theirs: ngspice's voltages (T, N) [V].
        uncertainty: how far two solves of ours at different tolerances are apart, as a share of
            the largest voltage.
        started_empty: id of a diode whose charge at 0 s ngspice does not take over.
    """

    ok: bool
    tolerance: float
    largest_error: float
    node: str
    time: float
    t: Array
    ours: Array
    theirs: Array
    uncertainty: float = 0.0
    started_empty: str = ""

    @property
    def sure(self) -> bool:
        """Whether our own solution is accurate enough for a verdict either way."""
        return self.uncertainty <= TRUST * max(self.tolerance, self.largest_error)

    @property
    def text(self) -> str:
        """One sentence for people."""
        where = f"at node '{self.node}' and t = {self.time:.4g} s"
        largest = f"{self.largest_error:.2g} of the largest voltage, {where}"
        if not self.sure:
            return (
                f"Nothing can be said within {self.tolerance:g}: two of our own solves differ by "
                f"{self.uncertainty:.2g} of the largest voltage; ngspice differs from the finer "
                f"one by {largest}."
            )
        verdict = "agrees" if self.ok else "does not agree"
        return (
            f"ngspice {verdict}: the largest error is {largest} (tolerance {self.tolerance:g})"
            f"{self._reason}."
        )

    @property
    def line(self) -> str:
        """The verdict in one line."""
        return (
            f"ngspice {'agrees' if self.ok else 'DIFFERS'}: largest error {self.largest_error:.3g} "
            f"of the largest voltage, at node {self.node}, t = {self.time:.4g} s (tolerance "
            f"{self.tolerance:g})"
        )

    @property
    def _reason(self) -> str:
        """Why they disagree, where it can be seen."""
        if self.started_empty and not self.ok:
            return (
                f"; ngspice starts the diode '{self.started_empty}' without the charge of its "
                "voltage at 0 s"
            )
        size = np.abs(self.ours).max(axis=1)
        if self.ok or not (size < LOST * np.maximum.accumulate(size)).any():
            return ""
        return (
            "; the voltages fall below the digits that any simulator keeps, and what grows from "
            "there is chance"
        )


def verify(
    circuit: Circuit,
    tolerance: float = 1e-3,
    outputs: int | None = None,
    time_limit: float = 300.0,
) -> Verification:
    """Simulate the exported netlist with ngspice and compare all node voltages.

    Times at which a source jumps are left out: in a netlist a jump is an edge with a width. So are
    those in ramps that are nearly jumps, whose corners simulators place as exactly as they can.

    Args:
        circuit: the description.
        tolerance: allowed difference as a share of the largest voltage.
        outputs: number of equidistant times that are compared; by default 201, or 51 for a
            large circuit.
        time_limit: for ngspice [s].

    Raises:
        StudioError: the tolerance is out of range, or ngspice is not installed.
        ExportError: ngspice failed, stopped early or took too long, or our own solve failed:
            there is nothing to compare with.
    """
    if not LEAST_TOLERANCE <= tolerance <= 1:
        raise StudioError(
            f"the tolerance is {tolerance:g}; choose one from {LEAST_TOLERANCE:g} to 1, a share of "
            "the largest voltage"
        )
    large = circuit.device_count > LARGE
    count = outputs or _outputs(circuit, 51 if large else 201)
    ours, uncertainty = _ours(circuit, count, TRUST * tolerance)
    theirs = run_ngspice(circuit, ours.t, time_limit, reltol=3e-6 if large else RELTOL)
    error = np.abs(ours.voltages - theirs)
    error[_jumps(circuit, ours.t) | _steep(circuit, ours.t)] = 0.0
    if circuit.general and circuit.start == "voltages":
        error[0] = 0.0  # ngspice writes no row before its first step
    empty = empty_diodes(circuit) if circuit.general else []
    row, column = np.unravel_index(int(error.argmax()), error.shape)
    largest = float(error[row, column] / _size(ours.voltages))
    return Verification(
        # Whatever is not a number is not right.
        bool(largest <= tolerance and uncertainty <= TRUST * tolerance),
        tolerance,
        largest,
        circuit.node_ids[int(column)],
        float(ours.t[row]),
        ours.t,
        ours.voltages,
        theirs,
        uncertainty,
        next(iter(empty), ""),
    )


def _outputs(circuit: Circuit, least: int) -> int:
    """A number of times of which at most half are left out, where a few more allow for it."""
    for count in range(least, least + TRIED):
        if _jumps(circuit, np.linspace(0.0, circuit.duration, count)).mean() <= 0.5:
            return count
    return least


def _jumps(circuit: Circuit, t: Array) -> NDArray[np.bool_]:
    """Whether a source jumps at a time (T,), within the width of an edge."""
    drives = [wave for wave in circuit.waves if wave.jumps]
    times = [time for drive in drives for time in drive.breaks(circuit.duration)]
    if circuit.general:
        expressed = [device for device in circuit.devices if device.expression]
        times += [time for device in expressed for time in bends_of(device, circuit.duration)]
    breaks = np.unique(times)
    if not len(breaks):
        return np.zeros(len(t), np.bool_)
    after = np.searchsorted(breaks, t).clip(1, len(breaks) - 1) if len(breaks) > 1 else 0
    nearest = np.minimum(np.abs(t - breaks[after]), np.abs(t - breaks[np.maximum(after - 1, 0)]))
    return nearest <= EDGE * circuit.duration


def _steep(circuit: Circuit, t: Array) -> NDArray[np.bool_]:
    """Whether a source passes a ramp at a time (T,) that is too short for either simulator."""
    moment = MOMENT * circuit.duration
    found = np.zeros(len(t), np.bool_)
    for drive in circuit.waves:
        change = [drive.at(time + moment) - drive.at(max(time - moment, 0.0)) for time in t]
        found |= np.abs(change) > STEEP * drive.peak
    return found


def _size(voltages: Array) -> float:
    """The largest voltage, by which differences are divided; 1 V where all are 0 V."""
    return float(np.abs(voltages).max()) or 1.0


def _ours(circuit: Circuit, outputs: int, wanted: float) -> tuple[Trajectory, float]:
    """Our voltages and by how much a coarser solve of ours differs from them.

    Implicit where explicit steps give up, or where they are not sure: a solve that is right is
    hardly changed by a looser tolerance.
    """
    if circuit.general:
        ours = simulate(circuit, outputs=outputs, throw=False)
        if not ours.status.reached:
            raise ExportError(
                f"our own solve stopped, so ngspice has nothing to be compared with: "
                f"{ours.status.message}"
            )
        return ours, 1.0 if ours.status.error is None else ours.status.error
    try:
        ours, uncertainty = _twice(circuit, outputs, "dopri5", max_steps=3000)
        if uncertainty <= wanted:
            return ours, uncertainty
    except SolveError:
        pass
    try:
        return _twice(circuit, outputs, "rodas4")
    except SolveError as error:
        raise ExportError(
            f"our own solve stopped, so ngspice has nothing to be compared with: {error}"
        ) from None


def _twice(circuit: Circuit, outputs: int, solver: str, **options: Any) -> tuple[Trajectory, float]:
    """A solve at 1e-9 and its largest difference from one at 1e-7."""
    scale = voltage_scale(circuit)
    fine, coarse = (
        simulate(
            circuit,
            solver=solver,
            outputs=outputs,
            rtol=rtol,
            atol=max(1e-4 * rtol * scale, LEAST_ATOL),
            **options,
        )
        for rtol in (1e-9, 1e-7)
    )
    if not np.isfinite(fine.voltages).all():
        raise SolveError("the voltages leave the range of numbers")
    difference = np.abs(fine.voltages - coarse.voltages).max() / _size(fine.voltages)
    return fine, float(difference)
