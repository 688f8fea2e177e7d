"""Start-up time and frames a second of the studio in a real headless chromium.

python -m benchmarks.playback --json benchmarks/results/playback.json

Chromium renders in software, so the rates are a floor. Every repetition has a server process, a
home folder and a browser profile of its own; the best and the median are written, because a busy
machine only ever makes them worse.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

COMMAND = "python -m benchmarks.playback --json benchmarks/results/playback.json"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SIZE = {"width": 1440, "height": 900}
PATIENCE_S = 120

# Remembers when the second different picture of the hero's moving layer was on the canvas.
WATCH_HERO = """(() => {
    const seen = new Set();
    const look = () => {
        const canvas = document.querySelector(".hero-stage .stage-flow");
        if (canvas && canvas.width > 0) {
            const { width, height } = canvas;
            const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
            let sum = 0;
            for (let k = 0; k < data.length; k += 4) sum = (sum * 31 + data[k] + data[k + 3]) % 1e9;
            if (sum !== 0) seen.add(sum);
        }
        if (seen.size > 2) window.movingSince = Date.now() / 1000;
        else requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})();"""

# Painted frames of the playing board and the wall time between them.
PLAY = """async (seconds) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const gaps = [];
    await frame();
    const from = kd.debug.frame;
    const begun = performance.now();
    for (let before = begun; before < begun + 1000 * seconds; ) {
        await frame();
        const now = performance.now();
        gaps.push(now - before);
        before = now;
    }
    return { frames: kd.debug.frame - from, seconds: (performance.now() - begun) / 1000, gaps };
}"""


class Server:
    """``kirchhoff serve`` in a home of its own."""

    def __init__(self, home: Path) -> None:
        begun = time.time()
        command = [sys.executable, "-m", "designer", "serve", "--port", "0", "--home", str(home)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        line = self.process.stdout.readline()
        self.up = time.time()
        self.seconds = self.up - begun
        found = re.search(r"http://[\d.]+:\d+", line)
        if not found:
            raise SystemExit(f"The server did not start: {line}")
        self.url = found[0]

    def __enter__(self) -> "Server":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait()

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of the HTTP interface."""
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def until(page: Page, expression: str) -> Any:
    """Poll: `wait_for_function` would need ``unsafe-eval``."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := page.evaluate(f"() => ({expression})")):
        if time.monotonic() > deadline:
            raise SystemExit(f"not within {PATIENCE_S} s: {expression}")
        page.wait_for_timeout(50)
    return value


def first_picture(browser: Browser, server: Server) -> float:
    """Seconds from the server's line to a moving picture in a profile that knows nothing."""
    context = browser.new_context(viewport=SIZE)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.add_init_script(WATCH_HERO)
    page.goto(server.url, wait_until="commit")
    moving = until(page, "window.movingSince")
    context.close()
    return moving - server.up


def playback(browser: Browser, server: Server, nodes: int, seconds: float) -> dict[str, Any]:
    """Frames a second of the board with a ring of `nodes` nodes and twice as many devices."""
    params = {"nodes": nodes, "neighbours": 1, "both_ways": True}
    made = server.post("/api/generate", {"topology": "ring", "params": params, "seed": 0})
    stored = server.post("/api/circuits", {"circuit": made["circuit"]})
    context = browser.new_context(viewport=SIZE)  # pyright: ignore[reportArgumentType]
    page = context.new_page()
    page.goto(f"{server.url}/c/{stored['id']}?mode=simulate", wait_until="commit")
    until(page, "window.kd?.debug.simState === 'fresh' && kd.debug.playing && kd.debug.frame > 20")
    found = page.evaluate(PLAY, seconds)
    devices = page.evaluate("() => kd.debug.sim.E")
    context.close()
    gaps = sorted(found["gaps"])
    return {
        "nodes": nodes,
        "devices": devices,
        "frames_per_second": round(found["frames"] / found["seconds"], 1),
        "median_gap_ms": round(statistics.median(gaps), 1),
        "gap_95_percent_ms": round(gaps[int(0.95 * (len(gaps) - 1))], 1),
        "measured_seconds": round(found["seconds"], 2),
    }


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        raise SystemExit("There is no chromium on this machine.")
    return found


def repetition(seconds: float) -> dict[str, Any]:
    """One server, one browser, all measurements."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        with Server(Path(home)) as server:
            result = {
                "load_before": round(os.getloadavg()[0], 2),
                "command_to_server_up_s": round(server.seconds, 2),
                "server_up_to_moving_picture_s": round(first_picture(browser, server), 2),
                "playback": [playback(browser, server, nodes, seconds) for nodes in (200, 1000)],
            }
            result["browser"] = browser.version
        browser.close()
    return result


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Best and median over the repetitions."""
    result: dict[str, Any] = {}
    for name in ("command_to_server_up_s", "server_up_to_moving_picture_s"):
        values = [row[name] for row in rows]
        result[name] = {"best": min(values), "median": statistics.median(values)}
    for k, nodes in enumerate((200, 1000)):
        rates = [row["playback"][k]["frames_per_second"] for row in rows]
        result[f"frames_per_second_{nodes}"] = {
            "best": max(rates), "median": statistics.median(rates),
        }  # fmt: skip
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=5.0, help="of playback at each size")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rows = []
    for _ in range(options.repeat):
        rows.append(repetition(options.seconds))
        print(json.dumps(rows[-1]), flush=True)
    record = {
        "command": COMMAND,
        "summary": summary(rows),
        "repetitions": rows,
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cores": os.cpu_count(),
            "niceness": os.nice(0),
            "python": platform.python_version(),
            "rendering": "headless, software, 1440 x 900",
        },
    }
    print(json.dumps(record["summary"], indent=1))
    if options.json:
        options.json.parent.mkdir(exist_ok=True)
        options.json.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
