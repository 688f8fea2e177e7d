"""Circuits too large for the board: kept as arrays, shown as a sketch, simulated for one input."""

import hashlib
import json
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from backend.circuit import Circuit
from backend.circuit.budget import check_solve
from backend.errors import StudioError
from backend.params import check_params
from backend.simulation.stopping import StopSignal

from .. import serialize
from ..documents import DocumentError, write_atomic, writing
from ..results import Results
from ..security import valid_id
from ..serialize import SimulationJson
from . import trajectories
from .network_files import PACKED, SUFFIX, about, header_of, listed, read, with_metadata
from .sketch import Sketch, sketch

EXAMPLE = "example-"
KEPT = 2  # networks in memory
DEFAULTS = {"solver": "rk4", "steps": 8}
MOST_CURRENTS = 12_000_000  # numbers that one simulation computes beside the voltages
OUTPUTS = (7, 61)  # fewest and most samples
VERSION = "1"  # part of every hash; raise it when a container's contents change


@dataclass(frozen=True)
class _Known:
    """A network in memory, and the state of its file when it was read."""

    stamp: tuple[int, int]
    circuit: Circuit
    sketch: Sketch


class Networks:
    """Networks of one HOME, ``circuits/<id>.safetensors``, and those of the gallery.

    Args:
        folder: where uploaded networks lie.
        examples: folder of the gallery; ``example-<name>`` is ``<name>.safetensors.xz`` in it.
        results: where finished simulations are kept.
    """

    def __init__(self, folder: Path, examples: Path, results: Results) -> None:
        self.folder = folder
        self.examples = examples
        self.results = results
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def has(self, id: str) -> bool:
        """Whether `id` names a network."""
        return valid_id(id) and self._path(id).is_file()

    def store(
        self,
        circuit: Circuit,
        data: bytes | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> str:
        """Keep a network; returns its id.

        Args:
            circuit: the network.
            data: its file, where there is one already.
            more: what `about` shall say of it.

        Raises:
            StudioError: more nodes than can be shown.
            DocumentError: the disk refused it.
        """
        shown = sketch(circuit)
        if data is None:
            from backend.export import EXPORTERS

            data = EXPORTERS["safetensors"]().content(circuit)
        if more:
            data = with_metadata(data, more)
        words = "".join(c if c.isascii() and c.isalnum() else " " for c in circuit.name).split()
        stem = "-".join(words).lower()[:32].strip("-") or "network"
        id = f"{stem}-{int(time.time()):x}{secrets.token_hex(2)}"
        with writing(self.folder):
            write_atomic(self._path(id), data)
        self._remember(id, _Known(_stamp(self._path(id)), circuit, shown))
        return id

    def document(self, id: str) -> dict[str, Any]:
        """``{id, revision, circuit, network}``: the sketch, in the place of a drawn circuit."""
        known = self._open(id)
        said = self.about(id)
        settings = {**DEFAULTS, **said.get("settings", {})}
        about = {"id": id, **known.sketch.network, **said, "settings": settings}
        return {"id": id, "revision": 0, "circuit": known.sketch.circuit, "network": about}

    def circuit(self, id: str) -> Circuit:
        """The whole network."""
        return self._open(id).circuit

    def at(self, id: str, voltages: Sequence[float] | None) -> Circuit:
        """The whole network, with these voltages of its input nodes [V] where they are given.

        Raises:
            StudioError: their number does not fit.
        """
        circuit = self._open(id).circuit
        return circuit if voltages is None else circuit.with_voltages(_inputs(circuit, voltages))

    def about(self, id: str) -> dict[str, Any]:
        """What the file says of the network: its score, names of the classes, solver and steps.

        A solver that chooses its own steps is left out, which networks cannot have.
        """
        from backend.solvers import fixed_step_solvers  # torch only where it is needed

        said = about(header_of(self._path(id)))
        if said.get("settings", {}).get("solver") not in fixed_step_solvers():
            said.pop("settings", None)
        return said

    def recent(self) -> list[dict[str, Any]]:
        """Id, name, size and time of change of the uploaded networks."""
        rows = []
        for path in self.folder.glob(f"*{SUFFIX}") if self.folder.is_dir() else ():
            try:
                modified = path.stat().st_mtime
            except OSError:  # deleted meanwhile
                continue
            rows.append({"id": path.stem, "modified": modified, "network": True, **listed(path)})
        return rows

    def delete(self, id: str) -> None:
        """Remove an uploaded network."""
        if id.startswith(EXAMPLE):
            raise DocumentError("An example of the gallery cannot be deleted.", 403)
        with self._lock:
            self._known.pop(id, None)
        with writing(self.folder):
            self._path(id).unlink(missing_ok=True)

    def simulate(
        self,
        id: str,
        voltages: Sequence[float] | None,
        settings: Mapping[str, Any],
        stop: StopSignal | None = None,
    ) -> SimulationJson:
        """Voltages of all nodes and currents of the drawn devices, for one input.

        Args:
            id: of the network.
            voltages: of the input nodes in their order [V]; those of the file when not given.
            settings: ``solver``, one with fixed steps, and ``steps`` a slice.
            stop: ends the solve early.

        Raises:
            StudioError: a setting or the number of voltages does not fit, or the solve would
                take too much.
            Stopped: ``stop`` was set.
        """
        begin = time.perf_counter()
        known = self._open(id)
        chosen = _settings({**DEFAULTS, **self.about(id).get("settings", {}), **settings})
        circuit = known.circuit
        if voltages is not None:
            circuit = circuit.with_voltages(_inputs(circuit, voltages))
        said = [VERSION, id, known.stamp, list(voltages or []), chosen]
        key = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]
        data = self.results.get(key)
        if data is None:
            data = _solve(circuit, known.sketch, chosen, stop)
            self.results.put(key, data)
        header = serialize.header_of(data)
        return {
            "hash": key,
            "url": f"/api/sim/{key}.bin",
            "status": header["status"],
            "stats": header["stats"],
            "seconds": time.perf_counter() - begin,
        }

    def _path(self, id: str) -> Path:
        if not valid_id(id):
            raise DocumentError(f"{id[:40]!r} is not the id of a circuit.", 404)
        if id.startswith(EXAMPLE):
            return self.examples / f"{id.removeprefix(EXAMPLE)}{PACKED}"
        return self.folder / f"{id}{SUFFIX}"

    def _open(self, id: str) -> _Known:
        path = self._path(id)
        try:
            stamp = _stamp(path)
        except FileNotFoundError:
            raise DocumentError(f"There is no network '{id}' here.", 404) from None
        with self._lock:
            known = self._known.get(id)
            if known and known.stamp == stamp:
                self._known.move_to_end(id)
                return known
        try:
            circuit = read(path)
        except StudioError as error:
            raise StudioError(f"{path.name}: {error}") from None
        known = _Known(stamp, circuit, sketch(circuit))
        self._remember(id, known)
        return known

    def _remember(self, id: str, known: _Known) -> None:
        with self._lock:
            self._known[id] = known
            self._known.move_to_end(id)
            while len(self._known) > KEPT:
                self._known.popitem(last=False)


