"""Size and frames a second of pages that play by themselves, from a file, without any network.

python -m benchmarks.one_file PAGE.html... --json benchmarks/results/one_file.json

Make the pages with `kirchhoff bundle RUN|FILE -o PAGE.html`. Chromium renders in software, and a
busy machine only makes rates worse: beside each stands that of empty frames on the same page.
"""

import argparse
import json
import os
import platform
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, sync_playwright

COMMAND = "python -m benchmarks.one_file PAGE.html... --json benchmarks/results/one_file.json"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
SECONDS = 5

PLAY = """async (seconds) => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    await frame();
    const from = kd.frames;
    const begun = performance.now();
    let asked = 0;
    for (; performance.now() < begun + 1000 * seconds; asked += 1) await frame();
    const passed = (performance.now() - begun) / 1000;
    return [(kd.frames - from) / passed, asked / passed];
}"""


def measured(browser: Browser, path: Path) -> dict[str, Any]:
    """Bytes, requests beside the page itself, and frames a second, playing and standing."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.absolute().as_uri())
    while not page.evaluate("() => Boolean(window.kd) && kd.frames > 10"):
        page.wait_for_timeout(50)
    session = context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    before = _busy(session), page.evaluate("() => kd.frames")
    playing = page.evaluate(PLAY, SECONDS)
    painted = page.evaluate("() => kd.frames") - before[1]
    work = 1000 * (_busy(session) - before[0]) / max(1, painted)
    page.keyboard.press(" ")
    page.wait_for_timeout(300)
    standing = page.evaluate(PLAY, SECONDS)
    context.close()
    return {
        "bytes": path.stat().st_size,
        "requests": len(asked) - 1,
        "main_thread_ms_a_frame": round(work, 2),
        "frames_a_second": round(playing[0], 1),
        "frames_a_second_offered_while_standing": round(standing[1], 1),
    }


def _busy(session: CDPSession) -> float:
    """Processor time of the page's main thread so far [s], which other programs do not lengthen."""
    found = session.send("Performance.getMetrics")["metrics"]
    return next(each["value"] for each in found if each["name"] == "TaskDuration")


def main() -> None:
    """Measure the pages and write a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        pages = {path.stem: measured(browser, path) for path in given.pages}
        version = browser.version
        browser.close()
    result = {
        "command": COMMAND,
        "machine": {"processors": os.cpu_count(), "load": os.getloadavg()[0],
                    "chromium": version, "python": platform.python_version()},
        "pages": pages,
    }  # fmt: skip
    text = json.dumps(result, indent=1)
    print(text)
    if given.json:
        given.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
