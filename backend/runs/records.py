"""What a run's files may hold: anything else in them is left out or refused in one sentence.

Run directories travel between computers, disks fill up and people edit files, so nothing that is
read is believed before it was looked at.
"""

import contextlib
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..checks import is_object
from ..datasets.folders import DATA_VARIABLE, HOME_VARIABLE
from .files import DamagedError, file_data, json_data, json_of

STATES = ("queued", "running", "done", "failed", "cancelled", "lost")
PHASES = ("queued", "starting", "loading data", "compiling", "training", "evaluating")
"""What a run that has not ended does just now."""

STATUS_BYTES = 2**20
METRICS_BYTES = 2**28
ROW_BYTES = 2**16
TEXT = 4000
"""Characters of a text that are kept."""

TEXTS = frozenset(
    [
        "phase",
        "name",
        "model",
        "dataset",
        "message",
        "launcher",
        "address",
        "node",
        "host",
        "computer",
        "session",
        "start_time",
        "owner",
        "score",
        "sweep",
    ]
)
COUNTS = frozenset(
    [
        "nodes",
        "devices",
        "step",
        "total",
        "epoch",
        "epochs",
        "beat",
        "pid",
        "workers",
        "working",
        "restarts",
        "kept",
        "trial",
    ]
)
LARGEST = 2**53
LAST_PID = 2**31 - 1
FOLDERS = (HOME_VARIABLE, DATA_VARIABLE)


def read_status(path: Path) -> dict[str, Any]:
    """The fields of a ``status.json``; those of a wrong type or size are left out.

    Raises:
        DamagedError: it is no status at all; says why.
    """
    found = json_data(path, STATUS_BYTES)
    if not is_object(found):
        raise DamagedError("is no status of a run")
    if found.get("state") not in STATES:
        raise DamagedError("says no state of a run")
    kept: dict[str, Any] = {"state": found["state"], "step": 0, "total": 0}
    for name, value in found.items():
        checked = _status_field(name, value)
        if checked is not None:
            kept[name] = checked
    return kept


def _status_field(name: str, value: Any) -> Any:
    if name == "state":
        return value
    if name in TEXTS:
        return plain(value) if isinstance(value, str) else None
    if name in COUNTS:
        high = LAST_PID if name == "pid" else LARGEST
        whole = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= high
        return value if whole else None
    if name == "environment":
        return _folders(value)
    if isinstance(value, str) and name.startswith("solve_"):
        return plain(value)
    return value if is_number(value) else None


def _folders(value: Any) -> dict[str, str] | None:
    """Only where runs and data are kept: nothing else may steer a worker from a file."""
    if not is_object(value):
        return None
    return {
        name: text
        for name, text in value.items()
        if name in FOLDERS and isinstance(text, str) and plain(text) == text
    }


def phase_of(status: Mapping[str, Any]) -> str:
    """What a run does just now, one of ``PHASES``; empty for one that has ended."""
    if status.get("state") == "queued":
        return "queued"
    if status.get("state") != "running":
        return ""
    phase = status.get("phase")
    return phase if isinstance(phase, str) and phase in PHASES else "training"


def read_rows(path: Path, after: int = 0) -> tuple[list[dict[str, Any]], int, int]:
    """Rows of a ``metrics.jsonl`` from a byte offset on.

    A last line that is still being written is left for the next call.

    Returns:
        The rows, the offset to go on from, and how many lines were no rows.

    Raises:
        DamagedError: the file cannot be read.
    """
    first = max(0, after)
    with contextlib.suppress(OSError):
        first = first if first <= path.stat().st_size else 0  # a training that began anew
    data = file_data(path, METRICS_BYTES, first)
    whole = data[: data.rfind(b"\n") + 1]
    lines = [line for line in whole.split(b"\n") if line.strip()]
    rows = [row for line in lines if (row := row_of(line)) is not None]
    return rows, first + len(whole), len(lines) - len(rows)


def row_of(line: bytes) -> dict[str, Any] | None:
    """A report: numbers, texts and nothing by name; ``None`` for a line that is none."""
    if len(line) > ROW_BYTES:
        return None
    try:
        found = json_of(line)
    except DamagedError:
        return None
    if not is_object(found) or not _counted(found):
        return None
    return {
        plain(name): plain(value) if isinstance(value, str) else value
        for name, value in found.items()
        if value is None or isinstance(value, str) or is_number(value)
    }


def _counted(row: Mapping[str, Any]) -> bool:
    """Whether step and epoch, where they are there, are counts."""
    return all(_status_field(name, row.get(name, 0)) is not None for name in ("step", "epoch"))


def is_number(value: Any) -> bool:
    """A finite number that fits double precision."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False


def plain(text: str) -> str:
    """A text without what a terminal or a page could stumble over, and not without end."""
    return "".join(c if c.isprintable() else " " for c in text[:TEXT])
