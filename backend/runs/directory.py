"""A run directory: all that is known about one training, on disk.

::

    spec.json        what to train, immutable
    origin.json      a copy of it and the digest of the circuit, so that an edit is noticed
    circuit.json     the circuit it begins with (.safetensors for a large one), if the model is one
    status.json      state, phase, step, total, heartbeat, pid, start_time, ...; replaced whole
    metrics.jsonl    a row a report, appended
    checkpoints/     last.safetensors and best.safetensors
    frames/          000012.npz after epoch 12
    log.txt          what the worker printed
    stop             present when somebody asks the worker to stop
    edits.json       how the circuit was changed while it trained, and before which steps
    edits/           requests for more of that
"""

import json
import re
import shutil
import stat
import time
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit import Circuit
from ..circuit.files import read_circuit
from ..errors import CircuitError, RunError
from ..notebook import shown
from ..training.spec import TrainSpec
from .files import PART, DamagedError, overwrite_file, remove_parts, replace_file, unwritable
from .frame_files import read_frame
from .lock import queue_lock
from .making import fill, new_id
from .origin import check_circuit, no_netlist, read_spec, trains_circuit
from .records import read_rows, read_status

if TYPE_CHECKING:
    from ..models.trained import TrainedModel
    from ..training.loop import Snapshot

RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
MARKS = ("spec.json", "status.json")
"""By either of these files a folder is known as a run, perhaps a damaged one."""

LOG_BYTES = 64 * 1024
FRAME = re.compile(r"[0-9]{6,7}\.npz")


