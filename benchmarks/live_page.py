"""How far the Train page lags behind the run directory, and how often it asks, beside busy loops.

python -m benchmarks.live_page --json benchmarks/results/live_page.json

A thread notes when `status.json` first holds a step, an observer in the page when the step on show
changes. The lag is the age of what is on show at its worst, just before it is replaced: the time
since the directory first held a later step. Requests are all that the page sends, Dash's included.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from benchmarks.playback import ARGUMENTS, SIZE, Server, chromium, until

COMMAND = "python -m benchmarks.live_page --json benchmarks/results/live_page.json"
SPEC = {"dataset": "two_moons", "epochs": 1_000_000, "batch_size": 64, "frame_interval": 50}
STEP = re.compile(r"step ([\d,]+) of")
WATCH = """() => {
    const text = document.getElementById("train-progress-text");
    window.progressSeen = [];
    const note = () => window.progressSeen.push([Date.now() / 1000, text.textContent]);
    new MutationObserver(note).observe(text, { childList: true, characterData: true, subtree: true });
    note();
}"""  # noqa: E501


class Directory:
    """Notes when the status of a run first held each step."""

    def __init__(self, path: Path) -> None:
        self.path = path / "status.json"
        self.times: list[float] = []
        self.steps: list[int] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._ended.wait(0.02):
            step = int(json.loads(self.path.read_bytes()).get("step") or 0)
            if not self.steps or step > self.steps[-1]:
                self.times.append(time.time())
                self.steps.append(step)

    def later_than(self, step: int) -> float | None:
        """When there first was a later step than this one."""
        place = bisect_right(self.steps, step)
        return self.times[place] if place < len(self.times) else None

    def end(self) -> None:
        """Stop watching."""
        self._ended.set()
        self._thread.join()


@contextmanager
def busy(loops: int) -> Iterator[None]:
    """Processes that keep a core busy each."""
    code = "while True: pass"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(loops)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def lags(seen: list[tuple[float, str]], directory: Directory) -> list[float]:
    """Seconds by which each step was old when the page replaced it, or at the end."""
    found = []
    for (_, words), (replaced, _) in pairwise(seen):
        match = STEP.search(words)
        if match is None:
            continue
        newer = directory.later_than(int(match[1].replace(",", "")))
        found.append(0.0 if newer is None else max(0.0, replaced - newer))
    return found


def measured(page: Page, run: Path, loops: int, seconds: float) -> dict[str, Any]:
    """Lags and requests while `loops` busy loops run beside the training."""
    asked: list[str] = []

    def note(request: Any) -> None:
        asked.append(request.url)

    with busy(loops):
        page.wait_for_timeout(2000)
        directory = Directory(run)
        page.wait_for_timeout(1000)
        page.evaluate(WATCH)
        page.on("request", note)
        begun = time.monotonic()
        page.wait_for_timeout(1000 * seconds)
        passed = time.monotonic() - begun
        page.remove_listener("request", note)
        seen = page.evaluate("() => [...window.progressSeen, [Date.now() / 1000, '']]")
        directory.end()
    found = sorted(lags(seen, directory))
    live = sum("/live?" in url for url in asked)
    return {
        "busy_loops": loops,
        "seconds": round(passed, 1),
        "steps_in_the_directory": directory.steps[-1] - directory.steps[0],
        "updates_of_the_page": len(found) - 1,
        "lag_median_s": round(statistics.median(found), 2),
        "lag_95_percent_s": round(found[int(0.95 * (len(found) - 1))], 2),
        "lag_largest_s": round(found[-1], 2),
        "requests_per_second": round(len(asked) / passed, 2),
        "of_these_for_the_run": round(live / passed, 2),
    }


def resting(page: Page, seconds: float) -> dict[str, Any]:
    """Requests of a Train page whose run has ended."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1000 * seconds)
    return {"seconds": seconds, "requests_per_second": round(len(asked) / seconds, 2)}


def measure(seconds: float) -> dict[str, Any]:
    """All cases with one server, one training and one page."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder) / "home"
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with Server(home) as server:
            id = server.post("/api/runs", SPEC)["id"]
            made = server.post("/api/generate", {"topology": "ring", "params": {}, "seed": 0})
            stored = server.post("/api/circuits", {"circuit": made["circuit"]})
            page = browser.new_page(viewport=SIZE)  # pyright: ignore[reportArgumentType]
            page.goto(f"{server.url}/c/{stored['id']}?mode=train", wait_until="commit")
            progress = "document.getElementById('train-progress-text')?.textContent"
            until(page, f"/step [1-9][0-9,]* of/.test({progress})")
            run = home / "runs" / id
            cases = [measured(page, run, loops, seconds) for loops in (0, 2)]
            server.post(f"/api/runs/{id}/stop", {})
            state = "document.getElementById('train-run-state').textContent"
            until(page, f"{state} === 'cancelled'")
            page.wait_for_timeout(2000)
            rest = resting(page, seconds)
        browser.close()
    return {"training": cases, "resting": rest}


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", type=Path, help="file to write")
    parser.add_argument("--seconds", type=float, default=40.0, help="of each case")
    options = parser.parse_args()
    result = {
        "command": COMMAND,
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "load_at_start": round(os.getloadavg()[0], 1),
        **measure(options.seconds),
    }
    text = json.dumps(result, indent=1)
    print(text)
    if options.json:
        options.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
