"""The door to all runs of a HOME: list, start, stop, resume, delete, and the queue.

Nothing here needs a server: the queue moves on whenever somebody looks and whenever a worker ends.
"""

import contextlib
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..datasets.folders import DATA_VARIABLE, HOME_VARIABLE
from ..datasets.once import read_once
from ..errors import RunError, StudioError
from ..training.spec import TrainSpec
from .directory import MARKS, RUN_ID, RunDirectory, checked_id
from .files import PART, UnwritableError, unwritable
from .launchers import LAUNCHERS
from .life import at_hand, place, why_lost
from .lock import queue_lock, work_lock
from .processes import kill, start_time


def home_folder(home: str | Path | None = None) -> Path:
    """The given folder, else ``$KIRCHHOFF_HOME``, else ``~/.kirchhoff-studio``."""
    return Path(home or os.environ.get(HOME_VARIABLE) or Path.home() / ".kirchhoff-studio")


def list_runs(home: str | Path | None = None) -> list[RunDirectory]:
    """All runs, newest first, after bringing their states up to date."""
    reconcile(home)
    runs = _all(home_folder(home))
    return sorted(runs, key=lambda run: (run.status.get("created", 0.0), run.id), reverse=True)


def open_run(home: str | Path | None, name: str) -> RunDirectory:
    """The run of an id, or of the beginning of one when only one fits.

    Raises:
        RunError: no id, no run, or several.
    """
    runs = home_folder(home) / "runs"
    path = runs / checked_id(name)
    if not _is_run(path):
        fits = [run for run in _all(home_folder(home)) if run.id.startswith(name)]
        if len(fits) == 1:
            return fits[0]
        found = "several begin with" if fits else "there is no run"
        raise RunError(f"{runs}: {found} {name!r}; 'kirchhoff runs list' shows all")
    return RunDirectory(path)


def start_run(
    spec: TrainSpec,
    home: str | Path | None = None,
    launcher: str = "local",
    launching: Mapping[str, Any] | None = None,
) -> RunDirectory:
    """Queue a training and, when a slot is free, start it; see ``queue_run``."""
    run = queue_run(spec, home, launcher, launching)
    reconcile(home)
    return run


def queue_run(
    spec: TrainSpec,
    home: str | Path | None = None,
    launcher: str = "local",
    launching: Mapping[str, Any] | None = None,
    **about: Any,
) -> RunDirectory:
    """Queue a training; whoever looks next starts it when a slot is free.

    Args:
        spec: what to train; relative paths begin in the working directory.
        home: where runs are kept.
        launcher: a name from ``LAUNCHERS``.
        launching: the launcher's options, see its ``params``.
        about: fields of its first status that say what it is part of: ``sweep`` and ``trial``.

    Raises:
        StudioError: the spec cannot be carried out; nothing has been written.
    """
    from ..training.budget import check_budget  # needs torch
    from ..training.prepare import build_model, make_dataset, make_task, start_circuit

    kind = LAUNCHERS[launcher]  # an unknown name is refused before anything is written
    options = kind.checked(launching or {})
    with read_once():
        circuit = start_circuit(spec)
        check_budget(spec, circuit, home_folder(home))
        dataset = make_dataset(spec)
        model = build_model(spec, circuit, dataset)
        kind.check_training(options, model, make_task(spec, dataset))
    return RunDirectory.create(
        spec,
        home_folder(home),
        circuit,
        launcher=launcher,
        environment=_environment(),
        **options,
        **about,
    )


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
    with queue_lock(run.home), _writing(run):
        state = run.status["state"]
        if state == "queued":
            run.write_status(state="cancelled", message="", finished=time.time())
        elif state == "running":
            run.ask_to_stop()
    return run


@contextlib.contextmanager
def _writing(run: RunDirectory) -> Iterator[None]:
    """What the disk refuses meanwhile is said in words.

    Raises:
        UnwritableError: see above.
    """
    try:
        yield
    except OSError as error:
        raise unwritable(run.path, error) from None


def resume_run(home: str | Path | None, name: str) -> RunDirectory:
    """Queue a run again, to go on from its last checkpoint.

    Raises:
        RunError: no such run, or it is working, waiting or done, or its files are damaged or were
            edited.
    """
    run = open_run(home, name)
    reconcile(home)
    with queue_lock(run.home), _writing(run):
        status = run.status
        state = status["state"]
        if state == "running" and not at_hand(status):
            raise RunError(
                f"run {run.id} still counts as running on {status.get('host')}; if its worker is "
                "gone, ask again in half a minute"
            )
        if state in ("queued", "running"):
            raise RunError(f"run {run.id} is {state} already")
        if state == "done":
            raise RunError(f"run {run.id} is done; start a new one to train longer")
        spec = run.spec
        if at_hand(status):
            # A lost worker may only have been asleep; two on one directory would be worse.
            kill(status.get("pid") or 0, status.get("start_time"))
        with work_lock(run.path):  # and one that a damaged status does not name
            (run.path / "stop").unlink(missing_ok=True)
        known = {**(status.get("environment") or {}), **_environment()}
        run.write_status(**_again(spec), environment=known)
    reconcile(home)
    return run


