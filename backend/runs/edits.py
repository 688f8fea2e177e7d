"""Edits of a run's circuit: asked for through files, made by the worker, kept in ``edits.json``.

``edits/<id>.json`` is a request. The worker looks between two batches, writes what it makes of it
into ``edits.json`` and only then removes the request, so that none is lost or made twice.
"""

import json
import re
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..changes import Change, change_of
from ..checks import is_object
from ..circuit import Circuit
from ..errors import RunError, StudioError
from .files import DamagedError, json_data, replace_file, unwritable

if TYPE_CHECKING:
    from ..training.edits import Edit
    from ..training.loop import Trainer
    from .directory import RunDirectory

RECORD, REQUESTS = "edits.json", "edits"
BYTES = 2**20
MOST = 200
"""Edits of a run; a page marks each on its curves."""

NAME = re.compile(r"[0-9a-f-]{8,40}\.json")


def ask_to_edit(run: "RunDirectory", change: Change) -> str:
    """Leave a request for the worker; the id by which its answer is found.

    Raises:
        StudioError: the run does not train a circuit now, or the change does not fit it.
    """
    if run.status["state"] != "running":
        raise RunError(
            f"run {run.id} is {run.status['state']}; only a circuit that trains can be edited"
        )
    change.check_lasting()
    known = edits_of(run)
    if len(known) >= MOST:
        raise RunError(f"run {run.id} was edited {MOST} times; start a new run with its circuit")
    change.apply(circuit_after(run, len(made_of(known))))
    name = f"{time.time_ns():x}-{secrets.token_hex(3)}"
    try:
        (run.path / REQUESTS).mkdir(exist_ok=True)
        content = json.dumps(change.to_dict()).encode()
        replace_file(run.path / REQUESTS / f"{name}.json", content)
    except OSError as error:
        raise unwritable(run.path, error) from None
    return name


def edits_of(run: "RunDirectory") -> list[dict[str, Any]]:
    """What was asked for, in order: ``id``, ``step``, ``epoch``, ``change``, ``params``, ``words``.

    One that was refused has ``refused``, the reason.

    Raises:
        RunError: the record is damaged.
    """
    path = run.path / RECORD
    if not path.exists():
        return []
    try:
        found = json_data(path, BYTES)
    except DamagedError as error:
        raise RunError(f"{path}: {error}; put the file back from a copy") from None
    if not isinstance(found, list) or not all(_sound(entry) for entry in found):
        raise RunError(f"{path}: is no record of edits; put the file back from a copy")
    return found


def _sound(entry: Any) -> bool:
    return (
        is_object(entry)
        and all(isinstance(entry.get(name), str) for name in ("id", "change", "words"))
        and all(isinstance(entry.get(name), int) for name in ("step", "epoch"))
    )


def made_of(entries: Sequence[dict[str, Any]]) -> list["Edit"]:
    """The edits of a record that were not refused."""
    from ..training.edits import Edit  # needs torch

    return [
        Edit(entry["step"], change_of({name: entry.get(name) for name in ("change", "params")}))
        for entry in entries
        if not entry.get("refused")
    ]


def circuit_after(run: "RunDirectory", count: int) -> Circuit:
    """The circuit of a run after so many edits, with the values it was begun with.

    Raises:
        StudioError: there is none, or a file of the run is damaged.
    """
    start = run.start_circuit()
    if not count:
        return start
    from ..training.edits import edited  # needs torch

    made = made_of(edits_of(run))
    if count > len(made):
        path = run.path / RECORD
        raise RunError(f"{path}: has {len(made)} edits and the checkpoint {count}; put it back")
    found = edited(start, made[:count])
    assert found is not None
    return found


def circuit_at(run: "RunDirectory", step: int) -> Circuit:
    """The circuit that made a frame after so many steps; edits before the next one come later."""
    return circuit_after(run, sum(edit.step < step for edit in made_of(edits_of(run))))


class Editing:
    """The worker's side: requests become edits of its trainer.

    Args:
        run: the run directory.
        trainer: whose circuit is edited.
    """

    def __init__(self, run: "RunDirectory", trainer: "Trainer") -> None:
        self.run, self.trainer = run, trainer
        self.folder = run.path / REQUESTS

    def look(self) -> None:
        """Take the oldest request; the next one is checked against what this one leaves.

        Raises:
            RunError: the disk refuses.
        """
        if self.folder.is_dir():
            asked = [path for path in self.folder.iterdir() if NAME.fullmatch(path.name)]
            if asked:
                self._take(min(asked))

    def _take(self, path: Path) -> None:
        known = edits_of(self.run)
        try:
            if all(entry["id"] != path.stem for entry in known):
                entry = self._answer(path)
                content = json.dumps([*known, entry], indent=1).encode()
                replace_file(self.run.path / RECORD, content)
            path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.run.path, error) from None

    def _answer(self, path: Path) -> dict[str, Any]:
        """The entry of a request; the trainer makes it before its next step, if it can."""
        from ..training.edits import Edit, check_edit

        trainer = self.trainer
        entry = {"id": path.stem, "step": trainer.step, "epoch": trainer.epoch, "change": "",
                 "words": ""}  # fmt: skip
        try:
            change = change_of(json_data(path, BYTES))
            entry |= {**change.to_dict(), "words": change.words()}
            check_edit(trainer.model, change)
            change = change.fixed(trainer.model.circuit())
            entry |= change.to_dict()
        except (StudioError, DamagedError) as error:
            return {**entry, "refused": str(error)}
        trainer.edits.append(Edit(trainer.step, change))
        return entry
