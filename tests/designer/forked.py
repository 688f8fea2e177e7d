"""File processes forked from one that has imported the program, which takes each some seconds."""

import multiprocessing
import os
from multiprocessing.connection import Connection

from designer.service.file_process import answer

PRELOAD = ["designer.service.file_process", "backend.circuit.compile", "sklearn.datasets"]

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(PRELOAD)


class Forked:
    """What ``designer.service.apart`` asks of a process.

    Args:
        theirs: the end of a pipe at which it answers.
    """

    def __init__(self, theirs: Connection) -> None:
        given = (theirs, dict(os.environ))
        self._process = context.Process(target=_answer, args=given, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()

    def wait(self, patience: float) -> None:
        self._process.join(patience)


def _answer(connection: Connection, environment: dict[str, str]) -> None:
    """As a process of its own would, with the environment of the test."""
    os.environ.clear()
    os.environ.update(environment)
    answer(connection)
