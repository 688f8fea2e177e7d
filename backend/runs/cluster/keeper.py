"""An actor that keeps the worker of a run alive.

It is a detached actor: no process on the user's machine has to live for it. Ray starts it again on
a node that is left when its own is gone, and it starts the worker again when that alone was killed.
Either way the run goes on from its last checkpoint. It ends itself when the run has ended.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from ...errors import StudioError
from ..directory import RunDirectory
from ..launchers.local import environment_of
from ..life import place
from ..lock import queue_lock
from ..processes import start_time
from ..worker import KEPT
from .session import QUIET

RESTARTS = 5
"""So many times a run is taken up again by itself; then somebody has to look."""

OVER = ("done", "failed", "cancelled")

CLUSTER = "KIRCHHOFF_CLUSTER"
"""The address of the cluster, for a worker on one of its nodes."""


class Keeper:
    """Keeps one run going.

    Args:
        folder: the run directory, as every node sees it.
    """

    def __init__(self, folder: str) -> None:
        self.folder = Path(folder)
        self.thread = threading.Thread(target=self._keep, daemon=True)
        self.thread.start()

    def begun(self) -> bool:
        """Answers when the actor has a place."""
        return True

    def _keep(self) -> None:
        try:
            run = RunDirectory(self.folder)
            again = _reconstructed()
            while self._taken_on(run, again):
                self._work(run)
                again = True
        except (StudioError, OSError) as error:
            print(error, file=sys.stderr)
        finally:
            _end()

    def _taken_on(self, run: RunDirectory, again: bool) -> bool:
        """Write down where the run works now; whether it has to work at all."""
        with queue_lock(run.home):
            status = run.status
            count = int(status.get("restarts", 0)) + again
            if status["state"] in OVER:
                return False
            node = _node()
            fields = {**place(), "node": node, "pid": os.getpid(), "restarts": count,
                      "start_time": start_time(os.getpid()), "heartbeat": time.time()}  # fmt: skip
            if count > RESTARTS:
                why = (
                    f"its worker was lost {count} times, last on {status.get('node', 'a node')}; "
                    "look at log.txt and at the nodes, then resume"
                )
                run.write_status(state="failed", phase="", message=why, finished=time.time())
                _say(run, f"failed: {why}")
                return False
            message = ""
            if again:
                message = (
                    f"the worker on {status.get('node', 'a node')} was lost; {node} goes on from "
                    f"the last checkpoint ({count} of {RESTARTS})"
                )
            run.write_status(state="running", phase="starting", message=message, kept=1, **fields)
            _say(run, message or f"the run works on {node}")
        return True

    def _work(self, run: RunDirectory) -> None:
        """A worker from its start to its end."""
        import ray

        inherited = {name: value for name, value in environment_of(run).items()
                     if not name.startswith("RAY_")}  # fmt: skip
        address = ray.get_runtime_context().gcs_address
        environment = {**inherited, **QUIET, KEPT: "1", CLUSTER: address}
        command = [sys.executable, "-u", "-m", "backend.runs.worker", os.fspath(run.path)]
        with (
            (run.path / "log.txt").open("ab") as log,
            subprocess.Popen(
                command, env=environment, stdin=subprocess.PIPE, stdout=log, stderr=log
            ) as worker,
        ):
            worker.wait()


def _reconstructed() -> bool:
    """Whether Ray started this actor again after its node or process was gone."""
    import ray

    return bool(ray.get_runtime_context().was_current_actor_reconstructed)


def _node() -> str:
    """Which node this is, in words."""
    import ray

    context = ray.get_runtime_context()
    return f"{ray.util.get_node_ip_address()} (node {context.get_node_id()[:6]})"


def _end() -> None:
    """End this actor for good: an actor that only exits would be started again."""
    import ray

    ray.kill(ray.get_runtime_context().current_actor, no_restart=True)


def _say(run: RunDirectory, text: str) -> None:
    with (run.path / "log.txt").open("a", encoding="utf-8") as log:
        log.write(text + "\n")
