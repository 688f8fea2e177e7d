"""Runs in words: durations, states, progress."""

import secrets
import time
from collections.abc import Mapping
from typing import Any

STATES = {
    "queued": "waiting for its turn",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "stopped",
    "lost": "lost",
}


PHASES = {
    "starting": "Starting the worker",
    "loading data": "Loading the data",
    "compiling": "Compiling the solver",
    "training": "Training",
    "evaluating": "Evaluating on the test set",
}
"""What a running run is at; each is said in other words than the rest."""


def duration(seconds: float | None) -> str:
    """Seconds as ``8 s``, ``2 min 5 s``, ``1 h 12 min``."""
    if seconds is None:
        return "–"
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def ago(moment: float | None, now: float | None = None) -> str:
    """A point in time as ``5 min ago``."""
    if moment is None:
        return "–"
    passed = max(0.0, (time.time() if now is None else now) - moment)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if passed >= size:
            return f"{passed // size:.0f} {unit} ago"
    return "just now"


def state_text(run: Mapping[str, Any]) -> str:
    """The state in a cell, with how far a run has come that did not reach its end."""
    if run["state"] in ("done", "queued"):
        return run["state"]
    if run["state"] == "running" and not run["step"] and run["phase"] in PHASES:
        return run["phase"]
    return f"{run['state']} {100 * run['progress']:.0f} %"


def progress_text(run: Mapping[str, Any]) -> str:
    """Where a run stands, in one line."""
    if run["state"] in ("failed", "lost") and run["message"]:
        return str(run["message"])
    running = run["state"] == "running"
    words = STATES.get(run["state"], run["state"]).capitalize()
    if running:
        words = PHASES.get(run["phase"], "Running")
        words = "Stopping after the present step" if run.get("stopping") else words
    steps = f"step {run['step']:,} of {run['total']:,}" if run["total"] else ""
    left = run["seconds_left"] if running else None
    parts = [words, steps, "" if left is None else f"{duration(left)} left"]
    return " · ".join(part for part in parts if part)


def toast(message: str, kind: str = "info") -> dict[str, str]:
    """A message for the corner of the page; `kind` is info, ok or error."""
    return {"message": message, "kind": kind, "nonce": secrets.token_hex(4)}