class RunDirectory:
    """The door to one run; every method reads the disk anew.

    Args:
        path: the directory.

    Raises:
        RunError: there is no run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not any((path / name).is_file() for name in MARKS):
            raise RunError(f"{path}: there is no run here")

    @classmethod
    def create(
        cls, spec: TrainSpec, home: Path, circuit: Circuit | None, **status: Any
    ) -> "RunDirectory":
        """A new run directory in the state ``queued``; it is there as a whole or not at all.

        Args:
            spec: what to train.
            home: the folder that holds ``runs``.
            circuit: the one it begins with; ``None`` for a model that is none.
            status: more fields of its first status.

        Raises:
            RunError: the directory cannot be made.
        """
        path = home / "runs" / new_id(spec)
        part = path.with_name(f".{path.name}{PART}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(path.parent, error) from None
        with queue_lock(home):
            remove_parts(path.parent)
            try:
                fill(part, spec, circuit, status)
                part.rename(path)
            except (OSError, CircuitError) as error:
                shutil.rmtree(part, ignore_errors=True)
                if isinstance(error, CircuitError):
                    raise
                raise unwritable(path.parent, error) from None
        return cls(path)

    def _repr_html_(self) -> str | None:
        """In a notebook, the page that replays it."""
        return shown(self)

    @property
    def id(self) -> str:
        """The name of the directory."""
        return self.path.name

    @property
    def home(self) -> Path:
        """The folder that holds ``runs``."""
        return self.path.parent.parent

    @property
    def spec(self) -> TrainSpec:
        """What was asked for.

        Raises:
            RunError: the file is damaged, or was edited after the run was made.
        """
        return read_spec(self.path)

    @property
    def status(self) -> dict[str, Any]:
        """The present status; state ``lost``, with the reason, when the file is damaged."""
        path, why = self.path / "status.json", ""
        for pause in (0.0, 0.01, 0.05):
            time.sleep(pause)
            try:
                return read_status(path)
            except DamagedError as error:
                why = f"{path}: {error}; resume to go on from the last checkpoint"
        return {"state": "lost", "step": 0, "total": 0, "damaged": True, "message": why}

    def write_status(self, **changes: Any) -> dict[str, Any]:
        """Change some fields; on a full disk the file is written over in place.

        Raises:
            OSError: neither is possible.
        """
        path = self.path / "status.json"
        try:
            known = read_status(path)
        except DamagedError:
            known = {}
        status = {**known, **changes}
        data = json.dumps(status).encode()
        try:
            replace_file(path, data, sync=False)
        except OSError:
            if not path.exists():
                raise
            overwrite_file(path, data)
        return status

    def metrics(self, after: int = 0) -> tuple[list[dict[str, Any]], int]:
        """Rows that begin at or behind a byte offset, and the offset to go on from.

        A last line that is still being written is left for the next call; lines that are no rows
        are left out, see ``damage``.
        """
        try:
            rows, offset, _ = read_rows(self.path / "metrics.jsonl", after)
        except DamagedError:
            return [], after
        return rows, offset

    def damage(self) -> str:
        """What cannot be read of the reports, as one sentence; empty for nothing."""
        path = self.path / "metrics.jsonl"
        try:
            bad = read_rows(path)[2]
        except DamagedError as error:
            return f"{path}: {error}; the reports are lost."
        lines = "1 line is" if bad == 1 else f"{bad} lines are"
        return f"{path}: {lines} no report and left out." if bad else ""

    def checkpoint_path(self, which: str = "best") -> Path:
        """The file of the ``best`` or ``last`` checkpoint.

        Raises:
            RunError: another name, or there is none yet.
        """
        if which not in ("best", "last"):
            raise RunError(f"unknown checkpoint {which!r}: choose best or last")
        path = self.path / "checkpoints" / f"{which}.safetensors"
        if not path.is_file():
            raise RunError(f"run {self.id} has no checkpoint yet; wait for its first epoch")
        return path

    def checkpoint(self, which: str = "best") -> "Snapshot":
        """Parameters, optimiser state and counters.

        Raises:
            RunError: there is none, or it is damaged.
        """
        from .checkpoints import read_checkpoint  # torch only where it is needed

        return read_checkpoint(self.checkpoint_path(which))

    @property
    def has_circuit(self) -> bool:
        """Whether a circuit is trained here, or another model.

        Raises:
            RunError: the record of the run is damaged.
        """
        return trains_circuit(self.path)

    def start_circuit(self) -> Circuit:
        """The circuit before training.

        Raises:
            CircuitError: the file is damaged.
            RunError: there is none, or it was changed after the run was made.
        """
        if not self.has_circuit:
            raise RunError(no_netlist(self.id, self.spec.model))
        path = self.path / "circuit.json"
        path = path if path.exists() else path.with_suffix(".safetensors")
        check_circuit(self.path, path)
        return read_circuit(path)

    def circuit_of(self, snapshot: "Snapshot") -> Circuit:
        """The circuit of a checkpoint, after the edits it knows, with the values it began with.

        Raises:
            StudioError: there is none, or a file of the run is damaged.
        """
        from .edits import circuit_after

        return circuit_after(self, snapshot.edits)

    def circuit(self, checkpoint: str = "best") -> Circuit:
        """The circuit with the trained values of a checkpoint, as its model computes with it.

        Nodes that the model holds at its inputs are driven at those of the replayed example.

        Raises:
            RunError: there is no checkpoint.
            CircuitError: the stored circuit is damaged.
        """
        from ..models import MODELS, CircuitModel  # torch only where it is needed
        from ..training.loop import trained_circuit

        snapshot = self.checkpoint(checkpoint)
        trained = trained_circuit(self.circuit_of(snapshot), snapshot)
        kind = MODELS[self.spec.model]
        if issubclass(kind, CircuitModel):
            trained = kind.released(trained, self.example())
        return trained.with_settings(self.spec.model_dump())

    def model(self, checkpoint: str = "best") -> "TrainedModel":
        """The trained model of a checkpoint, whether it is a circuit or not.

        Raises:
            StudioError: there is no checkpoint, or the data set it was made for is gone.
        """
        from ..datasets.once import open_dataset
        from ..models.trained import TrainedModel
        from ..training.loop import trained_model  # torch only where it is needed

        spec, snapshot = self.spec, self.checkpoint(checkpoint)
        circuit = self.circuit_of(snapshot) if self.has_circuit else None
        dataset = open_dataset(spec.dataset, spec.dataset_options)
        model = trained_model(spec, circuit, dataset, snapshot)
        return TrainedModel(model, spec.model, spec.model_options, dataset.data)

    def example(self) -> dict[str, float]:
        """Input voltages [V] of the example that the frames replay; empty before the first.

        Raises:
            RunError: the newest frame is damaged or belongs to another circuit.
        """
        found = self.frames()
        if not found or not self.has_circuit:
            return {}
        circuit, epoch = self.start_circuit(), found[-1]["epoch"]
        first = self.replay(epoch, len(circuit.nodes), None)["voltages"][0]
        start = dict(zip(circuit.node_ids, first.tolist(), strict=True))
        return {name: start[name] for name in circuit.inputs}

    def frames(self) -> list[dict[str, Any]]:
        """Epoch and path of every stored frame, in order."""
        try:
            found = sorted((self.path / "frames").iterdir())
        except OSError:
            return []
        return [{"epoch": int(path.stem), "path": path} for path in found
                if FRAME.fullmatch(path.name)]  # fmt: skip

    def frame(self, epoch: int, only: Collection[str] = ()) -> dict[str, np.ndarray]:
        """The arrays of one frame.

        Args:
            epoch: after which it was stored.
            only: names of arrays; where there are any, no others are unpacked.

        Raises:
            RunError: no such frame, or a damaged one.
        """
        path = self.path / "frames" / f"{int(epoch):06d}.npz"
        if not path.exists():
            raise RunError(f"run {self.id} has no frame of epoch {epoch}")
        try:
            return read_frame(path, only)
        except DamagedError as error:
            raise RunError(f"{path}: {error}; the other epochs can be replayed") from None

    def replay(self, epoch: int, nodes: int, devices: int | None) -> dict[str, np.ndarray]:
        """The arrays of one frame, which hold a trajectory of this run's circuit.

        Args:
            epoch: of the frame.
            nodes: columns that its voltages must have.
            devices: columns that its currents must have, where there are any.

        Raises:
            RunError: no such frame, a damaged one, or one of another circuit.
        """
        arrays = self.frame(epoch)
        voltages, currents = arrays.get("voltages"), arrays.get("currents")
        fits = voltages is not None and "t" in arrays and voltages.shape[1] == nodes
        if currents is not None and devices is not None:
            fits = fits and currents.shape[1] == devices
        if not fits or not len(arrays["t"]):
            path = self.path / "frames" / f"{int(epoch):06d}.npz"
            raise RunError(f"{path}: belongs to another circuit; the other epochs can be replayed")
        return arrays

    def log(self) -> str:
        """The end of what the worker printed, at most 64 kB."""
        path = self.path / "log.txt"
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                return ""
            with path.open("rb") as file:
                file.seek(max(0, found.st_size - LOG_BYTES))
                return file.read(LOG_BYTES).decode("utf-8", errors="replace")
        except OSError:
            return ""

    def ask_to_stop(self) -> None:
        """Leave a request; the worker sees it within a fraction of a second."""
        (self.path / "stop").touch()

    @property
    def stop_asked(self) -> bool:
        """Whether somebody asked the worker to stop."""
        return (self.path / "stop").exists()


def checked_id(name: str) -> str:
    """A run id that is safe to use as a file name.

    Raises:
        RunError: anything else.
    """
    if not isinstance(name, str) or not RUN_ID.fullmatch(name):
        raise RunError(f"{repr(name)[:80]} is no run id; 'kirchhoff runs list' shows them")
    return name
