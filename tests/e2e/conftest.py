"""A real server process and a real chromium; any console error or outside request fails a test."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.e2e.workspace import NOTE_MESSAGES, PATIENCE_S, Workspace

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
# Chromium reports every refused request by itself; tests of refusals allow it by this text.
REFUSED = "Failed to load resource: the server responded with a status of 4"
# What the browser and Dash say by themselves while the server is away; our own requests say
# "The server does not answer." instead.
OFFLINE = ("net::ERR_", "Callback failed: the server did not respond", "Failed to fetch")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Beside other work on every core a test of many waits may need long; none waits for ever."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(1200))


class Studio:
    """The command ``kirchhoff serve`` as a process of its own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, on the same port as before when there was one."""
        command = [sys.executable, "-m", "designer", "serve"]
        command += ["--port", str(self.port), "--home", str(self.home)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
        )
        assert self.process.stdout
        line = self.process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if not found:
            pytest.fail(line + self.process.communicate(timeout=PATIENCE_S)[0])
        self.port = int(found[1])
        # A full pipe would stop the server.
        self.reader = threading.Thread(target=self.process.stdout.read, daemon=True)
        self.reader.start()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process, by SIGKILL when it must not have time to tidy up."""
        if self.process:
            self.process.send_signal(how)
            self.process.wait(timeout=PATIENCE_S)
            self.reader.join(timeout=PATIENCE_S)
            if self.process.stdout:
                self.process.stdout.close()
            self.process = None


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    """A server of its own, for tests that stop it or look into its home."""
    started = Studio(tmp_path / "home")
    yield started
    started.stop()


@pytest.fixture(scope="session")
def shared_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """One server for all tests that only add circuits to it."""
    started = Studio(tmp_path_factory.mktemp("shared") / "home")
    yield started
    started.stop()


class Watch:
    """What a page said that it should not have said."""

    def __init__(self, page: Page, allowed: tuple[str, ...] = ()) -> None:
        self.complaints: list[str] = []
        self.allowed = allowed
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))
        page.on("request", lambda request: self._request(request.url))
        page.on("dialog", lambda dialog: self._dialog(dialog.message))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"console: {message.text} ({message.location})")

    def _request(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1:", "data:", "blob:")):
            self.complaints.append(f"outside request: {url}")

    def _dialog(self, message: str) -> None:
        self.complaints.append(f"dialog: {message}")

    def check(self) -> None:
        left = [c for c in self.complaints if not any(text in c for text in self.allowed)]
        # A page may ask once more for a run that was deleted meanwhile.
        left = [c for c in left if not ("404" in c and "/live?" in c)]
        assert left == []


OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def window(browser: Browser) -> Iterator[BrowserContext]:
    """The window most tests open their page in; it keeps what it has fetched."""
    context = new_window(browser)
    yield context
    context.close()


def new_window(browser: Browser, **options) -> BrowserContext:
    """A browser profile of its own."""
    options.setdefault("viewport", {"width": 1440, "height": 900})
    context = browser.new_context(accept_downloads=True, **options)
    context.set_default_timeout(1000 * PATIENCE_S)
    context.add_init_script(NOTE_MESSAGES)
    return context


@pytest.fixture
def open_page(browser: Browser, window: BrowserContext) -> Iterator[OpenPage]:
    """Open a page, in a profile of its own if it is to be ``alone`` or has other options.

    ``allow`` lists errors a test provokes on purpose.
    """
    opened: list[tuple[Page, Watch]] = []
    contexts: list[BrowserContext] = []

    def open_it(url: str, allow: tuple[str, ...] = (), alone: bool = False, **options) -> Page:
        context = window
        if alone or options:
            context = new_window(browser, **options)
            contexts.append(context)
        page = context.new_page()
        opened.append((page, Watch(page, allow)))
        page.goto(url, wait_until="commit")
        return page

    yield open_it
    for page, _ in opened:
        page.close()
    for context in contexts:
        context.close()
    for _, watch in opened:
        watch.check()


@pytest.fixture(scope="module")
def table(window: BrowserContext, shared_studio: Studio) -> Iterator[tuple[Workspace, Watch]]:
    """One page for the tests of a module."""
    page = window.new_page()
    watch = Watch(page)
    page.goto(shared_studio.url, wait_until="commit")
    workspace = Workspace(page)
    workspace.until("Boolean(window.kd)")
    yield workspace, watch
    page.close()


@pytest.fixture
def desk(table: tuple[Workspace, Watch]) -> Iterator[Workspace]:
    """The module's page, back in the gallery by a click as after any other circuit."""
    workspace, watch = table
    workspace.page.bring_to_front()  # a page behind another one paints no frames
    if workspace.page.evaluate("() => document.documentElement.dataset.page") != "gallery":
        workspace.page.locator(".brand:visible").first.click()
    workspace.until("document.documentElement.dataset.page === 'gallery' && !kd.debug.doc()")
    yield workspace
    watch.check()
    watch.complaints.clear()


@pytest.fixture
def open_studio(open_page: OpenPage) -> Callable[..., Workspace]:
    """Open an address of a studio and get hold of it by mouse and keyboard."""

    def open_it(studio: Studio, path: str = "/", **options) -> Workspace:
        page = open_page(studio.url + path, **options)
        workspace = Workspace(page)
        workspace.until("Boolean(window.kd)")
        return workspace

    return open_it
