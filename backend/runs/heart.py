"""Signs of life of a worker."""

import secrets
import threading
import time
from typing import Any

from .directory import RunDirectory
from .files import DamagedError
from .records import read_status

BEAT_SECONDS = 0.5


class Heart:
    """Keeps ``status.json`` fresh from a thread of its own, also during a long step.

    The worker is the only writer while it lives, so the whole status is kept here; a status that
    somebody else changed meanwhile (``lost``, say) is put right by the next beat. Only another
    owner ends it: then a later worker has taken over, and this one, which slept or was cut off,
    must not touch the run any more.

    Args:
        run: the run directory.
        stopping: set when somebody asks to stop.
        fields: of the status from now on.

    Attributes:
        disowned: set when another worker has taken over.
    """

    def __init__(self, run: RunDirectory, stopping: threading.Event, **fields: Any) -> None:
        self.run = run
        self.stopping = stopping
        self.disowned = threading.Event()
        self.owner = secrets.token_hex(8)
        before = {name: value for name, value in run.status.items() if name != "damaged"}
        self._status = {**before, **fields, "owner": self.owner}
        self._beats = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self.write()
        self._thread.start()

    def set(self, **fields: Any) -> None:
        """Change fields; the next beat writes them."""
        with self._lock:
            self._status.update(fields)

    def write(self) -> None:
        """Write now.

        Raises:
            OSError: the disk refuses.
        """
        with self._lock:
            self._beats += 1
            self._status |= {"beat": self._beats, "heartbeat": time.time()}
            self.run.write_status(**self._status)

    def stop(self, **fields: Any) -> None:
        """The last status; tried for some seconds when the disk is full.

        Raises:
            OSError: the disk refused to the end.
        """
        self._ended.set()
        self._thread.join()
        if self.disowned.is_set():
            return
        self.set(**fields)
        for attempt in range(20):
            try:
                self.write()
                return
            except OSError:
                if attempt == 19:
                    raise
                time.sleep(0.25)

    def _beat(self) -> None:
        while not self._ended.wait(BEAT_SECONDS):
            if self._other_owner():
                self.disowned.set()
                self.stopping.set()
                return
            if self.run.stop_asked:
                self.stopping.set()
            try:
                self.write()
            except OSError:
                continue  # a full disk: the checkpoint will say so, the heart goes on beating

    def _other_owner(self) -> bool:
        try:
            return read_status(self.run.path / "status.json").get("owner") != self.owner
        except DamagedError:
            return not self.run.path.is_dir()
