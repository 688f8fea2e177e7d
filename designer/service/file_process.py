"""The process that works on files for a server; see ``apart``.

python -m designer.service.file_process DESCRIPTOR
"""

import os
import resource
import signal
import sys
import traceback
from functools import reduce
from multiprocessing.connection import Connection
from typing import Any

from backend import plugins
from backend.datasets import use_folders
from backend.errors import StudioError

from ..documents import DocumentError
from . import Service
from .apart import TOO_LARGE, held

BEHIND = 5
"""How far the pages go first; see nice(1)."""

_ALLOCATION = ("not enough memory", "can't allocate memory", "bad_alloc")


def main() -> None:
    """Answer at the descriptor that the command line names."""
    answer(Connection(int(sys.argv[1])))


def answer(connection: Connection) -> None:
    """Answer until the server closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends us
    first = True
    try:
        config, memory = connection.recv()
        use_folders(config.data_dir, config.home)
        plugins.load()
        service = Service(config)
        _limit(memory)
        while True:
            name, arguments = connection.recv()
            connection.send((*_answer(service, name, arguments), held()))
            if first:  # somebody waits for all that is imported on the way to the first answer
                os.nice(BEHIND)
            first = False
    except (EOFError, ConnectionError):
        return


def _limit(memory: int) -> None:
    """Let this process hold no more than now and `memory` bytes."""
    most = held("VmData") + memory
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))


def _answer(service: Service, name: str, arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """``done`` and the result, ``raised`` and what the user can mend, or ``failed`` and why."""
    try:
        return "done", reduce(getattr, name.split("."), service)(*arguments)  # type: ignore[operator]
    except MemoryError:
        return "raised", StudioError(TOO_LARGE)
    except (StudioError, DocumentError, OSError) as error:
        return "raised", error
    except RuntimeError as error:
        if any(words in str(error) for words in _ALLOCATION):
            return "raised", StudioError(TOO_LARGE)
        return "failed", traceback.format_exc()
    except Exception:
        return "failed", traceback.format_exc()


if __name__ == "__main__":
    main()
