"""Checkpoints: one safetensors file with parameters, optimiser state and the random state."""

import contextlib
import hashlib
import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import RunError
from ..training.loop import Snapshot
from .files import PART, DamagedError, json_of, replace_file


def write_checkpoint(snapshot: Snapshot, folder: Path, best: Snapshot | None = None) -> None:
    """Replace ``last``, and ``best`` before it when there is a better one.

    The order matters: the counters in ``last`` never speak of a best that is not on the disk.

    Args:
        snapshot: the present state.
        folder: of the checkpoints.
        best: the best state since the last call, perhaps the present one.

    Raises:
        OSError: no space; the older checkpoints are intact.
    """
    last = folder / "last.safetensors"
    if best is None:
        replace_file(last, _bytes(snapshot))
        return
    replace_file(folder / "best.safetensors", _bytes(best))
    if best.meta["step"] != snapshot.meta["step"] or not _second_name(
        folder / "best.safetensors", last
    ):
        replace_file(last, _bytes(snapshot))


def _bytes(snapshot: Snapshot) -> bytes:
    tensors = {name: value.contiguous() for name, value in snapshot.tensors.items()}
    meta = json.dumps(snapshot.meta)
    return save(tensors, {"checkpoint": meta, "digest": _digest(Snapshot(tensors, {}), meta)})


def _digest(snapshot: Snapshot, meta: str) -> str:
    """Of everything in a checkpoint: a flipped bit would otherwise be trained on in silence."""
    found = hashlib.sha256(meta.encode())
    for name, value in sorted(snapshot.tensors.items()):
        found.update(f"{name} {value.dtype} {tuple(value.shape)}".encode())
        found.update(value.contiguous().view(-1).numpy().tobytes())
    return found.hexdigest()


def _second_name(path: Path, name: Path) -> bool:
    """Give a file a second name without a copy; checkpoints are replaced, never changed."""
    part = name.with_name(f".{name.name}.{os.getpid()}{PART}")
    with contextlib.suppress(OSError):
        part.unlink(missing_ok=True)
    try:
        os.link(path, part)
    except OSError:  # a file system without hard links
        return False
    part.replace(name)
    # Two names of one file: renaming one onto the other does nothing and leaves both.
    part.unlink(missing_ok=True)
    return True


def read_checkpoint(path: Path) -> Snapshot:
    """The content of a checkpoint file.

    Raises:
        RunError: it is damaged.
    """
    try:
        if not path.is_file():
            raise DamagedError("it is no regular file")
        with safe_open(path, framework="pt") as file:
            found = file.metadata() or {}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        text = found["checkpoint"]
        meta = json_of(text.encode("utf-8", "replace"))
        if not isinstance(meta, dict):
            raise DamagedError("its counters are missing")
        snapshot = Snapshot(tensors, meta)
        if "digest" in found and found["digest"] != _digest(snapshot, text):
            raise DamagedError("its content was changed or damaged after it was written")
    except (DamagedError, OSError, SafetensorError, ArithmeticError, LookupError, RuntimeError,
            TypeError, ValueError) as error:  # fmt: skip
        why = " ".join(str(error).split())[:80]
        raise RunError(f"{path}: this is no checkpoint ({why})") from None
    return snapshot
