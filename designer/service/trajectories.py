"""Trajectories as containers for the browser: of a simulation, of a network, of a stored epoch."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backend.simulation.energy.balance import EnergyBalance
from backend.simulation.trajectory import AdjointTrajectory, Trajectory

from .. import serialize

MOST_STEPS = 100_000
"""Accepted steps that are told one by one; more would only be a band."""

PATH_LIMIT = 2_000_000
"""Entries of a gradient path; larger ones would only fill the browser."""


def simulation(
    trajectory: Trajectory, adjoint: AdjointTrajectory | None = None, no_adjoint: str = ""
) -> bytes:
    """The container of one simulation, with its adjoint, or why there is none."""
    arrays: dict[str, NDArray[Any]] = {
        "t": trajectory.t,
        "voltages": trajectory.voltages,
        "currents": trajectory.currents,
        "kcl": trajectory.kcl_residual,
    }
    if trajectory.driven_ids:
        arrays["source_currents"] = trajectory.source_currents
    if trajectory.capacitor_currents.any():
        arrays["capacitor_currents"] = trajectory.capacitor_currents
    if trajectory.terminals:
        arrays["terminal_currents"] = trajectory.terminal_currents
    if trajectory.energy:
        arrays |= trajectory.energy.arrays()
    if 0 < len(trajectory.step_times) <= MOST_STEPS:
        arrays["step_times"] = trajectory.step_times
    if adjoint:
        arrays |= _adjoint_arrays(adjoint)
    header = _simulated(trajectory, trajectory.device_ids)
    own = {
        "loss": serialize.number(adjoint.loss) if adjoint else None,
        "gradient_gap": serialize.number(adjoint.gap) if adjoint else None,
        "no_adjoint": no_adjoint,
        "energy": _balance(trajectory.energy),
        "addition": trajectory.addition,
        "driven_ids": list(trajectory.driven_ids),
        "terminals": [list(each) for each in trajectory.terminals],
        # How many entries of gradient_drive belong to each of them.
        "drive_levels": [len(found) for found in adjoint.gradient_drive] if adjoint else [],
        # The same of gradient_wave and sources between nodes.
        "wave_levels": {
            name: len(found) for name, found in (adjoint.gradient_wave if adjoint else {}).items()
        },
    }
    return serialize.encode({**header, **own}, arrays)


def drawn(trajectory: Trajectory, columns: NDArray[np.int64]) -> bytes:
    """The container of a simulation with the currents of some devices.

    Args:
        trajectory: of a whole network.
        columns: places of those devices.
    """
    arrays: dict[str, NDArray[Any]] = {
        "t": trajectory.t,
        "voltages": trajectory.voltages,
        "currents": trajectory.currents[:, columns],
        "kcl": trajectory.kcl_residual,
    }
    names = [trajectory.device_ids[column] for column in columns.tolist()]
    return serialize.encode(_simulated(trajectory, names), arrays)


def _simulated(trajectory: Trajectory, device_ids: Sequence[str]) -> dict[str, Any]:
    """The header of a simulation's container."""
    status = trajectory.status
    residual = trajectory.kcl_residual
    return {
        "node_ids": list(trajectory.node_ids),
        "device_ids": list(device_ids),
        "status": {
            "ok": bool(status.ok),
            "state": status.state,
            "error": serialize.number(status.error),
            "message": status.message,
            "node": status.node,
            "time": serialize.number(status.time),
        },
        "stats": {name: serialize.number(value) for name, value in trajectory.stats.items()},
        "kcl_residual": serialize.number(np.max(residual)) if residual.size else None,
        "loss": None,
    }


def _balance(found: EnergyBalance | None) -> dict[str, Any] | None:
    """What is said of a balance; ``bound`` is the share of the largest energy within it closes."""
    if found is None:
        return None
    return {
        "state": found.state,
        "sentence": found.sentence,
        "bound": serialize.number(found.bound),
        "off": serialize.number(found.off),
        "largest": serialize.number(found.largest),
    }


def _adjoint_arrays(adjoint: AdjointTrajectory) -> dict[str, NDArray[Any]]:
    arrays = {
        "adjoint_voltages": adjoint.voltages,
        "adjoint_currents": adjoint.currents,
        "adjoint_currents_target": adjoint.currents_target,
        "gradient_voltage": adjoint.gradient_voltage,
    }
    if adjoint.driven_ids:
        arrays["drive_density"] = adjoint.drive_density
        arrays["gradient_drive"] = np.concatenate(adjoint.gradient_drive)
    if adjoint.gradient_wave:
        arrays["gradient_wave"] = np.concatenate(list(adjoint.gradient_wave.values()))
    arrays |= {f"gradient/{name}": value for name, value in adjoint.gradient.items()}
    if adjoint.currents.size <= PATH_LIMIT:
        arrays |= {f"gradient_path/{name}": value for name, value in adjoint.gradient_path.items()}
    return arrays


def frame(
    known: Mapping[str, NDArray[Any]], node_ids: Sequence[str], device_ids: Sequence[str]
) -> bytes:
    """The container of one stored epoch: the probe example's trajectory.

    Args:
        known: the arrays of ``frames/<epoch>.npz`` in the run directory.
        node_ids: columns of its voltages.
        device_ids: columns of its currents.
    """
    names = ("t", "voltages", "currents")
    header = {
        "node_ids": list(node_ids),
        # Frames of large circuits hold no currents.
        "device_ids": list(device_ids) if "currents" in known else [],
        "status": serialize.GOOD,
        "stats": {},
        "kcl_residual": None,
        "loss": None,
        "epoch": int(known.get("epoch", 0)),
    }
    return serialize.encode(header, {name: known[name] for name in names if name in known})
