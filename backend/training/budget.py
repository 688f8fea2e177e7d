"""What a training will take, estimated before it starts; the absurd is refused in words.

The figures are rough on purpose: they keep a slip of the pen from taking the memory, the disk or
the time of a machine, and never stand in the way of ordinary work.
"""

import os
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..circuit import Circuit
from ..datasets import DATASETS
from ..errors import RunError
from ..models import MODELS, Effort
from .batches import FRESH_STEPS
from .frames import CURRENT_ENTRIES
from .spec import TrainSpec

FLOAT = 4
SHARE = 0.8
"""Of the machine's memory that one training may take."""

COPIES = 3
"""States of a batch that forward and backward hold: the path, its cotangents, room to work."""

EVALUATIONS = 1e9
"""Devices in one stage that a core gets through in a second, forward and backward."""

YEAR = 365.25 * 86400
LONGEST = 5 * YEAR
"""Seconds of computing; nobody means to wait longer."""

ROWS = 5_000_000
ROW_BYTES = 400
FRAME_BYTES = 20_000


@dataclass(frozen=True, kw_only=True)
class _Work(Effort):
    """The counts that decide what a training takes."""

    batch: int
    total: int
    epochs: int


def check_budget(
    spec: TrainSpec,
    circuit: Circuit | None,
    folder: Path | None = None,
    per_epoch: int | None = None,
) -> None:
    """Whether a training fits into the memory, the disk and a life.

    Args:
        spec: the settings.
        circuit: the one it begins with; ``None`` for a model that is none, whose work is not known.
        folder: where it will be recorded, if anywhere.
        per_epoch: optimiser steps of an epoch, where they are known.

    Raises:
        RunError: names the setting, what it would take and what there is.
    """
    work = _work(spec, circuit, per_epoch)
    _check_memory(work)
    _check_time(work)
    _check_records(spec, work, folder)


def _work(spec: TrainSpec, circuit: Circuit | None, per_epoch: int | None) -> _Work:
    effort = MODELS[spec.model].effort(spec.circuit_settings, circuit, CURRENT_ENTRIES)
    fresh = DATASETS[spec.dataset].task in ("generate", "match")
    size = None if fresh else examples_of(spec)
    count = per_epoch or (FRESH_STEPS if size is None else -(-size // spec.batch_size))
    return _Work(
        **asdict(effort),
        batch=spec.batch_size if size is None else min(spec.batch_size, size),
        total=count * spec.epochs,
        epochs=spec.epochs,
    )


def examples_of(spec: TrainSpec) -> int | None:
    """How many examples to learn from the settings promise; ``None`` where they do not say."""
    count = spec.dataset_options.get("n")
    return count if isinstance(count, int) and not isinstance(count, bool) else None


def machine_memory() -> int:
    """Memory of this machine, or of the container around this process [bytes]."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(found, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    except (OSError, ValueError):  # no container, or one without a limit
        return found


def _check_memory(work: _Work) -> None:
    needed = FLOAT * COPIES * work.batch * work.nodes * (work.steps * work.slices + 1)
    allowed = int(SHARE * machine_memory())
    if needed > allowed:
        fits = {
            "batch_size": work.batch * allowed // needed,
            "steps": work.steps * allowed // needed,
        }
        name = max(fits, key=lambda key: {"batch_size": work.batch, "steps": work.steps}[key])
        raise RunError(
            f"batch_size {work.batch:,} with {work.nodes:,} nodes and {work.steps:,} steps in "
            f"{work.slices} slices needs about {_bytes(needed)} of memory, and {_bytes(allowed)} "
            f"may be taken here; choose {name} up to {max(1, fits[name]):,}"
        )


def _check_time(work: _Work) -> None:
    # Devices are spread over the slices; every slice takes all the steps.
    stages = work.steps * work.stages * (work.devices + work.slices * work.nodes)
    seconds = float(work.total) * work.batch * stages / EVALUATIONS
    if seconds > LONGEST:
        fits = max(1, int(work.epochs * LONGEST / seconds))
        raise RunError(
            f"epochs {work.epochs:,} of {work.total // max(1, work.epochs):,} batches of "
            f"{work.batch:,} with {work.devices:,} devices and {work.steps:,} steps would take "
            f"about {min(seconds / YEAR, 1e12):,.0f} years of computing; choose fewer steps, a "
            f"smaller circuit, or epochs up to {fits:,}"
        )


def _check_records(spec: TrainSpec, work: _Work, folder: Path | None) -> None:
    rows = work.total // spec.report_interval + work.epochs
    if rows > ROWS:
        raise RunError(
            f"epochs {work.epochs:,} would leave {rows:,} reports, and {ROWS:,} can be read back; "
            "choose fewer epochs or a larger report_interval"
        )
    if not spec.frame_interval or folder is None:
        return
    frame = FRAME_BYTES + FLOAT * work.frame
    count, free = work.epochs // spec.frame_interval, _free(folder)
    if free is not None and count * frame > free:
        raise RunError(
            f"frame_interval {spec.frame_interval:,} would store {count:,} frames of about "
            f"{_bytes(frame)}, more than the {_bytes(free)} free in {folder}; choose "
            f"frame_interval {-(-work.epochs * frame // max(1, free)):,} or more, or 0 for none"
        )


def _free(folder: Path) -> int | None:
    """Free room where a folder is or will be [bytes]."""
    for place in (folder, *folder.absolute().parents):
        try:
            return shutil.disk_usage(place).free
        except OSError:
            continue
    return None


def _bytes(size: Any) -> str:
    for unit, power in (("TB", 40), ("GB", 30), ("MB", 20)):
        if size >= 2 * 2**power:
            return f"{size / 2**power:,.0f} {unit}"
    return f"{size / 2**10:,.0f} kB"
