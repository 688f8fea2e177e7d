"""Whether the worker of a running run is gone, without trusting any clock on the wall.

On the worker's own computer its process decides. From elsewhere only its heartbeat can be seen, a
number that grows; so it is with a worker that a cluster starts again. A worker is gone when the
number did not change while this computer's steady clock counted ``STALE_SECONDS``; the first sight
of a number is kept in ``.seen``, so that two commands half a minute apart can tell.
"""

import json
import os
import socket
import time
from typing import Any

from .directory import RunDirectory
from .files import DamagedError, json_data, replace_file
from .processes import alive, computer, session, start_time

STALE_SECONDS = 30.0
"""A worker beats twice a second; one elsewhere that says nothing for so long is gone."""

KEPT_SECONDS = 90.0
"""The same of one that somebody starts again when it is gone, as far as a cluster takes to see."""

RESUME = "resume to go on from the last checkpoint"
SEEN = ".seen"


def identity() -> dict[str, Any]:
    """The fields of a status that say which process works on a run."""
    return {**place(), "pid": os.getpid(), "start_time": start_time(os.getpid())}


def place() -> dict[str, str]:
    """The fields of a status that say where process numbers are to be looked up."""
    return {"host": socket.gethostname(), "computer": computer(), "session": session()}


def at_hand(status: dict[str, Any]) -> bool:
    """Whether the worker's process can be seen from here, if it lives."""
    if status.get("host") not in (None, socket.gethostname()):
        return False
    known = status.get("session")
    return not known or not session() or known == session()


def why_lost(run: RunDirectory, status: dict[str, Any]) -> str | None:
    """Why the worker of a running run must be taken for gone; the queue must be locked."""
    if status.get("kept"):
        silent = _silence(run, status)
        where = status.get("node") or status.get("host") or "the cluster"
        unheard = f"the worker on {where} has not been heard of for {silent:.0f} s; {RESUME}"
        return None if silent <= KEPT_SECONDS else unheard
    if at_hand(status):
        if alive(status.get("pid"), status.get("start_time")):
            return None
        return f"the worker ended without a word; {RESUME}"
    if _restarted(status):
        return f"the computer was started again while the worker ran; {RESUME}"
    silent = _silence(run, status)
    if silent <= STALE_SECONDS:
        return None
    where = status.get("host") or "another computer"
    return f"the worker on {where} has not been heard of for {silent:.0f} s; {RESUME}"


def _restarted(status: dict[str, Any]) -> bool:
    """Whether the worker belongs to an earlier start of this very computer."""
    here = status.get("host") == socket.gethostname() and status.get("computer") == computer()
    if not here or not computer():
        return False
    return str(status.get("session")).split(" ")[0] != session().split(" ")[0]


def _silence(run: RunDirectory, status: dict[str, Any]) -> float:
    """Seconds for which this computer has seen one and the same heartbeat."""
    mark = [status.get(name) for name in ("owner", "beat", "heartbeat")]
    path, now = run.path / SEEN, time.monotonic()
    try:
        known = json_data(path, 10_000)
    except DamagedError:
        known = None
    if isinstance(known, dict) and known.get("mark") == mark and known.get("by") == session():
        since = known.get("since")
        # The steady clock begins anew with the computer.
        if isinstance(since, float) and since <= now:
            return now - since
    seen = {"mark": mark, "by": session(), "since": now}
    try:
        replace_file(path, json.dumps(seen).encode(), sync=False)
    except OSError:
        return 0.0  # nobody can tell
    return 0.0
