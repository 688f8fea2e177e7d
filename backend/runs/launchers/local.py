"""Workers as processes on this machine."""

import os
import sys
from pathlib import Path
from typing import ClassVar

from ...datasets.folders import DATA_VARIABLE, HOME_VARIABLE
from ..directory import RunDirectory
from .base import LAUNCHERS, Launcher

SLOTS = "KIRCHHOFF_SLOTS"
FOLDERS = (HOME_VARIABLE, DATA_VARIABLE)
MEMORY = {
    # Trajectories of a batch take tens of megabytes: glibc would hand them back to the system and
    # fetch fresh pages in every step, which costs more than the kernels.
    "MALLOC_MMAP_THRESHOLD_": str(1 << 25),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    # Idle threads of torch must not spin beside those of the kernels.
    "OMP_WAIT_POLICY": "passive",
}
"""What a worker's libraries are told unless the environment says otherwise."""

PACKAGE_ROOT = Path(__file__).resolve().parents[3]


@LAUNCHERS.register("local")
class Local(Launcher):
    """A process of its own session: it lives on when the studio or the terminal ends."""

    title: ClassVar[str] = "This machine"

    @classmethod
    def slots(cls) -> int:
        """One, or the number in ``$KIRCHHOFF_SLOTS``."""
        text = os.environ.get(SLOTS, "1")
        return max(1, int(text)) if text.isdigit() else 1

    @classmethod
    def launch(cls, run: RunDirectory) -> int:
        """Start ``python -m backend.runs.worker`` with its output going to ``log.txt``."""
        return spawned("backend.runs.worker", run)


def spawned(module: str, run: RunDirectory) -> int:
    """Start a module on a run directory, with its output going to ``log.txt``.

    It is a process of its own session; its number.

    Raises:
        OSError: no process can be started.
    """
    log = os.fspath(run.path / "log.txt")
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        sys.executable,
        [sys.executable, "-u", "-m", module, os.fspath(run.path.resolve())],
        environment_of(run),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, log, append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
        setsid=True,
    )


def environment_of(run: RunDirectory) -> dict[str, str]:
    """The environment of a run's worker."""
    threads = str(run.spec.threads)
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
    # A queued run may be started by a process with other folders, or none.
    own = run.status.get("environment")  # only of these folders, see ``records``
    inherited = {
        name: value for name, value in os.environ.items() if own is None or name not in FOLDERS
    }
    return {
        **MEMORY,
        **inherited,
        **(own or {}),
        **dict.fromkeys(names, threads),
        "PYTHONPATH": path,
    }
