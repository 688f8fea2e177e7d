"""Checkpoints: one safetensors file with parameters, optimiser state and the random state."""

import json
import os
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ..errors import RunError
from ..training.loop import Snapshot
from .files import replace_file


def write_checkpoint(snapshot: Snapshot, folder: Path, *, best: bool = False) -> None:
    """Replace ``last`` and, when it is the best so far, ``best``.

    ``best`` is a second name of the same file: checkpoints are replaced, never changed.

    Raises:
        OSError: no space; the older checkpoints are intact.
    """
    last = folder / "last.safetensors"
    tensors = {name: value.contiguous() for name, value in snapshot.tensors.items()}
    data = save(tensors, {"checkpoint": json.dumps(snapshot.meta)})
    replace_file(last, data)
    if not best:
        return
    link = folder / f".best.{os.getpid()}.part"
    link.unlink(missing_ok=True)
    try:
        os.link(last, link)
    except OSError:  # a file system without hard links
        replace_file(folder / "best.safetensors", data)
    else:
        link.replace(folder / "best.safetensors")


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
