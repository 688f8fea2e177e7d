"""Checkpoints: one safetensors file with parameters, optimiser state and the random state."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import RunError
from ..training.loop import Snapshot
from .files import replace_file


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
    return save(tensors, {"checkpoint": json.dumps(snapshot.meta)})


def _second_name(path: Path, name: Path) -> bool:
    """Give a file a second name without a copy; checkpoints are replaced, never changed."""
    part = name.with_name(f".{name.name}.{os.getpid()}.part")
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
        with safe_open(path, framework="pt") as file:
            meta = json.loads((file.metadata() or {})["checkpoint"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise RunError(f"{path}: this is no checkpoint ({error})") from None
    return Snapshot(tensors, meta)
