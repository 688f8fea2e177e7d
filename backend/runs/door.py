"""The door to all runs of a HOME: list, start, stop, resume, delete, and the queue.

Nothing here needs a server: the queue moves on whenever somebody looks and whenever a worker ends.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..datasets.folders import DATA_VARIABLE, HOME_VARIABLE
from ..errors import RunError
from ..training.spec import TrainSpec
from .directory import RUN_ID, RunDirectory, checked_id
from .launchers import LAUNCHERS
from .processes import alive, kill, start_time

# A worker beats twice a second; one that lives but says nothing for so long is stuck or asleep.
STALE_SECONDS = 30.0


def home_folder(home: str | Path | None = None) -> Path:
    """The given folder, else ``$KIRCHHOFF_HOME``, else ``~/.kirchhoff-studio``."""
    return Path(home or os.environ.get(HOME_VARIABLE) or Path.home() / ".kirchhoff-studio")


def list_runs(home: str | Path | None = None) -> list[RunDirectory]:
    """All runs, newest first, after bringing their states up to date."""
    reconcile(home)
    runs = _all(home_folder(home))
    return sorted(runs, key=lambda run: run.status.get("created", 0.0), reverse=True)


def open_run(home: str | Path | None, name: str) -> RunDirectory:
    """The run of an id, or of the beginning of one when only one fits.

    Raises:
        RunError: no id, no run, or several.
    """
    runs = home_folder(home) / "runs"
    path = runs / checked_id(name)
    if path.is_symlink() or not (path / "spec.json").is_file():
        fits = [run for run in _all(home_folder(home)) if run.id.startswith(name)]
        if len(fits) == 1:
            return fits[0]
        found = "several begin with" if fits else "there is no run"
        raise RunError(f"{runs}: {found} {name!r}; 'kirchhoff runs list' shows all")
    return RunDirectory(path)


def start_run(
    spec: TrainSpec, home: str | Path | None = None, launcher: str = "local"
) -> RunDirectory:
    """Queue a training and, when a slot is free, start it.

    Args:
        spec: what to train; relative paths begin in the working directory.
        home: where runs are kept.
        launcher: a name from ``LAUNCHERS``.

    Raises:
        StudioError: the spec cannot be carried out; nothing has been written.
    """
    from ..training.prepare import build_model, make_dataset, start_circuit  # needs torch

    LAUNCHERS[launcher]  # an unknown name is refused before anything is written
    circuit = start_circuit(spec)
    build_model(spec, circuit, make_dataset(spec))
    run = RunDirectory.create(spec, home_folder(home), circuit)
    run.write_status(launcher=launcher, environment=_environment())
    reconcile(home)
    return run


def _environment() -> dict[str, str]:
    """Where the one who starts a run keeps runs and data.

    The worker takes these, also when another process starts it from the queue.
    """
    names = (HOME_VARIABLE, DATA_VARIABLE)
    return {name: os.path.abspath(os.environ[name]) for name in names if os.environ.get(name)}


def stop_run(home: str | Path | None, name: str) -> RunDirectory:
    """Ask a worker to stop with a checkpoint; a queued run is cancelled at once.

    Raises:
        RunError: no such run.
    """
    run = open_run(home, name)
    with _locked(run.home):
        state = run.status["state"]
        if state == "queued":
            run.write_status(state="cancelled", message="", finished=time.time())
        elif state == "running":
            run.ask_to_stop()
    return run


def resume_run(home: str | Path | None, name: str) -> RunDirectory:
    """Queue a run again, to go on from its last checkpoint.

    Raises:
        RunError: no such run, or it is working, waiting or done.
    """
    run = open_run(home, name)
    reconcile(home)
    with _locked(run.home):
        status = run.status
        state = status["state"]
        if state in ("queued", "running"):
            raise RunError(f"run {run.id} is {state} already")
        if state == "done":
            raise RunError(f"run {run.id} is done; start a new one to train longer")
        if status.get("host") == socket.gethostname():
            # A lost worker may only have been asleep; two on one directory would be worse.
            kill(status.get("pid") or 0, status.get("start_time"))
        (run.path / "stop").unlink(missing_ok=True)
        known = {**(status.get("environment") or {}), **_environment()}
        run.write_status(
            state="queued",
            phase="queued",
            message="",
            queued=time.time(),
            pid=None,
            start_time=None,
            environment=known,
        )
    reconcile(home)
    return run


def delete_run(home: str | Path | None, name: str) -> None:
    """Remove a run from the disk; only by its whole id.

    Raises:
        RunError: no such run, or it is working.
    """
    run = open_run(home, name)
    if run.id != name:
        raise RunError(f"give the whole id to delete a run: {run.id}")
    with _locked(run.home):
        if run.status["state"] == "running" and _lost(run.status) is None:
            raise RunError(f"run {run.id} is running; stop it first")
        shutil.rmtree(run.path)


def reconcile(home: str | Path | None = None) -> None:
    """Mark runs whose worker is gone as ``lost`` and start queued ones in free slots, first first.

    A home that cannot be written to is left as it is.
    """
    folder = home_folder(home)
    if not (folder / "runs").is_dir():
        return
    with contextlib.suppress(PermissionError), _locked(folder):
        statuses = [(run, run.status) for run in _all(folder)]
        busy: dict[str, int] = {}
        for run, status in statuses:
            if status["state"] != "running":
                continue
            why = _lost(status)
            if why:
                run.write_status(state="lost", message=why)
            else:
                launcher = status.get("launcher", "local")
                busy[launcher] = busy.get(launcher, 0) + 1
        waiting = [pair for pair in statuses if pair[1]["state"] == "queued"]
        for run, status in sorted(waiting, key=lambda pair: pair[1].get("queued", 0.0)):
            launcher = status.get("launcher", "local")
            if busy.get(launcher, 0) < LAUNCHERS[launcher].slots():
                busy[launcher] = busy.get(launcher, 0) + 1
                _launch(run, launcher)


def _launch(run: RunDirectory, launcher: str) -> None:
    try:
        pid = LAUNCHERS[launcher].launch(run)
    except OSError as error:
        run.write_status(state="failed", message=f"no worker could be started ({error.strerror})")
        return
    run.write_status(
        state="running",
        phase="starting",
        message="",
        pid=pid,
        start_time=start_time(pid),
        host=socket.gethostname(),
        heartbeat=time.time(),
    )


def _lost(status: dict[str, Any]) -> str | None:
    """Why the worker of a running run must be taken for gone."""
    silent = time.time() - status.get("heartbeat", 0.0)
    here = status.get("host") in (None, socket.gethostname())
    if here and not alive(status.get("pid"), status.get("start_time")):
        return "the worker ended without a word; resume to go on from the last checkpoint"
    if silent > STALE_SECONDS:
        return (
            f"the worker has not been heard of for {silent:.0f} s; "
            "resume to go on from the last checkpoint"
        )
    return None


def _all(home: Path) -> list[RunDirectory]:
    """Runs by id, which begins with the time of their creation."""
    folder = home / "runs"
    if not folder.is_dir():
        return []
    return [
        RunDirectory(path)
        for path in sorted(folder.iterdir())
        if RUN_ID.fullmatch(path.name)
        and not path.is_symlink()
        and (path / "spec.json").is_file()
        and (path / "status.json").is_file()
    ]


@contextlib.contextmanager
def _locked(home: Path) -> Iterator[None]:
    """One process at a time changes the queue."""
    with (home / "runs" / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
