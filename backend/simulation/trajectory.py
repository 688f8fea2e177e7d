"""What a simulation returns: voltages and currents over time, and the same for the adjoint."""

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float64
from numpy.typing import NDArray

from ..circuit import Circuit
from ..destinations import destination
from ..errors import StudioError
from ..notebook import shown
from .energy.balance import EnergyBalance

Array = NDArray[np.float64]

MOST_TOLD = 4


@dataclass(frozen=True)
class SolveStatus:
    """How a solve ended.

    Args:
        ok: whether it reached its end with accurate voltages.
        message: one plain sentence when it did not: which node, by how much, what to do.
        node: id of the node that diverged first, or is off most.
        time: when [s].
        state: ``ok``, ``inaccurate`` (complete, and off by more than the tolerance) or ``stopped``.
        error: measured or estimated error as a share of the largest voltage, if there is one.
    """

    ok: bool = True
    message: str = ""
    node: str | None = None
    time: float | None = None
    state: str = "ok"
    error: float | None = None

    def __post_init__(self) -> None:
        if not self.ok and self.state == "ok":
            object.__setattr__(self, "state", "stopped")

    @property
    def reached(self) -> bool:
        """Whether the solve reached its end, accurate or not."""
        return self.state != "stopped"


@dataclass(frozen=True)
class Trajectory:
    """Voltages and currents of one circuit at T times.

    Args:
        t: times (T,) [s].
        voltages: (T, N) [V].
        currents: (T, E) [A], source to target; NaN outside the device's slice.
        node_ids: column names of ``voltages``.
        device_ids: column names of ``currents``.
        status: how the solve ended; a failed one holds what exists up to there.
        stats: steps, rejected, evaluations, smallest_step and largest_step [s].
        step_times: (K,) [s], where the accepted steps end; empty where the solve kept none.
        kcl_residual: (T,) largest violation of Kirchhoff's current law over all nodes and ground,
            as a share of the largest current.
        driven_ids: the driven nodes.
        source_currents: (T, M) [A], what the source of each driven node gives.
        terminals: device and name of every end that ``currents`` do not speak for: target, base,
            gate, bulk and so on of devices with more ends than two.
        terminal_currents: (T, K) [A], what enters the device there.
        capacitor_currents: (T, N) [A], C dv/dt of every node's own capacitor; empty in the fast
            class, where it is what the devices and the source leave.
        energy: what is stored, injected and dissipated, where that was asked for.
        added: resistances [Ohm] that were put in series with devices, by their ids, as the
            circuit could not be solved without.
        circuit: whose trajectory it is, as ``simulate`` and ``adjoint`` note it.
    """

    t: Float64[np.ndarray, " T"]
    voltages: Float64[np.ndarray, "T N"]
    currents: Float64[np.ndarray, "T E"]
    node_ids: tuple[str, ...]
    device_ids: tuple[str, ...]
    status: SolveStatus = field(default_factory=SolveStatus)
    stats: dict[str, float] = field(default_factory=dict)
    step_times: Float64[np.ndarray, " _"] = field(default_factory=lambda: np.zeros(0))
    kcl_residual: Float64[np.ndarray, " _"] = field(default_factory=lambda: np.zeros(0))
    driven_ids: tuple[str, ...] = ()
    source_currents: Float64[np.ndarray, "_ M"] = field(default_factory=lambda: np.zeros((0, 0)))
    terminals: tuple[tuple[str, str], ...] = ()
    terminal_currents: Float64[np.ndarray, "_ K"] = field(default_factory=lambda: np.zeros((0, 0)))
    capacitor_currents: Float64[np.ndarray, "_ _"] = field(default_factory=lambda: np.zeros((0, 0)))
    energy: EnergyBalance | None = None
    added: Mapping[str, float] = field(default_factory=lambda: {})
    circuit: Circuit | None = field(default=None, repr=False, compare=False)

    def _repr_html_(self) -> str | None:
        """In a notebook, the page that plays it."""
        return shown(self)

    def __getitem__(self, name: str) -> Array:
        """The voltage (T,) of a node or the current (T,) of a device.

        Raises:
            KeyError: neither a node nor a device has this id.
        """
        if name in self.node_ids:
            return self.voltages[:, self.node_ids.index(name)]
        if name in self.device_ids:
            return self.currents[:, self.device_ids.index(name)]
        raise KeyError(f"there is no node or device {name!r}")

    def with_status(self, status: SolveStatus) -> "Trajectory":
        """The same trajectory under another status."""
        return replace(self, status=status)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of an ``.npz`` file, by key."""
        state = self.status.message if self.status.state == "stopped" else self.status.state
        return {
            "status": np.array(state),
            "message": np.array(self.status.message),
            "t": self.t,
            "voltages": self.voltages,
            "currents": self.currents,
            "node_ids": np.array(self.node_ids, dtype=np.str_),
            "device_ids": np.array(self.device_ids, dtype=np.str_),
            **self._sources(),
            **self._terminals(),
            **(self.energy.arrays() if self.energy else {}),
            **self._added(),
        }

    @property
    def addition(self) -> str:
        """Which resistances were added, and why, in a sentence; empty where none were."""
        if not self.added:
            return ""
        parts = [f"{ohms:.3g} Ohm in series with '{name:.80}'" for name, ohms in self.added.items()]
        more = f" and {len(parts) - MOST_TOLD} more" if len(parts) > MOST_TOLD else ""
        return (
            f"Solved with a small resistance added: {', '.join(parts[:MOST_TOLD])}{more}; what is "
            "ideal there leaves a current open."
        )

    def _added(self) -> dict[str, NDArray[Any]]:
        if not self.added:
            return {}
        ids = np.array(list(self.added), np.str_)
        return {"added_resistance_ids": ids, "added_resistances": np.array([*self.added.values()])}

    def _sources(self) -> dict[str, NDArray[Any]]:
        if not self.driven_ids:
            return {}
        ids = np.array(self.driven_ids, dtype=np.str_)
        return {"driven_ids": ids, "source_currents": self.source_currents}

    def _terminals(self) -> dict[str, NDArray[Any]]:
        known: dict[str, NDArray[Any]] = {}
        if self.capacitor_currents.size:
            known["capacitor_currents"] = self.capacitor_currents
        if not self.terminals:
            return known
        ids = np.array([f"{name} of {device}" for device, name in self.terminals], np.str_)
        return {**known, "terminal_ids": ids, "terminal_currents": self.terminal_currents}

    def source_current(self, node: str) -> Array:
        """What the source of a driven node gives (T,) [A].

        Raises:
            KeyError: no driven node has this id.
        """
        if node not in self.driven_ids:
            raise KeyError(f"there is no driven node {node!r}")
        return self.source_currents[:, self.driven_ids.index(node)]

    def save(self, path: str | Path, adjoint: "AdjointTrajectory | None" = None) -> None:
        """Write ``.npz`` (all arrays) or ``.csv`` (one row a time), complete or not at all.

        A table that is not ``ok`` opens with a remark, ``# inaccurate: ...``, that says so.

        Raises:
            StudioError: another suffix, or the file cannot be written.
        """
        path = Path(path)
        if path.suffix not in {".npz", ".csv"}:
            raise StudioError(f"{path}: trajectories are written as .npz or .csv")
        path = destination(path)
        part = path.with_name(path.name + ".part")
        try:
            if path.suffix == ".npz":
                more = adjoint.arrays() if adjoint else {}
                with part.open("wb") as file:
                    np.savez_compressed(file, allow_pickle=False, **self.arrays(), **more)
            else:
                self._save_csv(part, adjoint)
            os.replace(part, path)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise StudioError(f"{path}: cannot be written ({error.strerror})") from None

    def _save_csv(self, path: Path, adjoint: "AdjointTrajectory | None") -> None:
        columns = [self.t[:, None], self.voltages, self.currents]
        names = ["t"]
        names += [f"v({name})" for name in self.node_ids]
        names += [f"i({name})" for name in self.device_ids]
        if self.driven_ids:
            columns.append(self.source_currents)
            names += [f"i(source of {name})" for name in self.driven_ids]
        if self.terminals:
            columns.append(self.terminal_currents)
            names += [f"i({name} of {device})" for device, name in self.terminals]
        if adjoint:
            columns.append(adjoint.voltages)
            names += [f"lambda({name})" for name in self.node_ids]
        with path.open("w", newline="", encoding="utf-8") as file:
            if not self.status.ok:
                file.write(f"# {self.status.state}: {self.status.message}\n")
            writer = csv.writer(file)
            writer.writerow(names)
            writer.writerows(np.hstack(columns).tolist())


@dataclass(frozen=True)
class AdjointTrajectory:
    """The adjoint circuit of one solve, at the times of its trajectory.

    With mu = lambda / C the node voltages of the adjoint circuit and g_s, g_d the small-signal
    conductances (Gao et al. 2023, theorem 2.1).

    Args:
        t: times (T,) [s].
        voltages: lambda = dL/dv(t), (T, N).
        currents: g_s (mu_s - mu_d), leaving the source, (T, E).
        currents_target: -g_d (mu_s - mu_d), entering the target, (T, E).
        gradient: dL/dparam (E,) by parameter name; NaN where a device has no such parameter.
        gradient_path: (T, E) by name, the gradient gathered from the end back to each time.
        gradient_voltage: dL/dv(0), (N,).
        loss: L.
        error: how far two tolerances are apart, as a share of the largest adjoint voltage.
        gap: how far ``gradient``, where it is that of a solver's steps, is from the circuit's;
            ``None`` where it is the circuit's.
        driven_ids: the driven nodes.
        drive_density: dL/du(t) (T, M) by the voltages of driven nodes: L changes by the integral of
            dL/du(t) du(t) dt.
        gradient_drive: dL/dlevel (P,) of each driven node, in the order of its waveform's levels.
        gradient_wave: the same of sources between nodes that have a waveform, by device.
    """

    t: Float64[np.ndarray, " T"]
    voltages: Float64[np.ndarray, "T N"]
    currents: Float64[np.ndarray, "T E"]
    currents_target: Float64[np.ndarray, "T E"]
    gradient: dict[str, Float64[np.ndarray, " E"]]
    gradient_path: dict[str, Float64[np.ndarray, "T E"]]
    gradient_voltage: Float64[np.ndarray, " N"]
    loss: float
    error: float | None = None
    gap: float | None = None
    driven_ids: tuple[str, ...] = ()
    drive_density: Float64[np.ndarray, "_ M"] = field(default_factory=lambda: np.zeros((0, 0)))
    gradient_drive: tuple[Array, ...] = ()
    gradient_wave: dict[str, Array] = field(default_factory=dict)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of an ``.npz`` file, by key."""
        return {
            "adjoint_voltages": self.voltages,
            "adjoint_currents": self.currents,
            "adjoint_currents_target": self.currents_target,
            "gradient_voltage": self.gradient_voltage,
            "loss": np.array(self.loss),
            "gradient_gap": np.array(np.nan if self.gap is None else self.gap),
            **{f"gradient/{name}": value for name, value in self.gradient.items()},
            **({"drive_density": self.drive_density} if self.driven_ids else {}),
            **{
                f"gradient_drive/{name}": value
                for name, value in zip(self.driven_ids, self.gradient_drive, strict=True)
            },
            **{f"gradient_wave/{name}": value for name, value in self.gradient_wave.items()},
        }
