"""Runs in bundles: packed from a run directory, and unpacked into another HOME.

Files are taken as they are, bit for bit, except ``status.json``: it loses what speaks of the
computer that trained (process, host, folders), and a run that was active is ``cancelled`` there, to
be resumed from its last checkpoint. The log, which names folders, stays at home.
"""

import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..bundle_file import Bundle, bundle_bytes, read_bundle
from ..datasets.once import open_dataset
from ..errors import InputError, RunError, StudioError
from ..training.prepare import versions
from .directory import RunDirectory, checked_id
from .door import home_folder
from .edits import circuit_after, edits_of, made_of
from .files import PART, DamagedError, file_data, remove_parts, replace_file, unwritable
from .lock import queue_lock
from .records import read_status

PREFIX = "run/"
FIXED = (
    "spec.json", "origin.json", "circuit.json", "circuit.safetensors", "metrics.jsonl",
    "edits.json",
)  # fmt: skip
LOCAL = {
    "environment", "pid", "start_time", "heartbeat", "host", "computer", "session", "owner", "beat",
    "launcher", "phase", "seconds_left", "address", "node", "workers", "working", "restarts",
    "kept",
}  # fmt: skip
"""Fields of a status that mean something on the computer alone where it trained."""

SAMPLE = 32
SAMPLE_BYTES = 4 * 2**20
LARGEST = 2**29


def run_bundle(run: RunDirectory, lesson: bytes | None = None) -> bytes:
    """The file of a run's bundle.

    Args:
        run: in any state.
        lesson: Markdown that goes with it.

    Raises:
        RunError: a file of the run is damaged.
    """
    spec = run.spec
    files = {f"{PREFIX}{name}": _data(run.path / name) for name in FIXED
             if (run.path / name).is_file()}  # fmt: skip
    for which in ("best", "last"):
        name = f"checkpoints/{which}.safetensors"
        if (run.path / name).is_file():
            files[f"{PREFIX}{name}"] = _data(run.path / name)
    for found in run.frames():
        files[f"{PREFIX}frames/{found['path'].name}"] = _data(found["path"])
    files[f"{PREFIX}status.json"] = _status(run.status)
    if sample := _sample(run):
        files["data/sample.npz"] = sample
    if lesson is not None:
        files["lesson.md"] = lesson
    name = str(run.status.get("name") or run.id)
    return bundle_bytes(Bundle("run", name, files, {**versions(), **spec.versions}, run.id))


def unpack_run(data: bytes, home: str | Path | None) -> RunDirectory:
    """The run of a bundle in a HOME: the one that is there already, or a new directory.

    Raises:
        InputError: it is no whole bundle of a run.
        RunError: the disk refused it.
    """
    bundle = read_bundle(data)
    if bundle.kind != "run":
        raise InputError("this bundle holds a circuit, not a run")
    files = {path.removeprefix(PREFIX): content for path, content in bundle.files.items()
             if path.startswith(PREFIX)}  # fmt: skip
    id = checked_id(bundle.id)
    folder = home_folder(home) / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(folder, error) from None
    with queue_lock(folder.parent):
        remove_parts(folder)
        for path in _names(folder, id):
            if not path.exists():
                return _filled(path, files)
            if _same(path, files):
                return RunDirectory(path)
    raise RunError(f"{folder}: has too many runs of the name {id}; delete some of them")


def _names(folder: Path, id: str) -> list[Path]:
    return [folder / id, *(folder / f"{id[:76]}-{number}" for number in range(2, 100))]


def _same(path: Path, files: Mapping[str, bytes]) -> bool:
    """Whether a run that is there is the one of the bundle, whatever its status says by now."""
    try:
        return all(
            (path / name).is_file() and _data(path / name) == content
            for name, content in files.items()
            if name != "status.json"
        )
    except RunError:
        return False


def _filled(path: Path, files: Mapping[str, bytes]) -> RunDirectory:
    part = path.with_name(f".{path.name}{PART}")
    try:
        for name in ("", "checkpoints", "frames"):
            (part / name).mkdir(parents=True)
        for name, content in files.items():
            replace_file(part / name, content)
        for name in ("metrics.jsonl", "log.txt"):
            (part / name).touch()
        _settle(part)
        part.rename(path)
    except OSError as error:
        raise unwritable(path, error) from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return RunDirectory(path)


def _settle(part: Path) -> None:
    """Read back what a run must have; nothing that comes in may start by itself.

    Raises:
        InputError: the run cannot be read.
    """
    try:
        run = RunDirectory(part)
        status = _status(read_status(part / "status.json"))
        replace_file(part / "status.json", status)
        if run.spec and run.has_circuit:
            circuit_after(run, len(made_of(edits_of(run))))
    except (DamagedError, StudioError) as error:
        why = str(error).replace(f"{part}/", "")
        raise InputError(f"the run in this bundle cannot be read: {why}") from None


def _status(found: Mapping[str, Any]) -> bytes:
    kept = {name: value for name, value in found.items() if name not in LOCAL}
    if kept["state"] in ("queued", "running"):
        kept["state"] = "cancelled"
    return json.dumps(kept).encode()


def _sample(run: RunDirectory) -> bytes | None:
    """Some test examples as ``x`` and ``y``; nothing where the data set is not at hand."""
    spec = run.spec
    try:
        split = open_dataset(spec.dataset, spec.dataset_options).split()
    except (StudioError, OSError):
        return None
    part = split.part(split.held_out)
    x, y = part.x[:SAMPLE].cpu().numpy(), part.y[:SAMPLE].cpu().numpy()
    if x.nbytes + y.nbytes > SAMPLE_BYTES:
        return None
    buffer = io.BytesIO()
    np.savez(buffer, x=x, y=y)
    return buffer.getvalue()


def _data(path: Path) -> bytes:
    try:
        return file_data(path, LARGEST)
    except DamagedError as error:
        raise RunError(f"{path}: {error}; put the file back from a copy") from None
