"""Pages that play by themselves, opened from a file in a real chromium without any network."""

import json
import math
from pathlib import Path

import pytest

from backend.circuit import Circuit
from designer.paths import gallery_dir
from designer.service.pages import circuit_page, run_page
from tests.backend.runs.test_bundles import run as run  # the fixture
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.e2e

FROM_DISK = ("outside request: file://",)
"""The page itself; anything else that it asked for would be complained about."""

HOSTILE = "</script><b>x</b>"


@pytest.fixture
def open_file(open_page, tmp_path):
    """Open a page from the disk, in a window that has no network."""

    def open_it(html: str, **options) -> Workspace:
        path: Path = tmp_path / "page.html"
        path.write_text(html, encoding="utf-8")
        asked: list[str] = []
        page = open_page(path.as_uri(), allow=FROM_DISK, offline=True, **options)
        page.on("request", lambda request: asked.append(request.url))
        studio = Workspace(page)
        studio.until("Boolean(window.kd) && (!kd.state().sim || kd.frames > 2)")
        assert asked == []
        return studio

    return open_it


@pytest.fixture(scope="module")
def pair() -> str:
    data = json.loads((gallery_dir() / "rc-pair.json").read_text())
    data["nodes"][0]["label"] = HOSTILE
    return circuit_page(Circuit.from_dict(data))


def value(studio: Workspace, id: str, time: float, lane: str = "voltages") -> float:
    return studio.page.evaluate(
        "([id, time, lane]) => kd.state().sim.valueAt(id, time, lane)", [id, time, lane]
    )


def test_a_circuit_plays_without_a_server(open_file, pair):
    studio = open_file(pair)
    before = studio.page.evaluate("() => kd.frames")
    studio.until(f"kd.frames > {before} && kd.state().playing")
    for time in (0.5, 1.0, 2.5):
        exact = 0.5 * (1 + math.exp(-2 * time))
        assert value(studio, "a", time) == pytest.approx(exact, abs=1e-4)
    assert studio.page.locator("#page b", has_text="x").count() == 0
    assert studio.page.locator("h1").inner_text() == "RC pair"
    assert studio.page.locator(".scope-plot .uplot canvas").count() == 1


def test_lanes_theme_and_time_are_steered(open_file, pair):
    studio = open_file(pair, color_scheme="dark")
    root = "document.documentElement.dataset"
    assert studio.page.evaluate(f"() => {root}.theme") == "dark"
    studio.page.keyboard.press("t")
    studio.until(f"{root}.theme === 'light'")
    studio.page.get_by_role("button", name="Adjoint λ").click()
    studio.until("kd.state().lane === 'adjoint' && kd.state().direction < 0")
    # L = v_b(T) with T = 3 s: lambda of b is (1 + exp(-2 (T - t))) / 2.
    exact = 0.5 * (1 + math.exp(-2 * 3.0))
    assert value(studio, "b", 0.0, "adjoint") == pytest.approx(exact, abs=1e-4)
    studio.page.keyboard.press(" ")
    studio.until("!kd.state().playing")
    studio.page.get_by_role("slider", name="Time").focus()
    studio.page.keyboard.press("Home")
    studio.until("kd.state().time === 0")
    canvas = studio.box("#board")
    middle = (canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2)
    zoomed = studio.page.evaluate("() => kd.viewport().zoom")
    studio.mouse.move(*middle)
    studio.mouse.wheel(0, -240)
    studio.until(f"kd.viewport().zoom > {zoomed}")
    studio.page.keyboard.press("f")


def test_a_run_replays_its_epochs_on_a_phone(open_file, run):
    studio = open_file(run_page(run), viewport={"width": 390, "height": 844}, has_touch=True)
    assert studio.page.evaluate("() => kd.state().run.epoch") == 1
    assert "90.00 %" in studio.text(".page-figures")
    slider = studio.page.locator("#epoch-bar input")
    slider.focus()
    studio.page.keyboard.press("ArrowLeft")
    studio.until("kd.state().run.epoch === 0 && kd.state().sim.hash === 'epoch/0'")
    assert studio.text("#epoch-bar output") == "0 / 1"
    wide = studio.page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390, "nothing sticks out"
