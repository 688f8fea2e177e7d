"""Whether a worker still lives: by its number, its start time, and that it is no zombie."""

import os
import signal
import subprocess
from functools import cache
from pathlib import Path


@cache
def computer() -> str:
    """What tells this computer from others and stays when it is started again; may be empty."""
    for name in ("/etc/machine-id", "/var/lib/dbus/machine-id"):
        try:
            return Path(name).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
    return ""


@cache
def session() -> str:
    """What processes share that see each other: this start of the computer, and its container.

    Process numbers and start times mean something only within one. Empty where it is not known.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""


def start_time(pid: int) -> str | None:
    """When a process began, as text that no later process of the same number shares.

    It counts from the start of the computer, so that setting the clock does not change it.
    ``None`` for a process that does not exist or has ended and only waits to be reaped.
    """
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            text = stat.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        # The command in parentheses may hold spaces; field 3 is the state, field 22 the start.
        fields = text[text.rindex(")") + 2 :].split()
        return None if fields[0] in "ZX" else fields[19]
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, began = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else " ".join(began.split())


def alive(pid: int | None, began: str | None) -> bool:
    """Whether the process that began then still runs."""
    if not pid:
        return False
    reap(pid)
    now = start_time(pid)
    return now is not None and (began is None or now == began)


def reap(pid: int) -> None:
    """Collect an ended child, so that it does not stay as a zombie."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def kill(pid: int, began: str | None) -> None:
    """End exactly the process that began then, at once."""
    if began is not None and alive(pid, began):
        os.kill(pid, signal.SIGKILL)
