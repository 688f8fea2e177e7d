"""A sweep's directory, ``HOME/sweeps/<id>/``: all that is known of it, on disk.

::

    sweep.json       what is searched and how, immutable but for the budget
    study.journal    Optuna's study: every trial, its settings and its curve
    trials.json      the same as a table, for readers without Optuna; replaced whole
    status.json      state, seconds of work, who works on it
    result.json      the winner, and what it gave on the test set; from then on no trial is added

The runs of its trials lie in ``HOME/runs`` as all runs do; their statuses name sweep and trial.
"""

import json
import shutil
import time
from pathlib import Path
from typing import Any

from ..checks import is_list, is_object
from ..errors import RunError
from ..runs import home_folder
from ..runs.directory import RUN_ID
from ..runs.files import PART, DamagedError, json_data, replace_file, unwritable
from ..runs.life import at_hand
from ..runs.processes import alive

FORMAT = "kirchhoff-sweep/1"
STATES = ("running", "resting", "done")


class SweepDirectory:
    """The door to one sweep; every method reads the disk anew.

    Args:
        path: the directory.

    Raises:
        RunError: there is no sweep.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not (path / "sweep.json").is_file():
            raise RunError(f"{path}: there is no sweep here")

    @classmethod
    def create(cls, home: Path, id: str, content: dict[str, Any]) -> "SweepDirectory":
        """A new sweep; it is there as a whole or not at all.

        Raises:
            RunError: the directory cannot be made.
        """
        path = home / "sweeps" / id
        part = path.with_name(f".{id}{PART}")
        try:
            part.mkdir(parents=True)
            about = {"format": FORMAT, "created": time.time(), **content}
            replace_file(part / "sweep.json", json.dumps(about, indent=1).encode())
            part.rename(path)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise unwritable(path.parent, error) from None
        return cls(path)

    @property
    def id(self) -> str:
        """The name of the directory."""
        return self.path.name

    @property
    def home(self) -> Path:
        """The folder that holds ``sweeps`` and ``runs``."""
        return self.path.parent.parent

    @property
    def about(self) -> dict[str, Any]:
        """What was asked for.

        Raises:
            RunError: the file is damaged, or of another version.
        """
        found = self._object("sweep.json")
        if found.get("format") != FORMAT:
            path = self.path / "sweep.json"
            raise RunError(f"{path}: is no whole sweep of the form '{FORMAT}'; start a new one")
        return found

    @property
    def status(self) -> dict[str, Any]:
        """State and seconds of work; ``resting`` for one whose process is gone."""
        found = self._object("status.json")
        state = found.get("state")
        state = state if state in STATES else "resting"
        if state == "running" and at_hand(found):
            pid, began = found.get("pid"), found.get("start_time")
            state = "running" if isinstance(pid, int) and alive(pid, began) else "resting"
        seconds = found.get("seconds")
        return {**found, "state": state,
                "seconds": float(seconds) if isinstance(seconds, int | float) else 0.0}  # fmt: skip

    @property
    def trials(self) -> list[dict[str, Any]]:
        """A row a trial, in their order; see ``rows.Row``."""
        try:
            found = json_data(self.path / "trials.json")
        except DamagedError:
            return []
        return [row for row in found if is_object(row)] if is_list(found) else []

    @property
    def result(self) -> dict[str, Any]:
        """The winner and what it gave; empty before the end."""
        return self._object("result.json")

    def write(self, name: str, content: Any) -> None:
        """Replace one of the files.

        Raises:
            RunError: the disk refuses.
        """
        try:
            replace_file(self.path / name, json.dumps(content).encode(), sync=name == "result.json")
        except OSError as error:
            raise unwritable(self.path, error) from None

    def _object(self, name: str) -> dict[str, Any]:
        try:
            found = json_data(self.path / name)
        except DamagedError:
            return {}
        return found if is_object(found) else {}


def list_sweeps(home: str | Path | None = None) -> list[SweepDirectory]:
    """All sweeps, newest first."""
    try:
        paths = sorted((home_folder(home) / "sweeps").iterdir(), reverse=True)
    except OSError:
        return []
    return [SweepDirectory(path) for path in paths
            if RUN_ID.fullmatch(path.name) and (path / "sweep.json").is_file()]  # fmt: skip


def open_sweep(home: str | Path | None, name: str) -> SweepDirectory:
    """The sweep of an id, or of the beginning of one when only one fits.

    Raises:
        RunError: there is none, or there are several.
    """
    known = list_sweeps(home)
    fits = [sweep for sweep in known if sweep.id == name] or [
        sweep for sweep in known if name and sweep.id.startswith(name)
    ]
    if len(fits) == 1:
        return fits[0]
    found = "several begin with" if fits else "there is no sweep"
    shown = ", ".join(sweep.id for sweep in known[:5]) or "none"
    raise RunError(f"{home_folder(home) / 'sweeps'}: {found} {name[:80]!r}; there is {shown}")