def network_data(circuit: Circuit, shown: Sketch, settings: Mapping[str, Any]) -> bytes:
    """The container of a network's simulation with the voltages that it has, kept nowhere.

    Args:
        circuit: the network.
        shown: its sketch.
        settings: ``solver`` and ``steps``, where they are not the usual ones.

    Raises:
        StudioError: a setting does not fit, or the solve would take too much.
    """
    return _solve(circuit, shown, _settings({**DEFAULTS, **settings}), None)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size


def _settings(given: Mapping[str, Any]) -> dict[str, Any]:
    from backend.solvers import SOLVERS, fixed_step_solvers

    solver, known = given["solver"], fixed_step_solvers()
    if solver not in known:
        raise StudioError(
            f"networks are solved with fixed steps: choose {', '.join(known[:-1])} or "
            f"{known[-1]}, not {str(solver)[:40]!r}"
        )
    try:
        return {"solver": solver, **check_params(SOLVERS[solver].params, {"steps": given["steps"]})}
    except (TypeError, ValueError) as error:
        raise StudioError(f"solver {solver}: {error}") from None


def _inputs(circuit: Circuit, voltages: Sequence[float]) -> dict[str, float]:
    names = circuit.inputs
    if len(voltages) != len(names):
        raise StudioError(f"{len(names)} input voltages are needed, got {len(voltages)}")
    try:
        values = [float(value) for value in voltages]
    except (TypeError, ValueError):
        raise StudioError("input voltages must be numbers") from None
    if not np.isfinite(values).all():
        raise StudioError("input voltages must be finite numbers")
    return dict(zip(names, values, strict=True))


def _solve(
    circuit: Circuit, shown: Sketch, settings: Mapping[str, Any], stop: StopSignal | None
) -> bytes:
    """The container of a simulation, with the currents of the drawn devices only."""
    from backend.simulation.simulate import simulate
    from backend.solvers import SOLVERS

    fewest, most = OUTPUTS
    outputs = max(fewest, min(most, MOST_CURRENTS // max(1, shown.network["devices"])))
    check_solve(circuit, SOLVERS[settings["solver"]], settings, outputs)
    # Its steps are part of what was trained; its run says how far they are from the circuit.
    trajectory = simulate(circuit, outputs=outputs, throw=False, check=False, stop=stop, **settings)
    return trajectories.drawn(trajectory, shown.columns)
