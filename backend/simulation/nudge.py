"""What the adjoint voltage means: move one voltage by a little, and see the loss change.

With v(t) the state at a time t and L the loss at the end, lambda_n(t) = dL/dv_n(t) (Chen et al.
2018, before eq. 4), so that a nudge of size delta changes the loss by lambda_n(t) delta +
O(delta^2). Both sides are computed here: the change by solving the rest of the time again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..circuit import Circuit, Slice
from ..errors import StudioError
from ..solvers import SOLVERS
from ..waveforms.constant import Constant
from .simulate import adjoint, default_solver, loss_of, simulate
from .stopping import StopSignal

LEAST_REST = 1e-6
"""Share of the duration that is left at least: an empty rest has no solve."""
TIGHT = {"rtol": 1e-10, "atol": 1e-12}
"""A difference of two losses is smaller than either; it is lost in an ordinary tolerance."""
PROBE = 1e-4
"""Step of the central difference as a share of the largest voltage."""
SLIVER = 1e-12
"""A part of a slice that is a smaller share of the duration is rounding."""


@dataclass(frozen=True)
class Nudge:
    """What a nudge did, and what the adjoint said it would do.

    Args:
        node: that was nudged.
        time: when [s].
        size: by how much [V].
        voltage: of the node before the nudge [V].
        loss: L without the nudge.
        nudged: L with it.
        sensitivity: lambda(t) = dL/dv(t) by the adjoint circuit.
        slope: the same by a central difference, of solves that know nothing of an adjoint.
    """

    node: str
    time: float
    size: float
    voltage: float
    loss: float
    nudged: float
    sensitivity: float
    slope: float

    @property
    def change(self) -> float:
        """By how much the loss changed."""
        return self.nudged - self.loss

    @property
    def predicted(self) -> float:
        """By how much it changes to first order, lambda delta."""
        return self.sensitivity * self.size


def nudge(
    circuit: Circuit,
    node: str,
    time: float,
    size: float,
    *,
    solver: str | None = None,
    loss: str = "sum",
    targets: Mapping[str, float] | None = None,
    stop: StopSignal | None = None,
    **options: Any,
) -> Nudge:
    """Change one voltage at one time and see what becomes of the loss.

    Args:
        circuit: of the fast class, with sources that do not change.
        node: with a capacitor.
        time: of the nudge [s], from 0 to the duration.
        size: by how much the voltage is moved [V].
        solver: as ``adjoint`` has it.
        loss: as ``adjoint`` has it.
        targets: as ``adjoint`` has them.
        stop: ends the work from another thread.
        options: of the solver; tolerances are tightened.

    Raises:
        StudioError: a circuit or node for which this is not right, or a failed solve.
    """
    _check(circuit, node, time, size)
    wanted = loss_of(circuit, loss, targets or {})
    common: dict[str, Any] = {"solver": solver, "outputs": 2, "stop": stop, "throw": False}
    common |= options
    known = {param.name for param in SOLVERS[solver or default_solver(options)].params}
    common |= {name: min(options.get(name, 1.0), TIGHT[name]) for name in known & TIGHT.keys()}
    total = sum(part.duration for part in circuit.slices)
    time = min(time, (1.0 - LEAST_REST) * total)
    state, row = _state(circuit, time, common), circuit.node_ids.index(node)
    rest = replace(circuit, slices=_later(circuit, time))

    def loss_at(moved: float) -> float:
        shifted = state.copy()
        shifted[row] += moved
        found = simulate(_from(rest, shifted), check=False, **common)
        return wanted.value(_reached(found).voltages[-1])

    found, back = adjoint(_from(rest, state), loss=loss, targets=targets, **common)
    if back is None:
        raise StudioError(found.status.message)
    probe = PROBE * max(float(np.abs(state).max()), 1e-2)
    return Nudge(
        node=node, time=time, size=size, voltage=float(state[row]), loss=loss_at(0.0),
        nudged=loss_at(size), sensitivity=float(back.voltages[0, row]),
        slope=(loss_at(probe) - loss_at(-probe)) / (2 * probe),
    )  # fmt: skip


def _check(circuit: Circuit, node: str, time: float, size: float) -> None:
    if node not in circuit.node_ids:
        raise StudioError(f"there is no node {node!r:.80}")
    if circuit.general:
        raise StudioError(
            f"a nudge is right where the node voltages are all that a circuit remembers; this one "
            f"has {circuit.general[0]}"
        )
    if node in circuit.driven:
        raise StudioError(f"node {node!r:.80} is held by its source; nudge a node with a capacitor")
    if any(not isinstance(found.drive, Constant | None) for found in circuit.nodes):
        raise StudioError(
            "a nudge starts the rest of the time anew, which a source that changes would not "
            "follow; this works with constant sources"
        )
    total = sum(part.duration for part in circuit.slices)
    if not 0.0 <= time <= total:
        raise StudioError(f"the time of the nudge must be from 0 to {total:g} s, got {time:g} s")
    if size == 0.0 or not np.isfinite(size):
        raise StudioError(f"the nudge must be a voltage other than 0, got {size:g} V")


def _reached(trajectory: Any) -> Any:
    if not trajectory.status.reached:
        raise StudioError(trajectory.status.message)
    return trajectory


def _state(circuit: Circuit, time: float, common: Mapping[str, Any]) -> np.ndarray:
    """Voltages (N,) at a time [V]."""
    earlier = _earlier(circuit, time)
    if not earlier:
        return np.array([node.voltage for node in circuit.nodes])
    found = simulate(replace(circuit, slices=earlier), check=False, **common)
    return np.array(_reached(found).voltages[-1])


def _from(circuit: Circuit, state: np.ndarray) -> Circuit:
    """The circuit with other voltages at its start."""
    free = [name for name in circuit.node_ids if name not in circuit.driven]
    values = dict(zip(circuit.node_ids, state.tolist(), strict=True))
    return circuit.with_voltages({name: values[name] for name in free})


def _earlier(circuit: Circuit, time: float) -> tuple[Slice, ...]:
    """The slices before a time; the one it falls into ends there."""
    parts, begin = [], 0.0
    least = SLIVER * sum(part.duration for part in circuit.slices)
    for part in circuit.slices:
        if time - begin > least:
            parts.append(replace(part, duration=min(part.duration, time - begin)))
        begin += part.duration
    return tuple(parts)


def _later(circuit: Circuit, time: float) -> tuple[Slice, ...]:
    """The slices after a time; the one it falls into starts there."""
    parts, end = [], 0.0
    least = SLIVER * sum(part.duration for part in circuit.slices)
    for part in circuit.slices:
        end += part.duration
        if end - time > least:
            parts.append(replace(part, duration=min(part.duration, end - time)))
    return tuple(parts)