def _again(spec: TrainSpec) -> dict[str, Any]:
    """The fields of a status that make its run wait for a worker; the one before is disowned."""
    return {
        "state": "queued",
        "phase": "queued",
        "message": "",
        "name": spec.name or spec.dataset,
        "model": spec.model,
        "dataset": spec.dataset,
        "epochs": spec.epochs,
        "queued": time.time(),
        "pid": None,
        "start_time": None,
        "owner": None,
        "kept": 0,
    }


def delete_run(home: str | Path | None, name: str) -> None:
    """Remove a run from the disk; only by its whole id.

    Raises:
        RunError: no such run, or it is working.
    """
    run = open_run(home, name)
    if run.id != name:
        raise RunError(f"give the whole id to delete a run: {run.id}")
    with queue_lock(run.home), _writing(run):
        status = run.status
        if status["state"] == "running" and why_lost(run, status) is None:
            raise RunError(f"run {run.id} is running; stop it first")
        # In one step, so that no half of it is left when this process is killed.
        gone = run.path.with_name(f".{run.id}{PART}")
        run.path.rename(gone)
        shutil.rmtree(gone)


def reconcile(home: str | Path | None = None) -> None:
    """Mark runs whose worker is gone as ``lost`` and start queued ones in free slots, first first.

    A home that cannot be written to is left as it is.
    """
    folder = home_folder(home)
    if not _is_folder(folder / "runs"):
        return
    with contextlib.suppress(UnwritableError), queue_lock(folder):
        statuses = [(run, run.status) for run in _all(folder)]
        busy: dict[str, int] = {}
        for run, status in statuses:
            if status["state"] == "running" and not _given_up(run, status):
                launcher = status.get("launcher", "local")
                busy[launcher] = busy.get(launcher, 0) + 1
        waiting = [pair for pair in statuses if pair[1]["state"] == "queued"]
        for run, status in sorted(waiting, key=lambda pair: pair[1].get("queued", 0.0)):
            launcher = status.get("launcher", "local")
            if launcher not in LAUNCHERS:
                _note(run, state="failed", message=f"there is no launcher {launcher!r}"[:100])
            elif busy.get(launcher, 0) < LAUNCHERS[launcher].slots():
                busy[launcher] = busy.get(launcher, 0) + 1
                _launch(run, launcher)


def _given_up(run: RunDirectory, status: dict[str, Any]) -> bool:
    """Whether a running run has lost its worker, which is then written down."""
    why = why_lost(run, status)
    if why is None:
        return False
    # The worker may have written its last word before it ended, after the status was read.
    if run.status["state"] == "running":
        _note(run, state="lost", message=why)
    return True


def _note(run: RunDirectory, **fields: Any) -> None:
    """Write into a status; a run that cannot be written to must not stop the others."""
    with contextlib.suppress(OSError):
        run.write_status(**fields)


def _launch(run: RunDirectory, launcher: str) -> None:
    try:
        pid = LAUNCHERS[launcher].launch(run)
    except OSError as error:
        message = f"no worker could be started ({error.strerror or error})"
        _note(run, state="failed", message=message)
        return
    except StudioError as error:
        _note(run, state="failed", message=str(error))
        return
    # The worker's own first status comes after this one: it waits for the lock of the queue.
    _note(
        run,
        state="running",
        phase="starting",
        message="",
        pid=pid,
        start_time=start_time(pid),
        owner=None,
        kept=0,
        restarts=0,
        heartbeat=time.time(),
        **place(),
    )


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a folder above it may not be looked into
        return False


def _all(home: Path) -> list[RunDirectory]:
    """Runs by id, which begins with the time of their creation.

    Raises:
        RunError: the folder cannot be read.
    """
    folder = home / "runs"
    try:
        paths = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise RunError(f"{folder}: cannot be read ({error.strerror or error})") from None
    return [RunDirectory(path) for path in paths if _is_run(path)]


def _is_run(path: Path) -> bool:
    try:
        return (
            bool(RUN_ID.fullmatch(path.name))
            and not path.is_symlink()
            and any((path / name).is_file() for name in MARKS)
        )
    except OSError:
        return False
