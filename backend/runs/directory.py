"""A run directory: all that is known about one training, on disk.

::

    spec.json        what to train, immutable
    circuit.json     the circuit it begins with (.safetensors for a large one)
    status.json      state, phase, step, total, heartbeat, pid, start_time, ...; replaced whole
    metrics.jsonl    a row a report, appended
    checkpoints/     last.safetensors and best.safetensors
    frames/          000012.npz after epoch 12
    log.txt          what the worker printed
    stop             present when somebody asks the worker to stop
"""

import json
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ..circuit import Circuit
from ..circuit_files import read_circuit, write_circuit
from ..errors import RunError
from ..training.spec import TrainSpec
from .files import overwrite_file, read_json, replace_file

if TYPE_CHECKING:
    from ..training.loop import Snapshot

RUN_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}")
STATES = ("queued", "running", "done", "failed", "cancelled", "lost")
PHASES = ("queued", "starting", "loading data", "compiling", "training", "evaluating")
"""What a run that has not ended does just now."""

# Circuits above this travel as arrays; the JSON of a device takes some 120 bytes.
JSON_DEVICES = 20_000
LOG_BYTES = 64 * 1024


class RunDirectory:
    """The door to one run; every method reads the disk anew.

    Args:
        path: the directory.

    Raises:
        RunError: there is no run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not (path / "spec.json").is_file():
            raise RunError(f"{path}: there is no run here")

    @classmethod
    def create(cls, spec: TrainSpec, home: Path, circuit: Circuit) -> "RunDirectory":
        """A new run directory in the state ``queued``.

        Raises:
            RunError: the directory cannot be made.
        """
        path = home / "runs" / new_id(spec)
        try:
            for folder in ("", "checkpoints", "frames"):
                (path / folder).mkdir(parents=True)
            large = circuit.device_count > JSON_DEVICES
            name = f"circuit.{'safetensors' if large else 'json'}"
            write_circuit(circuit, path / name)
            if spec.circuit is not None:
                # The run keeps its own copy, whatever happens to the user's file.
                spec = spec.model_copy(update={"circuit": name})
            (path / "log.txt").touch()
            (path / "metrics.jsonl").touch()
            replace_file(path / "spec.json", spec.to_json().encode())
        except OSError as error:
            raise RunError(f"{path}: cannot be written ({error.strerror or error})") from None
        run = cls(path)
        run.write_status(
            state="queued",
            phase="queued",
            name=spec.name or spec.dataset,
            model=spec.model,
            dataset=spec.dataset,
            nodes=len(circuit.nodes),
            devices=circuit.device_count,
            step=0,
            total=0,
            epoch=0,
            epochs=spec.epochs,
            created=time.time(),
            queued=time.time(),
            message="",
        )
        return run

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
        """What was asked for."""
        return TrainSpec.read(self.path / "spec.json")

    @property
    def status(self) -> dict[str, Any]:
        """The present status; state ``lost`` when the file is unreadable."""
        for pause in (0.0, 0.01, 0.05):
            time.sleep(pause)
            status = read_json(self.path / "status.json")
            if isinstance(status, dict) and status.get("state") in STATES:
                return status
        return {"state": "lost", "step": 0, "total": 0, "message": "status.json is unreadable"}

    def write_status(self, **changes: Any) -> dict[str, Any]:
        """Change some fields; on a full disk the file is written over in place.

        Raises:
            OSError: neither is possible.
        """
        path = self.path / "status.json"
        status = {**(read_json(path) or {}), **changes}
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

        A last line that is still being written is left for the next call.
        """
        path = self.path / "metrics.jsonl"
        try:
            with path.open("rb") as file:
                file.seek(max(0, after))
                data = file.read()
        except OSError:
            return [], after
        whole = data[: data.rfind(b"\n") + 1]
        rows = []
        for line in whole.splitlines():
            try:
                rows.append(json.loads(line))
            except ValueError:
                continue
        return rows, max(0, after) + len(whole)

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

    def start_circuit(self) -> Circuit:
        """The circuit before training.

        Raises:
            CircuitError: the file is damaged.
        """
        path = self.path / "circuit.json"
        return read_circuit(path if path.exists() else path.with_suffix(".safetensors"))

    def circuit(self, checkpoint: str = "best") -> Circuit:
        """The circuit with the trained values of a checkpoint.

        Raises:
            RunError: there is no checkpoint.
            CircuitError: the stored circuit is damaged.
        """
        from ..training.loop import trained_circuit  # torch only where it is needed

        trained = trained_circuit(self.start_circuit(), self.checkpoint(checkpoint))
        return trained.with_settings(self.spec.model_dump())

    def example(self) -> dict[str, float]:
        """Input voltages [V] of the example that the frames replay; empty before the first."""
        found = self.frames()
        if not found:
            return {}
        circuit = self.start_circuit()
        first = self.frame(found[-1]["epoch"])["voltages"][0]
        start = dict(zip(circuit.node_ids, first.tolist(), strict=True))
        return {name: start[name] for name in circuit.inputs}

    def frames(self) -> list[dict[str, Any]]:
        """Epoch and path of every stored frame, in order."""
        found = sorted((self.path / "frames").glob("[0-9]*.npz"))
        return [{"epoch": int(path.stem), "path": path} for path in found]

    def frame(self, epoch: int) -> dict[str, np.ndarray]:
        """The arrays of one frame.

        Raises:
            RunError: no such frame.
        """
        path = self.path / "frames" / f"{int(epoch):06d}.npz"
        try:
            with np.load(path, allow_pickle=False) as data:
                return {name: data[name] for name in data.files}
        except (OSError, ValueError) as error:
            raise RunError(f"run {self.id} has no frame of epoch {epoch} ({error})") from None

    def log(self) -> str:
        """The end of what the worker printed, at most 64 kB."""
        try:
            with (self.path / "log.txt").open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - LOG_BYTES))
                return file.read().decode("utf-8", errors="replace")
        except OSError:
            return ""

    def ask_to_stop(self) -> None:
        """Leave a request; the worker sees it within a fraction of a second."""
        (self.path / "stop").touch()

    @property
    def stop_asked(self) -> bool:
        """Whether somebody asked the worker to stop."""
        return (self.path / "stop").exists()


def phase_of(status: Mapping[str, Any]) -> str:
    """What a run does just now, one of ``PHASES``; empty for one that has ended."""
    if status.get("state") == "queued":
        return "queued"
    if status.get("state") != "running":
        return ""
    phase = status.get("phase")
    return phase if isinstance(phase, str) and phase in PHASES else "training"


def new_id(spec: TrainSpec) -> str:
    """A readable id that sorts by time and does not repeat."""
    words = re.sub(r"[^a-z0-9]+", "-", (spec.name or spec.dataset).lower()).strip("-")[:40]
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return "-".join(part for part in (stamp, words, secrets.token_hex(2)) if part)


def checked_id(name: str) -> str:
    """A run id that is safe to use as a file name.

    Raises:
        RunError: anything else.
    """
    if not isinstance(name, str) or not RUN_ID.fullmatch(name):
        raise RunError(f"{name!r} is no run id; 'kirchhoff runs list' shows them")
    return name
