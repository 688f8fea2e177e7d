"""Asks a cluster for a place: ``python -m backend.runs.cluster.submit RUN_DIRECTORY``.

The process ends when the worker has taken the run over; until then the run counts as alive because
this process is.
"""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ...errors import RunError, StudioError
from ..directory import RunDirectory
from ..lock import queue_lock
from .keeper import RESTARTS, Keeper
from .session import NAMESPACE, connected, places, words

CONNECT_SECONDS = 60.0
"""After which a connection that hangs is given up."""

PATIENCE_SECONDS = 5.0
"""After which a run says that it waits for a free place."""


def main(arguments: list[str]) -> int:
    """Get a run directory a worker on its cluster."""
    run = RunDirectory(Path(arguments[0]).resolve())
    address = str(run.status.get("address", ""))
    connecting = threading.Timer(CONNECT_SECONDS, _give_up, (run, address))
    connecting.daemon = True
    connecting.start()
    try:
        with connected(address):
            connecting.cancel()
            _submit(run)
    except StudioError as error:
        return _failed(run, str(error))
    except Exception as error:
        connecting.cancel()
        return _failed(run, _refused(address, error))
    return 0


def _submit(run: RunDirectory) -> None:
    import ray

    spec = run.spec
    wanted = places(spec.threads, spec.device)
    _check_room(wanted)
    _forget(run.id)
    actor = ray.remote(Keeper).options(
        name=run.id, lifetime="detached", max_restarts=RESTARTS, **wanted
    )
    keeper = actor.remote(os.fspath(run.path))
    _wait(run, keeper)


def _forget(name: str) -> None:
    """End a keeper of an earlier start, on a node that was thought lost, say.

    Raises:
        RunError: it does not end.
    """
    import ray

    end = time.monotonic() + CONNECT_SECONDS
    with contextlib.suppress(ValueError):  # there is none
        while time.monotonic() < end:
            ray.kill(ray.get_actor(name, NAMESPACE), no_restart=True)
            time.sleep(0.2)
        raise RunError("an earlier keeper of this run does not end; look at the cluster")


def _check_room(wanted: dict[str, Any]) -> None:
    """Whether any node could ever hold a worker.

    Raises:
        RunError: none could.
    """
    import ray

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    for key, name, remedy in (
        ("num_cpus", "CPU", "set threads to fewer"),
        ("num_gpus", "GPU", "set device to cpu"),
    ):
        most = max((node.get(name, 0) for node in nodes), default=0)
        if wanted[key] > most:
            raise RunError(
                f"a worker needs {wanted[key]} {name}, and no node of the cluster has more than "
                f"{most:.0f}; {remedy}, or add a node"
            )


def _wait(run: RunDirectory, keeper: Any) -> None:
    """Until the worker beats, or somebody asked to stop before.

    Raises:
        RunError: the keeper could not be started.
    """
    import ray

    began, asked, told = time.monotonic(), keeper.begun.remote(), False
    placed = False
    while not run.status.get("owner"):
        if not placed and ray.wait([asked], timeout=0.2)[0]:
            placed = True
            ray.get(asked)
        elif placed:
            time.sleep(0.2)
            if run.status["state"] != "running":
                return
        elif run.stop_asked:
            ray.kill(keeper, no_restart=True)
            with queue_lock(run.home):
                run.write_status(state="cancelled", phase="", message="", finished=time.time())
            (run.path / "stop").unlink(missing_ok=True)
            return
        elif not told and time.monotonic() - began > PATIENCE_SECONDS:
            told = True
            _note(run, message="waits for a free place in the cluster")


def _note(run: RunDirectory, **fields: Any) -> None:
    """Write into a status that is still ours."""
    with queue_lock(run.home):
        if not run.status.get("owner") and not run.status.get("kept"):
            run.write_status(**fields)


def _refused(address: str, error: Exception) -> str:
    """An error of Ray in one sentence with what to do."""
    return (
        f"the Ray cluster at {address} could not be used from here ({words(error)}); this machine "
        f"must be one of its nodes ('ray start --address={address}'), with the same Ray, Python "
        "and studio as the others"
    )


def _failed(run: RunDirectory, message: str) -> int:
    with contextlib.suppress(OSError):
        print(f"failed: {message}", flush=True)
    with queue_lock(run.home):
        run.write_status(state="failed", phase="", message=message, finished=time.time())
    return 1


def _give_up(run: RunDirectory, address: str) -> None:
    """Ray waits for ever for a server that talks something else."""
    _failed(run, _refused(address, TimeoutError(f"no answer in {CONNECT_SECONDS:.0f} s")))
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
