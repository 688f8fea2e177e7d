"""Workers as processes on this machine."""

import os
import sys
from pathlib import Path
from typing import ClassVar

from ..directory import RunDirectory
from .base import LAUNCHERS, Launcher

SLOTS = "KIRCHHOFF_SLOTS"
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
        threads = str(run.spec.threads)
        names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
        path = os.pathsep.join(filter(None, [str(PACKAGE_ROOT), os.environ.get("PYTHONPATH")]))
        environment = {**os.environ, **dict.fromkeys(names, threads), "PYTHONPATH": path}
        log = os.fspath(run.path / "log.txt")
        append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        return os.posix_spawn(
            sys.executable,
            [sys.executable, "-u", "-m", "backend.runs.worker", os.fspath(run.path.resolve())],
            environment,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_OPEN, 1, log, append, 0o644),
                (os.POSIX_SPAWN_DUP2, 1, 2),
            ],
            setsid=True,
        )
